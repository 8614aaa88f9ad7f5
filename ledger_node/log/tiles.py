"""The tree and its entries as static, cacheable files: hash tiles and entry bundles.

A tile is up to 256 consecutive hashes of one tree level in eight; level 0 holds leaf hashes, a
hash at level l + 1 is the root of a full tile at level l. A tile only ever grows by appending,
so storage keeps one value for each (level, index), a partial tile is a prefix of the fuller one,
and the hashes of every older tree can be read from the tiles of a newer one.

Source: c2sp.org/tlog-tiles. Entries of one bundle hash to the level-0 tile of the same index.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final, Protocol

from ledger_node.codec.digests import DIGEST_SIZE, Digest
from ledger_node.log.errors import LogError
from ledger_node.log.merkle import MAX_TREE_SIZE

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
TILE_BYTES: Final = TILE_WIDTH * DIGEST_SIZE
MAX_LEVEL: Final = 63
MAX_ENTRY: Final = 0xFFFF
"""Most bytes in an entry: bundles prefix each with a 16-bit length."""

MAX_BUNDLE: Final = TILE_WIDTH * (2 + MAX_ENTRY)


class TileRule(StrEnum):
    """What a tile, its path or an entry bundle breaks."""

    PATH = "not the path of a tile or an entry bundle"
    LEVEL = "the level is not between 0 and 63"
    INDEX = "the index is out of range"
    WIDTH = "the width is not between 1 and 256"
    MISSING = "the tile is absent or shorter than the tree needs"
    BEYOND_TREE = "the subtree is not complete in this tree"
    ENTRY_SIZE = "an entry is longer than 65535 bytes"
    BUNDLE_TRUNCATED = "the bundle ends inside an entry"
    BUNDLE_COUNT = "the bundle does not hold the expected number of entries"


class TileError(LogError):
    """rule: what is broken; where: the path, tile or position it was found at."""

    def __init__(self, rule: TileRule, where: str) -> None:
        super().__init__(f"{where}: {rule.value}")
        self.rule = rule
        self.where = where


@dataclass(frozen=True, slots=True, order=True)
class TileKey:
    """Names the one stored value of a tile, however full it is."""

    level: int
    index: int


class TileReader(Protocol):
    """Where tiles are read from."""

    def tile(self, level: int, index: int) -> bytes:
        """The hashes of the tile so far, concatenated; b"" when it does not exist."""
        ...


@dataclass(frozen=True, slots=True)
class HashTile:
    """A tile as published: `width` hashes from the start of tile (level, index)."""

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if not 0 <= self.level <= MAX_LEVEL:
            raise TileError(TileRule.LEVEL, f"tile level {self.level}")
        _check_place(self.index, self.width)

    @property
    def path(self) -> str:
        """E.g. "tile/0/x001/x234/067.p/112", relative to the log's URL prefix."""
        return f"tile/{self.level}/{_place(self.index, self.width)}"


@dataclass(frozen=True, slots=True)
class EntryBundle:
    """The first `width` entries under the level-0 tile `index`."""

    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        _check_place(self.index, self.width)

    @property
    def path(self) -> str:
        """E.g. "tile/entries/x001/x234/067"."""
        return f"tile/entries/{_place(self.index, self.width)}"


def _check_place(index: int, width: int) -> None:
    if not 0 <= index <= MAX_TREE_SIZE:
        raise TileError(TileRule.INDEX, f"tile index {index}")
    if not 1 <= width <= TILE_WIDTH:
        raise TileError(TileRule.WIDTH, f"tile width {width}")


def _place(index: int, width: int) -> str:
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return "/".join(reversed(groups)) + suffix


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """The path of a hash tile. Raises TileError."""
    return HashTile(level, index, width).path


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """The path of an entry bundle. Raises TileError."""
    return EntryBundle(index, width).path


_PATH = re.compile(
    r"tile/(?P<level>entries|[0-9]{1,2})/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[0-9]{1,3}))?"
)


def parse_tile_path(text: str) -> HashTile | EntryBundle:
    """What a request path (no leading slash) asks for; only the one spelling is accepted.

    Raises TileError, e.g. for padding, signs, a width of 0 or 256, or anything around the path.
    """
    match = _PATH.fullmatch(text)
    if match is None:
        raise TileError(TileRule.PATH, repr(text[:100]))
    index = int(re.sub("[x/]", "", match["index"]))
    width = int(match["width"]) if match["width"] else TILE_WIDTH
    tile: HashTile | EntryBundle
    if match["level"] == "entries":
        tile = EntryBundle(index, width)
    else:
        tile = HashTile(int(match["level"]), index, width)
    if tile.path != text:
        raise TileError(TileRule.PATH, repr(text))
    return tile


