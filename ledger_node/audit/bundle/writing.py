"""The frames of a bundle in their order, each tile before the first entries it vouches for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from ledger_node.audit.bundle.form import FRAME_BYTES, FrameKind, FrameWriter, TileFrame
from ledger_node.audit.bundle.runs import Run
from ledger_node.audit.bundle.selection import Selection
from ledger_node.audit.bundle.source_log import SourceLog
from ledger_node.audit.bundle.tree import MAX_LEVELS, edge_widths
from ledger_node.audit.bundle.unchanged import ProofFrame
from ledger_node.codec import DecodeError, encode
from ledger_node.ledger.contract_set import contract_set_bytes
from ledger_node.ledger.entries import BlockEntry, decode_entry
from ledger_node.log.tiles import TILE_HEIGHT, TILE_WIDTH, HashTile

_BLOCK_ENTRY = encode([3] + [0] * 9)[:2]
"""How every block entry begins: an array of ten, the first of which is its kind."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. certificates: of consensus; epochs: steps from one to the next; sets:
    contract sets; size: entries in the whole log."""

    entries: int
    certificates: int
    epochs: int
    sets: int
    size: int


class StateGiven(Protocol):
    """The state before a range, and the blocks of the day before it."""

    def items(self) -> Iterator[bytes]:
        """Pages and objects in the order of a walk."""
        ...

    def blocks(self) -> Iterator[bytes]:
        """Canonical blocks, the newest first."""
        ...


class BundleWriter:
    """Asks a log for what it writes."""

    def __init__(self, log: SourceLog, frames: FrameWriter, *, executable: bool) -> None:
        """executable: whether contract sets are worth carrying."""
        self._log = log
        self._frames = frames
        self._executable = executable
        self._edge = {
            level: (log.size >> (TILE_HEIGHT * level)) // TILE_WIDTH
            for level in edge_widths(log.size)
        }
        self._current: dict[int, int] = {}
        self._sets: set[bytes] = set()
        self._carried = 0
        self._end = self._entries = self._certificates = self._certified = self._epochs = 0

    def head(self, selection: Selection, note: bytes) -> None:
        """Everything before the first entries."""
        self._frames.selection(selection)
        self._frames.frame(FrameKind.GENESIS, self._log.founding_document())
        for step in self._log.source.steps():
            self._frames.frame(FrameKind.STEP, step)
            self._epochs += 1
        self._frames.frame(FrameKind.CHECKPOINT, note)
        for level, width in edge_widths(self._log.size).items():
            self._tile(HashTile(level, self._edge[level], width))

    def run(
        self, run: Run, state: StateGiven | None = None, unchanged: ProofFrame | None = None
    ) -> None:
        """Write a run, or what of it was not written yet.

        state: before it, if it is given; unchanged: proves that what was left out before it did
        not change the subject's object, if that is to be shown.
        """
        index = max(run.first, self._end)
        if self._end < index < run.end:
            # After a gap the run opens with the parent's entry, whose block is not in the bundle.
            self._batch(index, index + 1, parent=True)
            if state is not None:
                self._items(FrameKind.STATE, state.items())
                self._items(FrameKind.ORDERED, state.blocks())
                self._certificate(self._entry(index))
            if unchanged is not None:
                self._frames.frame(FrameKind.PROOF, encode(unchanged))
            index += 1
        while index < run.end:
            stop = min(run.end, (index // TILE_WIDTH + 1) * TILE_WIDTH)
            self._batch(index, stop)
            index = stop
        self._end = max(self._end, run.end)

    @property
    def end(self) -> int:
        """Log index after the last entry written."""
        return self._end

    def finish(self) -> Exported:
        """Write the end."""
        self._frames.end(self._entries, self._certified)
        return Exported(
            self._entries, self._certificates, self._epochs, self._carried, self._log.size
        )

    # ------------------------------------------------------------ pieces

    def _batch(self, first: int, stop: int, *, parent: bool = False) -> None:
        """Entries of one tile, cut after each block whose certificate was kept."""
        tile, skip = divmod(first, TILE_WIDTH)
        entries = self._log.bundle(tile)[skip : skip + stop - first]
        closings = {} if parent else dict(_closings(entries))
        for entry in closings.values():
            self._contracts(entry.contract_set)
        self._tiles_for(tile)
        begin = 0
        for at, entry in closings.items():
            if self._log.source.certificate(entry.height) is not None:
                self._frames.entries(first + begin, entries[begin : at + 1])
                self._certificate(entry)
                begin = at + 1
        if begin < len(entries):
            self._frames.entries(first + begin, entries[begin:])
        self._entries += len(entries)

    def _entry(self, index: int) -> BlockEntry | None:
        tile, skip = divmod(index, TILE_WIDTH)
        return next((e for _, e in _closings(self._log.bundle(tile)[skip : skip + 1])), None)

    def _certificate(self, entry: BlockEntry | None) -> None:
        found = None if entry is None else self._log.source.certificate(entry.height)
        if entry is not None and found is not None:
            self._frames.certificate(self._certified, found)
            self._certified = entry.height
            self._certificates += 1

    def _contracts(self, digest: bytes) -> None:
        """The set that judged a block, before the first one it judged."""
        if not self._executable or digest in self._sets:
            return
        self._sets.add(digest)
        sources = self._log.source.contract_set(digest)
        if sources is not None:
            self._frames.frame(FrameKind.CONTRACTS, contract_set_bytes(sources))
            self._carried += 1

    def _items(self, kind: FrameKind, items: Iterable[bytes]) -> None:
        waiting: list[bytes] = []
        size = 0
        for item in items:
            waiting.append(item)
            size += len(item)
            if size >= FRAME_BYTES:
                self._frames.items(kind, waiting)
                waiting, size = [], 0
        if waiting:
            self._frames.items(kind, waiting)

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


def _closings(entries: Iterable[bytes]) -> Iterator[tuple[int, BlockEntry]]:
    """(position, entry) of each block entry; what is none will be found by whoever verifies."""
    for at, data in enumerate(entries):
        if data[: len(_BLOCK_ENTRY)] == _BLOCK_ENTRY:
            try:
                entry = decode_entry(data)
            except DecodeError:
                continue
            if isinstance(entry, BlockEntry):
                yield at, entry
