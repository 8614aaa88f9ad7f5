"""`ledger-node epoch`: who forms the union now, and changing it by vote.

A change is proposed by one member's registrar and voted on by the others. When it passes, the
epoch ends a few blocks later and the next begins with the members, keys and parameters voted. A
state that is to join first observes: its node follows, without a vote, until it is there.
"""

import argparse
from pathlib import Path
from typing import Final

import msgspec

from contracts.governance.changes import ContractSetChange, EpochChange, Seat
from contracts.governance.objects import PROPOSAL, Proposal
from contracts.governance.records import ProposeEpoch
from ledger_node.cli.connection import ask, connection
from ledger_node.cli.connection_options import add_connection_options
from ledger_node.cli.files import read_bounded, write_whole
from ledger_node.cli.genesis import read_genesis, verified
from ledger_node.cli.governing import (
    add_proposing_options,
    closing_time,
    configure_vote,
    propose,
)
from ledger_node.cli.outcome import ExitCode, refused, usage
from ledger_node.cli.screen import say, say_rows
from ledger_node.client import LedgerClient
from ledger_node.codec import DecodeError, decode
from ledger_node.genesis.card import MemberCard, SignedCard, check_card
from ledger_node.genesis.policy import policy_text
from ledger_node.genesis.policy_history import MAX_HISTORY, HistoryRefused, verify_history
from ledger_node.genesis.readable import MAX_JSON, read_json
from ledger_node.genesis.roster import EpochDocument, Roster, draft_document, next_roster
from ledger_node.genesis.rules import GenesisError

AWAIT_S: Final = 60.0

