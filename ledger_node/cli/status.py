"""`ledger-node status`: how a node is doing, and whether it can make records final now."""

import argparse
from typing import Final

import msgspec

from ledger_node.audit.display import moment
from ledger_node.cli.connection import ask, connection
from ledger_node.cli.connection_options import add_connection_options
from ledger_node.cli.outcome import ExitCode
from ledger_node.cli.screen import say, say_json, say_rows
from ledger_node.client import LedgerClient, StatusView

_EPILOG: Final = """\
Exit code 0: what is submitted to this node can become final now. 1: it cannot, for want of a quorum
or because the node halted. 3: no node answers.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_connection_options(parser)
    parser.set_defaults(handler=status)


def status(options: argparse.Namespace) -> ExitCode:
    """Ask the node, and print what it says."""
    view, ready = ask(connection(options), _question)
    if options.json:
        say_json({**msgspec.to_builtins(view), "ready": ready})
    else:
        say(f"{view.member}'s node of {view.name}: {'ready' if ready else 'NOT READY'}")
        say_rows(_rows(view))
    return ExitCode.OK if ready else ExitCode.REFUSED


async def _question(client: LedgerClient) -> tuple[StatusView, bool]:
    return await client.status(), await client.ready()


def _rows(view: StatusView) -> list[tuple[str, str]]:
    up = [member for member, connected in sorted(view.peers.items()) if connected]
    down = [member for member, connected in sorted(view.peers.items()) if not connected]
    rows = [
        ("block", f"{view.height}, {moment(view.time_ms)}; consensus in view {view.view}"),
        ("log", f"{view.log_size} entries, {view.checkpoint_size} under the checkpoint"),
        ("log root", view.log_root),
        ("state root", view.state_root),
        ("members", f"{', '.join(view.members)}; a quorum is {view.quorum}"),
        ("links", f"up: {', '.join(up) or 'none'}; down: {', '.join(down) or 'none'}"),
        ("waiting", f"{view.mempool.submissions} submissions, {view.mempool.bytes} bytes"),
        ("union", view.union),
        ("contracts", view.contract_set),
        ("running", f"version {view.version}, since {moment(view.started_at_ms)}"),
    ]
    if view.upgrade is not None:
        rows.append(
            ("upgrade", f"{view.upgrade.contract_set}, from block {view.upgrade.from_height}")
        )
        rows.append(("", "its code is here" if view.upgrade.installed else view.upgrade.problem))
    if view.snapshot is not None:
        taken = view.snapshot
        rows.append(
            (
                "SNAPSHOT",
                f"of block {taken.height} from {', '.join(taken.peers) or 'nobody yet'}: "
                f"{taken.objects} objects, {taken.pages} pages, {taken.ids} ids, "
                f"{taken.bytes} bytes so far",
            )
        )
    if view.missing is not None:
        rows.append(
            (
                "fetching",
                f"log entries {view.missing.first_entry} to {view.missing.end_entry - 1}, "
                "from before this node's snapshot",
            )
        )
    if view.evidence:
        rows.append(("EVIDENCE", f"{view.evidence} proofs that a member contradicted itself"))
    if view.forked is not None:
        theirs = view.forked.theirs
        rows.append(("FORKED", f"a quorum made block {theirs.block} final in view {theirs.view},"))
        rows.append(("", "which this node's chain does not hold: `ledger-node evidence` shows it"))
    if view.halted is not None:
        halted = view.halted
        rows.append(("HALTED", f"at height {halted.height}, block {halted.block}: the outcome"))
        rows.append(("", f"here is {halted.ours}, a quorum certified {halted.certified}"))
    return rows
