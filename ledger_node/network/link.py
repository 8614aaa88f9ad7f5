"""What both ends of a link share: the hello, the reasons for closing, counters and the budget."""

import asyncio
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import msgspec

from ledger_node.codec import DecodeError, decode, encode
from ledger_node.network.frames import FrameClass
from ledger_node.network.limits import PROTOCOL, Limits

_MAX_HELLO: Final = 256
_MAX_CLOSE_TEXT: Final = 123
"""Bytes of a close frame's reason, RFC 6455 §5.5."""


class CloseCode(IntEnum):
    """Why a link was closed: RFC 6455 §7.4 codes, and from 4000 on our own."""

    GOING_AWAY = 1001
    INTERNAL = 1011
    HELLO = 4000
    VERSION = 4001
    UNION = 4002
    MEMBER = 4003
    FRAME = 4004
    REPLACED = 4005
    ROSTER = 4006


class LinkRefused(Exception):
    """One end will not go on with a link. code and reason are told to the other end."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason

    def close_text(self) -> bytes:
        """The reason as it fits a close frame."""
        return self.reason.encode()[:_MAX_CLOSE_TEXT].decode(errors="ignore").encode()


class FrameRefused(LinkRefused):
    """Raised by whoever takes frames, to close the link of a peer that breaks the protocol."""

    def __init__(self, reason: str) -> None:
        super().__init__(CloseCode.FRAME, reason)


class Hello(msgspec.Struct, frozen=True, array_like=True):
    """The first message in each direction: what I speak, of which union, who I am, and what for."""

    protocol: int
    union: bytes
    member: str
    carries: FrameClass


def hello(union: bytes, member: str, carries: FrameClass) -> bytes:
    """The message that opens a link."""
    return encode(Hello(PROTOCOL, union, member, carries))


def check_hello(data: object, *, union: bytes, member: str) -> FrameClass:
    """What the link is to carry, once `data` is known to be the hello of `member` in this union.

    member: who the other end's certificate says it is. Raises LinkRefused.
    """
    if not isinstance(data, bytes):
        raise LinkRefused(CloseCode.HELLO, "hello: not a binary message")
    try:
        greeting = decode(Hello, data, what="hello", limit=_MAX_HELLO)
    except DecodeError as error:
        raise LinkRefused(CloseCode.HELLO, str(error)) from error
    if greeting.protocol != PROTOCOL:
        reason = f"hello: protocol {greeting.protocol}, here it is {PROTOCOL}"
        raise LinkRefused(CloseCode.VERSION, reason)
    if greeting.union != union:
        reason = f"hello: union {greeting.union.hex()[:16]}, here it is {union.hex()[:16]}"
        raise LinkRefused(CloseCode.UNION, reason)
    if greeting.member != member:
        reason = f"hello: claims to be {greeting.member[:8]!r}, the certificate is {member}'s"
        raise LinkRefused(CloseCode.MEMBER, reason)
    return greeting.carries


@dataclass(slots=True)
class LinkCounters:
    """What has passed between us and one member since start, for metrics. All only grow."""

    frames_queued: int = 0
    bytes_sent: int = 0
    messages_sent: int = 0
    frames_received: int = 0
    bytes_received: int = 0
    messages_received: int = 0
    dropped_urgent: int = 0
    dropped_bulk: int = 0
    links_up: int = 0
    links_refused: int = 0
    throttled_s: float = 0.0


class Budget:
    """A token bucket over bytes and messages, with one second's worth of burst (loop time)."""

    def __init__(self, limits: Limits) -> None:
        self._rates = (limits.bytes_per_s, limits.messages_per_s)
        self._tokens = list(self._rates)
        self._last = asyncio.get_running_loop().time()

    async def spend(self, size: int) -> float:
        """Waits until a message of `size` bytes is within budget; returns the seconds waited.

        Nothing is dropped: while we wait we do not read, so the peer's socket fills and it waits.
        """
        now = asyncio.get_running_loop().time()
        passed, self._last = now - self._last, now
        wait = 0.0
        for index, (rate, cost) in enumerate(zip(self._rates, (size, 1), strict=True)):
            self._tokens[index] = min(rate, self._tokens[index] + passed * rate) - cost
            wait = max(wait, -self._tokens[index] / rate)
        if wait > 0:
            await asyncio.sleep(wait)
        return max(wait, 0.0)
