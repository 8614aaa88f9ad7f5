"""At the start of a node: whether it is too far behind to catch up block by block, and the way out.

The node asks each peer for the manifest of its latest block. What comes back is certified, so one
honest peer is enough to learn that the union is far ahead, and none can make it believe so. Then it
takes the snapshot, puts it in the ledger's place, and goes on from there. Anything that fails on
the way ends in what a node does anyhow: it catches up in runs of blocks.
"""

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from consensus.quorum import max_faulty
from ledger_node.ledger.chain import ExecutedBlock
from ledger_node.node.frames import Frame, SnapshotOffer, SnapshotWanted
from ledger_node.node.snapshot.exchange import Exchange
from ledger_node.node.snapshot.fetching import Fetching, NobodyLeft
from ledger_node.node.snapshot.forms import ChunkKind, SnapshotRefused
from ledger_node.node.snapshot.rosters import Rosters
from ledger_node.node.snapshot.verify import VerifiedSnapshot
from ledger_node.node.snapshot.walks import Taken
from ledger_node.storage.database import Database
from ledger_node.storage.schema import number
from ledger_node.storage.staging import Staging

log = logging.getLogger(__name__)

QUICKEST_BLOCK_MS: Final = 10
"""A union makes no blocks faster: a head this much younger than the gap cannot be that far off."""
PATIENCE_S: Final = 3.0
"""How long peers are given to say how far they are, before the node starts without an answer."""
COLLECT_S: Final = 0.3
"""How long the others are given once one peer was found far ahead, to choose the newest offer."""
ASK_AGAIN_S: Final = 1.0
ATTEMPTS: Final = 10
"""Snapshots begun, each from where the one before came to, before catching up in runs instead."""


@dataclass(slots=True)
class Progress:
    """Of a snapshot being taken. height: that it is of."""

    height: int
    taken: Taken
    peers: tuple[str, ...] = ()


@dataclass(slots=True)
class _Offers:
    """What peers said of the height asked for last."""

    verified: dict[str, VerifiedSnapshot] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)


