"""All links of one node: a port for those who speak to us, two diallers for each we speak to.

Urgent and bulk frames have links of their own. Frames of a class are sent in order; a frame may be
lost when a link breaks or a queue overflows, never altered, and never taken for another member's.
What must arrive is sent again by whoever cares: consensus rebroadcasts, catch-up asks.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

import aiohttp
from aiohttp import web

from ledger_node.network.frames import FrameClass
from ledger_node.network.incoming import IncomingLinks, OnFrame
from ledger_node.network.limits import Limits
from ledger_node.network.link import LinkCounters
from ledger_node.network.outgoing import OutgoingLink
from ledger_node.network.peers import Identity, PeerAddress, client_context, server_context

_BACKLOG = 64
"""Connections the kernel holds for us; members are few, and strangers do not get past TLS."""


class PeerNetwork:
    """The node's way to the other members. Made, started and closed on one event loop."""

    def __init__(
        self,
        identity: Identity,
        members: Mapping[str, PeerAddress],
        union: bytes,
        on_frame: OnFrame,
        *,
        on_link: Callable[[str, bool], None] | None = None,
        listen: tuple[str, int] | None = None,
        limits: Limits | None = None,
    ) -> None:
        """members: every member by code, ourselves included. union: the union's id.

        on_frame(member, frame): takes a frame; until it returns, nothing more is read from that
        link, while the member's other link is read on. It may raise FrameRefused to close it.
        on_link(member, up): told when both our links to a member are up, and when they no longer
        are; must not block. listen: address to bind when it is not the one members dial, e.g.
        behind address translation.
        """
        self._limits = limits or Limits()
        own = members[identity.member]
        self._listen = listen or (own.host, own.port)
        certificates = [address.certificate for address in members.values()]
        self._server_context = server_context(identity, certificates)
        self.counters: Mapping[str, LinkCounters] = {
            member: LinkCounters() for member in members if member != identity.member
        }
        self._outgoing = self._diallers(identity, members, union)
        self._connected = dict.fromkeys(self.counters, False)
        self._on_link = on_link
        self._incoming = IncomingLinks(
            identity.member,
            members,
            union,
            limits=self._limits,
            counters=self.counters,
            on_frame=on_frame,
            on_heard=self._heard_from,
        )
        self._web = web.Server(self._incoming.handle, access_log=None)
        self._server: asyncio.Server | None = None
        self._session: aiohttp.ClientSession | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Listens, and begins to dial. Raises OSError when the address cannot be bound."""
        loop = asyncio.get_running_loop()
        host, port = self._listen
        self._server = await loop.create_server(
            self._web,
            host,
            port,
            ssl=self._server_context,
            backlog=_BACKLOG,
            ssl_handshake_timeout=self._limits.handshake_s,
            ssl_shutdown_timeout=self._limits.close_s,
        )
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
            timeout=aiohttp.ClientTimeout(total=None, connect=self._limits.handshake_s),
        )
        self._tasks = [
            loop.create_task(link.run(self._session), name=f"link to {member}, {carries.name}")
            for (member, carries), link in self._outgoing.items()
        ]

    async def close(self) -> None:
        """Ends every link and frees the port. What waits to be sent is dropped."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            self._server.close()
        await self._incoming.close()
        await self._web.shutdown(self._limits.close_s)
        if self._session is not None:
            await self._session.close()
        if self._server is not None:
            with suppress(TimeoutError):  # strangers in the middle of TLS are cut, not waited for
                async with asyncio.timeout(self._limits.close_s):
                    await self._server.wait_closed()

    def send(self, member: str, frame: bytes, *, urgent: bool) -> bool:
        """Queues a frame of 1 to MAX_FRAME bytes for a member; never blocks.

        False when older frames of its class had to be dropped to make room. Raises KeyError for
        who is not another member, ValueError for a frame that no peer would take.
        """
        return self._outgoing[member, FrameClass.URGENT if urgent else FrameClass.BULK].send(frame)

    def broadcast(self, frame: bytes, *, urgent: bool) -> None:
        """Queues a frame for every other member."""
        for member in self._connected:
            self.send(member, frame, urgent=urgent)

    @property
    def connected(self) -> Mapping[str, bool]:
        """For each other member, whether both our links to it are up."""
        return dict(self._connected)

    @property
    def heard(self) -> frozenset[str]:
        """The members that have a link to us."""
        return self._incoming.members

    def _heard_from(self, member: str) -> None:
        for carries in FrameClass:
            self._outgoing[member, carries].retry_now()

    def _link_changed(self, member: str) -> None:
        up = all(self._outgoing[member, carries].up for carries in FrameClass)
        if up != self._connected[member]:
            self._connected[member] = up
            if self._on_link is not None:
                self._on_link(member, up)

    def _diallers(
        self, identity: Identity, members: Mapping[str, PeerAddress], union: bytes
    ) -> dict[tuple[str, FrameClass], OutgoingLink]:
        links = {}
        for member, counters in self.counters.items():
            # One anchor a context: TLS itself refuses any other member at this member's address.
            context = client_context(identity, [members[member].certificate])
            for carries in FrameClass:
                links[member, carries] = OutgoingLink(
                    identity.member,
                    member,
                    carries,
                    members[member],
                    union,
                    context=context,
                    limits=self._limits,
                    counters=counters,
                    on_change=partial(self._link_changed, member),
                )
        return links
