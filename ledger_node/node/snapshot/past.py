"""The past of a ledger that began with a snapshot, put together again from the log.

Tiles are taken from the top down, each against its hash in the one above, whose last are in the
snapshot; entries against the tiles; and all else follows from the entries: blocks, where each
submission stands, what changed each object. So nothing here needs trust, nor the contracts.
Certificates of single blocks are no part of the log: what others kept of them is checked under the
committee of its epoch, and taken along; an outcome needs none, the newest one covers it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from consensus.block import Block, BlockHeader, SubmissionId, block_id, payload_root
from consensus.committee import Committee
from ledger_node.codec import DecodeError, Digest
from ledger_node.codec.digests import DIGEST_SIZE
from ledger_node.ledger.chain import outcome_digest
from ledger_node.ledger.entries import (
    BlockEntry,
    DeadlineEntry,
    LogEntry,
    RecordEntry,
    SubmissionEntry,
    decode_entry,
)
from ledger_node.ledger.finality import CheckClaims
from ledger_node.ledger.submission import submission_id
from ledger_node.log.merkle import Frontier, leaf_hash
from ledger_node.log.tiles import (
    TILE_BYTES,
    TILE_WIDTH,
    TileHashes,
    TileKey,
    tile_root,
    tile_width,
)
from ledger_node.node.snapshot.forms import (
    MAX_ITEM_BYTES,
    MAX_NAMES,
    CertificateItem,
    ChunkKind,
    SnapshotRefused,
    decoded,
)
from ledger_node.node.snapshot.verify import outcome_of
from ledger_node.storage import schema
from ledger_node.storage.database import Database
from ledger_node.storage.rows import LoggedBlock
from ledger_node.storage.snapshot import Snapshot

AHEAD: Final = 8 * TILE_WIDTH
"""Entries for which tiles are made ready before they are asked for."""


@dataclass(frozen=True, slots=True)
class ClosedBlock:
    """A block of the log with the outcome that a certificate of it would name."""

    logged: LoggedBlock
    outcome: Digest


@dataclass(slots=True)
class _Open:
    """A block whose block entry has not come yet."""

    first: int
    leaves: list[Digest] = field(default_factory=list)
    ids: dict[SubmissionId, int] = field(default_factory=dict)
    history: list[tuple[str, int]] = field(default_factory=list)


class Past:
    """Owned by one task. Works on the database as it stands; another task may go on committing."""

    def __init__(
        self,
        database: Database,
        union: bytes,
        committee: Callable[[int], Committee | None],
        checker: Callable[[Committee], CheckClaims],
    ) -> None:
        """committee: of an epoch. Raises StorageError."""
        self._database = database
        self._union = union
        self._committee = committee
        self._checker = checker
        snapshot = database.latest
        gap = snapshot.gap
        self.done = gap is None
        self.next = 0 if gap is None else gap.next_index
        """Index of the entry to come."""
        self.end = 0 if gap is None else gap.end_index + 1
        """Index up to which entries are missing; the last of them is here, the head's."""
        if gap is not None:
            self._frontier: Frontier | None = None
            self._parent = _block_entry(snapshot, gap.next_index - 1)
            self._open = _Open(gap.next_index)

    # ------------------------------------------------------------ tiles

    def missing_tiles(self) -> list[TileKey]:
        """Tiles to take before the next entries can be checked: siblings, those above first."""
        snapshot = self._database.latest
        last = min(self.end, self.next + AHEAD) - 1
        for index in range(self.next // TILE_WIDTH, last // TILE_WIDTH + 1):
            missing = _highest_missing(snapshot, TileKey(0, index))
            if missing is not None:
                return self._with_siblings(snapshot, missing)
        return []

    def _with_siblings(self, snapshot: Snapshot, first: TileKey) -> list[TileKey]:
        """The tile and missing ones after it, all of which the same tile above names."""
        keys: list[TileKey] = []
        end = (first.index // TILE_WIDTH + 1) * TILE_WIDTH
        for index in range(first.index, end):
            key = TileKey(first.level, index)
            full = tile_width(key.level, index, self.end) == TILE_WIDTH
            if not full or _stored(snapshot, key) or len(keys) == MAX_NAMES[ChunkKind.TILES]:
                break
            keys.append(key)
        return keys

    def take_tiles(self, wanted: Sequence[TileKey], items: Sequence[bytes]) -> None:
        """Tiles in answer to `wanted`, the first of which came. Raises SnapshotRefused, having
        kept nothing; StorageError."""
        if len(items) > len(wanted):
            raise SnapshotRefused("tile", f"{len(items)} came, {len(wanted)} were asked for")
        snapshot = self._database.latest
        for key, hashes in zip(wanted, items, strict=False):
            above = snapshot.tile(key.level + 1, key.index // TILE_WIDTH)
            at = key.index % TILE_WIDTH * DIGEST_SIZE
            expected = above[at : at + DIGEST_SIZE]
            if len(hashes) != TILE_BYTES or tile_root(hashes) != expected:
                raise SnapshotRefused("tile", f"{key.level}/{key.index} is not the one in the log")
        self._database.fill_tiles(dict(zip(wanted, items, strict=False)))

    # ------------------------------------------------------------ entries and blocks

    def take_entries(self, entries: Sequence[bytes]) -> list[ClosedBlock]:
        """The entries from `next` on: the blocks that end among them, to be given to `keep`.

        No tile may be missing.
        Raises SnapshotRefused for what is not in the log, having changed nothing.
        """
        entries = entries[: min(self.end, self.next + AHEAD) - self.next]
        snapshot = self._database.latest
        hashes = TileHashes(snapshot, self.end)
        leaves = [leaf_hash(entry) for entry in entries]
        for index, leaf in enumerate(leaves, self.next):
            if leaf != hashes.node(0, index):
                raise SnapshotRefused("entry", f"{index} is not the one in the log")
        if self._frontier is None:
            self._frontier = _frontier_at(snapshot, self.next)
        closed: list[ClosedBlock] = []
        for entry, leaf in zip(entries, leaves, strict=True):
            block = self._append(_decoded(self.next, entry), leaf)
            if block is not None:
                closed.append(block)
        return closed

    def keep(
        self,
        first_index: int,
        entries: Sequence[bytes],
        closed: Sequence[ClosedBlock],
        certificates: Mapping[int, bytes],
    ) -> None:
        """Put on disk what `take_entries` took. certificates: by height, checked.

        Raises StorageError.
        """
        blocks = [
            LoggedBlock(
                each.logged.stored,
                each.logged.locations,
                each.logged.history,
                certificates.get(each.logged.stored.block.header.height),
            )
            for each in closed
        ]
        self._database.fill(first_index, entries, blocks)
        self.done = self.next >= self.end

    def check_certificates(
        self, closed: Sequence[ClosedBlock], items: Sequence[bytes]
    ) -> dict[int, bytes]:
        """By height, those certificates in `items` that finalise a block of `closed`.

        Raises SnapshotRefused.
        """
        by_height = {each.logged.stored.block.header.height: each for each in closed}
        good: dict[int, bytes] = {}
        for data in items:
            item = decoded(CertificateItem, data, "certificate", MAX_ITEM_BYTES)
            block = by_height.get(item.height)
            if block is None:
                raise SnapshotRefused("certificate", f"of block {item.height}, not asked for")
            header = block.logged.stored.block.header
            committee = self._committee(header.epoch)
            if committee is None:
                continue
            check = self._checker(committee)
            outcome = outcome_of(block.logged.stored.block, item.certificate, committee, check)
            if outcome != block.outcome:
                raise SnapshotRefused("certificate", f"of block {item.height}: another outcome")
            good[item.height] = item.certificate
        return good

    def _append(self, entry: LogEntry, leaf: Digest) -> ClosedBlock | None:
        opened, index = self._open, self.next
        opened.leaves.append(leaf)
        self.next += 1
        match entry:
            case SubmissionEntry():
                opened.ids[submission_id(entry.header, entry.signature)] = index
            case RecordEntry() | DeadlineEntry():
                opened.history += [(key, index) for key in entry.keys]
            case BlockEntry():
                return self._close(entry)
            case _:
                raise SnapshotRefused("entry", f"{index} is a second genesis")
        return None

    def _close(self, entry: BlockEntry) -> ClosedBlock:
        opened, parent = self._open, self._parent
        payload = tuple(opened.ids)
        header = BlockHeader(
            union=self._union,
            epoch=entry.epoch,
            height=entry.height,
            view=entry.view,
            # Views count from 1 in each epoch: the block it stands on is its view 0.
            parent_view=parent.view if parent.epoch == entry.epoch else 0,
            parent=parent.block,
            time_ms=entry.time_ms,
            proposer=entry.proposer,
            payload_root=payload_root(payload),
        )
        assert block_id(header) == entry.block, "a final log holds the blocks that made it"
        assert self._frontier is not None, "entries are taken before a block closes"
        self._frontier = self._frontier.extend(opened.leaves)
        size = self._frontier.size
        self._parent = entry
        self._open = _Open(size)
        stored = schema.StoredBlock(Block(header, payload), opened.first, size)
        return ClosedBlock(
            LoggedBlock(stored, opened.ids, tuple(opened.history)),
            outcome_digest(size, self._frontier.root(), entry.state_root),
        )


def _decoded(index: int, data: bytes) -> LogEntry:
    try:
        return decode_entry(data)
    except DecodeError as error:
        raise SnapshotRefused("entry", f"{index}: {error.reason}") from error


def _stored(snapshot: Snapshot, key: TileKey) -> bytes | None:
    return snapshot.raw(schema.tile_key(key.level, key.index))


def _highest_missing(snapshot: Snapshot, key: TileKey) -> TileKey | None:
    """The highest tile on the way down to `key` that is missing: the one above it is here."""
    missing: TileKey | None = None
    while not _stored(snapshot, key):
        missing = key
        key = TileKey(key.level + 1, key.index // TILE_WIDTH)
    return missing


def _frontier_at(snapshot: Snapshot, size: int) -> Frontier:
    """The frontier of the log's first `size` entries, whose tiles are all here."""
    reader = TileHashes(snapshot, snapshot.tip.tree_size)
    hashes: list[Digest] = []
    begin = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            hashes.append(reader.node(level, begin >> level))
            begin += 1 << level
    return Frontier(size, tuple(hashes))


def _block_entry(snapshot: Snapshot, index: int) -> BlockEntry:
    data = snapshot.log_entry(index)
    assert data is not None, "the log before the gap is here"
    entry = decode_entry(data)
    assert isinstance(entry, BlockEntry), "the gap begins after a block"
    return entry