class Joining:
    """Owned by the event loop's thread."""

    def __init__(
        self,
        database: Database,
        incoming: Path,
        rosters: Rosters,
        genesis: Callable[[], ExecutedBlock],
        send: Callable[[str, Frame], None],
        peers: Callable[[], Iterable[str]],
        exchange: Exchange,
        adopt: Callable[[Path], Awaitable[None]],
        on_fault: Callable[[str, SnapshotRefused], None],
        *,
        others: int,
        gap: int,
    ) -> None:
        """incoming: directory for the ledger on its way in; peers: those with a link now;
        adopt: puts a complete ledger in the database's place; on_fault: told who sent what no
        correct node sends; others: nodes of the union besides this one; gap: blocks up to which a
        node catches up in runs."""
        self._database = database
        self._incoming = incoming
        self._rosters = rosters
        self._genesis = genesis
        self._send = send
        self._peers = peers
        self._adopt = adopt
        self._on_fault = on_fault
        self._others = others
        self._gap = gap
        self._offers = _Offers()
        self._height = 0
        self._faulty: set[str] = set()
        self._heard = asyncio.Event()
        self._pending: list[tuple[str, SnapshotOffer]] = []
        self._exchange = exchange
        self.progress: Progress | None = None

    # ------------------------------------------------------------ what peers say

    def hear(self, peer: str, offer: SnapshotOffer) -> None:
        """A peer's answer to what we asked for."""
        if len(self._pending) < 4 * max(1, len(list(self._peers()))):
            self._pending.append((peer, offer))
            self._heard.set()

    def link_up(self, peer: str) -> None:
        """Ask a peer that was just reached."""
        self._send(peer, SnapshotWanted(self._height))

    # ------------------------------------------------------------ the way in

    async def run(self) -> bool:
        """Whether the database has become another, newer ledger. Raises StorageError."""
        if not self._may_be_far_behind():
            return self._clean_up()
        for _ in range(ATTEMPTS):
            snapshot = await self._find()
            # Part of one is here, of this or an earlier run: without a link it is still good.
            while snapshot is None and self._incoming.exists() and not self._heard_enough():
                snapshot = await self._find()
            if snapshot is None:
                return self._clean_up()
            if await self._take(snapshot):
                return True
        log.warning("no snapshot was completed: catching up in runs of blocks")
        return False

    def _may_be_far_behind(self) -> bool:
        if not self._others:
            return False
        age_ms = time.time_ns() // 1_000_000 - self._database.latest.tip.header.time_ms
        return age_ms > self._gap * QUICKEST_BLOCK_MS

    def _clean_up(self) -> bool:
        """What an earlier attempt left is of no use any more."""
        shutil.rmtree(self._incoming, ignore_errors=True)
        return False

    async def _find(self) -> VerifiedSnapshot | None:
        """The newest snapshot that is far ahead; None when there is none, or nobody answers."""
        self._ask_for(0)
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_S
        chosen: VerifiedSnapshot | None = None
        while (left := until - loop.time()) > 0:
            await self._next_offers(min(left, ASK_AGAIN_S))
            found = max(
                (each for each in self._offers.verified.values() if self._is_far_ahead(each)),
                key=lambda each: each.height,
                default=None,
            )
            if found is not None and chosen is None:
                until = min(until, loop.time() + COLLECT_S)
            chosen = found
            asked = set(self._peers()) - self._faulty
            if chosen is None and self._heard_enough():
                return None
            if chosen is not None and asked <= self._offers.answered:
                break
        return chosen

    def _heard_enough(self) -> bool:
        """Whether more peers answered than may lie: one that did is honest."""
        newest = self._rosters.committee(self._rosters.newest)
        return len(self._offers.answered) > (0 if newest is None else max_faulty(len(newest)))

    def _is_far_ahead(self, offer: VerifiedSnapshot) -> bool:
        return offer.height > self._database.latest.tip.header.height + self._gap

    async def _take(self, snapshot: VerifiedSnapshot) -> bool:
        """Whether the snapshot is complete and in the ledger's place."""
        taken = Taken()
        self.progress = Progress(snapshot.height, taken)
        log.info("taking a snapshot", extra={"height": snapshot.height})
        staging = Staging.open(self._incoming, self._rosters.union, snapshot.manifest.state_root)
        holders = {p for p, o in self._offers.verified.items() if o.height == snapshot.height}
        self._ask_for(snapshot.height)
        fetching = Fetching(snapshot, staging, self._exchange, self._blame, taken)
        again = asyncio.create_task(self._keep_asking())

        def more() -> set[str]:
            found = {
                peer
                for peer, offer in self._offers.verified.items()
                if offer.block_id == snapshot.block_id
            }
            self.progress = Progress(snapshot.height, taken, tuple(sorted(found | holders)))
            return found

        began = time.monotonic()
        try:
            await fetching.run(holders, more)
            await asyncio.to_thread(staging.complete, self._rosters.head(snapshot), self._genesis())
        except NobodyLeft:
            log.warning("nobody gives this snapshot any more", extra={"height": snapshot.height})
            return False
        finally:
            again.cancel()
            staging.close()
            self.progress = None
        await self._adopt(self._incoming)
        log.info(
            "snapshot taken",
            extra={
                "height": snapshot.height,
                "objects": taken.objects,
                "pages": taken.pages,
                "ids": taken.ids,
                "bytes": taken.received,
                "seconds": round(time.monotonic() - began, 3),
            },
        )
        return True

    # ------------------------------------------------------------ offers

    def _ask_for(self, height: int) -> None:
        """Ask everyone for a height, 0 for the latest; what was said before is forgotten."""
        self._height = height
        self._offers = _Offers()
        for peer in self._peers():
            self._send(peer, SnapshotWanted(height))

    async def _keep_asking(self) -> None:
        """Take in what is offered of the height under way, and ask those who did not have it."""
        while True:
            await self._next_offers(ASK_AGAIN_S)
            for peer in set(self._peers()) - self._faulty - self._offers.verified.keys():
                self._send(peer, SnapshotWanted(self._height))
            await asyncio.sleep(ASK_AGAIN_S)

    async def _next_offers(self, within_s: float) -> None:
        """Judge the offers that come within a time, as soon as there is one."""
        try:
            async with asyncio.timeout(within_s):
                await self._heard.wait()
        except TimeoutError:
            return
        self._heard.clear()
        pending, self._pending = self._pending, []
        for peer, offer in pending:
            if peer in self._faulty:
                continue
            try:
                await self._judge(peer, offer)
            except SnapshotRefused as error:
                self._blame(peer, error)

    async def _judge(self, peer: str, offer: SnapshotOffer) -> None:
        if offer.manifest:
            verified = self._rosters.verify(offer.manifest)
            if verified is None and await self._follow_steps(peer):
                verified = self._rosters.verify(offer.manifest)
            if verified is None:
                return
            if verified.height != (self._height or verified.height):
                return  # an answer to an earlier question
            self._offers.verified[peer] = verified
        self._offers.answered.add(peer)

    async def _follow_steps(self, peer: str) -> bool:
        """Learn how the epochs since the last we know of ended, from a peer that is beyond."""
        learnt = False
        while True:
            names = [number(self._rosters.newest)]
            steps = await self._exchange.ask(peer, 0, ChunkKind.STEPS, names)
            if not steps:
                return learnt
            self._rosters.follow(steps[0])
            learnt = True

    def _blame(self, peer: str, error: SnapshotRefused) -> None:
        self._faulty.add(peer)
        self._offers.verified.pop(peer, None)
        self._on_fault(peer, error)
