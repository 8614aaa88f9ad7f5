"""The port that peers dial: who does not show a member's certificate gets no further.

Each connection is taken in the clear, shaken hands with under the TLS context of that moment, and
only then handed to whoever speaks on it. So another roster is let in from the next handshake on,
without closing the port, and who is turned away is known by address and reason.
"""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress

from ledger_node.network.limits import Limits
from ledger_node.network.strangers import Refusal, Strangers

_BACKLOG = 64
"""Connections the kernel holds for us; members are few, and strangers do not get past TLS."""


class PeerPort:
    """Owned by the event loop's thread.

    context: asks for a certificate and says whose is taken; replace it to let in others.
    """

    def __init__(
        self,
        speaker: Callable[[], asyncio.Protocol],
        context: ssl.SSLContext,
        limits: Limits,
        strangers: Strangers,
    ) -> None:
        """speaker: makes the protocol of one connection that was let in."""
        self.context = context
        self._speaker = speaker
        self._limits = limits
        self._strangers = strangers
        self._server: asyncio.Server | None = None
        self._handshakes: dict[asyncio.Task[None], asyncio.Transport] = {}

    async def open(self, host: str, port: int) -> None:
        """Listens there, and no longer where it did. Connections go on. Raises OSError."""
        if self._server is not None:
            self._server.close()
        self._server = await asyncio.get_running_loop().create_server(
            lambda: _Arrival(self._arrived), host, port, backlog=_BACKLOG
        )

    def close(self) -> None:
        """Takes no more connections and cuts those in the middle of their handshake."""
        if self._server is not None:
            self._server.close()
        for handshake, transport in self._handshakes.items():
            handshake.cancel()
            transport.abort()  # a task that is cancelled before its first step does nothing

    async def wait_closed(self) -> None:
        """Until every connection has ended, or for as long as saying goodbye may take."""
        await asyncio.gather(*self._handshakes, return_exceptions=True)
        if self._server is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._limits.close_s):
                    await self._server.wait_closed()

    def _arrived(self, transport: asyncio.Transport) -> None:
        handshake = asyncio.get_running_loop().create_task(self._shake_hands(transport))
        self._handshakes[handshake] = transport
        handshake.add_done_callback(self._handshakes.pop)

    async def _shake_hands(self, transport: asyncio.Transport) -> None:
        early = _Early()
        try:
            secured = await asyncio.get_running_loop().start_tls(
                transport,
                early,
                self.context,
                server_side=True,
                ssl_handshake_timeout=self._limits.handshake_s,
                ssl_shutdown_timeout=self._limits.close_s,
            )
        except OSError as error:  # what TLS and sockets raise, ssl.SSLError among it
            self._turn_away(transport, error)
            return
        if secured is None or early.lost:  # asyncio's answer when it ended in the middle
            self._turn_away(transport, None)
            return
        speaker = self._speaker()
        secured.set_protocol(speaker)
        speaker.connection_made(secured)
        if early.data:
            speaker.data_received(bytes(early.data))

    def _turn_away(self, transport: asyncio.Transport, error: OSError | None) -> None:
        address = transport.get_extra_info("peername")
        host = address[0] if isinstance(address, tuple) else "unknown"
        self._strangers.turn_away(host, _why(error), _detail(error))
        transport.abort()


class _Arrival(asyncio.Protocol):
    """A connection of which nothing has been read yet, nor is before TLS reads."""

    def __init__(self, arrived: Callable[[asyncio.Transport], None]) -> None:
        self._arrived = arrived

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        self._arrived(transport)


class _Early(asyncio.Protocol):
    """Keeps what came right behind the handshake, in the turn before the speaker takes over."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.lost = False

    def data_received(self, data: bytes) -> None:
        self.data += data

    def connection_lost(self, _error: Exception | None) -> None:
        self.lost = True


def _why(error: OSError | None) -> Refusal:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Refusal.CERTIFICATE
    if isinstance(error, ssl.SSLError):
        missing = error.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE"
        return Refusal.CERTIFICATE if missing else Refusal.TLS
    return Refusal.UNFINISHED


def _detail(error: OSError | None) -> str:
    match error:
        case None:
            return "it ended during the handshake"
        case ssl.SSLCertVerificationError():
            return f"no member's certificate: {error.verify_message}"
        case ssl.SSLError():
            return error.reason or str(error)
        case _:
            return str(error) or type(error).__name__
