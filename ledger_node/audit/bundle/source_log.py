"""A log to export from, up to its checkpoint: entries in order, and blocks found by bisection.

Heights and times of block entries only grow, so a height or time is found in a few reads. Nothing
is believed: a source that lies makes a bundle that is refused.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ledger_node.audit.bundle.source import LogSource, SourceFailed
from ledger_node.codec import DecodeError
from ledger_node.ledger.entries import BlockEntry, GenesisEntry, LogEntry, decode_entry
from ledger_node.log.tiles import TILE_WIDTH, EntryBundle, tile_width


class NothingSelected(Exception):
    """The log has nothing of what was asked for. reason: text for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Closing:
    """A block entry and its log index."""

    index: int
    entry: BlockEntry


class SourceLog:
    """The entries of a log up to a size, the last bundle kept."""

    def __init__(self, source: LogSource, size: int) -> None:
        self.source = source
        self.size = size
        self._last: tuple[int, tuple[bytes, ...]] | None = None

    def bundle(self, index: int) -> tuple[bytes, ...]:
        """Entries of the level-0 tile `index`. Raises SourceFailed."""
        if self._last is None or self._last[0] != index:
            width = tile_width(0, index, self.size)
            self._last = (index, self.source.entries(EntryBundle(index, width)))
        return self._last[1]

    def from_index(self, index: int) -> Iterator[tuple[int, bytes]]:
        """(index, entry) from `index` on. Raises SourceFailed."""
        while index < self.size:
            tile, skip = divmod(index, TILE_WIDTH)
            for entry in self.bundle(tile)[skip:]:
                yield index, entry
                index += 1

    def founding_document(self) -> bytes:
        """What the genesis entry holds. Raises SourceFailed."""
        entry = decoded(0, self.bundle(0)[0])
        if not isinstance(entry, GenesisEntry):
            raise SourceFailed("entry 0", "is no genesis entry")
        return entry.document

    def closing(self, index: int) -> Closing:
        """The first block entry at or after an index. Raises SourceFailed."""
        for at, data in self.from_index(index):
            entry = decoded(at, data)
            if isinstance(entry, BlockEntry):
                return Closing(at, entry)
        raise SourceFailed(f"entry {self.size - 1}", "the log does not end with a block entry")

    def first_block(self, reached: Callable[[BlockEntry], bool]) -> Closing | None:
        """The first block that `reached`, as all after it do; None when no block does."""
        low, high, found = 0, self.size, None
        while low < high:
            closing = self.closing((low + high) // 2)
            if reached(closing.entry):
                found, high = closing, (low + high) // 2
            else:
                low = closing.index + 1
        return found

    def at_height(self, height: int) -> Closing:
        """The closing entry of a block. Raises NothingSelected."""
        found = self.first_block(lambda entry: entry.height >= height)
        if found is None:
            raise NothingSelected(f"the log has no block {height}")
        return found


def decoded(index: int, data: bytes) -> LogEntry:
    """An entry. Raises SourceFailed."""
    try:
        return decode_entry(data)
    except DecodeError as error:
        raise SourceFailed(f"entry {index}", error.reason) from error
