"""Fetching the past while the node runs: one question at a time, of each peer in turn.

What a node that began with a snapshot cannot answer yet it can answer when this is done. It yields
to everything else: one chunk is under way at a time, and disk work is done in a thread. It ends
when nothing is missing, and a restart goes on where it was.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from typing import Final, TypeVar

from ledger_node.log.tiles import TileKey
from ledger_node.node.snapshot.exchange import Exchange
from ledger_node.node.snapshot.forms import ChunkKind, SnapshotRefused
from ledger_node.node.snapshot.past import ClosedBlock, Past
from ledger_node.storage.schema import number

log = logging.getLogger(__name__)

T = TypeVar("T")

PAUSE_S: Final = 1.0
"""After a round of peers none of which had what was asked for."""


class Backfilling:
    """Owned by the event loop's thread."""

    def __init__(
        self,
        past: Past,
        exchange: Exchange,
        peers: Callable[[], Iterable[str]],
        on_fault: Callable[[str, SnapshotRefused], None],
        pool: Executor,
    ) -> None:
        """peers: those with a link now; on_fault: told who sent what no correct node sends."""
        self._past = past
        self._exchange = exchange
        self._peers = peers
        self._on_fault = on_fault
        self._pool = pool
        self._faulty: set[str] = set()
        self._turn = 0

    async def run(self) -> None:
        """Until nothing is missing. Raises StorageError."""
        past = self._past
        if past.done:
            return
        began, first = time.monotonic(), past.next
        log.info("fetching the past", extra={"from_entry": past.next, "to_entry": past.end})
        while not past.done:
            if keys := past.missing_tiles():
                await self._tiles(keys)
            else:
                await self._blocks()
        seconds = round(time.monotonic() - began, 3)
        log.info("the past is complete", extra={"entries": past.end - first, "seconds": seconds})

    async def _tiles(self, keys: Sequence[TileKey]) -> None:
        names = [bytes((key.level,)) + number(key.index) for key in keys]
        await self._ask(ChunkKind.TILES, names, lambda items: self._past.take_tiles(keys, items))

    async def _blocks(self) -> None:
        past = self._past
        first = past.next

        def take(items: Sequence[bytes]) -> tuple[Sequence[bytes], list[ClosedBlock]]:
            return items, past.take_entries(items)

        items, closed = await self._ask(ChunkKind.ENTRIES, [number(first)], take)
        certificates = await self._certificates(closed) if closed else {}
        entries = items[: past.next - first]
        await self._in_thread(lambda: past.keep(first, entries, closed, certificates))

    async def _certificates(self, closed: Sequence[ClosedBlock]) -> dict[int, bytes]:
        """Those that the first peer kept which has any; the ledger is whole without them."""
        heights = [each.logged.stored.block.header.height for each in closed]
        names = [number(heights[0]) + number(heights[-1])]
        for peer in self._in_turn():
            found = await self._ask_one(
                peer,
                ChunkKind.CERTIFICATES,
                names,
                lambda items: self._past.check_certificates(closed, items),
            )
            if found:
                return found
        return {}

    async def _ask(
        self, kind: ChunkKind, names: Sequence[bytes], take: Callable[[tuple[bytes, ...]], T]
    ) -> T:
        """What `take` makes of the answer of the first peer that gives a good one."""
        while True:
            for peer in self._in_turn():
                answer = await self._ask_one(peer, kind, names, lambda items: (take(items),))
                if answer is not None:
                    return answer[0]
            await asyncio.sleep(PAUSE_S)

    async def _ask_one(
        self,
        peer: str,
        kind: ChunkKind,
        names: Sequence[bytes],
        take: Callable[[tuple[bytes, ...]], T],
    ) -> T | None:
        try:
            items = await self._exchange.ask(peer, 0, kind, names)
            return await self._in_thread(lambda: take(items)) if items else None
        except SnapshotRefused as error:
            self._faulty.add(peer)
            self._on_fault(peer, error)
            return None

    def _in_turn(self) -> list[str]:
        """Peers to ask, from the next one on. When all were found out, all get another chance."""
        peers = sorted(set(self._peers()) - self._faulty)
        if not peers:
            self._faulty.clear()
            return []
        self._turn = (self._turn + 1) % len(peers)
        return peers[self._turn :] + peers[: self._turn]

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)
