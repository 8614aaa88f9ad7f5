"""The listening end of a link: takes a member's connection, checks who it is, reads its frames.

Reading waits for whoever takes the frames and for the peer's budget; while it waits, nothing more
is read and the peer's socket fills. Signs of life go out meanwhile, so a slow reader is not taken
for a dead one. A link counts for as long as its certificate is pinned: with the roster that names
another it ends, and not one more of its frames is taken.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from ledger_node.network.frames import FrameClass, FramingError, frames_of
from ledger_node.network.limits import MESSAGE_BOUND, PATH, Limits
from ledger_node.network.link import (
    Budget,
    CloseCode,
    FrameRefused,
    LinkCounters,
    LinkRefused,
    check_hello,
    hello,
)
from ledger_node.network.peers import PeerAddress, certificate_of
from ledger_node.network.strangers import Refusal, Strangers

log = logging.getLogger(__name__)

OnFrame = Callable[[str, bytes], Awaitable[None]]

_UNPINNED = "no longer the certificate of a member"


@dataclass(frozen=True, eq=False)
class _Link:
    """A connection, and whose certificate it was taken by."""

    ws: web.WebSocketResponse
    member: str
    certificate: bytes


class IncomingLinks:
    """All connections that members have dialled to us, at most one a member and class."""

    def __init__(
        self,
        me: str,
        members: Mapping[str, PeerAddress],
        union: bytes,
        *,
        limits: Limits,
        strangers: Strangers,
        counters_of: Callable[[str], LinkCounters],
        on_frame: OnFrame,
        on_heard: Callable[[str], None],
    ) -> None:
        """counters_of: the counters of a member, one that is none any more included."""
        self._me = me
        self._pinned = self._pins(members)
        self._union = union
        self._limits = limits
        self._strangers = strangers
        self._counters_of = counters_of
        self._on_frame = on_frame
        self._on_heard = on_heard
        self._links: dict[tuple[str, FrameClass], _Link] = {}
        self._endings: set[asyncio.Task[None]] = set()

    @property
    def members(self) -> frozenset[str]:
        """Those who have a link to us now, of either class."""
        return frozenset(member for member, _ in self._links)

    def change_roster(self, members: Mapping[str, PeerAddress]) -> None:
        """Only these members' links count from now on, under the certificates pinned here."""
        self._pinned = self._pins(members)
        for link in self._links.values():
            if not self._is_pinned(link):
                ending = asyncio.get_running_loop().create_task(self._end(link))
                self._endings.add(ending)
                ending.add_done_callback(self._endings.discard)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request on the peer port, from its upgrade to the end of the link."""
        transport = request.transport
        shown = transport.get_extra_info("ssl_object") if transport is not None else None
        certificate = certificate_of(shown) or b""
        member = self._pinned.get(certificate)
        if member is None:
            # TLS let it in: under the roster of a moment ago, or by a member's signature.
            reason = "not the certificate of another member"
            self._strangers.turn_away(request.remote or "unknown", Refusal.CERTIFICATE, reason)
            return web.Response(status=403, text=f"{reason}\n")
        if request.path != PATH:
            return web.Response(status=404, text=f"peers speak at {PATH}\n")
        ws = web.WebSocketResponse(
            compress=False, max_msg_size=MESSAGE_BOUND, timeout=self._limits.close_s
        )
        await ws.prepare(request)
        try:
            await self._converse(_Link(ws, member, certificate))
        except LinkRefused as error:
            self._counters_of(member).links_refused += 1
            log.warning("link refused", extra={"member": member, "reason": error.reason})
            await ws.close(code=error.code, message=error.close_text())
        except ConnectionError as error:
            # Gone between its hello and ours: nobody is left to be told, and it will dial again.
            log.info("link ended", extra={"member": member, "reason": str(error)})
        return ws

    async def close(self) -> None:
        """Says goodbye on every link."""
        links = list(self._links.values())
        goodbye = b"the node is stopping"
        await asyncio.gather(
            *(link.ws.close(code=CloseCode.GOING_AWAY, message=goodbye) for link in links),
            *self._endings,
            return_exceptions=True,
        )

    async def _converse(self, link: _Link) -> None:
        ws, member = link.ws, link.member
        try:
            greeting = await ws.receive(timeout=self._limits.handshake_s)
        except TimeoutError as error:
            raise LinkRefused(CloseCode.HELLO, "hello: none came") from error
        carries = check_hello(greeting.data, union=self._union, member=member)
        await ws.send_bytes(hello(self._union, self._me, carries))
        self._check_pinned(link)
        # A member that dials again has lost its old link, even if we have not noticed yet.
        old = self._links.get((member, carries))
        self._links[member, carries] = link
        alive = asyncio.create_task(self._say_alive(ws))
        try:
            if old is not None:
                await old.ws.close(code=CloseCode.REPLACED, message=b"replaced by a newer link")
            self._on_heard(member)
            await self._read(link)
        finally:
            alive.cancel()
            if self._links.get((member, carries)) is link:
                del self._links[member, carries]

    async def _end(self, link: _Link) -> None:
        with suppress(TimeoutError):
            await link.ws.close(code=CloseCode.ROSTER, message=_UNPINNED.encode())

    def _is_pinned(self, link: _Link) -> bool:
        return self._pinned.get(link.certificate) == link.member

    def _check_pinned(self, link: _Link) -> None:
        if not self._is_pinned(link):
            raise LinkRefused(CloseCode.ROSTER, _UNPINNED)

    def _pins(self, members: Mapping[str, PeerAddress]) -> dict[bytes, str]:
        return {at.certificate: member for member, at in members.items() if member != self._me}

    async def _say_alive(self, ws: web.WebSocketResponse) -> None:
        with suppress(ConnectionError):  # the reader finds out as well, and says so
            while not ws.closed:
                await asyncio.sleep(self._limits.alive_s)
                await ws.send_bytes(b"")

    async def _read(self, link: _Link) -> None:
        member = link.member
        budget, counters = Budget(self._limits), self._counters_of(member)
        async for message in link.ws:
            if message.type is not WSMsgType.BINARY:
                raise FrameRefused(f"{message.type.name} message: only binary ones are spoken")
            data: bytes = message.data
            counters.messages_received += 1
            counters.bytes_received += len(data)
            counters.throttled_s += await budget.spend(len(data))
            try:
                for frame in frames_of(data):
                    self._check_pinned(link)
                    counters.frames_received += 1
                    await self._on_frame(member, frame)
            except FramingError as error:
                raise FrameRefused(error.reason) from error
            except LinkRefused:
                raise
            except Exception as error:  # a bug met through one peer must not end the others' links
                log.exception("frame handler failed", extra={"member": member})
                raise LinkRefused(CloseCode.INTERNAL, "internal error") from error
