"""What waits to be sent to one peer, bounded, in two classes of which the urgent one goes first.

Putting a frame in never blocks and never fails: when a class is full its oldest frames go, for a
peer that reads too slowly is better served by what is new.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from ledger_node.network.frames import HEAD, MORE, FrameClass
from ledger_node.network.limits import MAX_FRAME, PART

FRAME_COST: Final = 128
"""What a frame counts for beyond its bytes, so that very many tiny ones are bounded as well."""


@dataclass(slots=True)
class _Lane:
    """Frames of one class in order, each with the time it came.

    size: what they count for; sent: bytes of the first that are already out.
    """

    limit: int
    frames: deque[tuple[float, bytes]] = field(default_factory=deque)
    size: int = 0
    sent: int = 0

    def push(self, now: float, frame: bytes) -> int:
        """Adds a frame and returns how many older ones had to go for it."""
        self.frames.append((now, frame))
        self.size += len(frame) + FRAME_COST
        begun = 1 if self.sent else 0  # the other end waits for the rest of a frame begun
        dropped = 0
        while self.size > self.limit and len(self.frames) > begun + 1:
            self._remove(begun)
            dropped += 1
        return dropped

    def discard_before(self, oldest: float) -> int:
        """Drops whole frames that came before `oldest`, and returns how many."""
        self.sent = 0
        dropped = 0
        while self.frames and self.frames[0][0] < oldest:
            self._remove(0)
            dropped += 1
        return dropped

    def message(self, kind: FrameClass) -> bytes:
        """One WebSocket message of at most PART bytes after its class, taken from the front."""
        pieces = [bytes([kind])]
        room = PART
        while self.frames and room > HEAD.size:
            frame = self.frames[0][1]
            take = min(room - HEAD.size, len(frame) - self.sent)
            rest = len(frame) - self.sent - take
            if rest and room < PART:
                break  # a cut costs a copy at the other end: begin a long frame in a new message
            pieces.append(HEAD.pack(take | (MORE if rest else 0)))
            pieces.append(frame[self.sent : self.sent + take])
            room -= HEAD.size + take
            self.sent += take
            if not rest:
                self._remove(0)
                self.sent = 0
        return b"".join(pieces)

    def _remove(self, index: int) -> None:
        self.size -= len(self.frames[index][1]) + FRAME_COST
        del self.frames[index]


class Outbox:
    """What waits to be sent to one peer: bounded, urgent first, and never blocking who puts in."""

    def __init__(self, urgent_limit: int, bulk_limit: int) -> None:
        self._lanes = {
            FrameClass.URGENT: _Lane(urgent_limit),
            FrameClass.BULK: _Lane(bulk_limit),
        }

    def put(self, kind: FrameClass, frame: bytes, now: float) -> int:
        """Queues a frame of 1 to MAX_FRAME bytes; returns how many older ones of its class went.

        Raises ValueError for a frame that no peer would take: a bug of the caller.
        """
        if not 0 < len(frame) <= MAX_FRAME:
            raise ValueError(f"a frame has 1 to {MAX_FRAME} bytes, not {len(frame)}")
        return self._lanes[kind].push(now, frame)

    def discard_before(self, oldest: float) -> dict[FrameClass, int]:
        """Forgets what came before `oldest`, and that parts of a frame were sent on a lost link."""
        return {kind: lane.discard_before(oldest) for kind, lane in self._lanes.items()}

    def next_message(self) -> bytes | None:
        """The next message to send, None when nothing waits."""
        for kind, lane in self._lanes.items():
            if lane.frames:
                return lane.message(kind)
        return None

    def waiting(self, kind: FrameClass) -> int:
        """What the frames that wait in a class count for, in bytes."""
        return self._lanes[kind].size
