"""Taking a snapshot from several peers at once, one of which may lie.

Every peer that holds the height has a few questions open at a time; whoever answers faster is asked
more. An item that is not what the tree or the chain says is refused, what was asked is asked of
another, and who sent it is not asked again: one lie costs one chunk. A peer that is silent, or no
longer holds the height, is left alone for this attempt.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from ledger_node.node.snapshot.exchange import Exchange
from ledger_node.node.snapshot.forms import MAX_NAMES, ChunkKind, SnapshotRefused
from ledger_node.node.snapshot.verify import VerifiedSnapshot
from ledger_node.node.snapshot.walks import IdWalk, Taken, TreeWalk
from ledger_node.storage.staging import Staging

log = logging.getLogger(__name__)

WINDOW: Final = 2
"""Questions open with one peer: one on its way while another is being answered."""
SILENCES: Final = 3
"""Unanswered questions after which a peer is left alone."""
IDLE_S: Final = 0.02
"""When all there is has been asked for, an answer may bring more to ask."""

Blame = Callable[[str, SnapshotRefused], None]
"""Told who sent something that cannot be right, and what."""


class NobodyLeft(Exception):
    """No peer goes on giving this snapshot. What was taken stays for another attempt."""


class Fetching:
    """One attempt at one height. Owned by the event loop's thread."""

    def __init__(
        self,
        snapshot: VerifiedSnapshot,
        staging: Staging,
        exchange: Exchange,
        blame: Blame,
        taken: Taken,
    ) -> None:
        self._height = snapshot.height
        self._exchange = exchange
        self._blame = blame
        self._tree = TreeWalk.of(staging, snapshot.manifest.state_root, taken)
        self._ids = IdWalk.of(staging, snapshot.manifest.block, taken)
        self._asking_ids = False
        self._left: set[str] = set()
        self._without_past: set[str] = set()
        """Peers that began with a snapshot themselves and lack the blocks of the last day."""
        self._workers: dict[str, list[asyncio.Task[None]]] = {}

    @property
    def done(self) -> bool:
        """Whether nothing is missing any more."""
        return self._tree.done and self._ids.done

    async def run(self, peers: Iterable[str], more: Callable[[], Iterable[str]]) -> None:
        """Take everything. peers: who holds the height; more: who else has been found to, since.

        Raises NobodyLeft, StorageError.
        """
        async with asyncio.TaskGroup() as tasks:
            known = set(peers)
            while not self.done:
                for peer in known - self._left - self._workers.keys():
                    self._workers[peer] = [
                        tasks.create_task(self._work(peer), name=f"snapshot from {peer}")
                        for _ in range(WINDOW)
                    ]
                workers = [task for each in self._workers.values() for task in each]
                working = [task for task in workers if not task.done()]
                if not working:
                    break
                await asyncio.wait(working, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
                known.update(more())
        if not self.done:
            raise NobodyLeft

    async def _work(self, peer: str) -> None:
        silences = 0
        while peer not in self._left and not self._is_done_for(peer):
            try:
                answered = await self._ask_one(peer)
            except SnapshotRefused as error:
                self._left.add(peer)
                self._blame(peer, error)
                return
            if answered is None:
                await asyncio.sleep(IDLE_S)
                continue
            silences = 0 if answered else silences + 1
            if silences >= SILENCES:
                self._leave(peer, "does not answer")

    def _is_done_for(self, peer: str) -> bool:
        """Whether there is nothing left that the peer could give."""
        return self._tree.done and (self._ids.done or peer in self._without_past)

    def _leave(self, peer: str, reason: str) -> None:
        if peer not in self._left:
            self._left.add(peer)
            log.warning("left out of the snapshot", extra={"peer": peer, "reason": reason})

    async def _ask_one(self, peer: str) -> bool | None:
        """One question and its answer; whether there was one, None when nothing is to be asked.

        Raises SnapshotRefused.
        """
        if not (self._ids.done or self._asking_ids or peer in self._without_past):
            return await self._ask_ids(peer)
        tree = self._tree
        if leaves := tree.wanted_leaves(MAX_NAMES[ChunkKind.OBJECTS] // 4):
            names = [leaf.path for leaf in leaves]
            asked = self._exchange.ask(peer, self._height, ChunkKind.OBJECTS, names)
            return await self._take(
                peer,
                asked,
                lambda items: tree.take_objects(leaves, items),
                lambda: tree.give_back(leaves),
            )
        if pages := tree.wanted_pages():
            names = [page.key for page in pages]
            asked = self._exchange.ask(peer, self._height, ChunkKind.PAGES, names)
            return await self._take(
                peer,
                asked,
                lambda items: tree.take_pages(pages, items),
                lambda: tree.give_back(pages),
            )
        return None

    async def _ask_ids(self, peer: str) -> bool:
        self._asking_ids = True
        try:
            names = [self._ids.next]
            items = await self._exchange.ask(peer, self._height, ChunkKind.BLOCKS, names)
            if items:
                self._ids.take(items)
            elif items == ():
                self._without_past.add(peer)
        finally:
            self._asking_ids = False
        return items is not None

    async def _take(
        self,
        peer: str,
        asked: Awaitable[tuple[bytes, ...] | None],
        take: Callable[[tuple[bytes, ...]], None],
        give_back: Callable[[], None],
    ) -> bool:
        taken = False
        try:
            items = await asked
            if items:
                take(items)
                taken = True
        finally:
            if not taken:
                give_back()
        if items == ():
            self._leave(peer, "no longer holds this height")
        return items is not None
