"""The whole ledger in one file, and back: what peers give each other, in an order of its own.

    file  = "ctlbkp1\\n" frame*
    frame = length (4 bytes, big-endian), canonical [part, [item, ...]]

    1  manifest      one item
    2  epoch steps   how each epoch so far ended, from the first
    3  state         pages and objects ([key, value]) in the order of a walk, parents first
    4  tiles         [level, index, hashes] of every full tile, from the highest level down
    5  entries       of the log, after those of the genesis block, in order
    6  certificates  [height, certificate] of the blocks that ended in the entries before
    7  end           no item

Reading trusts nothing but the genesis: the certificate of the manifest is checked under a committee
that follows from it, and each item against what came before, as if a peer had sent it.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from ledger_node.codec import encode
from ledger_node.genesis.ceremony import VerifiedGenesis
from ledger_node.genesis.epochs import FOUNDING_EPOCH
from ledger_node.ledger.chain import ExecutedBlock
from ledger_node.log.tiles import TILE_WIDTH, TileKey, tiles_of
from ledger_node.node.snapshot.forms import (
    CHUNK_BYTES,
    MAX_ITEM_BYTES,
    CertificateItem,
    ObjectItem,
    SnapshotRefused,
    decoded,
)
from ledger_node.node.snapshot.past import Past
from ledger_node.node.snapshot.rosters import Rosters
from ledger_node.node.snapshot.serving import manifest_of
from ledger_node.node.snapshot.verify import VerifiedSnapshot
from ledger_node.node.snapshot.walks import checked_object, opened_page
from ledger_node.state.walk import LeafRef, PageRef, Ref, below, root_ref, walk
from ledger_node.storage.database import Database
from ledger_node.storage.snapshot import Snapshot
from ledger_node.storage.staging import Staging

MAGIC: Final = b"ctlbkp1\n"
MAX_FRAME_BYTES: Final = CHUNK_BYTES + MAX_ITEM_BYTES + 64 * 1024
FRAME_ENTRIES: Final = 4 * TILE_WIDTH
"""Entries in a frame, at most: as far as their tiles are looked up at once."""
_LENGTH_SIZE: Final = 4


class Part(IntEnum):
    """What the items of a frame are."""

    MANIFEST = 1
    STEPS = 2
    STATE = 3
    TILES = 4
    ENTRIES = 5
    CERTIFICATES = 6
    END = 7


class _Frame(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    part: Part
    items: tuple[bytes, ...]


class _TileItem(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    level: int
    index: int
    hashes: bytes


class NothingToBackUp(Exception):
    """A ledger that holds only its genesis block."""


# ---------------------------------------------------------------- writing


def backup_frames(view: Snapshot) -> Iterator[bytes]:
    """The frames of a backup of the ledger at a view, which must be whole.

    A ledger that holds nothing but its genesis is a backup without a state: the genesis file is
    all there is of it. Raises StorageError for damage.
    """
    manifest = manifest_of(view)
    if manifest is not None:
        yield _frame(Part.MANIFEST, [manifest])
        for epoch in range(FOUNDING_EPOCH, view.tip.header.epoch):
            yield _frame(Part.STEPS, [view.epoch_step(epoch) or b""])
        yield from _frames(Part.STATE, _state(view))
        yield from _frames(Part.TILES, _tiles(view))
        yield from _log(view)
    yield _frame(Part.END, [])


def _frame(part: Part, items: Sequence[bytes]) -> bytes:
    data = encode(_Frame(part, tuple(items)))
    return len(data).to_bytes(_LENGTH_SIZE, "big") + data


def _frames(part: Part, items: Iterator[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for item in items:
        waiting.append(item)
        size += len(item)
        if size >= CHUNK_BYTES:
            yield _frame(part, waiting)
            waiting, size = [], 0
    if waiting:
        yield _frame(part, waiting)


def _state(view: Snapshot) -> Iterator[bytes]:
    for ref, stored in walk(view, view.tip.state_root):
        if isinstance(ref, PageRef):
            yield stored
            continue
        found = view.entry(ref.path)
        assert found is not None, "the state tree and its objects were written together"
        yield encode(ObjectItem(*found))


def _tiles(view: Snapshot) -> Iterator[bytes]:
    full = [tile for tile in tiles_of(view.tip.tree_size) if tile.width == TILE_WIDTH]
    for tile in sorted(full, key=lambda tile: (-tile.level, tile.index)):
        yield encode(_TileItem(tile.level, tile.index, view.tile(tile.level, tile.index)))


def _log(view: Snapshot) -> Iterator[bytes]:
    """Entries, and after those of a frame the certificates of the blocks that ended in it."""
    first = view.block(0)
    assert first is not None, "every ledger holds its genesis block"
    index, height, size = first.tree_size, 1, view.tip.tree_size
    while index < size:
        entries: list[bytes] = []
        taken = 0
        for entry in view.log_entries(index, index + FRAME_ENTRIES):
            entries.append(entry)
            taken += len(entry)
            if taken >= CHUNK_BYTES:
                break
        index += len(entries)
        yield _frame(Part.ENTRIES, entries)
        below = height
        while (block := view.block(height)) is not None and block.tree_size <= index:
            height += 1
        yield _frame(Part.CERTIFICATES, list(_certificates(view, below, height)))


def _certificates(view: Snapshot, height: int, end: int) -> Iterator[bytes]:
    while (found := view.certificate_from(height)) is not None and found[0] < end:
        yield encode(CertificateItem(*found))
        height = found[0] + 1


# ---------------------------------------------------------------- reading


class BackupReader:
    """Frames of a file, one after the other. Raises SnapshotRefused for what is none."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        if file.read(len(MAGIC)) != MAGIC:
            raise SnapshotRefused("file", "is no backup of a ledger")

    def frame(self) -> tuple[Part, tuple[bytes, ...]]:
        """The next frame."""
        length = int.from_bytes(self._exactly(_LENGTH_SIZE), "big")
        if length > MAX_FRAME_BYTES:
            raise SnapshotRefused("file", f"a frame of {length} bytes")
        frame = decoded(_Frame, self._exactly(length), "frame", MAX_FRAME_BYTES)
        return frame.part, frame.items

    def expect(self, part: Part) -> tuple[bytes, ...]:
        """The items of the next frame, which must be of a part."""
        found, items = self.frame()
        if found is not part:
            raise SnapshotRefused("file", f"{found.name.lower()} where {part.name.lower()} belong")
        return items

    def _exactly(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) != size:
            raise SnapshotRefused("file", "is cut short")
        return data


