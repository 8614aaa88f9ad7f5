"""Asking peers for chunks, and knowing which answer belongs to which question.

One request waits for one answer of the peer it was sent to, for a while. An answer nobody waits
for is dropped: it may be late, and the question has gone to someone else. Numbers begin by chance,
for a node that restarts still hears what was asked before: a peer must not be blamed for that.
"""

import asyncio
import itertools
import secrets
from collections.abc import Callable, Sequence
from typing import Final

from ledger_node.node.frames import ChunkFrame, ChunkWanted, Frame
from ledger_node.node.snapshot.forms import MAX_ITEM_BYTES, MAX_ITEMS, ChunkKind, SnapshotRefused

ANSWER_S: Final = 10.0
"""How long a peer is given. A chunk is under a megabyte: slower links serve nobody."""

FIRST_BITS: Final = 48
"""Of the first request's number: no two lives of a node meet, and none comes to the end of 64."""


class Exchange:
    """Owned by the event loop's thread."""

    def __init__(self, send: Callable[[str, Frame], None], answer_s: float = ANSWER_S) -> None:
        """send: to one peer, as bulk. answer_s: how long an answer is waited for."""
        self._send = send
        self._answer_s = answer_s
        self._numbers = itertools.count(secrets.randbits(FIRST_BITS))
        self._asked: dict[int, tuple[str, asyncio.Future[tuple[bytes, ...]]]] = {}

    async def ask(
        self, peer: str, height: int, kind: ChunkKind, names: Sequence[bytes]
    ) -> tuple[bytes, ...] | None:
        """The items a peer answers with, () if it does not hold them; None if it does not answer.

        Raises SnapshotRefused for more or greater items than there can be.
        """
        number = next(self._numbers)
        answer: asyncio.Future[tuple[bytes, ...]] = asyncio.get_running_loop().create_future()
        self._asked[number] = (peer, answer)
        try:
            self._send(peer, ChunkWanted(number, height, kind, tuple(names)))
            async with asyncio.timeout(self._answer_s):
                items = await answer
        except TimeoutError:
            return None
        finally:
            del self._asked[number]
        if len(items) > MAX_ITEMS[kind] or any(len(item) > MAX_ITEM_BYTES for item in items):
            raise SnapshotRefused("chunk", f"{len(items)} items, or one beyond its greatest size")
        return items

    def hear(self, peer: str, frame: ChunkFrame) -> None:
        """A peer's answer."""
        asked = self._asked.get(frame.request)
        if asked is not None and asked[0] == peer and not asked[1].done():
            asked[1].set_result(frame.items)
