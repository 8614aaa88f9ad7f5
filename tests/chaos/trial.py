"""A union under load, and the reckoning afterwards: what the programs here have in common."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from tests.chaos.findings import Findings, agree, audit, close_and_inspect
from tests.chaos.load import Load
from tests.chaos.progress import Progress
from tests.chaos.union import UnionUnderFire
from tests.chaos.watch import Watch

_TELL_EVERY_S: Final = 10.0


@asynccontextmanager
async def on_trial(
    union: UnionUnderFire, load: Load, root: Path, findings: Findings, tell: Progress
) -> AsyncIterator[Watch]:
    """Clients act and members are watched for as long as the block runs; then clients finish what
    they have under way, members must agree, and everything is verified. root: room for bundles."""
    watch = Watch(union)
    tasks = [asyncio.create_task(watch.run()), asyncio.create_task(_tell_load(load, tell))]
    try:
        yield watch
        tell("clients finish what they have under way")
        await load.rest()
        await agree(union, findings)
    finally:
        load.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    tell("verifying every member's log offline")
    await audit(union, load.acknowledged, watch, root, findings)
    await close_and_inspect(union, findings)


async def _tell_load(load: Load, tell: Progress) -> None:
    while True:
        await asyncio.sleep(_TELL_EVERY_S)
        given = load.acknowledged
        tell(f"acknowledged {len(given.views)} submissions, {given.records} records")
