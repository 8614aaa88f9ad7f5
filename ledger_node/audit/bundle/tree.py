"""The log's tree, believed from the checkpoint's root downwards.

First come the partial tiles of every level, the tree's right edge: together they give the root.
Every other tile is full, and the root over its hashes stands in the tile above it. So each tile is
checked when it arrives, against one that was checked before, and one tile a level is kept.
Source: c2sp.org/tlog-tiles, RFC 6962.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from ledger_node.audit.bundle.form import Frame, TileFrame
from ledger_node.audit.bundle.refusal import Step
from ledger_node.codec.digests import DIGEST_SIZE, Digest
from ledger_node.log.checkpoint import Checkpoint
from ledger_node.log.merkle import Frontier
from ledger_node.log.tiles import (
    TILE_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    TileHashes,
)

MAX_LEVELS: Final = 8
"""A tree of 2^63 leaves has eight levels of tiles."""


def edge_widths(size: int) -> dict[int, int]:
    """Width of the partial tile of each level that has one, the highest level first."""
    widths = {
        level: (size >> (TILE_HEIGHT * level)) % TILE_WIDTH for level in reversed(range(MAX_LEVELS))
    }
    return {level: width for level, width in widths.items() if width}


class BelievedTiles:
    """The tiles of one checkpoint that were checked and are still needed."""

    def __init__(self, size: int, edge: Mapping[int, bytes]) -> None:
        """edge: the partial tiles by level; `edge_frontier` has shown them to give the root."""
        self.size = size
        self._edge = {
            level: ((size >> (TILE_HEIGHT * level)) // TILE_WIDTH, hashes)
            for level, hashes in edge.items()
        }
        self._current: dict[int, tuple[int, bytes]] = {}

    def tile(self, level: int, index: int) -> bytes:
        """The hashes at hand of a tile; b"" when it is not. A log.tiles.TileReader."""
        for tiles in (self._edge, self._current):
            held = tiles.get(level)
            if held is not None and held[0] == index:
                return held[1]
        return b""

    def add(self, tile: TileFrame, frame: Frame) -> None:
        """Believe a full tile, once its root is that in the tile above. Raises BundleRefused."""
        level, index = tile.level, tile.index
        name = f"tile {index} of level {level}"
        if len(tile.hashes) != TILE_BYTES:
            raise frame.refused(f"{name} has {len(tile.hashes)} bytes, not {TILE_BYTES}")
        if self.tile(level, index):
            raise frame.refused(f"{name} is given twice")
        above = self.tile(level + 1, index // TILE_WIDTH)
        at = index % TILE_WIDTH * DIGEST_SIZE
        expected = above[at : at + DIGEST_SIZE]
        if not expected:
            raise frame.refused(f"{name} comes before the tile above it, or is not in the tree")
        if root_of_tile(tile.hashes) != expected:
            width = 1 << (TILE_HEIGHT * (level + 1))
            found = f"{name}, over entries {index * width} to {(index + 1) * width - 1}, is not"
            raise frame.refused(f"{found} the one in the tree", Step.TILES)
        self._current[level] = (index, tile.hashes)

    def leaf(self, index: int) -> bytes:
        """The leaf hash at a log index; b"" when its tile is not at hand."""
        hashes = self.tile(0, index // TILE_WIDTH)
        at = index % TILE_WIDTH * DIGEST_SIZE
        return hashes[at : at + DIGEST_SIZE]

    def frontier(self, size: int) -> Frontier:
        """The frontier of the tree of the first `size` entries, where the stream stands now.

        Every subtree it names lies in the tiles on the way to entry `size`, or `size` - 1 when
        that is the last.
        """
        reader = TileHashes(self, self.size)
        hashes: list[Digest] = []
        begin = 0
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                hashes.append(reader.node(level, begin >> level))
                begin += 1 << level
        return Frontier(size, tuple(hashes))


def edge_frontier(checkpoint: Checkpoint, edge: Mapping[int, bytes]) -> Frontier:
    """The frontier that partial tiles give: of each, its perfect subtrees from the left."""
    hashes: list[Digest] = []
    for _, tile in sorted(edge.items(), reverse=True):
        width, begin = len(tile) // DIGEST_SIZE, 0
        for height in reversed(range(TILE_HEIGHT)):
            if width >> height & 1:
                end = begin + (DIGEST_SIZE << height)
                hashes.append(root_of_tile(tile[begin:end]))
                begin = end
    return Frontier(checkpoint.size, tuple(hashes))


def root_of_tile(hashes: bytes) -> Digest:
    """The root over a power of two of concatenated hashes."""
    level = [hashes[at : at + DIGEST_SIZE] for at in range(0, len(hashes), DIGEST_SIZE)]
    while len(level) > 1:
        level = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=True)
        ]
    return Digest(level[0])
