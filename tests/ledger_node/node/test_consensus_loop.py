"""The queue before the core: peers wait when it is long, so that a slow disk fills no memory."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from consensus.core import Simplex
from consensus.events import Input, Work
from ledger_node.node.consensus_loop import MAX_BACKLOG, ConsensusLoop, Surroundings
from ledger_node.storage.wal import WriteAheadLog
from tests.patience import PATIENCE_S


class IdleCore:
    """Takes every input and asks for nothing."""

    ended = False
    view = 1

    def __init__(self) -> None:
        self.taken = 0

    def start(self, now: int) -> list[object]:
        return []

    def step(self, now: int, event: Input) -> list[object]:
        self.taken += 1
        return []


async def test_peers_wait_while_the_core_is_behind_and_go_on_when_it_is_not(tmp_path: Path) -> None:
    core = IdleCore()
    with WriteAheadLog(tmp_path / "journal") as journal, ThreadPoolExecutor(1) as thread:
        loop = ConsensusLoop(cast("Simplex", core), journal, thread)
        for _ in range(MAX_BACKLOG - 1):
            loop.feed(Work(True))
        async with asyncio.timeout(PATIENCE_S):
            await loop.room()
        loop.feed(Work(True))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await loop.room()
        running = asyncio.create_task(loop.run(cast("Surroundings", SimpleNamespace())))
        async with asyncio.timeout(PATIENCE_S):
            await loop.room()
        assert core.taken == MAX_BACKLOG
        running.cancel()
