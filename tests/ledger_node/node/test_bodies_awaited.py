"""Bodies: found, asked for, and forgotten when nobody waits for them any more."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest_asyncio

from ledger_node.node.bodies import Bodies
from ledger_node.node.frames import BodiesFrame, BodiesWanted, Frame
from ledger_node.node.mempool import Mempool, MempoolLimits
from ledger_node.node.verifying import Verification
from ledger_node.storage.database import Database
from tests.ledger_node.ledger.builders import UNION, genesis, put, submission

ONE = submission(put("o/1", "x"))
EXPIRY_MS = ONE.header.expiry_ms


class Asking:
    """A node's bodies, with peers that only listen."""

    def __init__(self, database: Database, pool: ThreadPoolExecutor) -> None:
        self.asked: list[tuple[str, Frame]] = []
        self.mempool = Mempool(MempoolLimits(submissions=1))
        self.database = database
        self.bodies = Bodies(UNION, self.mempool, database, self._send, pool, Verification(pool))
        self.bodies.peers = ("BY", "KZ")

    def _send(self, member: str, frame: Frame) -> None:
        self.asked.append((member, frame))


@pytest_asyncio.fixture
async def asking(tmp_path: Path) -> AsyncIterator[Asking]:
    with Database.create(tmp_path / "ledger", genesis()) as database, ThreadPoolExecutor(1) as pool:
        yield Asking(database, pool)


async def test_a_body_is_asked_for_and_taken_once_it_comes(asking: Asking) -> None:
    waiting = asyncio.create_task(asking.bodies.obtain([ONE.id], "KZ"))
    await asyncio.sleep(0)
    assert asking.asked == [("KZ", BodiesWanted((ONE.id,)))]
    await asking.bodies.receive(BodiesFrame((ONE.to_bytes(),)))
    assert await waiting == (ONE,)


async def test_what_was_made_durable_before_a_restart_is_not_asked_for(asking: Asking) -> None:
    asking.database.stage([ONE])
    assert await asking.bodies.obtain([ONE.id]) == (ONE,)
    assert asking.asked == []


async def test_what_nobody_waits_for_any_more_is_not_taken(asking: Asking) -> None:
    first = asyncio.create_task(asking.bodies.obtain([ONE.id]))
    second = asyncio.create_task(asking.bodies.obtain([ONE.id]))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await asking.bodies.receive(BodiesFrame((ONE.to_bytes(),)))
    assert await second == (ONE,)
    asking.bodies.settled([ONE.id])
    third = asyncio.create_task(asking.bodies.obtain([ONE.id]))
    await asyncio.sleep(0)
    third.cancel()
    await asyncio.gather(third, return_exceptions=True)
    await asking.bodies.receive(BodiesFrame((ONE.to_bytes(),)))
    assert asking.bodies.find(ONE.id) is None


async def vouched_for(asking: Asking) -> None:
    """A block names ONE, which comes, is made durable, and voted for."""
    waiting = asyncio.create_task(asking.bodies.obtain([ONE.id]))
    await asyncio.sleep(0)
    await asking.bodies.receive(BodiesFrame((ONE.to_bytes(),)))
    await asking.bodies.make_durable(await waiting)


async def test_what_came_for_a_block_that_lost_goes_when_it_expires(asking: Asking) -> None:
    await vouched_for(asking)
    assert asking.bodies.drop_expired(EXPIRY_MS - 1) == []
    assert asking.bodies.find(ONE.id) == ONE
    assert asking.bodies.drop_expired(EXPIRY_MS) == [ONE.id]
    assert asking.bodies.find(ONE.id) is None
    assert asking.bodies.drop_expired(EXPIRY_MS) == []


async def test_what_an_unfinalised_block_names_stays_whatever_the_clock_says(
    asking: Asking,
) -> None:
    asking.mempool.block_named([ONE.id])
    await vouched_for(asking)
    assert asking.bodies.drop_expired(EXPIRY_MS + 1) == []
    assert asking.bodies.find(ONE.id) == ONE
    asking.mempool.block_dropped([ONE.id])
    assert asking.bodies.drop_expired(EXPIRY_MS + 1) == [ONE.id]


async def test_what_waits_in_the_mempool_expires_there(asking: Asking) -> None:
    asking.mempool.add(ONE)
    await asking.bodies.make_durable([ONE])
    assert asking.bodies.drop_expired(EXPIRY_MS) == []
    assert asking.mempool.drop_expired(EXPIRY_MS) == [ONE.id]


async def test_what_a_restart_finds_on_the_disk_goes_when_it_expires(asking: Asking) -> None:
    asking.bodies.restored(ONE)
    assert asking.bodies.drop_expired(EXPIRY_MS) == [ONE.id]
