"""`ledger-node audit export`: the one step of an audit that reads a node, or what it published.

A running node holds its database for itself; its API gives the same, the certificates and contract
sets that a bundle can carry beside the log included. A mirror of its tiles has the log alone; what
else there is can be given as files.
"""

import argparse
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ledger_node.audit.bundle.concern import Subject
from ledger_node.audit.bundle.export import NothingSelected, export_bundle
from ledger_node.audit.bundle.refusal import BundleRefused
from ledger_node.audit.bundle.selection import Blocks, Concerning, Everything, Period, Selection
from ledger_node.audit.bundle.source import (
    LogSource,
    SourceFailed,
    StaticLog,
    from_directory,
    from_url,
)
from ledger_node.audit.bundle.writing import Exported
from ledger_node.cli.bar import progress_bar
from ledger_node.cli.connection import connection, url_in
from ledger_node.cli.files import read_bounded, read_set
from ledger_node.cli.founding import read_founding
from ledger_node.cli.log_sources import DatabaseLog, node_log
from ledger_node.cli.outcome import CommandError, ExitCode, local, refused, usage
from ledger_node.cli.screen import say, say_rows
from ledger_node.contract_sets.shelf import ContractSets
from ledger_node.genesis.policy_history import MAX_HISTORY, HistoryRefused, parse_history
from ledger_node.ledger.contract_set import installed_contracts, installed_sources
from ledger_node.log.note import MAX_NOTE
from ledger_node.node.config import DataDirectory
from ledger_node.storage.database import Database
from ledger_node.storage.errors import StorageError, StorageInUse


def export(options: argparse.Namespace) -> ExitCode:
    """Write the bundle, whole or not at all."""
    selection = _selection(options)
    out: Path = options.out
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        with _source(options) as source, partial.open("wb") as file, _progress() as tell:
            sets = _own_sets(options) if options.with_state else None
            written = export_bundle(source, selection, file, tell, sets)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(out)
    except SourceFailed as error:
        raise CommandError(ExitCode.NO_NODE, str(error)) from error
    except NothingSelected as error:
        raise refused(error.reason) from error
    except BundleRefused as error:
        raise refused("the log does not execute", str(error)) from error
    finally:
        partial.unlink(missing_ok=True)
    say(f"wrote {out}, {out.stat().st_size} bytes")
    say_rows(_written(written))
    say("Nothing in it has been checked: `ledger-node audit verify` does that.")
    return ExitCode.OK


def _written(written: Exported) -> list[tuple[str, str]]:
    rows = [
        ("entries", f"{written.entries} of the log's {written.size}"),
        ("consensus", f"{written.certificates} certificates"),
    ]
    if written.epochs:
        rows.append(("epochs", f"how {written.epochs} ended"))
    if written.sets:
        rows.append(("contracts", f"{written.sets} sets"))
    return rows


def _selection(options: argparse.Namespace) -> Selection:
    chosen: list[Selection] = []
    if options.blocks is not None:
        chosen.append(Blocks(*options.blocks))
    if options.begin is not None or options.end is not None:
        if options.begin is None or options.end is None or options.begin >= options.end:
            raise usage("--from and --to: give both, the earlier first")
        if options.begin < 0:
            raise usage("--from: no ledger began before 1970")
        chosen.append(Period(options.begin, options.end))
    for subject in Subject:
        reference = getattr(options, subject.value)
        if reference is not None:
            chosen.append(Concerning(subject.value, reference))
    if len(chosen) > 1:
        raise usage("give one of --blocks, --from and --to, --movement, --guarantee, --participant")
    selection = chosen[0] if chosen else Everything()
    if options.with_state and isinstance(selection, Everything):
        raise usage("--with-state: goes with a part of the log; all of it needs none")
    return selection


def _own_sets(options: argparse.Namespace) -> ContractSets:
    """What the log is executed with on the way to a state: never with what its source offers, of
    which nothing has been checked. A node's own directory is one's own."""
    directory = None if options.data is None else DataDirectory(options.data).contract_sets
    return ContractSets(directory, [read_set("--contracts", path) for path in options.contracts])


@contextmanager
def _source(options: argparse.Namespace) -> Iterator[LogSource]:
    static = [given for given in (options.url, options.tiles) if given is not None]
    named = options.node is not None or options.data is not None
    if len(static) + named > 1:
        raise usage("give one of --node, --data, --url, --tiles")
    if static:
        fetch = from_url(options.url) if options.tiles is None else from_directory(options.tiles)
        yield StaticLog(fetch, _given_steps(options), _given_sets(options))
        return
    if options.history is not None:
        raise usage("--history: goes with --url or --tiles; a node has it itself")
    if options.node is None and options.data is not None:
        with _of_directory(options) as source:
            yield source
        return
    _no_checkpoint(options)
    with node_log(connection(options)) as log:
        yield log


@contextmanager
def _of_directory(options: argparse.Namespace) -> Iterator[LogSource]:
    directory = DataDirectory(options.data)
    founding = read_founding(directory.genesis)
    try:
        database = Database.open(directory.ledger, founding.union)
    except StorageInUse:
        _no_checkpoint(options)
        say(f"its node is running: exporting from {url_in(directory)}")
        with node_log(connection(options)) as log:
            yield log
        return
    except StorageError as error:
        raise local(str(error)) from error
    with database:
        note = _checkpoint(options, directory)
        yield DatabaseLog(database.latest, note, ContractSets(directory.contract_sets))


def _checkpoint(options: argparse.Namespace, directory: DataDirectory) -> bytes:
    """Of a stopped node: the one given, else the last it published."""
    if options.checkpoint is not None:
        return read_bounded(options.checkpoint, MAX_NOTE)
    if not directory.checkpoint.exists():
        raise usage(
            "--data: this node never published a checkpoint; give --checkpoint, as GET /checkpoint "
            "of any member answers it"
        )
    return read_bounded(directory.checkpoint, MAX_NOTE)


def _no_checkpoint(options: argparse.Namespace) -> None:
    if options.checkpoint is not None:
        raise usage("--checkpoint: goes with --data of a node that is not running")


def _given_steps(options: argparse.Namespace) -> Sequence[bytes]:
    _no_checkpoint(options)
    if options.history is None:
        return ()
    try:
        return parse_history(read_bounded(options.history, MAX_HISTORY))
    except HistoryRefused as error:
        raise usage(f"--history {options.history}: {error}") from error


def _given_sets(options: argparse.Namespace) -> Mapping[bytes, Mapping[str, bytes]]:
    given = [read_set("--contracts", path) for path in options.contracts]
    sets: dict[bytes, Mapping[str, bytes]] = {each.digest: each.sources for each in given}
    return {installed_contracts().digest: installed_sources(), **sets}


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """How far the log has been gone through, as a bar on a terminal."""
    with progress_bar() as bar:
        task = bar.add_task("exporting", total=None)

        def tell(done: int, size: int) -> None:
            bar.update(task, completed=done, total=size)

        yield tell
