"""The queue before the ledger thread: parents first, commits first, the dead hold up nobody."""

import asyncio
from typing import cast

from consensus.block import Block, BlockId, block_id
from consensus.events import Commit
from consensus.messages import Finalization
from ledger_node.ledger.submission import VerifiedSubmission
from ledger_node.node.ledger_queue import Execution, LedgerQueue
from tests.consensus.builders import Sayings, submission
from tests.simulation.signing import committee_of

UNION = Sayings(committee_of(4, 7))
FIRST = UNION.block(1, None, [submission(1)])
SECOND = UNION.block(2, FIRST, [submission(2)])
RIVAL = UNION.block(3, None, [submission(3)])
TURNS = 20
"""Of the event loop, after which everything is done that does not wait for something else."""
COMMIT = Commit((FIRST,), cast("Finalization", None))


async def here() -> tuple[VerifiedSubmission, ...]:
    return ()


async def never() -> tuple[VerifiedSubmission, ...]:
    await asyncio.Event().wait()
    return ()


async def taken(queue: LedgerQueue) -> Block | Commit | None:
    """What comes out next, if anything does."""
    taking = asyncio.create_task(queue.take())
    for _ in range(TURNS):
        await asyncio.sleep(0)
    if not taking.done():
        taking.cancel()
        return None
    work = taking.result()
    return work.block if isinstance(work, Execution) else work


async def test_a_block_whose_bodies_never_come_holds_up_only_its_descendants() -> None:
    queue = LedgerQueue()
    lost = asyncio.create_task(never())
    queue.put_block(FIRST, lost)
    queue.put_block(SECOND, asyncio.create_task(here()))
    queue.put_block(RIVAL, asyncio.create_task(here()))
    assert await taken(queue) == RIVAL
    assert await taken(queue) is None
    queue.forget(lambda name: name == block_id(RIVAL.header))
    assert await taken(queue) is None
    assert lost.cancelled()


async def test_a_block_is_taken_after_its_parent() -> None:
    queue = LedgerQueue()
    bodies: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def later() -> tuple[VerifiedSubmission, ...]:
        await bodies
        return ()

    queue.put_block(FIRST, asyncio.create_task(later()))
    queue.put_block(SECOND, asyncio.create_task(here()))
    assert await taken(queue) is None
    bodies.set_result(None)
    assert await taken(queue) == FIRST
    assert await taken(queue) == SECOND


async def test_a_commit_goes_first_and_is_waited_for() -> None:
    queue = LedgerQueue()
    queue.put_block(FIRST, asyncio.create_task(here()))
    queue.put_commit(COMMIT)
    assert not queue.committed
    assert await taken(queue) == COMMIT
    waiting = asyncio.create_task(queue.all_committed())
    await asyncio.sleep(0)
    assert not waiting.done()
    queue.commit_done()
    await waiting
    assert queue.committed
    assert await taken(queue) == FIRST


async def test_what_still_stands_is_kept_with_its_children() -> None:
    queue = LedgerQueue()
    queue.put_block(FIRST, asyncio.create_task(here()))
    queue.put_block(SECOND, asyncio.create_task(here()))
    queue.forget(lambda name: name == BlockId(FIRST.header.parent))
    assert await taken(queue) == FIRST
    assert await taken(queue) == SECOND
