"""The listening end of a link: takes a member's connection, checks who it is, reads its frames.

Reading waits for whoever takes the frames and for the peer's budget; while it waits, nothing more
is read and the peer's socket fills. Signs of life go out meanwhile, so a slow reader is not taken
for a dead one.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

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
from ledger_node.network.peers import PeerAddress, member_of

log = logging.getLogger(__name__)

OnFrame = Callable[[str, bytes], Awaitable[None]]


class IncomingLinks:
    """All connections that members have dialled to us, at most one a member and class."""

    def __init__(
        self,
        me: str,
        members: Mapping[str, PeerAddress],
        union: bytes,
        *,
        limits: Limits,
        counters: Mapping[str, LinkCounters],
        on_frame: OnFrame,
        on_heard: Callable[[str], None],
    ) -> None:
        self._me = me
        self._peers = {member: at for member, at in members.items() if member != me}
        self._union = union
        self._limits = limits
        self._counters = counters
        self._on_frame = on_frame
        self._on_heard = on_heard
        self._links: dict[tuple[str, FrameClass], web.WebSocketResponse] = {}

    @property
    def members(self) -> frozenset[str]:
        """Those who have a link to us now, of either class."""
        return frozenset(member for member, _ in self._links)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request on the peer port, from its upgrade to the end of the link."""
        transport = request.transport
        shown = transport.get_extra_info("ssl_object") if transport is not None else None
        member = member_of(shown, self._peers)
        if member is None:
            return web.Response(status=403, text="not the certificate of another member\n")
        if request.path != PATH:
            return web.Response(status=404, text=f"peers speak at {PATH}\n")
        ws = web.WebSocketResponse(
            compress=False, max_msg_size=MESSAGE_BOUND, timeout=self._limits.close_s
        )
        await ws.prepare(request)
        try:
            await self._converse(ws, member)
        except LinkRefused as error:
            self._counters[member].links_refused += 1
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
            *(ws.close(code=CloseCode.GOING_AWAY, message=goodbye) for ws in links),
            return_exceptions=True,
        )

    async def _converse(self, ws: web.WebSocketResponse, member: str) -> None:
        try:
            greeting = await ws.receive(timeout=self._limits.handshake_s)
        except TimeoutError as error:
            raise LinkRefused(CloseCode.HELLO, "hello: none came") from error
        carries = check_hello(greeting.data, union=self._union, member=member)
        await ws.send_bytes(hello(self._union, self._me, carries))
        # A member that dials again has lost its old link, even if we have not noticed yet.
        old = self._links.get((member, carries))
        self._links[member, carries] = ws
        alive = asyncio.create_task(self._say_alive(ws))
        try:
            if old is not None:
                await old.close(code=CloseCode.REPLACED, message=b"replaced by a newer link")
            self._on_heard(member)
            await self._read(ws, member)
        finally:
            alive.cancel()
            if self._links.get((member, carries)) is ws:
                del self._links[member, carries]

    async def _say_alive(self, ws: web.WebSocketResponse) -> None:
        with suppress(ConnectionError):  # the reader finds out as well, and says so
            while not ws.closed:
                await asyncio.sleep(self._limits.alive_s)
                await ws.send_bytes(b"")

    async def _read(self, ws: web.WebSocketResponse, member: str) -> None:
        budget, counters = Budget(self._limits), self._counters[member]
        async for message in ws:
            if message.type is not WSMsgType.BINARY:
                raise FrameRefused(f"{message.type.name} message: only binary ones are spoken")
            data: bytes = message.data
            counters.messages_received += 1
            counters.bytes_received += len(data)
            counters.throttled_s += await budget.spend(len(data))
            try:
                for frame in frames_of(data):
                    counters.frames_received += 1
                    await self._on_frame(member, frame)
            except FramingError as error:
                raise FrameRefused(error.reason) from error
            except LinkRefused:
                raise
            except Exception as error:  # a bug met through one peer must not end the others' links
                log.exception("frame handler failed", extra={"member": member})
                raise LinkRefused(CloseCode.INTERNAL, "internal error") from error
