"""Answering peers that want a snapshot: one question at a time, in a thread, nobody's consensus.

A peer that floods us with questions waits in its own link: nothing more is read from it until it
was answered, and a chunk has a greatest size.
"""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import Final, TypeVar

from consensus.messages import MessageRefused
from ledger_node.node.frames import ChunkFrame, ChunkWanted, Frame, SnapshotOffer, SnapshotWanted
from ledger_node.node.snapshot.forms import MAX_NAME_BYTES, MAX_NAMES, ChunkKind
from ledger_node.node.snapshot.serving import Views, items_of, manifest_of
from ledger_node.storage.snapshot import Snapshot

T = TypeVar("T")

_OF_THE_STATE: Final = (ChunkKind.PAGES, ChunkKind.OBJECTS)
"""Kinds that change from block to block: these are read at the height asked for."""


class Giving:
    """Owned by the event loop's thread."""

    def __init__(
        self, latest: Callable[[], Snapshot], send: Callable[[str, Frame], None], pool: Executor
    ) -> None:
        """send: to one peer, as bulk; pool: for reading the database."""
        self.views = Views(latest)
        self.send = send
        self._pool = pool
        self.reading = asyncio.Lock()
        """Held while the database is read: hold it to put another in its place."""

    async def offer(self, peer: str, wanted: SnapshotWanted) -> None:
        """Say whether a height is held here, and hold it from now on."""
        async with self.reading:
            view = self.views.pin(peer, wanted.height) if wanted.height >= 0 else None
            manifest = None if view is None else await self._read(lambda: manifest_of(view))
        self.send(peer, SnapshotOffer(wanted.height, manifest or b""))

    async def give(self, peer: str, wanted: ChunkWanted) -> None:
        """Give a chunk, empty if it is not held. Raises MessageRefused for a senseless question."""
        kind = _checked(wanted)
        async with self.reading:
            of_height = kind in _OF_THE_STATE
            view = self.views.held(peer, wanted.height) if of_height else self.views.latest
            items: Iterable[bytes] = ()
            if view is not None:
                items = await self._read(lambda: items_of(view, kind, wanted.names))
        self.send(peer, ChunkFrame(wanted.request, tuple(items)))

    async def _read(self, read: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, read)


def _checked(wanted: ChunkWanted) -> ChunkKind:
    try:
        kind = ChunkKind(wanted.kind)
    except ValueError as error:
        raise MessageRefused(f"snapshot: no chunk is of kind {wanted.kind}") from error
    if not 1 <= len(wanted.names) <= MAX_NAMES[kind]:
        raise MessageRefused(f"snapshot: {len(wanted.names)} names in one request")
    if any(len(name) > MAX_NAME_BYTES for name in wanted.names):
        raise MessageRefused("snapshot: a name is too long")
    return kind
