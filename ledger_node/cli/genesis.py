"""`ledger-node genesis`: the founding ceremony, one step a command.

    card    each member, from its own keys: a file for the others
    draft   one member, from everyone's cards
    sign    each member, with its authority key, on the draft or a copy
    merge   copies that were signed apart, into one
    verify  everyone, before a node is started
    policy  for all who will ever check a proof

`show` prints a card or a genesis at any point.
"""

import argparse
import time
from pathlib import Path
from typing import Final

from consensus.quorum import max_faulty, quorum
from ledger_node.audit.display import moment
from ledger_node.cli.files import read_bounded, write_whole
from ledger_node.cli.keys import add_passphrase_option, check_member_option, key_path
from ledger_node.cli.outcome import ExitCode, refused, usage
from ledger_node.cli.screen import say, say_json, say_rows
from ledger_node.crypto.keyfiles import KeyPurpose, read_key_file, read_key_header
from ledger_node.crypto.passphrase import obtain
from ledger_node.crypto.tls import make_certificate
from ledger_node.genesis import (
    CeremonyError,
    Genesis,
    GenesisError,
    MemberCard,
    Parameters,
    SignedCard,
    SignedGenesis,
    VerifiedGenesis,
    ceremony,
    check_card,
    check_genesis,
    missing,
    policy_text,
    read_json,
    sign_card,
    union_id,
    write_json,
)
from ledger_node.genesis.card import CARD_FORMAT, check_card_fields
from ledger_node.genesis.readable import MAX_JSON
from ledger_node.ledger.contract_set import installed_contracts

PARAMETERS: Final = {
    "delta_ms": "assumed bound on a message's delay between members",
    "heartbeat_ms": "how long an idle union goes without a block",
    "max_block_submissions": "submissions in a block",
    "max_block_bytes": "bytes of submissions in a block",
    "max_clock_skew_ms": "how far a block's time may be from a voter's clock",
    "max_unexecuted_blocks": "blocks that may wait for execution",
}

_EPILOG: Final = """\
a union of two, from keys to policy (each line by the member it belongs to):
  ledger-node genesis card --member AM --keys am-keys --host am.example --port 7000 --out am.card
  ledger-node genesis card --member KG --keys kg-keys --host kg.example --port 7000 --out kg.card
  ledger-node genesis draft --name "Trial union" --origin ledger.example/trial \\
      --out genesis.json am.card kg.card
  ledger-node genesis sign genesis.json --key am-keys/authority.key --card am.card
  ledger-node genesis sign genesis.json --key kg-keys/authority.key --card kg.card
  ledger-node genesis verify genesis.json
  ledger-node genesis policy genesis.json --out union.policy
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    steps = parser.add_subparsers(metavar="STEP", required=True)
    _configure_card(steps.add_parser("card", help="make a member card", allow_abbrev=False))
    _configure_draft(steps.add_parser("draft", help="draft from cards", allow_abbrev=False))

    sign = steps.add_parser("sign", help="sign as an authority", allow_abbrev=False)
    sign.add_argument("genesis", type=Path, metavar="GENESIS")
    sign.add_argument("--key", required=True, type=Path, metavar="FILE", help="authority key file")
    sign.add_argument(
        "--card", type=Path, metavar="FILE", help="the card you gave, to compare with the draft"
    )
    sign.add_argument("--out", type=Path, metavar="FILE", help="default: GENESIS itself")
    add_passphrase_option(sign)
    sign.set_defaults(handler=sign_genesis)

    merge = steps.add_parser("merge", help="join signed copies", allow_abbrev=False)
    merge.add_argument("copies", nargs="+", type=Path, metavar="GENESIS")
    merge.add_argument("--out", required=True, type=Path, metavar="FILE")
    merge.set_defaults(handler=merge_copies)

    show = steps.add_parser("show", help="show a card or a genesis", allow_abbrev=False)
    show.add_argument("file", type=Path, metavar="FILE")
    show.set_defaults(handler=show_file)

    verify = steps.add_parser("verify", help="check every signature", allow_abbrev=False)
    verify.add_argument("genesis", type=Path, metavar="GENESIS")
    verify.add_argument("--json", action="store_true", help="print JSON")
    verify.set_defaults(handler=verify_genesis)

    policy = steps.add_parser("policy", help="write the trust policy", allow_abbrev=False)
    policy.add_argument("genesis", type=Path, metavar="GENESIS")
    policy.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")
    policy.set_defaults(handler=write_policy)


def _configure_card(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--member", required=True, metavar="CODE", help="e.g. AM")
    parser.add_argument(
        "--keys", required=True, type=Path, metavar="DIR", help="made by `keys new-member`"
    )
    parser.add_argument("--host", required=True, help="where peers reach your node")
    parser.add_argument("--port", required=True, type=int, help="and its port")
    parser.add_argument("--api-url", default="", metavar="URL", help="of your public API, if any")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE")
    add_passphrase_option(parser)
    parser.set_defaults(handler=make_card)


def _configure_draft(parser: argparse.ArgumentParser) -> None:
    defaults = Parameters()
    parser.add_argument("--name", required=True, help="of the union, for people")
    parser.add_argument("--origin", required=True, help="of the log, e.g. ledger.example/union")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE")
    for name, text in PARAMETERS.items():
        option = f"--{name.replace('_', '-')}"
        default = getattr(defaults, name)
        parser.add_argument(
            option, type=int, default=default, metavar="N", help=f"{text} (default {default})"
        )
    parser.add_argument("cards", nargs="+", type=Path, metavar="CARD")
    parser.set_defaults(handler=draft_genesis)


# ---------------------------------------------------------------- steps


def make_card(options: argparse.Namespace) -> ExitCode:
    """A member's card, signed by its authority key."""
    member: str = options.member
    check_member_option("--member", member)
    _refuse_existing(options.out)
    passphrase = obtain(options.passphrase_file)
    unlocked = {
        purpose: read_key_file(
            key_path(options.keys, purpose), passphrase, purpose=purpose, owner=member
        ).signer
        for purpose in (KeyPurpose.AUTHORITY, KeyPurpose.TLS)
    }
    public = {
        purpose: _public(key_path(options.keys, purpose), purpose, member)
        for purpose in (
            KeyPurpose.REGISTRAR,
            KeyPurpose.CONSENSUS,
            KeyPurpose.COSIGNER,
            KeyPurpose.LOG,
        )
    }
    card = MemberCard(
        format=CARD_FORMAT,
        member=member,
        authority=unlocked[KeyPurpose.AUTHORITY].public,
        registrar=public[KeyPurpose.REGISTRAR],
        consensus=public[KeyPurpose.CONSENSUS],
        cosigner=public[KeyPurpose.COSIGNER],
        log=public[KeyPurpose.LOG],
        tls_certificate=make_certificate(unlocked[KeyPurpose.TLS], member),
        peer_host=options.host,
        peer_port=options.port,
        api_url=options.api_url,
    )
    try:
        signed = sign_card(card, unlocked[KeyPurpose.AUTHORITY])
    except GenesisError as error:
        raise usage(str(error)) from error
    write_whole(options.out, write_json(signed).encode())
    _say_card(card)
    say("Read the fingerprint to the other members over another channel than the file's.")
    return ExitCode.OK


