"""Frames on the wire: one WebSocket message holds one frame or several small ones.

A message is frames end to end, each after its length in 4 bytes, big-endian. Consensus and
everything else go over links of their own, so that neither waits behind the other: not in a queue,
not in a socket, not at the reader.
"""

from collections import deque
from collections.abc import Iterator
from enum import IntEnum
from struct import Struct
from typing import Final

from ledger_node.network.limits import MAX_FRAME

_LENGTH: Final = Struct(">I")

COALESCED: Final = 128 * 1024
"""Bytes up to which waiting frames share a message: enough to make the cost of a system call small,
little enough to be written at once."""

FRAME_COST: Final = 128
"""What a queued frame counts for beyond its bytes, so that very many tiny ones are bounded too."""


class FrameClass(IntEnum):
    """What a link carries. URGENT is consensus, BULK the rest."""

    URGENT = 0
    BULK = 1


class FramingError(ValueError):
    """A message that is not as above. reason: text for people, short enough for a close frame."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def frames_of(message: bytes) -> Iterator[bytes]:
    """The frames in a message. Raises FramingError at the first that is malformed."""
    if not message:
        raise FramingError("message: empty")
    at = 0
    while at < len(message):
        start = at + _LENGTH.size
        if start > len(message):
            raise FramingError("frame: length cut short")
        (size,) = _LENGTH.unpack_from(message, at)
        if not 0 < size <= MAX_FRAME:
            raise FramingError(f"frame: has {size} bytes, must have 1 to {MAX_FRAME}")
        at = start + size
        if at > len(message):
            raise FramingError("frame: shorter than its length says")
        yield message[start:at]


class Outbox:
    """What waits to be sent on one link. Putting in never blocks; when full, the oldest go.

    A peer that reads too slowly is better served by what is new, and asks for what it lacks.
    """

    def __init__(self, limit: int) -> None:
        """limit: bytes that may wait, each frame counting FRAME_COST more than its own."""
        self._limit = limit
        self._frames: deque[tuple[float, bytes]] = deque()
        self._size = 0

    @property
    def size(self) -> int:
        """What the waiting frames count for, in bytes."""
        return self._size

    def put(self, frame: bytes, now: float) -> int:
        """Queues a frame of 1 to MAX_FRAME bytes; returns how many older ones went for it.

        Raises ValueError for a frame that no peer would take: a bug of the caller.
        """
        if not 0 < len(frame) <= MAX_FRAME:
            raise ValueError(f"a frame has 1 to {MAX_FRAME} bytes, not {len(frame)}")
        self._frames.append((now, frame))
        self._size += len(frame) + FRAME_COST
        dropped = 0
        while self._size > self._limit and len(self._frames) > 1:
            self._take()
            dropped += 1
        return dropped

    def discard_before(self, oldest: float) -> int:
        """Forgets the frames put in before `oldest`; returns how many."""
        dropped = 0
        while self._frames and self._frames[0][0] < oldest:
            self._take()
            dropped += 1
        return dropped

    def next_message(self) -> bytes | None:
        """The next message to send, taken out of the box; None when nothing waits."""
        if not self._frames:
            return None
        parts: list[bytes] = []
        length = 0
        while self._frames and (not parts or length + len(self._frames[0][1]) <= COALESCED):
            frame = self._take()
            parts += (_LENGTH.pack(len(frame)), frame)
            length += _LENGTH.size + len(frame)
        return b"".join(parts)

    def hand_over(self) -> "Outbox":
        """A box with all that waits here; this one is empty then."""
        successor = Outbox(self._limit)
        successor._frames, self._frames = self._frames, successor._frames
        successor._size, self._size = self._size, 0
        return successor

    def _take(self) -> bytes:
        _, frame = self._frames.popleft()
        self._size -= len(frame) + FRAME_COST
        return frame
