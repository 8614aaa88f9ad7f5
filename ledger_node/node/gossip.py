"""What clients hand to this node, told to every other: at once, yet many submissions a frame.

All that is taken in one turn of the event loop shares a frame: alone, a submission waits for
nothing, and under load the cost of frames is shared.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from ledger_node.ledger.submission import VerifiedSubmission
from ledger_node.node.frames import Frame, GossipFrame

FRAME_BYTES: Final = 1024 * 1024
"""A frame is cut here; one submission more, at most 1 MiB, still fits the frame limit."""

GOSSIP_AGAIN: Final = 256
"""Waiting submissions, the oldest, told to a peer that may not know of them; others it asks for
when it needs them."""


class Gossip:
    """Owned by the event loop's thread."""

    def __init__(self, broadcast: Callable[[Frame], None]) -> None:
        """broadcast: to every other member, as bulk."""
        self._broadcast = broadcast
        self._fresh: list[bytes] = []
        self._size = 0

    def tell(self, submission: bytes) -> None:
        """Have every other node hear of a submission, in its canonical bytes."""
        if not self._fresh:
            asyncio.get_running_loop().call_soon(self._flush)
        self._fresh.append(submission)
        self._size += len(submission)
        if self._size > FRAME_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._fresh:
            self._broadcast(GossipFrame(tuple(self._fresh)))
            self._fresh, self._size = [], 0


def frames_of(submissions: Iterable[VerifiedSubmission]) -> Iterable[GossipFrame]:
    """Submissions as gossip for one peer, in as few frames as hold them."""
    together: list[bytes] = []
    size = 0
    for each in submissions:
        if together and size + each.size > FRAME_BYTES:
            yield GossipFrame(tuple(together))
            together, size = [], 0
        together.append(each.to_bytes())
        size += each.size
    if together:
        yield GossipFrame(tuple(together))
