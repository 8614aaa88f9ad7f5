"""A snapshot: the final ledger at one block, and every question the node asks of it.

Reads go to a LevelDB snapshot, so what is committed meanwhile does not show: a proof, a page of
results or the execution of a block sees one ledger from start to end. Bytes are what `Database`
wrote after checking them; a decoding failure here is damage, and raised as StorageCorrupt. Where
the ledger began with a snapshot from peers, what it still lacks of the past raises NotYetHere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self, TypeVar

from consensus.block import Block, BlockId, SubmissionId, block_id
from ledger_node.codec import DecodeError, Digest, decode
from ledger_node.ledger.chain import Tip
from ledger_node.ledger.entries import LogEntry, RecordEntry, SubmissionEntry, decode_entry
from ledger_node.ledger.outcome import Outcome
from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.ledger.submission import VerifiedSubmission, decode_header, restored_submission
from ledger_node.leveldb import plyvel
from ledger_node.log.merkle import Frontier
from ledger_node.log.tiles import tile_width
from ledger_node.state.stored import stored_page
from ledger_node.storage import schema
from ledger_node.storage.errors import NotYetHere, StorageCorrupt

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FinalBlock:
    """A block of the final chain. Its entries have log indexes first_index .. tree_size - 1."""

    block: Block
    block_id: BlockId
    first_index: int
    tree_size: int


@dataclass(frozen=True, slots=True)
class SubmissionLocation:
    """Where a submission became final.

    log_index: of its submission entry; those of its records follow. record_count: their number.
    """

    height: int
    log_index: int
    record_count: int


class Snapshot:
    """The final ledger at `tip`. Also a ledger.chain.FinalLedger, log TileReader, and the state
    tree's rows (TreeRows), pages (NodeReader: `get`) and entry lookup (`entry`)."""

    def __init__(self, path: Path, reads: "plyvel.Snapshot") -> None:
        """path: of the database, for errors. Raises StorageCorrupt for an unreadable head."""
        self._path = path
        self._reads = reads
        head = self._decoded(schema.StoredHead, schema.HEAD_KEY, "head")
        try:
            frontier = Frontier.decode(head.frontier)
        except DecodeError as error:
            raise StorageCorrupt(path, "head", error.reason) from error
        self._tip = Tip(
            header=head.header,
            block_id=block_id(head.header),
            frontier=frontier,
            state_root=Digest(head.state_root),
        )
        self.stored_log_root = Digest(head.log_root)
        """As it was written; `tip.log_root` is computed from the frontier."""
        self.gap: schema.StoredGap | None = None
        """What is still missing of the past; None for a ledger that is whole."""
        if reads.get(schema.GAP_KEY) is not None:
            self.gap = self._decoded(schema.StoredGap, schema.GAP_KEY, "gap")

    @property
    def tip(self) -> Tip:
        """The last final block, with tree size and roots."""
        return self._tip

    # ------------------------------------------------------------ blocks

    def block(self, height: int) -> FinalBlock | None:
        """The final block of a height."""
        if not 0 <= height <= self._tip.header.height:
            return None
        if self.gap is not None and self.gap.next_height <= height < self.gap.end_height:
            raise NotYetHere(self._path, f"block {height}")
        stored = self._decoded(schema.StoredBlock, schema.block_key(height), f"block {height}")
        return FinalBlock(
            block=stored.block,
            block_id=block_id(stored.block.header),
            first_index=stored.first_index,
            tree_size=stored.tree_size,
        )

    def height_of(self, block: BlockId) -> int | None:
        """The height of a final block."""
        stored = self._reads.get(schema.BLOCK_HEIGHT + block)
        return None if stored is None else int.from_bytes(stored, "big")

    def block_of(self, index: int) -> FinalBlock:
        """The final block that holds the entry at a log index below the tree size."""
        assert 0 <= index < self._tip.tree_size, "callers found the entry in the log"
        low, high = 0, self._tip.header.height
        if self.gap is not None:
            self._check_here(index)
            if index < self.gap.next_index:
                high = self.gap.next_height - 1
            else:
                low = self.gap.end_height
        while low < high:
            middle = (low + high) // 2
            block = self.block(middle)
            assert block is not None, "heights up to the head have blocks"
            low, high = (middle + 1, high) if block.tree_size <= index else (low, middle)
        found = self.block(low)
        assert found is not None, "heights up to the head have blocks"
        return found

    def certificate_from(self, height: int) -> tuple[int, bytes] | None:
        """The first certificate at or above a height, and its height: it covers all below it."""
        start, stop = schema.certificate_key(height), schema.after_prefix(schema.CERTIFICATE)
        for key, certificate in self._reads.iterator(start=start, stop=stop):
            return schema.last_number(key), certificate
        return None

    def epoch_step(self, epoch: int) -> bytes | None:
        """The proof of how an epoch ended, if it did while this ledger was kept."""
        return self._reads.get(schema.epoch_key(epoch))

    def blocks(self, after_height: int) -> Iterator[FinalBlock]:
        """The final blocks above a height, upwards, for members that catch up."""
        for height in range(max(after_height + 1, 0), self._tip.header.height + 1):
            block = self.block(height)
            assert block is not None, "heights up to the head have blocks"
            yield block

    def bodies(self, block: FinalBlock) -> tuple[VerifiedSubmission, ...]:
        """The submissions of a final block, in order, put together from its log entries."""
        if self.gap is not None and block.block.header.height == self.gap.end_height:
            raise NotYetHere(self._path, f"entries of block {self.gap.end_height}")
        found: list[VerifiedSubmission] = []
        header: SubmissionEntry | None = None
        records: list[bytes] = []
        for index in range(block.first_index, block.tree_size):
            entry = self._log_entry(index)
            if isinstance(entry, RecordEntry):
                records.append(entry.record)
                continue
            if header is not None:
                found.append(self._restored(header, records))
            header = entry if isinstance(entry, SubmissionEntry) else None
            records = []
        if tuple(submission.id for submission in found) != block.block.payload:
            raise StorageCorrupt(
                self._path,
                f"entries of block {block.block.header.height}",
                "are not the submissions the block orders",
            )
        return tuple(found)

    # ------------------------------------------------------------ submissions

    def ordered(self, submission: SubmissionId) -> bool:
        """Whether the submission is final."""
        return self._reads.get(schema.SUBMISSION + submission) is not None

    def location(self, submission: SubmissionId) -> SubmissionLocation | None:
        """Where a submission became final."""
        key = schema.SUBMISSION + submission
        if self._reads.get(key) is None:
            return None
        stored = self._decoded(schema.StoredLocation, key, "submission location")
        if stored.log_index is None:
            raise NotYetHere(self._path, f"submission {submission.hex()}")
        entry = self._submission_entry(stored.log_index)
        try:
            header = decode_header(entry.header)
        except SubmissionRefused as error:
            raise StorageCorrupt(self._path, f"entry {stored.log_index}", error.reason) from error
        return SubmissionLocation(stored.height, stored.log_index, header.record_count)

    def outcomes(self, location: SubmissionLocation) -> tuple[Outcome, ...]:
        """What became of each record of a submission, in order."""
        return tuple(record.outcome for record in self._records(location))

    def submission(self, location: SubmissionLocation) -> VerifiedSubmission:
        """A final submission, put together from its log entries."""
        entry = self._submission_entry(location.log_index)
        records = [record.record for record in self._records(location)]
        return self._restored(entry, records)

    def _restored(self, entry: SubmissionEntry, records: list[bytes]) -> VerifiedSubmission:
        try:
            return restored_submission(entry.header, records, entry.signature)
        except SubmissionRefused as error:
            raise StorageCorrupt(self._path, "submission entry", error.reason) from error

    def _log_entry(self, index: int) -> LogEntry:
        self._check_here(index)
        try:
            return decode_entry(self._required(schema.entry_key(index), f"entry {index}"))
        except DecodeError as error:
            raise StorageCorrupt(self._path, f"entry {index}", error.reason) from error

    def _submission_entry(self, index: int) -> SubmissionEntry:
        entry = self._log_entry(index)
        if not isinstance(entry, SubmissionEntry):
            raise StorageCorrupt(self._path, f"entry {index}", "is not a submission entry")
        return entry

    def _records(self, location: SubmissionLocation) -> Iterator[RecordEntry]:
        first = location.log_index + 1
        for index in range(first, first + location.record_count):
            entry = self._log_entry(index)
            if not isinstance(entry, RecordEntry):
                raise StorageCorrupt(self._path, f"entry {index}", "is not a record entry")
            yield entry

    # ------------------------------------------------------------ log

    def log_entry(self, index: int) -> bytes | None:
        """The bytes of a log entry; None beyond the log."""
        if not 0 <= index < self._tip.tree_size:
            return None
        self._check_here(index)
        return self._required(schema.entry_key(index), f"entry {index}")

    def log_entries(self, start: int, stop: int) -> list[bytes]:
        """The entries with start <= index < stop, as far as the log goes."""
        stop = min(stop, self._tip.tree_size)
        if not 0 <= start < stop:
            return []
        if self.gap is not None and start < self.gap.end_index and stop > self.gap.next_index:
            raise NotYetHere(self._path, f"entries {start} to {stop - 1}")
        rows = self._reads.iterator(start=schema.entry_key(start), stop=schema.entry_key(stop))
        entries = [entry for _, entry in rows]
        if len(entries) != stop - start:
            raise StorageCorrupt(self._path, f"entries {start} to {stop - 1}", "some are missing")
        return entries

    def tile(self, level: int, index: int) -> bytes:
        """A tile's hashes so far; b"" when there are none. See log.tiles.TileReader."""
        found = self._reads.get(schema.tile_key(level, index)) or b""
        if not found and self.gap is not None and tile_width(level, index, self._tip.tree_size):
            raise NotYetHere(self._path, f"tile {level}/{index}")
        return found

    def _check_here(self, index: int) -> None:
        if self.gap is not None and self.gap.next_index <= index < self.gap.end_index:
            raise NotYetHere(self._path, f"entry {index}")

    # ------------------------------------------------------------ state

    def object(self, key: str) -> bytes | None:
        """The value of an object."""
        return self._reads.get(schema.object_key(key))

    def objects(self, prefix: str, after: str = "", limit: int = 100) -> list[tuple[str, bytes]]:
        """Up to `limit` objects whose key starts with `prefix`, in order of key.

        after: the last key of the page before, "" for the first page.
        """
        bottom = schema.object_key(prefix)
        start = max(bottom, schema.object_key(after) + b"\x00" if after else bottom)
        found: list[tuple[str, bytes]] = []
        if limit <= 0:
            return found
        for key, value in self._reads.iterator(start=start, stop=schema.after_prefix(bottom)):
            found.append((key[len(schema.OBJECT) :].decode(), value))
            if len(found) == limit:
                break
        return found

    def history(self, key: str, after: int = -1, limit: int = 100) -> list[int]:
        """Log indexes of up to `limit` entries that changed an object, in order.

        after: the last index of the page before, -1 for the first page.
        """
        if self.gap is not None:
            raise NotYetHere(self._path, f"history of {key}")
        found: list[int] = []
        if limit <= 0 or not -1 <= after < schema.MAX_NUMBER:
            return found
        rows = self._reads.iterator(
            start=schema.history_key(key, after + 1),
            stop=schema.after_prefix(schema.history_prefix(key)),
        )
        for row, _ in rows:
            found.append(schema.last_number(row))
            if len(found) == limit:
                break
        return found

    def state_page(self, key: bytes) -> bytes | None:
        """A page of the state tree, by its key there."""
        return stored_page(self, key)

    get = state_page
    """The same under the name the state tree's NodeReader gives it."""

    @property
    def tree_rows(self) -> Self:
        """See FinalLedger."""
        return self

    def leaves(self, first: bytes, last: bytes) -> Iterator[tuple[bytes, bytes]]:
        """See state.stored.TreeRows."""
        for path, key in self._range(schema.LEAF, first, last):
            yield path, sha256(self._object(key)).digest()

    def branches(self, first: bytes, last: bytes) -> Iterator[tuple[bytes, bytes]]:
        """See state.stored.TreeRows."""
        return self._range(schema.BRANCH, first, last)

    def _range(self, table: bytes, first: bytes, last: bytes) -> Iterator[tuple[bytes, bytes]]:
        rows = self._reads.iterator(start=table + first, stop=table + last, include_stop=True)
        for key, value in rows:
            yield key[1:], value

    def entry(self, path: bytes) -> tuple[bytes, bytes] | None:
        """The key and value of the object whose key hashes to `path`. For state proofs."""
        key = self._reads.get(schema.LEAF + path)
        return None if key is None else (key, self._object(key))

    def _object(self, key: bytes) -> bytes:
        return self._required(schema.OBJECT + key, f"object {key!r}")

    # ------------------------------------------------------------ reading

    def raw(self, key: bytes) -> bytes | None:
        """A value by its key in schema.py, for checks and tools."""
        return self._reads.get(key)

    def rows(self, table: bytes) -> Iterator[tuple[bytes, bytes]]:
        """All rows of a table of schema.py, in order of key, for checks and tools."""
        yield from self._reads.iterator(start=table, stop=schema.after_prefix(table))

    def _required(self, key: bytes, item: str) -> bytes:
        value = self._reads.get(key)
        if value is None:
            raise StorageCorrupt(self._path, item, "missing")
        return value

    def _decoded(self, kind: type[T], key: bytes, item: str) -> T:
        try:
            return decode(kind, self._required(key, item), what=item)
        except DecodeError as error:
            raise StorageCorrupt(self._path, item, error.reason) from error
