"""What a node does beside its work: drops what expired, tells again what nobody heard of, keeps its
checkpoint, finds what waited before a restart."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from consensus.block import Block, SubmissionId
from ledger_node.node.admission import Admission
from ledger_node.node.block_work import BlockWork
from ledger_node.node.bodies import Bodies
from ledger_node.node.checkpoints import Checkpoints
from ledger_node.node.frames import Frame
from ledger_node.node.gossip import GOSSIP_AGAIN, frames_of
from ledger_node.node.kept_checkpoint import KEEP_S, KeptCheckpoint
from ledger_node.node.mempool import Mempool, MempoolFull
from ledger_node.storage.database import Database

log = logging.getLogger(__name__)

SWEEP_S: Final = 10.0
"""How often expired submissions are dropped."""

RETELL_S: Final = 2.0
"""How long nothing becomes final, while something waits, before what waits is told again."""


def restore_mempool(
    mempool: Mempool,
    database: Database,
    bodies: Bodies,
    blocks: BlockWork,
    vouched_for: Iterable[Block],
) -> None:
    """Bodies that were on disk and never became final may still be ordered.

    Those of blocks that this member vouched for are kept whatever happens. What finds no room
    stays on disk, where it is found when a block names it. Raises StorageError.
    """
    blocks.recovered(vouched_for)
    final: list[SubmissionId] = []
    for body in database.all_staged():
        if database.latest.ordered(body.id):
            final.append(body.id)
            continue
        bodies.restored(body)
        with suppress(MempoolFull):
            mempool.add(body)
    database.drop_staged(final)


async def sweep(mempool: Mempool, database: Database, bodies: Bodies, admission: Admission) -> None:
    """Drop expired submissions, until cancelled. Raises StorageError."""
    while True:
        now_ms = time.time_ns() // 1_000_000
        if expired := [*mempool.drop_expired(now_ms), *bodies.drop_expired(now_ms)]:
            database.drop_staged(expired)
            bodies.expired(expired)
            admission.expired(expired)
            log.info("expired submissions dropped", extra={"count": len(expired)})
        await asyncio.sleep(SWEEP_S)


async def retell(mempool: Mempool, database: Database, tell: Callable[[Frame], None]) -> None:
    """Tell everyone again what waits while nothing becomes final, until cancelled.

    Gossip may be lost: in a queue that was full, at a peer that had no room. Who alone knows of a
    submission cannot have it ordered, since one member's reason for a block is not enough.
    """
    while True:
        height = database.latest.tip.header.height
        oldest = mempool.oldest(1)
        await asyncio.sleep(RETELL_S)
        stalled = database.latest.tip.header.height == height
        if stalled and oldest and oldest[0].id in mempool:
            for frame in frames_of(mempool.oldest(GOSSIP_AGAIN)):
                tell(frame)


async def keep_checkpoint(kept: KeptCheckpoint, checkpoints: Checkpoints) -> None:
    """Keep the newest checkpoint on disk, until cancelled."""
    while True:
        await asyncio.sleep(KEEP_S)
        await asyncio.to_thread(kept.keep, checkpoints.latest)
