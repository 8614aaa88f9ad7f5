"""`ledger-node audit export`: the one step of an audit that reads a node, or what it published.

A running node holds its database for itself; its API, or any mirror of its tiles, gives the same.
A stopped node's directory also has consensus certificates, but no checkpoint: those are made with
other members, so one of the same log must be given.
"""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger_node.audit.bundle.concern import Subject
from ledger_node.audit.bundle.export import NothingSelected, export_bundle
from ledger_node.audit.bundle.form import Blocks, Concerning, Everything, Period, Selection
from ledger_node.audit.bundle.source import (
    LogSource,
    SourceFailed,
    StaticLog,
    from_directory,
    from_url,
)
from ledger_node.cli.files import read_bounded
from ledger_node.cli.genesis import read_genesis, verified
from ledger_node.cli.outcome import CommandError, ExitCode, local, refused, usage
from ledger_node.cli.screen import say, say_rows
from ledger_node.codec.digests import DIGEST_SIZE
from ledger_node.log.checkpoint import parse_signed_checkpoint
from ledger_node.log.errors import LogError
from ledger_node.log.note import MAX_NOTE
from ledger_node.log.tiles import TILE_WIDTH, EntryBundle, HashTile
from ledger_node.node.config import DataDirectory
from ledger_node.storage import schema
from ledger_node.storage.database import Database
from ledger_node.storage.errors import StorageError, StorageInUse
from ledger_node.storage.snapshot import Snapshot


def export(options: argparse.Namespace) -> ExitCode:
    """Write the bundle, whole or not at all."""
    selection = _selection(options)
    out: Path = options.out
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        with _source(options) as source, partial.open("wb") as file:
            written = export_bundle(source, selection, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(out)
    except SourceFailed as error:
        raise CommandError(ExitCode.NO_NODE, str(error)) from error
    except NothingSelected as error:
        raise refused(error.reason) from error
    finally:
        partial.unlink(missing_ok=True)
    say(f"wrote {out}, {out.stat().st_size} bytes")
    say_rows(
        [
            ("entries", f"{written.entries} of the log's {written.size}"),
            ("consensus", f"{written.certificates} certificates"),
        ]
    )
    say("Nothing in it has been checked: `ledger-node audit verify` does that.")
    return ExitCode.OK


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
    return chosen[0] if chosen else Everything()


@contextmanager
def _source(options: argparse.Namespace) -> Iterator[LogSource]:
    if options.data is None:
        if options.checkpoint is not None:
            raise usage("--checkpoint: goes with --data; elsewhere it is read from the log")
        if options.url is not None:
            yield StaticLog(from_url(options.url))
        else:
            yield StaticLog(from_directory(options.tiles))
        return
    if options.checkpoint is None:
        raise usage("--data: give --checkpoint too, as GET /checkpoint of any member answers it")
    note = read_bounded(options.checkpoint, MAX_NOTE)
    directory = DataDirectory(options.data)
    founding = verified(read_genesis(directory.genesis))
    try:
        with Database.open(directory.ledger, founding.union) as database:
            yield StoredLog(database.latest, note)
    except StorageInUse as error:
        raise local(
            f"{directory.ledger}: a running node holds it; export from its API with --url"
        ) from error
    except StorageError as error:
        raise local(str(error)) from error


@dataclass(frozen=True, slots=True)
class StoredLog:
    """A LogSource over a node's own database. note: a checkpoint of this log, no longer than it."""

    snapshot: Snapshot
    note: bytes

    def checkpoint(self) -> bytes:
        """See LogSource."""
        try:
            head = parse_signed_checkpoint(self.note).checkpoint
        except LogError as error:
            raise SourceFailed("--checkpoint", str(error)) from error
        if head.size > self.snapshot.tip.tree_size:
            found = f"of {head.size} entries, this node has {self.snapshot.tip.tree_size}"
            raise SourceFailed("--checkpoint", found)
        return self.note

    def hashes(self, tile: HashTile) -> bytes:
        """See LogSource."""
        return self.snapshot.tile(tile.level, tile.index)[: tile.width * DIGEST_SIZE]

    def entries(self, bundle: EntryBundle) -> tuple[bytes, ...]:
        """See LogSource."""
        first = bundle.index * TILE_WIDTH
        return tuple(self.snapshot.log_entries(first, first + bundle.width))

    def certificate(self, height: int) -> bytes | None:
        """See LogSource."""
        return self.snapshot.raw(schema.certificate_key(height))
