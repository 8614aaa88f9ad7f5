"""One member as we speak to it: a link for each class of frames, and what waits on them.

What waits is the member's, not a connection's: it stays when the member moves to another address
or shows another certificate.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence

import aiohttp

from ledger_node.network.frames import FrameClass, Outbox
from ledger_node.network.limits import Limits
from ledger_node.network.link import LinkCounters
from ledger_node.network.outgoing import OutgoingLink
from ledger_node.network.peers import PeerAddress


class Peer:
    """Owned by the event loop's thread."""

    def __init__(
        self,
        me: str,
        member: str,
        address: PeerAddress,
        union: bytes,
        *,
        contexts: Sequence[ssl.SSLContext],
        limits: Limits,
        on_change: Callable[["Peer"], None],
    ) -> None:
        """contexts: what we show of ourselves, the newest last. on_change: a link came up or went
        down."""
        self.member = member
        self.address = address
        self.counters = LinkCounters()
        self.connected = False
        """Whether both links were up when the network last told of it."""
        self._me = me
        self._union = union
        self._limits = limits
        self._on_change = on_change
        self._outboxes = {
            FrameClass.URGENT: Outbox(limits.queued_urgent),
            FrameClass.BULK: Outbox(limits.queued_bulk),
        }
        self._links = self._dialled(contexts)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def up(self) -> bool:
        """Whether it can be spoken to on both links."""
        return all(link.up for link in self._links.values())

    @property
    def knows_us_by(self) -> int | None:
        """Which of our identities it has taken, None while it cannot be spoken to."""
        link = self._links[FrameClass.URGENT]
        return link.shown if link.up else None

    def send(self, frame: bytes, carries: FrameClass) -> bool:
        """Queues a frame; False when older ones had to go for it. Never blocks."""
        return self._links[carries].send(frame)

    def start(self, session: aiohttp.ClientSession) -> None:
        """Dials, and dials again, until `leave` or `cut`."""
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(link.run(session), name=f"link to {self.member}, {carries.name}")
            for carries, link in self._links.items()
        ]

    def retry_now(self) -> None:
        """There is a sign of life from it: no need to wait out the back-off."""
        for link in self._links.values():
            link.retry_now()

    def show(self, contexts: Sequence[ssl.SSLContext]) -> None:
        """What we show of ourselves from the next dial on."""
        for link in self._links.values():
            link.show(contexts)

    def move(
        self,
        address: PeerAddress,
        contexts: Sequence[ssl.SSLContext],
        session: aiohttp.ClientSession,
    ) -> list[asyncio.Task[None]]:
        """Dials it there, and ends the links to where it was. Returns the tasks that are ending."""
        ending = self.cut()
        self.address = address
        # What still runs of the old links must not take anything out of the new ones' boxes.
        self._outboxes = {carries: box.hand_over() for carries, box in self._outboxes.items()}
        self._links = self._dialled(contexts)
        self._on_change(self)
        self.start(session)
        return ending

    def leave(self) -> list[asyncio.Task[None]]:
        """Ends both links when what waits is sent; whoever has no patience cancels the tasks that
        are returned."""
        for link in self._links.values():
            link.end_when_sent()
        return self._tasks

    def cut(self) -> list[asyncio.Task[None]]:
        """Ends both links. Returns the tasks that are ending."""
        for task in self._tasks:
            task.cancel()
        return self._tasks

    def _dialled(self, contexts: Sequence[ssl.SSLContext]) -> dict[FrameClass, OutgoingLink]:
        return {carries: self._link(carries, contexts) for carries in FrameClass}

    def _link(self, carries: FrameClass, contexts: Sequence[ssl.SSLContext]) -> OutgoingLink:
        def changed() -> None:
            if self._links[carries] is link:  # one that the member has left changes nothing
                self._on_change(self)

        link = OutgoingLink(
            self._me,
            self.member,
            carries,
            self.address,
            self._union,
            contexts=contexts,
            outbox=self._outboxes[carries],
            limits=self._limits,
            counters=self.counters,
            on_change=changed,
        )
        return link
