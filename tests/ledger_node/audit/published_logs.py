"""Logs published in memory, at any size, honest or not, for tests of those who read them."""

from dataclasses import dataclass, field

from ledger_node.codec.digests import DIGEST_SIZE, Digest
from ledger_node.log.checkpoint import Checkpoint, SignedCheckpoint
from ledger_node.log.merkle import InMemoryHashes, leaf_hash, tree_root
from ledger_node.log.published import CHECKPOINT_PATH, FileAbsent
from ledger_node.log.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    HashTile,
    TileError,
    encode_entry_bundle,
    parse_tile_path,
    tile_width,
)
from tests.ledger_node.log.sample_union import MEMBERS, ORIGIN, sign


@dataclass
class MemoryLog:
    """A PublishedLog. entries: all there are; size: how many are published; asked: paths."""

    entries: list[bytes]
    size: int
    log: str = "AM"
    witnesses: tuple[str, ...] = MEMBERS
    full_only: bool = False
    replaced: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    where: str = "memory"

    def __post_init__(self) -> None:
        self.hashes = InMemoryHashes(leaf_hash(entry) for entry in self.entries)

    def root(self, size: int | None = None) -> Digest:
        return tree_root(self.size if size is None else size, self.hashes)

    def checkpoint(self) -> SignedCheckpoint:
        return sign(Checkpoint(ORIGIN, self.size, self.root()), self.log, self.witnesses)

    async def file(self, path: str) -> bytes:
        self.asked.append(path)
        if path in self.replaced:
            return self.replaced[path]
        if path == CHECKPOINT_PATH:
            return self.checkpoint().format()
        try:
            wanted = parse_tile_path(path)
        except TileError as error:
            raise FileAbsent(self.where, path) from error
        level = wanted.level if isinstance(wanted, HashTile) else 0
        there = tile_width(level, wanted.index, self.size)
        hidden = self.full_only and there == TILE_WIDTH and wanted.width < TILE_WIDTH
        if wanted.width > there or hidden:
            raise FileAbsent(self.where, path)
        if isinstance(wanted, HashTile):
            return self._tile(wanted)
        first = wanted.index * TILE_WIDTH
        return encode_entry_bundle(self.entries[first : first + wanted.width])

    def _tile(self, tile: HashTile) -> bytes:
        first = tile.index * TILE_WIDTH
        nodes = [
            self.hashes.node(tile.level * TILE_HEIGHT, at)
            for at in range(first, first + tile.width)
        ]
        assert all(len(node) == DIGEST_SIZE for node in nodes)
        return b"".join(nodes)


def memory_log(size: int, total: int | None = None, *, fork_at: int | None = None) -> MemoryLog:
    """A log of numbered entries; from `fork_at` on they are others."""
    count = size if total is None else total
    entries = [f"entry {at}".encode() for at in range(count)]
    if fork_at is not None:
        entries[fork_at:] = [f"other {at}".encode() for at in range(fork_at, count)]
    return MemoryLog(entries, size)