def ends_whole(path: Path) -> bool:
    """Whether a file is frames up to the one that ends a backup, and nothing more."""
    with path.open("rb") as file:
        try:
            reader = BackupReader(file)
            while reader.frame()[0] is not Part.END:
                pass
        except SnapshotRefused:
            return False
        return not file.read(1)


def restore(
    file: BinaryIO,
    incoming: Path,
    founding: VerifiedGenesis,
    genesis: ExecutedBlock,
    progress: Callable[[str, int], None] = lambda _part, _count: None,
) -> VerifiedSnapshot:
    """Make a whole ledger of a backup, in a directory of its own.

    progress: told what is being read and how much of it has been. Raises SnapshotRefused naming
    what is wrong with the file, NothingToBackUp, StorageError.
    """
    reader = BackupReader(file)
    part, items = reader.frame()
    if part is Part.END:
        raise NothingToBackUp
    if part is not Part.MANIFEST or len(items) != 1:
        raise SnapshotRefused("file", "does not begin with a manifest")
    rosters = Rosters(founding)
    snapshot = rosters.verify(items[0])
    while snapshot is None:
        for step in reader.expect(Part.STEPS):
            rosters.follow(step)
        snapshot = rosters.verify(items[0])
    staging = Staging.open(incoming, rosters.union, snapshot.manifest.state_root)
    try:
        _read_state(reader, staging, snapshot.manifest.state_root, progress)
        staging.complete(rosters.head(snapshot), genesis)
    finally:
        staging.close()
    with Database.open(incoming, rosters.union) as database:
        past = Past(database, rosters.union, rosters.committee, rosters.checker)
        _read_past(reader, past, progress)
    return snapshot


def _read_state(
    reader: BackupReader, staging: Staging, root: bytes, progress: Callable[[str, int], None]
) -> None:
    first = root_ref(root)
    waiting: list[Ref] = [] if first is None else [first]
    count = 0
    while waiting:
        pages: list[tuple[PageRef, bytes]] = []
        objects: list[tuple[LeafRef, bytes, bytes]] = []
        for item in reader.expect(Part.STATE):
            if not waiting:
                raise SnapshotRefused("file", "holds more than the state")
            ref = waiting.pop()
            if isinstance(ref, LeafRef):
                objects.append(checked_object(ref, item))
            else:
                waiting.extend(reversed(list(below(ref, opened_page(ref, item)))))
                pages.append((ref, item))
        if not (pages or objects):
            raise SnapshotRefused("file", "a frame without items")
        staging.put_pages(pages)
        staging.put_objects(objects)
        count += len(objects)
        progress("objects of the state", count)


def _read_past(reader: BackupReader, past: Past, progress: Callable[[str, int], None]) -> None:
    while True:
        part, items = reader.frame()
        match part:
            case Part.TILES:
                for data in items:
                    tile = decoded(_TileItem, data, "tile", MAX_ITEM_BYTES)
                    past.take_tiles([TileKey(tile.level, tile.index)], [tile.hashes])
            case Part.ENTRIES if items and not past.done:
                first = past.next
                closed = past.take_entries(items)
                if past.next != first + len(items):
                    raise SnapshotRefused("file", "holds more entries than the log")
                good = past.check_certificates(closed, reader.expect(Part.CERTIFICATES))
                past.keep(first, items, closed, good)
                progress("log entries", past.next)
            case Part.END if past.done:
                return
            case _:
                raise SnapshotRefused("file", f"{part.name.lower()} in the wrong place")
