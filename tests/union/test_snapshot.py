"""A node far behind takes a snapshot from its peers: real nodes, some of which lie or die."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

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


@pytest.fixture
def union(tmp_path: Path) -> FoundedUnion:
    """Of four, the last of which takes a snapshot when it is more than GAP blocks behind."""
    founded = found_union(tmp_path, *FOUR)
    new = founded.members[NEW]
    settings = msgspec.structs.replace(new.settings, snapshot_gap=GAP)
    members = {**founded.members, NEW: replace(new, settings=settings)}
    return replace(founded, members=members)


@asynccontextmanager
async def history(union: FoundedUnion, blocks: int = 12) -> AsyncIterator[dict[str, RunningMember]]:
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
        for number in range(blocks):
            view = await registrar.act(registration(f"AM-{number}"))
            assert view.accepted
        yield dict(zip(OLD, members, strict=True))


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - nodes tell nobody outside
            await asyncio.sleep(0.02)


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
    schema.PATH,
    schema.PAGE,
    schema.HISTORY,
)
"""Tables that are the same at every node: certificates differ, by whose votes came first."""


async def test_a_member_that_starts_from_nothing_ends_with_the_same_ledger(
    union: FoundedUnion, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with history(union) as old, running(union, NEW) as new:
        await until(lambda: new.node.running)
        assert "snapshot taken" in caplog.text
        await until(lambda: new.node.database.latest.gap is None)
        await until(lambda: agree(new.node, old["AM"].node))
        assert rows(new.node, *LEDGER) == rows(old["AM"].node, *LEDGER)
        assert (
            rows(new.node, schema.CERTIFICATE).keys()
            <= rows(old["AM"].node, schema.CERTIFICATE).keys()
            | rows(old["BY"].node, schema.CERTIFICATE).keys()
        )


async def test_it_takes_part_from_there_on(union: FoundedUnion) -> None:
    async with history(union) as old, running(union, NEW) as new:
        await until(lambda: new.node.running)
        async with LedgerClient(new.server.url, union.members[NEW].token) as client:
            registrar = Participant(client, union.id, NEW, union.registrar(NEW))
            for number in range(3):
                view = await registrar.act(registration(f"KZ-{number}", member=NEW))
                assert view.accepted
        await until(lambda: agree(new.node, old["BY"].node))


def agree(one: Node, other: Node) -> bool:
    heads = {node.database.latest.tip.outcome_digest for node in (one, other)}
    return len(heads) == 1