def draft_genesis(options: argparse.Namespace) -> ExitCode:
    """A genesis of the given cards, not signed by anyone yet."""
    _refuse_existing(options.out)
    cards = [_read_card(path) for path in options.cards]
    try:
        document = ceremony.draft(
            cards,
            name=options.name,
            origin=options.origin,
            created_ms=time.time_ns() // 1_000_000,
            contract_set=installed_contracts().digest,
            parameters=Parameters(**{name: getattr(options, name) for name in PARAMETERS}),
        )
    except GenesisError as error:
        raise usage(str(error)) from error
    write_whole(options.out, write_json(document).encode())
    _say_genesis(document)
    return ExitCode.OK


def sign_genesis(options: argparse.Namespace) -> ExitCode:
    """The signature of one member's authority, added to the document."""
    document = read_genesis(options.genesis)
    own = None if options.card is None else _checked_card(options.card)
    key = read_key_file(options.key, obtain(options.passphrase_file), purpose=KeyPurpose.AUTHORITY)
    try:
        signed = ceremony.sign(document, key.signer, own_card=own)
    except GenesisError as error:
        raise refused(f"not signed: {error}") from error
    write_whole(options.out or options.genesis, write_json(signed).encode())
    _say_genesis(signed)
    return ExitCode.OK


def merge_copies(options: argparse.Namespace) -> ExitCode:
    """The signatures of several copies in one file."""
    first, *others = (read_genesis(path) for path in options.copies)
    try:
        merged = ceremony.merge(first, *others)
    except GenesisError as error:
        raise refused(f"not merged: {error}") from error
    write_whole(options.out, write_json(merged).encode())
    _say_genesis(merged)
    return ExitCode.OK


def show_file(options: argparse.Namespace) -> ExitCode:
    """A card or a genesis, whichever the file holds; its fields are checked, not who signed."""
    content = read_bounded(options.file, MAX_JSON)
    try:
        _say_card(_card_in(content).card)
        return ExitCode.OK
    except GenesisError as error:
        as_card = error
    try:
        _say_genesis(_genesis_in(content))
        return ExitCode.OK
    except GenesisError as error:
        closer = as_card if error.field == "card" else error
        raise usage(f"{options.file}: {closer}") from error


