"""`ledger-node monitor`: follow a log from outside, and tell when something is wrong.

It needs the log's public files and a policy, nothing else: no token, no node, no trust in whoever
serves the files. Each event is one line, or one JSON object a line with --json.
"""

import argparse
import asyncio
import json
import sys
import time
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from pathlib import Path
from typing import Any, Final

from ledger_node.audit.explain import fork_json, fork_text
from ledger_node.audit.monitor import (
    Behind,
    Event,
    Followed,
    Forked,
    Memory,
    Stalled,
    Touched,
    Unfit,
    Watch,
    look,
)
from ledger_node.audit.monitor_state import (
    MAX_STATE,
    Agree,
    MonitorStateError,
    Unclear,
    accepted,
    compare,
    decode_memory,
    encode_memory,
)
from ledger_node.audit.tile_directory import TileDirectory
from ledger_node.cli.connection import checked_url
from ledger_node.cli.files import read_bounded, write_whole
from ledger_node.cli.outcome import CommandError, ExitCode, usage
from ledger_node.cli.policy_file import read_policy
from ledger_node.cli.screen import say
from ledger_node.client.published_log import HttpLog
from ledger_node.log.fork import ForkRefused, ProvenFork
from ledger_node.log.published import FileAbsent, LogUnreachable, PublishedLog
from ledger_node.log.verified import VerifiedCheckpoint

STALL_S: Final = 300
EVERY_S: Final = 10.0

