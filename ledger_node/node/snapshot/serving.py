"""Giving snapshots: the ledger as it was at a final block, chunk by chunk, while it goes on.

LevelDB keeps an older view as long as someone holds it, at the cost of the rows that are
overwritten meanwhile. A node holds the views of its last commits for a moment, so that a peer that
heard of a height from one member can ask the others for the same; and one for each peer, the one it
asked for last, as long as it is in use. A view held for nobody is let go.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from consensus.block import BlockId
from ledger_node.codec import encode
from ledger_node.log.tiles import TILE_BYTES
from ledger_node.node.snapshot.forms import (
    CHUNK_BYTES,
    MAX_ITEMS,
    MAX_NAMES,
    CertificateItem,
    ChunkKind,
    Manifest,
    ObjectItem,
)
from ledger_node.node.snapshot.verify import last_tiles
from ledger_node.storage import schema
from ledger_node.storage.errors import NotYetHere
from ledger_node.storage.snapshot import Snapshot

RECENT: Final = 32
"""Commits whose views are held in case a peer asks for their height: seconds under load."""
UNUSED_S: Final = 300.0
"""A pinned view that nobody asked of for so long is let go: the peer has it all, or gave up."""


class Views:
    """Owned by the event loop's thread."""

    def __init__(
        self, latest: Callable[[], Snapshot], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._latest = latest
        self._clock = clock
        self._recent: OrderedDict[int, Snapshot] = OrderedDict()
        self._pinned: dict[str, tuple[Snapshot, float]] = {}
        """By peer, so that none can push out what another needs."""

    def committed(self) -> None:
        """The ledger has a new head."""
        view = self._latest()
        self._recent[view.tip.header.height] = view
        while len(self._recent) > RECENT:
            self._recent.popitem(last=False)
        self.let_go()

    def let_go(self) -> None:
        """Forget pinned views that nobody uses."""
        now = self._clock()
        for peer, (_, used) in list(self._pinned.items()):
            if now - used > UNUSED_S:
                del self._pinned[peer]

    def forget(self) -> None:
        """Forget all: the database they are of is closed."""
        self._recent.clear()
        self._pinned.clear()

    def pin(self, peer: str, height: int) -> Snapshot | None:
        """The view at a height, or the latest one for 0, held for a peer from now on, in place of
        the one it asked for before. None if it is gone."""
        view = self.held(peer, height) if height else self._latest()
        if view is not None:
            self._pinned[peer] = (view, self._clock())
        return view

    def held(self, peer: str, height: int) -> Snapshot | None:
        """The view at a height, if it is held for the peer, or is recent."""
        pinned = self._pinned.get(peer)
        if pinned is not None and pinned[0].tip.header.height == height:
            self._pinned[peer] = (pinned[0], self._clock())
            return pinned[0]
        if height in self._recent:
            return self._recent[height]
        latest = self._latest()
        return latest if latest.tip.header.height == height else None

    @property
    def latest(self) -> Snapshot:
        """The ledger as it is now, for what never changes."""
        return self._latest()


def manifest_of(view: Snapshot) -> bytes | None:
    """The manifest of a view. None at the genesis block, which has no certificate."""
    tip = view.tip
    final, found = view.block(tip.header.height), view.certificate_from(tip.header.height)
    entry = view.log_entry(tip.tree_size - 1)
    if final is None or found is None or entry is None:
        return None
    return encode(
        Manifest(
            block=final.block,
            certificate=found[1],
            frontier=tip.frontier.encode(),
            state_root=tip.state_root,
            entry=entry,
            tiles=tuple(
                (key.level, key.index, view.tile(key.level, key.index)[: width * 32])
                for key, width in last_tiles(tip.tree_size)
            ),
        )
    )


def items_of(view: Snapshot, kind: ChunkKind, names: Sequence[bytes]) -> list[bytes]:
    """What a view holds of what was asked for: the first of it, as much as one chunk carries.

    Empty when the first is not here.
    """
    items: list[bytes] = []
    size = 0
    try:
        for item in islice(_found(view, kind, names[: MAX_NAMES[kind]]), MAX_ITEMS[kind]):
            items.append(item)
            size += len(item)
            if size >= CHUNK_BYTES:
                break
    except NotYetHere:
        pass  # this node began with a snapshot itself and lacks that part: others have it
    return items


def _found(view: Snapshot, kind: ChunkKind, names: Sequence[bytes]) -> Iterator[bytes]:
    match kind:
        case ChunkKind.PAGES:
            return _until_missing(view.state_page(name) for name in names)
        case ChunkKind.OBJECTS:
            return _until_missing(_object(view, name) for name in names)
        case ChunkKind.BLOCKS:
            return _blocks(view, names)
        case ChunkKind.TILES:
            return _until_missing(_full_tile(view, name) for name in names)
        case ChunkKind.ENTRIES:
            return _entries(view, names)
        case ChunkKind.CERTIFICATES:
            return _certificates(view, names)
        case ChunkKind.STEPS:
            return _until_missing(view.epoch_step(_number(name)) for name in names)


def _until_missing(found: Iterable[bytes | None]) -> Iterator[bytes]:
    for each in found:
        if each is None:
            return
        yield each


def _object(view: Snapshot, path: bytes) -> bytes | None:
    found = view.entry(path)
    return None if found is None else encode(ObjectItem(*found))


def _blocks(view: Snapshot, names: Sequence[bytes]) -> Iterator[bytes]:
    for name in names:
        height = view.height_of(BlockId(name))
        while height is not None and height > 0:
            final = view.block(height)
            if final is None:
                return
            yield encode(final.block)
            height -= 1


def _full_tile(view: Snapshot, name: bytes) -> bytes | None:
    if len(name) != 1 + schema.NUMBER_SIZE:
        return None
    tile = view.tile(name[0], _number(name[1:]))
    return tile if len(tile) == TILE_BYTES else None


def _entries(view: Snapshot, names: Sequence[bytes]) -> Iterator[bytes]:
    for name in names:
        index = _number(name)
        while (entry := view.log_entry(index)) is not None:
            yield entry
            index += 1


def _certificates(view: Snapshot, names: Sequence[bytes]) -> Iterator[bytes]:
    for name in names:
        height, last = _number(name[: schema.NUMBER_SIZE]), _number(name[schema.NUMBER_SIZE :])
        while (found := view.certificate_from(height)) is not None and found[0] <= last:
            yield encode(CertificateItem(*found))
            height = found[0] + 1


def _number(name: bytes) -> int:
    """A height, index or epoch; one beyond all there are for a name of another length."""
    return int.from_bytes(name, "big") if len(name) == schema.NUMBER_SIZE else schema.MAX_NUMBER
