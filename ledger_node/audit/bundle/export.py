"""Making a bundle of a log: everything, a run of blocks, a period, or what concerns a subject.

Needs a checkpoint, hash tiles and entries, nothing a node would have to be trusted for. Blocks are
found by bisection over block entries, whose heights and times only grow; what concerns a subject
is found by reading the log, a movement twice, since its declaration stands before its MRN.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ledger_node.audit.bundle.concern import Concern, Subject
from ledger_node.audit.bundle.form import (
    Blocks,
    Concerning,
    Everything,
    FrameWriter,
    Period,
    Selection,
    TileFrame,
)
from ledger_node.audit.bundle.source import LogSource, SourceFailed
from ledger_node.audit.bundle.tree import MAX_LEVELS, edge_widths
from ledger_node.codec import DecodeError
from ledger_node.ledger.entries import (
    BlockEntry,
    DeadlineEntry,
    RecordEntry,
    SubmissionEntry,
    decode_entry,
)
from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.ledger.submission import decode_header
from ledger_node.log.checkpoint import parse_signed_checkpoint
from ledger_node.log.errors import LogError
from ledger_node.log.tiles import TILE_HEIGHT, TILE_WIDTH, EntryBundle, HashTile, tile_width

GENESIS_END = 2
"""The genesis block has two entries."""


class NothingSelected(Exception):
    """The log has nothing of what was asked for. reason: text for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. certificates: of consensus; size: entries in the whole log."""

    entries: int
    certificates: int
    size: int


@dataclass(frozen=True, slots=True)
class _Run:
    """Entries first .. end - 1: whole blocks, after the block entry of their parent."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class _Closing:
    """A block entry and its log index."""

    index: int
    entry: BlockEntry


def export_bundle(
    source: LogSource,
    selection: Selection,
    out: BinaryIO,
    progress: Callable[[int, int], None] | None = None,
) -> Exported:
    """Write the bundle. progress: told how far the log has been gone through, in entries.

    Raises SourceFailed, NothingSelected.
    """
    note = source.checkpoint()
    try:
        size = parse_signed_checkpoint(note).checkpoint.size
    except LogError as error:
        raise SourceFailed("checkpoint", str(error)) from error
    if size < GENESIS_END:
        raise NothingSelected("the log has no genesis block")
    log = _Log(source, size)
    writer = _BundleWriter(log, FrameWriter(out), selection, note)
    for run in log.runs(selection):
        writer.run(run)
        if progress is not None:
            progress(run.end, size)
    return writer.finish()


