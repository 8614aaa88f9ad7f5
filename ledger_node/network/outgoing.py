"""The speaking end of a link: dials a member, says hello, sends what waits, and dials again.

One task a link. It waits on events only: frames to send, the link's end, a reason to retry early.
"""

import asyncio
import logging
import random
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress

import aiohttp

from ledger_node.crypto.tls import member_host
from ledger_node.network.frames import FrameClass, Outbox
from ledger_node.network.limits import MESSAGE_BOUND, PATH, Limits
from ledger_node.network.link import (
    CloseCode,
    LinkCounters,
    LinkRefused,
    check_hello,
    hello,
)
from ledger_node.network.peers import PeerAddress, certificate_of

log = logging.getLogger(__name__)


class OutgoingLink:
    """Sends frames of one class to one member for as long as `run` runs.

    up: whether the other end has taken us in; shown: under which of our contexts it did last.
    """

    def __init__(
        self,
        me: str,
        member: str,
        carries: FrameClass,
        address: PeerAddress,
        union: bytes,
        *,
        contexts: Sequence[ssl.SSLContext],
        outbox: Outbox,
        limits: Limits,
        counters: LinkCounters,
        on_change: Callable[[], None],
    ) -> None:
        """contexts: what we show of ourselves, the newest last; each failed dial tries the next.
        outbox: what waits to be sent."""
        self.member = member
        self.up = False
        self.shown = 0
        self._contexts = tuple(contexts)
        self._carries = carries
        self._me = me
        self._address = address
        self._union = union
        self._limits = limits
        self._counters = counters
        self._on_change = on_change
        self._outbox = outbox
        self._turn = 0
        self._ups = 0
        self._last = False
        self._filled = asyncio.Event()
        self._retry = asyncio.Event()
        self._last_failure = ""
        self._where = {"member": member, "carries": carries.name.lower()}

    def send(self, frame: bytes) -> bool:
        """Queues a frame; False when older ones had to go for it. Never blocks."""
        dropped = self._outbox.put(frame, asyncio.get_running_loop().time())
        self._count_dropped(dropped)
        self._counters.frames_queued += 1
        self._filled.set()
        return not dropped

    def show(self, contexts: Sequence[ssl.SSLContext]) -> None:
        """Other contexts, from the next dial on: who has taken us in is not asked again."""
        self._contexts = tuple(contexts)
        self._turn = self.shown = 0

    def end_when_sent(self) -> None:
        """Nothing more will be queued: `run` returns once all is sent, or the link is not up."""
        self._last = True
        self._filled.set()
        self._retry.set()

    def retry_now(self) -> None:
        """There is a sign of life from the member: no need to wait out the back-off."""
        self._retry.set()

    async def run(self, session: aiohttp.ClientSession) -> None:
        """Keeps the link up until cancelled, or ended by `end_when_sent`."""
        loop = asyncio.get_running_loop()
        delay = self._limits.first_retry_s
        while not self._last:
            self._retry.clear()
            dialled, ups = loop.time(), self._ups
            try:
                await self._serve_once(session)
            except (aiohttp.ClientError, OSError, TimeoutError, LinkRefused) as error:
                self._tell_failure(error)
            except Exception:  # a bug met on one link is logged whole and must not end it for good
                log.exception("link failed", extra=self._where)
            if self._ups == ups:
                self._turn += 1  # not taken under this identity, or not there at all
            if loop.time() - dialled > self._limits.last_retry_s:
                delay = self._limits.first_retry_s  # it held for a while: not a flapping link
            jittered = delay * random.uniform(0.5, 1)  # noqa: S311 - spreads retries, no secret
            with suppress(TimeoutError):
                async with asyncio.timeout(jittered):
                    await self._retry.wait()
            delay = min(delay * 2, self._limits.last_retry_s)

    async def _serve_once(self, session: aiohttp.ClientSession) -> None:
        """One connection from dialling to its end. Raises why it ended, unless all is sent."""
        async with asyncio.timeout(self._limits.handshake_s):
            ws = await self._dial(session)
        goodbye = LinkRefused(CloseCode.GOING_AWAY, "")
        try:
            async with asyncio.timeout(self._limits.handshake_s):
                await self._greet(ws)
            self._came_up()
            await self._speak(ws)
        except LinkRefused as error:
            goodbye = error
            raise
        finally:
            if self.up:
                self.up = False
                self._on_change()
            with suppress(TimeoutError, OSError, aiohttp.ClientError):
                async with asyncio.timeout(self._limits.close_s):
                    await ws.close(code=goodbye.code, message=goodbye.close_text())

    async def _dial(self, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        host = f"[{self._address.host}]" if ":" in self._address.host else self._address.host
        return await session.ws_connect(
            f"wss://{host}:{self._address.port}{PATH}",
            ssl=self._contexts[self._turn % len(self._contexts)],
            server_hostname=member_host(self.member),
            max_msg_size=MESSAGE_BOUND,
            autoclose=True,
        )

    async def _greet(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        """Hello both ways. Raises LinkRefused, also when the other end refuses us."""
        if certificate_of(ws.get_extra_info("ssl_object")) != self._address.certificate:
            reason = f"the certificate at {self._address.host} is not {self.member}'s"
            raise LinkRefused(CloseCode.MEMBER, reason)
        await ws.send_bytes(hello(self._union, self._me, self._carries))
        answer = await ws.receive()
        if answer.type is not aiohttp.WSMsgType.BINARY:
            raise ConnectionError(_ending(answer))
        if check_hello(answer.data, union=self._union, member=self.member) != self._carries:
            raise LinkRefused(CloseCode.HELLO, "hello: the answer is for another class of frames")

    def _came_up(self) -> None:
        oldest = asyncio.get_running_loop().time() - self._limits.stale_s
        self._count_dropped(self._outbox.discard_before(oldest))
        self.up = True
        self._ups += 1
        self.shown = self._turn % len(self._contexts)
        self._last_failure = ""
        self._counters.links_up += 1
        log.info("link up", extra=self._where)
        self._on_change()

    async def _speak(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        """Sends until the link ends. Raises ConnectionError saying how, unless all is sent."""
        tasks = {asyncio.create_task(self._write(ws)), asyncio.create_task(self._watch(ws))}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _write(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            message = self._outbox.next_message()
            if message is None and self._last:
                return
            if message is None:
                self._filled.clear()
                await self._filled.wait()
                continue
            await ws.send_bytes(message)
            self._counters.messages_sent += 1
            self._counters.bytes_sent += len(message)

    async def _watch(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        """The other end sends nothing but signs of life; their absence is the end of the link."""
        while True:
            try:
                message = await ws.receive(timeout=self._limits.silence_s)
            except TimeoutError as error:
                raise ConnectionError(f"silent for {self._limits.silence_s:g} s") from error
            if message.type is not aiohttp.WSMsgType.BINARY or message.data:
                raise ConnectionError(_ending(message))

    def _tell_failure(self, error: Exception) -> None:
        """Logs a failure once, not at every retry."""
        failure = str(error) or "no answer in time"
        if isinstance(error, LinkRefused):
            self._counters.links_refused += 1
        if failure != self._last_failure:
            log.warning("link down", extra={**self._where, "reason": failure})
        self._last_failure = failure

    def _count_dropped(self, dropped: int) -> None:
        if self._carries is FrameClass.URGENT:
            self._counters.dropped_urgent += dropped
        else:
            self._counters.dropped_bulk += dropped


def _ending(message: aiohttp.WSMessage) -> str:
    if message.type is aiohttp.WSMsgType.CLOSE:
        return f"closed by the other end: {message.data} {message.extra or ''}".rstrip()
    if message.type is aiohttp.WSMsgType.ERROR:
        return f"broken: {message.data}"
    if message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING):
        return "closed by the other end without a reason"
    return f"unexpected {message.type.name} message"
