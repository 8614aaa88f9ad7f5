"""Unions in which one member is far behind, for tests of snapshots."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import msgspec

from ledger_node.client import LedgerClient, Participant
from ledger_node.node.node import Node
from ledger_node.storage import schema
from tests.ledger_node.api.served import registration
from tests.union.founding import FoundedUnion, found_union
from tests.union.running import RunningMember, running

FOUR = ("AM", "BY", "KG", "KZ")
NEW = "KZ"
OLD = ("AM", "BY", "KG")
GAP = 5


def found_four(root: Path) -> FoundedUnion:
    """Of four, the last of which takes a snapshot when it is more than GAP blocks behind."""
    founded = found_union(root, *FOUR)
    new = founded.members[NEW]
    settings = msgspec.structs.replace(new.settings, snapshot_gap=GAP)
    members = {**founded.members, NEW: replace(new, settings=settings)}
    return replace(founded, members=members)


@asynccontextmanager
async def history(
    union: FoundedUnion, objects: int = 12
) -> AsyncIterator[dict[str, RunningMember]]:
    """Three members run, and have made blocks that the fourth knows nothing of."""
    async with AsyncExitStack() as stack:
        members = await asyncio.gather(
            *(stack.enter_async_context(running(union, code)) for code in OLD)
        )
        first = members[0]
        client = await stack.enter_async_context(
            LedgerClient(first.server.url, union.members["AM"].token)
        )
        registrar = Participant(client, union.id, "AM", union.registrar("AM"))
        for number in range(2 * GAP):
            view = await registrar.act(registration(f"AM-{number}"))
            assert view.accepted
        acts = [registrar.act(registration(f"AM-{n}")) for n in range(2 * GAP, objects)]
        assert all(view.accepted for view in await asyncio.gather(*acts))
        yield dict(zip(OLD, members, strict=True))


def rows(node: Node, *tables: bytes) -> dict[bytes, bytes]:
    """All rows of some tables of a node's ledger."""
    reads = node.database.latest.rows
    return {key: value for table in tables for key, value in reads(table)}


LEDGER = (
    schema.BLOCK,
    schema.BLOCK_HEIGHT,
    schema.SUBMISSION,
    schema.ENTRY,
    schema.TILE,
    schema.OBJECT,
    schema.LEAF,
    schema.BRANCH,
    schema.HISTORY,
)
"""Tables that are the same at every node: certificates differ, by whose votes came first."""


def agree(one: Node, other: Node) -> bool:
    heads = {node.database.latest.tip.outcome_digest for node in (one, other)}
    return len(heads) == 1