class _Log:
    """The entries of a log up to its checkpoint, the last bundle kept."""

    def __init__(self, source: LogSource, size: int) -> None:
        self.source = source
        self.size = size
        self._last: tuple[int, tuple[bytes, ...]] | None = None

    def bundle(self, index: int) -> tuple[bytes, ...]:
        """Entries of the level-0 tile `index`."""
        if self._last is None or self._last[0] != index:
            width = tile_width(0, index, self.size)
            self._last = (index, self.source.entries(EntryBundle(index, width)))
        return self._last[1]

    def from_index(self, index: int) -> Iterator[tuple[int, bytes]]:
        """(index, entry) from `index` on."""
        while index < self.size:
            tile, skip = divmod(index, TILE_WIDTH)
            for entry in self.bundle(tile)[skip:]:
                yield index, entry
                index += 1

    def closing(self, index: int) -> _Closing:
        """The first block entry at or after an index."""
        for at, data in self.from_index(index):
            entry = _decoded(at, data)
            if isinstance(entry, BlockEntry):
                return _Closing(at, entry)
        raise SourceFailed(f"entry {self.size - 1}", "the log does not end with a block entry")

    def first_block(self, reached: Callable[[BlockEntry], bool]) -> _Closing | None:
        """The first block that `reached`, as all after it do; None when no block does."""
        low, high, found = 0, self.size, None
        while low < high:
            closing = self.closing((low + high) // 2)
            if reached(closing.entry):
                found, high = closing, (low + high) // 2
            else:
                low = closing.index + 1
        return found

    def at_height(self, height: int) -> _Closing:
        """The closing entry of a block. Raises NothingSelected."""
        found = self.first_block(lambda entry: entry.height >= height)
        if found is None:
            raise NothingSelected(f"the log has no block {height}")
        return found

    def runs(self, selection: Selection) -> Iterator[_Run]:
        """What to write; the genesis block always comes first."""
        match selection:
            case Everything():
                yield _Run(0, self.size)
            case Blocks(first, last):
                end = self.at_height(last).index + 1
                yield from self._from_height(first, end)
            case Period(begin, until):
                opening = self.first_block(lambda entry: entry.time_ms >= begin)
                if opening is None:
                    raise NothingSelected("the log ends before that period")
                after = self.first_block(lambda entry: entry.time_ms >= until)
                end = self.size if after is None else after.index + 1
                yield from self._from_height(opening.entry.height, end)
            case Concerning(subject, reference):
                yield _Run(0, GENESIS_END)
                yield from self._concerning(Concern(Subject(subject), reference))

    def _from_height(self, height: int, end: int) -> Iterator[_Run]:
        if height <= 1:
            yield _Run(0, end)
        else:
            yield _Run(0, GENESIS_END)
            yield _Run(self.at_height(height - 1).index, end)

    def _concerning(self, concern: Concern) -> Iterator[_Run]:
        if concern.subject is Subject.MOVEMENT:
            for index, data in self.from_index(0):
                entry = _decoded(index, data)
                if isinstance(entry, RecordEntry):
                    concern.learn(entry)
        anchor, author, wanted, any_found = 0, "", False, False
        for index, data in self.from_index(0):
            match _decoded(index, data):
                case SubmissionEntry() as entry:
                    author = _author(index, entry)
                case RecordEntry() as entry:
                    wanted = wanted or concern.touched_by(entry, author)
                case DeadlineEntry() as entry:
                    wanted = wanted or concern.changed_by(entry.keys)
                case DeadlineEntry() as entry:
                    wanted = wanted or concern.touched_by_time(entry)
                case BlockEntry():
                    if wanted:
                        any_found = True
                        yield _Run(anchor, index + 1)
                    anchor, wanted = index, False
                case _:
                    pass
        if not any_found:
            raise NothingSelected(f"no record concerns {concern.subject} {concern.reference}")


class _BundleWriter:
    """Frames in their order: each tile before the first entries it vouches for."""

    def __init__(self, log: _Log, frames: FrameWriter, selection: Selection, note: bytes) -> None:
        self._log = log
        self._frames = frames
        self._edge = {
            level: (log.size >> (TILE_HEIGHT * level)) // TILE_WIDTH
            for level in edge_widths(log.size)
        }
        self._current: dict[int, int] = {}
        self._end = self._entries = self._certificates = 0
        frames.selection(selection)
        frames.checkpoint(note)
        for level, width in edge_widths(log.size).items():
            self._tile(HashTile(level, self._edge[level], width))

    def run(self, run: _Run) -> None:
        """Write a run, or what of it was not written yet."""
        index = max(run.first, self._end)
        # After a gap the run opens with the parent's entry, whose block is not in the bundle.
        parent = index if index > self._end else None
        while index < run.end:
            tile, skip = divmod(index, TILE_WIDTH)
            self._tiles_for(tile)
            stop = min(run.end, (tile + 1) * TILE_WIDTH)
            self._write(index, self._log.bundle(tile)[skip : skip + stop - index], parent)
            index = stop
        self._end = max(self._end, run.end)

    def finish(self) -> Exported:
        """Write the end."""
        self._frames.end(self._entries)
        return Exported(self._entries, self._certificates, self._log.size)

    def _write(self, first: int, entries: tuple[bytes, ...], parent: int | None) -> None:
        """Entries of one tile, cut after each block whose certificate was kept."""
        begin = 0
        for end, data in enumerate(entries, start=1):
            at_parent = first + end - 1 == parent
            certificate = None if at_parent else self._certificate(data)
            if certificate is not None:
                self._frames.entries(first + begin, entries[begin:end])
                self._frames.certificate(certificate)
                self._certificates += 1
                begin = end
        if begin < len(entries):
            self._frames.entries(first + begin, entries[begin:])
        self._entries += len(entries)

    def _certificate(self, data: bytes) -> bytes | None:
        try:
            entry = decode_entry(data)
        except DecodeError:
            return None  # whoever verifies the bundle will say so
        return self._log.source.certificate(entry.height) if isinstance(entry, BlockEntry) else None

    def _tiles_for(self, index: int) -> None:
        """The tiles on the way down to a level-0 tile that were not written yet."""
        missing: list[HashTile] = []
        for level in range(MAX_LEVELS):
            if self._edge.get(level) == index or self._current.get(level) == index:
                break
            missing.append(HashTile(level, index))
            self._current[level] = index
            index //= TILE_WIDTH
        for tile in reversed(missing):
            self._tile(tile)

    def _tile(self, tile: HashTile) -> None:
        hashes = self._log.source.hashes(tile)
        self._frames.tile(TileFrame(tile.level, tile.index, hashes))


def _decoded(index: int, data: bytes) -> object:
    try:
        return decode_entry(data)
    except DecodeError as error:
        raise SourceFailed(f"entry {index}", error.reason) from error


def _author(index: int, entry: SubmissionEntry) -> str:
    try:
        return decode_header(entry.header).author
    except SubmissionRefused as error:
        raise SourceFailed(f"entry {index}", error.reason) from error
