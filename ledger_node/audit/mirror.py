"""Copying a published log into a directory: what is new since the last time, checked as it comes.

Only entry bundles are taken from the source; hash tiles are computed from them, upon the tiles that
the directory has. The checkpoint is written last, and only if the tree so made has its root: a
directory is a log whose every file fits its checkpoint, and whose past nothing can change. Files
beyond the directory's checkpoint, left by a copy that was cut short, are written again.

Source: c2sp.org/tlog-tiles.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ledger_node.audit.tile_directory import MirrorRefused, TileDirectory
from ledger_node.codec.digests import DIGEST_SIZE, Digest
from ledger_node.log.checkpoint import Checkpoint, SignedCheckpoint, parse_signed_checkpoint
from ledger_node.log.errors import LogError
from ledger_node.log.merkle import leaf_hash, tree_root
from ledger_node.log.policy import Policy
from ledger_node.log.published import (
    CHECKPOINT_PATH,
    FileAbsent,
    PublishedLog,
    read_checkpoint,
    read_entries,
)
from ledger_node.log.tiles import (
    TILE_WIDTH,
    EntryBundle,
    HashTile,
    TileHashes,
    TileKey,
    encode_entry_bundle,
    tile_updates,
    tile_width,
)
from ledger_node.log.verified import verify_checkpoint


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What a copy did. before, after: tree sizes; files: written, the checkpoint not counted."""

    before: int
    after: int
    files: int


async def mirror(
    source: PublishedLog,
    target: TileDirectory,
    policy: Policy | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Mirrored:
    """Bring the directory up to the source's checkpoint.

    policy: the checkpoint must satisfy it; progress: told (entries read, entries to read). Raises
    MirrorRefused, CheckpointRefused, PublishedLogError, OSError.
    """
    signed = await read_checkpoint(source)
    if policy is not None:
        verify_checkpoint(signed, policy)
    head = signed.checkpoint
    old = _held(target)
    _check_order(target, old, head)
    if old is not None and head.size == old.size:
        target.publish(signed.format())
        return Mirrored(old.size, head.size, 0)
    copy = _Copy(target, 0 if old is None else old.size)
    first = copy.size
    for index in range(first // TILE_WIDTH, -(-head.size // TILE_WIDTH)):
        bundle = EntryBundle(index, tile_width(0, index, head.size))
        entries = await read_entries(source, bundle)
        copy.append(bundle, entries)
        if progress is not None:
            progress(copy.size - first, head.size - first)
    if tree_root(head.size, TileHashes(copy, head.size)) != head.root:
        raise MirrorRefused(source.where, "its entries do not make the root of its checkpoint")
    copy.write_partial_tiles()
    target.publish(signed.format())
    return Mirrored(first, head.size, copy.files)


def _held(target: TileDirectory) -> Checkpoint | None:
    try:
        held: SignedCheckpoint = parse_signed_checkpoint(target.read(CHECKPOINT_PATH))
    except FileAbsent:
        return None
    except LogError as error:
        raise MirrorRefused(target.where, str(error)) from error
    return held.checkpoint


def _check_order(target: TileDirectory, old: Checkpoint | None, new: Checkpoint) -> None:
    if old is None:
        return
    if old.origin != new.origin:
        raise MirrorRefused(target.where, f"holds the log {old.origin}, not {new.origin}")
    if new.size < old.size:
        reason = f"holds {old.size} entries already, the source offers {new.size}"
        raise MirrorRefused(target.where, reason)
    if new.size == old.size and new.root != old.root:
        reason = f"holds another history: the root of {old.size} entries differs from the source's"
        raise MirrorRefused(target.where, reason)


class _Copy:
    """The tree as it grows: the last tile of each level in memory, the others in the directory."""

    def __init__(self, target: TileDirectory, size: int) -> None:
        self.size = size
        self.files = 0
        self._target = target
        self._last: dict[int, tuple[int, bytes]] = {}

    def tile(self, level: int, index: int) -> bytes:
        """See log.tiles.TileReader."""
        last = self._last.get(level)
        if last is not None and last[0] == index:
            return last[1]
        # Not in memory: a full tile, or a partial one that nothing was appended to since.
        width = tile_width(level, index, self.size)
        return self._target.read(HashTile(level, index, width).path) if width else b""

    def append(self, bundle: EntryBundle, entries: Sequence[bytes]) -> None:
        """Take in a bundle that holds the entry `size` and all up to its end."""
        hashes = [leaf_hash(entry) for entry in entries]
        known = self.size - bundle.index * TILE_WIDTH
        if known:
            held = self.tile(0, bundle.index)[: known * DIGEST_SIZE]
            if held != b"".join(hashes[:known]):
                reason = f"the entries before {self.size} differ from those of the source"
                raise MirrorRefused(self._target.where, reason)
        self._write(bundle.path, encode_entry_bundle(entries))
        self._grow(hashes[known:])

    def _grow(self, new: Sequence[Digest]) -> None:
        updates = tile_updates(self, self.size, new)
        self.size += len(new)
        for key, content in updates.items():
            if len(content) == TILE_WIDTH * DIGEST_SIZE:
                self._write(HashTile(key.level, key.index).path, content)
            self._remember(key, content)

    def _remember(self, key: TileKey, content: bytes) -> None:
        last = self._last.get(key.level)
        if last is None or last[0] <= key.index:
            self._last[key.level] = (key.index, content)

    def write_partial_tiles(self) -> None:
        """Write the last tile of each level, unless it is full and written already."""
        for level, (index, content) in self._last.items():
            width = len(content) // DIGEST_SIZE
            if width < TILE_WIDTH:
                self._write(HashTile(level, index, width).path, content)

    def _write(self, path: str, content: bytes) -> None:
        self._target.write(path, content)
        self.files += 1