def verify_genesis(options: argparse.Namespace) -> ExitCode:
    """Whether a node may be started from this document."""
    document = read_genesis(options.genesis)
    founding = verified(document)
    if options.json:
        say_json(
            {
                "union": founding.union.hex(),
                "name": founding.genesis.name,
                "origin": founding.genesis.origin,
                "contract_set": founding.genesis.contract_set.hex(),
                "members": [card.member for card in founding.genesis.members],
                "warnings": list(founding.warnings),
            }
        )
        return ExitCode.OK
    _say_genesis(document)
    for warning in founding.warnings:
        say(f"warning: {warning}")
    if founding.genesis.contract_set != installed_contracts().digest:
        say("warning: this program's contracts are not those of the genesis; no node will start")
    say("valid: every field, card and signature holds")
    return ExitCode.OK


def write_policy(options: argparse.Namespace) -> ExitCode:
    """The policy by which anyone checks this union's proofs."""
    founding = verified(read_genesis(options.genesis))
    text = policy_text(founding.genesis)
    if options.out is None:
        for line in text.splitlines():
            say(line)
    else:
        write_whole(options.out, text.encode())
        say(f"wrote {options.out}")
    return ExitCode.OK


def verified(document: SignedGenesis) -> VerifiedGenesis:
    """The document once all of it holds; else the command ends, with what is wrong by member."""
    try:
        return ceremony.verify(document)
    except CeremonyError as error:
        raise refused("the genesis is not signed by every member", *error.problems) from error
    except GenesisError as error:
        raise refused(f"the genesis is not sound: {error}") from error


# ---------------------------------------------------------------- words


def _say_card(card: MemberCard) -> None:
    say(f"member card of {card.member}")
    say_rows(
        [
            ("node", f"{card.peer_host}:{card.peer_port}"),
            ("API", card.api_url or "not public"),
            ("authority", card.authority.hex()),
            ("fingerprint", grouped(card.fingerprint())),
        ]
    )


def _say_genesis(document: SignedGenesis) -> None:
    genesis = document.genesis
    say(f"genesis of {genesis.name}")
    say_rows([*_genesis_rows(genesis), *_signature_rows(document)])


def _genesis_rows(genesis: Genesis) -> list[tuple[str, str]]:
    count = len(genesis.members)
    rows = [
        ("union", grouped(union_id(genesis))),
        ("log origin", genesis.origin),
        ("drafted", moment(genesis.created_ms)),
        ("contracts", genesis.contract_set.hex()),
        ("quorum", f"{quorum(count)} of {count}; up to {max_faulty(count)} may fail or cheat"),
    ]
    values = (f"{name} {getattr(genesis.parameters, name)}" for name in PARAMETERS)
    return [*rows, ("parameters", ", ".join(values))]


def _signature_rows(document: SignedGenesis) -> list[tuple[str, str]]:
    absent = set(missing(document))
    rows = []
    for card in document.genesis.members:
        state = "NOT SIGNED" if card.member in absent else "signed"
        where = f"{card.peer_host}:{card.peer_port}"
        rows.append((card.member, f"{state}; {where}; card {grouped(card.fingerprint())}"))
    return rows


def grouped(digest: bytes) -> str:
    """A digest as people read it aloud: sixteen groups of four hex digits."""
    text = digest.hex()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


# ---------------------------------------------------------------- files


def read_genesis(path: Path) -> SignedGenesis:
    """A genesis whose fields are sound; its signatures are not looked at."""
    try:
        return _genesis_in(read_bounded(path, MAX_JSON))
    except GenesisError as error:
        raise usage(f"{path}: {error}") from error


def _read_card(path: Path) -> SignedCard:
    try:
        return _card_in(read_bounded(path, MAX_JSON))
    except GenesisError as error:
        raise usage(f"{path}: {error}") from error


def _genesis_in(content: bytes) -> SignedGenesis:
    document = read_json(SignedGenesis, content)
    check_genesis(document.genesis)
    return document


def _card_in(content: bytes) -> SignedCard:
    signed = read_json(SignedCard, content)
    check_card_fields(signed.card)
    return signed


def _checked_card(path: Path) -> MemberCard:
    try:
        return check_card(_read_card(path))
    except GenesisError as error:
        raise usage(f"--card {path}: {error}") from error


def _public(path: Path, purpose: KeyPurpose, member: str) -> bytes:
    header = read_key_header(path)
    if header.purpose is not purpose or header.owner != member:
        raise usage(f"{path}: a {header.purpose} key of {header.owner}, not {purpose} of {member}")
    return bytes.fromhex(header.public)


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise usage(f"--out {path}: exists")
