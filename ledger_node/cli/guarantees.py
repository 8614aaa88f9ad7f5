"""`ledger-node guarantees`: what a guarantor answers for, what is open on it, and what is claimed.

The same for the holder of guarantees. With --proofs nothing of it rests on the node's word: every
object that is shown is proven, under the policy that is given, and the files are kept.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from contracts import object_to_json
from contracts.guarantee.objects import Guarantee
from contracts.transit.objects import ClaimState
from ledger_node.audit.display import moment
from ledger_node.audit.verify import NotProven, Proven, StateFact, examine
from ledger_node.cli import own_policy
from ledger_node.cli.connection import Connection, ask, connection
from ledger_node.cli.connection_options import add_connection_options
from ledger_node.cli.files import write_whole
from ledger_node.cli.outcome import ExitCode, refused, usage
from ledger_node.cli.policy_file import read_policy
from ledger_node.cli.screen import say, say_json, say_rows, say_table
from ledger_node.client.guarantees import Account, OpenMovement, accounts_of
from ledger_node.log.policy import Policy

_EPILOG: Final = """\
Amounts are whole minor units of the guarantee's currency. `waits for` is the record that will free
what is reserved, as things stand.

examples:
  ledger-node guarantees BY-INSURER --data by-node
  ledger-node guarantees BY-INSURER --policy union.policy --proofs evidence --data by-node
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.add_argument("participant", metavar="ID", help="of a guarantor, or of a holder")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--proofs", type=Path, metavar="DIR", help="also prove all of it; the files go there"
    )
    parser.add_argument(
        "--policy", type=Path, metavar="FILE", help="with --proofs: what the proofs are checked by"
    )
    add_connection_options(parser)
    parser.set_defaults(handler=guarantees)


def guarantees(options: argparse.Namespace) -> ExitCode:
    """Tell the accounts of a participant, and prove them."""
    if (options.proofs is None) != (options.policy is None):
        raise usage("--proofs and --policy go together")
    policy = None if options.policy is None else read_policy(options.policy)
    node = connection(options)
    accounts = ask(node, lambda client: accounts_of(client, options.participant))
    if not accounts:
        raise refused(f"{options.participant} is guarantor or holder of no guarantee")
    if options.json:
        say_json([account_json(each) for each in accounts])
    else:
        for each in accounts:
            tell(each)
    if policy is not None:
        keys = [key for each in accounts for key in each.keys]
        _prove(node, keys, policy, options.proofs)
    return ExitCode.OK


def tell(account: Account) -> None:
    """An account on the screen."""
    guarantee = account.guarantee
    say(f"guarantee {guarantee.grn}, {guarantee.state.value}")
    say_rows(list(_rows(guarantee)))
    if account.movements:
        header = ("movement", "amount", "state", "due", "reserved", "waits for")
        say_table(header, [_line(each) for each in account.movements])
    for claim in account.claims:
        due = f", to be paid by {moment(claim.pay_by_ms)}"
        when = due if claim.state in (ClaimState.NOTIFIED, ClaimState.CONTESTED) else ""
        say(f"claim for {claim.mrn}: {claim.amount} {claim.currency}, {claim.state.value}{when}")
    say()


def _rows(guarantee: Guarantee) -> Iterator[tuple[str, str]]:
    yield "guarantor", guarantee.guarantor
    yield "holder", guarantee.holder
    yield "covered", f"{guarantee.covered} {guarantee.currency}"
    yield "reserved", f"{guarantee.reserved} {guarantee.currency}, by {guarantee.open} movement(s)"
    yield "free", f"{guarantee.free} {guarantee.currency}"
    yield "valid", f"{moment(guarantee.valid_from_ms)} to {moment(guarantee.valid_to_ms)}"


def _line(each: OpenMovement) -> Sequence[str]:
    held = each.reservation
    due = "" if each.deadline_ms is None else moment(each.deadline_ms)
    amount = f"{held.amount} {held.currency}"
    return held.mrn, amount, each.state, due, moment(held.reserved_ms), held.freed_by


def account_json(account: Account) -> dict[str, object]:
    """An account for programs."""
    return {
        "guarantee": object_to_json(account.guarantee),
        "covered": account.guarantee.covered,
        "free": account.guarantee.free,
        "movements": [
            {
                "reservation": object_to_json(each.reservation),
                "state": each.state,
                "deadline_ms": each.deadline_ms,
            }
            for each in account.movements
        ],
        "claims": [object_to_json(each) for each in account.claims],
    }


def _prove(node: Connection, keys: Sequence[str], policy: Policy, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for key in keys:
        proof = _proof(node, key, policy)
        found = examine(proof, policy)
        if isinstance(found, NotProven):
            raise refused(f"the node's proof of {key} fails at: {found.step}", found.reason)
        assert isinstance(found, Proven)
        assert isinstance(found.fact, StateFact)
        path = directory / f"{key.replace('/', '-')}.state-proof"
        write_whole(path, proof)
        block = found.fact.block
        say(f"proven: {key}, after block {block.height}, {moment(block.time_ms)}: {path}")


def _proof(node: Connection, key: str, policy: Policy) -> bytes:
    made = ask(node, lambda client: client.state_proof(key))
    return own_policy.state_proof(node.url, made, policy)