def tile_width(level: int, index: int, tree_size: int) -> int:
    """How many hashes tile (level, index) has in a tree of `tree_size` leaves: 0 to 256."""
    return min(TILE_WIDTH, max(0, (tree_size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH))


def tiles_of(tree_size: int) -> Iterator[HashTile]:
    """Every hash tile of a tree, level by level from the leaves, the partial ones last."""
    level = 0
    while hashes := tree_size >> (TILE_HEIGHT * level):
        for index in range(-(-hashes // TILE_WIDTH)):
            yield HashTile(level, index, tile_width(level, index, tree_size))
        level += 1


def _fold(hashes: bytes) -> Digest:
    """The root over a power of two of concatenated hashes."""
    while len(hashes) > DIGEST_SIZE:
        hashes = b"".join(
            [
                sha256(b"\x01" + hashes[at : at + 2 * DIGEST_SIZE]).digest()
                for at in range(0, len(hashes), 2 * DIGEST_SIZE)
            ]
        )
    return Digest(hashes)


def tile_root(hashes: bytes) -> Digest:
    """The hash that a full tile comes to at the next level."""
    assert len(hashes) == TILE_BYTES, "only a full tile has its place in the next level"
    return _fold(hashes)


def tile_updates(
    reader: TileReader, old_size: int, new_leaf_hashes: Sequence[Digest]
) -> dict[TileKey, bytes]:
    """The new content of each tile that appending touches, at every level.

    Reads at most one tile a level, and of it only what a tree of `old_size` leaves holds, so an
    append that was prepared but never committed leaves no trace. Raises TileError(MISSING).
    """
    updates: dict[TileKey, bytes] = {}
    level, start, hashes = 0, old_size, b"".join(new_leaf_hashes)
    while hashes:
        index, width = divmod(start, TILE_WIDTH)
        if width:
            stored = reader.tile(level, index)[: width * DIGEST_SIZE]
            if len(stored) < width * DIGEST_SIZE:
                raise TileError(TileRule.MISSING, tile_path(level, index, width))
            hashes = stored + hashes
        roots = []
        for at in range(0, len(hashes), TILE_BYTES):
            content = hashes[at : at + TILE_BYTES]
            updates[TileKey(level, index)] = content
            if len(content) == TILE_BYTES:
                roots.append(_fold(content))
            index += 1
        level, start, hashes = level + 1, start // TILE_WIDTH, b"".join(roots)
    return updates


class TileHashes:
    """A `merkle.HashReader` over stored tiles, for any tree of at most `size` leaves.

    Keeps the last tile read of each level, so make one for a request or a batch of proofs.
    """

    def __init__(self, reader: TileReader, size: int) -> None:
        self._reader = reader
        self._size = size
        self._last: dict[int, tuple[int, bytes]] = {}

    def node(self, level: int, index: int) -> Digest:
        """See HashReader. Raises TileError: beyond the tree, or a tile is missing or short."""
        if (index + 1) << level > self._size:
            raise TileError(TileRule.BEYOND_TREE, f"subtree {index} of height {level}")
        tile_level, height = divmod(level, TILE_HEIGHT)
        tile_index, first = divmod(index << height, TILE_WIDTH)
        content = self._tile(tile_level, tile_index)
        hashes = content[first * DIGEST_SIZE : (first + (1 << height)) * DIGEST_SIZE]
        if len(hashes) < DIGEST_SIZE << height:
            raise TileError(TileRule.MISSING, tile_path(tile_level, tile_index))
        return _fold(hashes)

    def _tile(self, level: int, index: int) -> bytes:
        last = self._last.get(level)
        if last is None or last[0] != index:
            last = (index, self._reader.tile(level, index))
            self._last[level] = last
        return last[1]


def encode_entry_bundle(entries: Sequence[bytes]) -> bytes:
    """1 to 256 entries, each after its length as a big-endian uint16. Raises TileError."""
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise TileError(TileRule.BUNDLE_COUNT, f"bundle of {len(entries)} entries")
    parts = []
    for position, entry in enumerate(entries):
        if len(entry) > MAX_ENTRY:
            raise TileError(TileRule.ENTRY_SIZE, f"entry {position} of {len(entry)} bytes")
        parts.append(len(entry).to_bytes(2, "big"))
        parts.append(entry)
    return b"".join(parts)


def decode_entry_bundle(data: bytes, width: int) -> tuple[bytes, ...]:
    """The exactly `width` entries of a bundle. Raises TileError: truncated, or more, or fewer."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        if len(entries) == width:
            raise TileError(TileRule.BUNDLE_COUNT, f"after {width} entries")
        begin = at + 2
        end = begin + int.from_bytes(data[at:begin], "big")
        if end > len(data):
            raise TileError(TileRule.BUNDLE_TRUNCATED, f"entry {len(entries)} at byte {at}")
        entries.append(data[begin:end])
        at = end
    if len(entries) != width:
        raise TileError(TileRule.BUNDLE_COUNT, f"{len(entries)} of {width} entries")
    return tuple(entries)
