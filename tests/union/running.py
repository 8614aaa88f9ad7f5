"""Nodes of a founded union, running in this process with their APIs on free ports."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ledger_node.api.server import ApiServer
from ledger_node.node.node import Node
from tests.union.founding import FoundedUnion


@dataclass(frozen=True)
class RunningMember:
    """A node and the server of its API."""

    node: Node
    server: ApiServer


@asynccontextmanager
async def running(
    union: FoundedUnion, member: str, *, idle_s: float = 30.0
) -> AsyncIterator[RunningMember]:
    """The member's node until the block ends; then it is stopped cleanly, if it still runs.

    idle_s: of the API. Raises what made the node fail.
    """
    node = union.node(member)
    server = ApiServer(node, union.members[member].token, idle_s=idle_s)
    started = asyncio.Event()

    async def serve() -> None:
        await server.start()
        started.set()

    life = asyncio.create_task(node.run(serve, server.close))
    waiting = asyncio.create_task(started.wait())
    await asyncio.wait({life, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if not started.is_set():
        waiting.cancel()
        await life
    try:
        yield RunningMember(node, server)
    finally:
        node.stop()
        await life