_EPILOG: Final = """\
--node is a node, or any place with the log's files: a URL, or a directory that export-tiles made.
With a state file the monitor goes on where it stopped; without one it begins anew each time. The
first look takes the log as it is; whatever comes later must continue it.

`monitor compare A B` holds the state files of two monitors against each other. If they followed
different nodes, their heads rarely have one size; name with --log where the log of either is
published.

exit codes: 0 nothing to tell; 1 an alert: a stall, a watched object, a head that proves nothing;
5 a fork: the evidence was written. Without --once it goes on until a fork, or Ctrl-C.

examples:
  ledger-node monitor --policy union.policy --node https://ledger.example.by \\
      --state-file by.state --watch guarantee/20GB0000010000GX1
  ledger-node monitor --policy union.policy --node /srv/log --state-file log.state --once --json
  ledger-node monitor compare by.state kz.state --policy union.policy \\
      --log https://ledger.example.by --log https://ledger.example.kz
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.usage = (
        "ledger-node monitor --policy FILE --node URL [options]\n"
        "       ledger-node monitor compare A B --policy FILE [--log URL ...]"
    )
    parser.add_argument("compare", nargs="*", metavar="compare A B", help="two state files")
    parser.add_argument("--policy", required=True, type=Path, metavar="FILE", help="whom you trust")
    parser.add_argument("--node", metavar="URL", help="where the log is published")
    parser.add_argument(
        "--log", action="append", default=[], metavar="URL", help="for compare: the same"
    )
    parser.add_argument("--state-file", type=Path, metavar="FILE", help="what was seen so far")
    parser.add_argument("--once", action="store_true", help="look once and end")
    parser.add_argument(
        "--every", type=float, default=EVERY_S, metavar="S", help=f"seconds (default {EVERY_S:.0f})"
    )
    parser.add_argument(
        "--stall",
        type=int,
        default=STALL_S,
        metavar="S",
        help=f"tell when no new head came for so long (default {STALL_S}; 0: never)",
    )
    parser.add_argument(
        "--watch",
        action="append",
        default=[],
        metavar="KEY",
        help="tell when an object changes; KEY may end in * (may be given more than once)",
    )
    parser.add_argument(
        "--from-start", action="store_true", help="watch also the entries that are there already"
    )
    parser.add_argument(
        "--evidence", type=Path, default=Path(), metavar="DIR", help="where evidence is written"
    )
    parser.add_argument("--json", action="store_true", help="a JSON object a line")
    parser.set_defaults(handler=monitor)


def monitor(options: argparse.Namespace) -> ExitCode:
    """Follow, or compare."""
    match options.compare:
        case []:
            if options.node is None:
                raise usage("--node: give the place where the log is published")
            return asyncio.run(_follow(options))
        case ["compare", one, other]:
            return asyncio.run(_compare(options, Path(one), Path(other)))
        case _:
            raise usage("give either --node, or `compare` and two state files")


# ---------------------------------------------------------------- following


async def _follow(options: argparse.Namespace) -> ExitCode:
    policy = read_policy(options.policy)
    watch = Watch(tuple(options.watch), options.stall, options.from_start)
    memory = _memory(options.state_file)
    worst = ExitCode.OK
    async with _log("--node", options.node) as log:
        while True:
            try:
                events = await look(log, policy, memory, watch, int(time.time()))
            except (LogUnreachable, FileAbsent) as error:
                if options.once:
                    raise CommandError(ExitCode.NO_NODE, str(error)) from error
                _tell(
                    options, {"event": "unreachable", "reason": str(error)}, f"cannot look: {error}"
                )
                events = []
            for event in events:
                worst = max(worst, _report(options, event))
            if options.state_file is not None:
                write_whole(options.state_file, encode_memory(memory))
            if options.once or worst is ExitCode.FORK:
                return worst
            await asyncio.sleep(options.every)


def _memory(path: Path | None) -> Memory:
    if path is None or not path.exists():
        return Memory()
    try:
        return decode_memory(read_bounded(path, MAX_STATE))
    except MonitorStateError as error:
        raise usage(f"--state-file {path}: {error}") from error


def _report(options: argparse.Namespace, event: Event) -> ExitCode:
    """Tell of an event; the exit code that it asks for."""
    if isinstance(event, Forked):
        _write_evidence(options, event.fork)
        return ExitCode.FORK
    fields, text = _described(event)
    _tell(options, fields, text)
    return ExitCode.REFUSED if isinstance(event, Touched | Stalled | Unfit) else ExitCode.OK


def _described(event: Event) -> tuple[dict[str, Any], str]:
    match event:
        case Followed(size, root, new):
            fields = {"event": "followed", "size": size, "root": root.hex(), "new": new}
            return fields, f"{size} entries, {new} of them new, consistent: root {root.hex()}"
        case Touched(index, what, keys):
            fields = {"event": "touched", "index": index, "what": what, "keys": list(keys)}
            return fields, f"ALERT: entry {index} ({what}) changed {', '.join(keys)}"
        case Stalled(size, for_s):
            fields = {"event": "stalled", "size": size, "for_s": for_s}
            return fields, f"ALERT: no new head for {for_s} s; the last had {size} entries"
        case Behind(size, seen):
            fields = {"event": "behind", "size": size, "seen": seen}
            return fields, f"the log shows {size} entries; {seen} were seen before"
        case Unfit(reason):
            return {"event": "unfit", "reason": reason}, f"ALERT: {reason}"
        case Forked():
            raise AssertionError("a fork is told with its evidence")


def _write_evidence(options: argparse.Namespace, fork: ProvenFork) -> None:
    old, new = fork.first.checkpoint.size, fork.second.checkpoint.size
    options.evidence.mkdir(parents=True, exist_ok=True)
    path = options.evidence / f"{old}-{new}.fork-evidence"
    write_whole(path, fork.format())
    fields = {"event": "fork", **fork_json(fork), "evidence": str(path)}
    _tell(options, fields, f"ALERT: {fork_text(fork)}; evidence in {path}")


def _tell(options: argparse.Namespace, fields: dict[str, Any], text: str) -> None:
    say(json.dumps(fields) if options.json else text)
    sys.stdout.flush()


# ---------------------------------------------------------------- comparing


async def _compare(options: argparse.Namespace, one: Path, other: Path) -> ExitCode:
    policy = read_policy(options.policy)
    heads: list[list[VerifiedCheckpoint]] = []
    for path in (one, other):
        try:
            heads.append(accepted(decode_memory(read_bounded(path, MAX_STATE)), policy))
        except MonitorStateError as error:
            raise usage(f"{path}: {error}") from error
    async with AsyncExitStack() as stack:
        logs = [await stack.enter_async_context(_log("--log", each)) for each in options.log]
        try:
            found = await compare(heads[0], heads[1], logs, policy)
        except ForkRefused as error:
            raise usage(f"{one}, {other}: {error.reason}") from error
    match found:
        case Agree(size):
            fields = {"event": "agree", "size": size}
            _tell(options, fields, f"both saw one history, up to {size} entries")
            return ExitCode.OK
        case Unclear(old, new):
            raise CommandError(
                ExitCode.NO_NODE,
                f"they saw {old} and {new} entries, and no log given has the tiles to tell: "
                "name one with --log",
            )
        case fork:
            _write_evidence(options, fork)
            return ExitCode.FORK


def _log(option: str, place: str) -> AbstractAsyncContextManager[PublishedLog]:
    if Path(place).is_dir():
        return nullcontext(TileDirectory(Path(place)))
    return HttpLog(checked_url(option, place))
