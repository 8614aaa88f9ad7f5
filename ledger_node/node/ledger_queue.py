"""What waits for the ledger thread: blocks to execute, and commits.

A commit is asked for once its blocks are executed, so it can always be done, and goes first. A
block is executed when its bodies are here and its parent does not wait itself. So a block whose
bodies nobody has any more, because it lost and they expired, holds up nothing but its descendants,
and is forgotten with them when another block is final.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from consensus.block import Block, BlockId, block_id
from consensus.events import Commit
from ledger_node.ledger.submission import VerifiedSubmission

BodiesTask: TypeAlias = "asyncio.Task[tuple[VerifiedSubmission, ...]]"


@dataclass(frozen=True, slots=True)
class Execution:
    """A block and its bodies, which are here when it is taken out of the queue."""

    block: Block
    fetching: BodiesTask

    @property
    def bodies(self) -> tuple[VerifiedSubmission, ...]:
        """In the block's order."""
        return self.fetching.result()


class LedgerQueue:
    """Owned by the event loop's thread; one task takes out of it."""

    def __init__(self) -> None:
        self._commits: deque[Commit] = deque()
        self._waiting: dict[BlockId, Execution] = {}
        self._changed = asyncio.Event()
        self._committing = 0
        self._all_committed = asyncio.Event()
        self._all_committed.set()

    @property
    def committed(self) -> bool:
        """Whether every commit that was put in is done."""
        return self._committing == 0

    async def all_committed(self) -> None:
        """Until `committed`."""
        await self._all_committed.wait()

    def put_commit(self, effect: Commit) -> None:
        """Blocks to make final."""
        self._committing += 1
        self._all_committed.clear()
        self._commits.append(effect)
        self._changed.set()

    def commit_done(self) -> None:
        """The commit taken out last is on disk, and everybody was told."""
        self._committing -= 1
        if not self._committing:
            self._all_committed.set()

    def put_block(self, block: Block, fetching: BodiesTask) -> None:
        """A block to execute, once `fetching` has its bodies."""
        self._waiting[block_id(block.header)] = Execution(block, fetching)
        fetching.add_done_callback(lambda _: self._changed.set())

    async def take(self) -> Commit | Execution:
        """The next thing that can be done, out of the queue."""
        while True:
            if self._commits:
                return self._commits.popleft()
            for name, each in self._waiting.items():
                parent = BlockId(each.block.header.parent)
                if each.fetching.done() and parent not in self._waiting:
                    return self._waiting.pop(name)
            self._changed.clear()
            await self._changed.wait()

    def forget(self, stands: Callable[[BlockId], bool]) -> None:
        """Forget blocks that nothing can be built on any more.

        stands: whether a block that does not wait here is final or executed above what is.
        """
        for name, each in list(self._waiting.items()):
            parent = BlockId(each.block.header.parent)
            # Parents wait before their children: one that was forgotten is not here any more.
            if parent not in self._waiting and not stands(parent):
                del self._waiting[name]
                each.fetching.cancel()