_EPILOG: Final = """\
a state joins (docs/operators/join.md walks through it):
  ledger-node epoch propose --observe uz.card --grounds "…" --key am-keys/registrar.key --data am
  ledger-node epoch check 1 --data by          # what would change, and whether it is sound
  ledger-node epoch vote 1 --yes --key by-keys/registrar.key --data by
  ledger-node epoch propose --join uz.card --name UZ=Uzbekistan --grounds "…" --key … --data am
a member replaces its node's keys (new key files also in DIR/keys/next of its node):
  ledger-node epoch propose --replace by-new.card --grounds "…" --key … --data by
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    steps = parser.add_subparsers(metavar="STEP", required=True)

    show = steps.add_parser("show", help="who forms the union now", allow_abbrev=False)
    show.add_argument(
        "--await",
        dest="awaited",
        type=int,
        default=0,
        metavar="EPOCH",
        help=f"wait up to {AWAIT_S:.0f} s until that epoch has begun at the node",
    )
    add_connection_options(show)
    show.set_defaults(handler=show_roster)

    propose = steps.add_parser("propose", help="propose a change", allow_abbrev=False)
    for option, text in (
        ("--observe", "card of a node that is to follow without a vote"),
        ("--join", "card of a state that becomes a member"),
        ("--replace", "new card of a member that changes its node's keys or address"),
    ):
        propose.add_argument(
            option, action="append", default=[], type=Path, metavar="CARD", help=text
        )
    propose.add_argument(
        "--leave", action="append", default=[], metavar="CODE", help="member or observer that goes"
    )
    propose.add_argument(
        "--name", action="append", default=[], metavar="CODE=NAME", help="of a joining state"
    )
    add_proposing_options(propose)
    propose.set_defaults(handler=propose_change)

    check = steps.add_parser("check", help="what a proposal would change", allow_abbrev=False)
    check.add_argument("proposal", type=int, metavar="NUMBER")
    add_connection_options(check)
    check.set_defaults(handler=check_proposal)

    configure_vote(steps.add_parser("vote", help="vote on a proposal", allow_abbrev=False))

    policy = steps.add_parser("policy", help="the trust policy of this epoch", allow_abbrev=False)
    policy.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")
    add_connection_options(policy)
    policy.set_defaults(handler=write_policy)

    history = steps.add_parser(
        "history", help="get the proofs of how each epoch led to the next", allow_abbrev=False
    )
    history.add_argument("--out", required=True, type=Path, metavar="FILE", help="file to make")
    add_connection_options(history)
    history.set_defaults(handler=write_history)

    policies = steps.add_parser(
        "policies", help="every policy the union ever had, proven offline", allow_abbrev=False
    )
    policies.add_argument("--genesis", required=True, type=Path, metavar="FILE")
    policies.add_argument("--history", required=True, type=Path, metavar="FILE")
    policies.add_argument("--out", required=True, type=Path, metavar="DIR", help="for the files")
    policies.set_defaults(handler=write_policies)


# ---------------------------------------------------------------- steps


def show_roster(options: argparse.Namespace) -> ExitCode:
    """Members, observers, parameters; exit code 1 when an awaited epoch has not begun."""
    wait_s = AWAIT_S if options.awaited else 0.0

    async def fetch(client: LedgerClient) -> Roster:
        return read_json(Roster, await client.roster(epoch=options.awaited, wait_s=wait_s))

    roster = ask(connection(options), fetch)
    say(f"epoch {roster.epoch}, on the block at height {roster.from_height}")
    say_rows(_roster_rows(roster))
    return ExitCode.OK if roster.epoch >= options.awaited else ExitCode.REFUSED


def propose_change(options: argparse.Namespace) -> ExitCode:
    """Put a change together from cards, and propose it."""
    joining = [_read_card(path) for path in options.join]
    others = [_read_card(path) for path in (*options.observe, *options.replace)]
    names = dict(_name(text) for text in options.name)
    seats = tuple(
        Seat(each.card.member, names.get(each.card.member, each.card.member), each.card.registrar)
        for each in joining
    )
    node = connection(options)
    roster = ask(node, _roster)
    document = _document(roster, (*joining, *others), options.leave)
    leaving = tuple(code for code in options.leave if code in roster.voting)
    change = EpochChange(seats, leaving, document)
    return propose(options, ProposeEpoch(change, options.grounds, closing_time(options)))


def check_proposal(options: argparse.Namespace) -> ExitCode:
    """What would be different; exit code 1 when the document would not be followed."""

    async def fetch(client: LedgerClient) -> tuple[Roster, bytes]:
        found = await client.object(PROPOSAL.key(str(options.proposal)))
        return await _roster(client), bytes.fromhex(found.raw)

    roster, raw = ask(connection(options), fetch)
    proposal: Proposal = PROPOSAL.decode(PROPOSAL.key(str(options.proposal)), raw)
    change = proposal.change
    say(f"proposal {proposal.number} by {proposal.member}, {proposal.state}: {proposal.grounds}")
    say_rows([(f"vote of {vote.member}", "yes" if vote.yes else "no") for vote in proposal.votes])
    if isinstance(change, ContractSetChange):
        digest, height = change.digest.hex(), str(change.from_height)
        say_rows([("contract set", digest), ("from block", height)])
        say("`ledger-node contracts check FILE.zip` says what it changes")
        return ExitCode.OK
    if not isinstance(change, EpochChange):
        raise refused(f"proposal {proposal.number} is not about members, keys or parameters")
    joining = [seat.code for seat in change.joining]
    members = sorted({*roster.voting, *joining} - set(change.leaving))
    after, problem = next_roster(
        roster, roster.epoch + 1, roster.from_height, members, members, change.document
    )
    if problem:
        raise refused(f"the document would not be followed: {problem}")
    say_rows(_changes(roster, after, change.document))
    return ExitCode.OK


def write_policy(options: argparse.Namespace) -> ExitCode:
    """The policy that proofs of this epoch are verified with."""
    text = ask(connection(options), lambda client: client.policy())
    if options.out is None:
        say(text.rstrip("\n"))
    else:
        write_whole(options.out, text.encode())
        say(f"wrote {options.out}")
    return ExitCode.OK


def write_history(options: argparse.Namespace) -> ExitCode:
    """The policy history, as the node keeps it."""
    if options.out.exists():
        raise usage(f"--out {options.out}: exists")
    write_whole(options.out, ask(connection(options), lambda client: client.policy_history()))
    say(f"wrote {options.out}; `ledger-node epoch policies` makes the policies of it")
    return ExitCode.OK


def write_policies(options: argparse.Namespace) -> ExitCode:
    """From the genesis on, each policy proven by the one before."""
    founding = verified(read_genesis(options.genesis))
    try:
        rosters = verify_history(read_bounded(options.history, MAX_HISTORY), founding)
    except HistoryRefused as error:
        raise refused(f"{options.history}: {error}") from error
    options.out.mkdir(parents=True, exist_ok=True)
    for roster in rosters:
        path = options.out / f"epoch-{roster.epoch}.policy"
        write_whole(path, policy_text(founding.genesis, roster).encode())
        say(f"{path}: {', '.join(roster.voting)}, after the block at height {roster.from_height}")
    return ExitCode.OK


# ---------------------------------------------------------------- pieces


async def _roster(client: LedgerClient) -> Roster:
    return read_json(Roster, await client.roster())


def _document(roster: Roster, given: tuple[SignedCard, ...], leaving: list[str]) -> bytes:
    cards = {card.member: SignedCard(card, b"") for card in roster.cards}
    cards.update({signed.card.member: signed for signed in given})
    for code in leaving:
        if cards.pop(code, None) is None:
            raise usage(f"--leave {code}: neither member nor observer")
    try:
        return draft_document(roster, cards.values())
    except GenesisError as error:
        raise usage(str(error)) from error


def _read_card(path: Path) -> SignedCard:
    try:
        signed = read_json(SignedCard, read_bounded(path, MAX_JSON))
        check_card(signed)
    except GenesisError as error:
        raise usage(f"{path}: {error}") from error
    return signed


def _name(text: str) -> tuple[str, str]:
    code, equals, name = text.partition("=")
    if not equals or not name:
        raise usage(f"--name {text!r}: is not CODE=NAME")
    return code, name


def _roster_rows(roster: Roster) -> list[tuple[str, str]]:
    rows = [(card.member, _card_text(roster, card)) for card in roster.cards]
    parameters = msgspec.structs.asdict(roster.parameters)
    return rows + [(name, str(value)) for name, value in parameters.items()]


def _card_text(roster: Roster, card: MemberCard) -> str:
    part = "votes" if card.member in roster.voting else "observes"
    print_ = card.fingerprint().hex()[:16]
    return f"{part}; node at {card.peer_host}:{card.peer_port}; card {print_}"


def _changes(before: Roster, after: Roster, document: bytes) -> list[tuple[str, str]]:
    rows = []
    for code in sorted({c.member for c in (*before.cards, *after.cards)}):
        old, new = before.find(code), after.find(code)
        was = "" if old is None else _card_text(before, old)
        will = "gone" if new is None else _card_text(after, new)
        rows.append(
            (code, f"{will} (as now)" if was == will else f"{will} (now: {was or 'not in'})")
        )
    try:
        voted = decode(EpochDocument, document, what="epoch document")
    except DecodeError:
        return rows
    for name, value in msgspec.structs.asdict(voted.parameters).items():
        if value != getattr(before.parameters, name):
            rows.append((name, f"{value} (now: {getattr(before.parameters, name)})"))
    return rows
