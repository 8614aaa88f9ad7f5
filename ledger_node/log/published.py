"""Reading a log as it is published, from wherever its files are: a node, a web server, a directory.

Nothing read here is believed. A tile is as long as the tree makes it and an entry bundle holds as
many entries, no more is checked; whoever asks holds the hashes against a root that it trusts. The
files themselves come through a `PublishedLog`, so nothing here opens a socket or a disk.

Source: c2sp.org/tlog-tiles.
"""

from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from ledger_node.codec.digests import DIGEST_SIZE, Digest
from ledger_node.log.checkpoint import SignedCheckpoint, parse_signed_checkpoint
from ledger_node.log.errors import LogError
from ledger_node.log.merkle import Frontier, HashReader, inclusion_path
from ledger_node.log.policy import Policy
from ledger_node.log.proof import VerifiedProof, build_proof
from ledger_node.log.tiles import (
    TILE_WIDTH,
    EntryBundle,
    HashTile,
    TileHashes,
    decode_entry_bundle,
    tile_width,
)
from ledger_node.log.verified import VerifiedCheckpoint

CHECKPOINT_PATH: Final = "checkpoint"

T = TypeVar("T")


class PublishedLogError(LogError):
    """A file of a published log cannot be had. where: the log; path: of the file in it."""

    def __init__(self, where: str, path: str, reason: str) -> None:
        super().__init__(f"{where}: {path}: {reason}")
        self.where = where
        self.path = path
        self.reason = reason


class FileAbsent(PublishedLogError):
    """The log says that it has no such file."""

    def __init__(self, where: str, path: str) -> None:
        super().__init__(where, path, "there is no such file")


class LogUnreachable(PublishedLogError):
    """The log gives no answer that can be used. Trying again later may help."""


class FileUnfit(PublishedLogError):
    """The file is not what its path and the tree's size make it."""


class PublishedLog(Protocol):
    """The files of one log. Each answer is bounded by whoever provides it."""

    @property
    def where(self) -> str:
        """The log's place, for messages."""
        ...

    async def file(self, path: str) -> bytes:
        """A file by its path from the log's prefix. Raises FileAbsent, LogUnreachable."""
        ...


async def read_checkpoint(log: PublishedLog) -> SignedCheckpoint:
    """The published checkpoint, its signatures not looked at. Raises PublishedLogError."""
    data = await log.file(CHECKPOINT_PATH)
    try:
        return parse_signed_checkpoint(data)
    except LogError as error:
        raise FileUnfit(log.where, CHECKPOINT_PATH, str(error)) from error


async def read_tile(log: PublishedLog, tile: HashTile) -> bytes:
    """The tile's hashes; where a partial tile is gone, from the full one that replaced it."""
    data = await _either(log, tile.path, HashTile(tile.level, tile.index).path)
    wanted = tile.width * DIGEST_SIZE
    if len(data) not in (wanted, TILE_WIDTH * DIGEST_SIZE):
        raise FileUnfit(log.where, tile.path, f"{len(data)} bytes, not {wanted}")
    return data[:wanted]


async def read_entries(log: PublishedLog, bundle: EntryBundle) -> tuple[bytes, ...]:
    """The bundle's entries; where a partial one is gone, from the full one that replaced it."""
    full = EntryBundle(bundle.index)
    try:
        data, width = await log.file(bundle.path), bundle.width
    except FileAbsent:
        if bundle == full:
            raise
        data, width = await log.file(full.path), full.width
    try:
        return decode_entry_bundle(data, width)[: bundle.width]
    except LogError as error:
        raise FileUnfit(log.where, bundle.path, str(error)) from error


async def _either(log: PublishedLog, path: str, other: str) -> bytes:
    try:
        return await log.file(path)
    except FileAbsent:
        if path == other:
            raise
        return await log.file(other)


class _Wanted(Exception):
    def __init__(self, level: int, index: int) -> None:
        super().__init__(level, index)
        self.key = (level, index)


class _Loaded(dict[tuple[int, int], bytes]):
    """Tiles already read, as a TileReader that says which one is wanted next."""

    def tile(self, level: int, index: int) -> bytes:
        try:
            return self[level, index]
        except KeyError:
            raise _Wanted(level, index) from None


async def ask_hashes(log: PublishedLog, size: int, question: Callable[[HashReader], T]) -> T:
    """The answer to a question about the hashes of the tree of `size` leaves.

    The question is asked again each time a tile was missing, so it must be a pure function; those
    of `merkle` touch a few tiles a level. Raises PublishedLogError.
    """
    loaded = _Loaded()
    while True:
        try:
            return question(TileHashes(loaded, size))
        except _Wanted as wanted:
            level, index = wanted.key
            width = tile_width(level, index, size)
            loaded[level, index] = await read_tile(log, HashTile(level, index, width))


def frontier_at(size: int, reader: HashReader) -> Frontier:
    """The frontier of the tree of the first `size` leaves, for `ask_hashes`."""
    hashes: list[Digest] = []
    begin = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            hashes.append(reader.node(level, begin >> level))
            begin += 1 << level
    return Frontier(size, tuple(hashes))


async def prove_entry(
    log: PublishedLog, index: int, checkpoint: VerifiedCheckpoint, policy: Policy
) -> VerifiedProof:
    """The proof of an entry, put together from public files under any policy of one's own.

    Raises PublishedLogError; ProofRefused when the files do not fit the checkpoint;
    InclusionError when it covers no such entry.
    """
    size = checkpoint.checkpoint.size
    path = await ask_hashes(log, size, lambda hashes: inclusion_path(index, size, hashes))
    at, place = divmod(index, TILE_WIDTH)
    entries = await read_entries(log, EntryBundle(at, tile_width(0, at, size)))
    return build_proof(entries[place], index, path, checkpoint, policy)
