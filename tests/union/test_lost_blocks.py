"""What a lost block named, and what nobody heard of, is ordered all the same, at once.

The heartbeat is an hour here: a member that does not know of work makes nobody a block.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from consensus.events import Commit
from consensus.messages import Message, Notarization, Notarize
from consensus.messages import decode_message as decode_consensus
from ledger_node.genesis import Parameters
from ledger_node.node import housekeeping
from ledger_node.node.frames import ConsensusFrame, Frame, GossipFrame, decode_frame
from ledger_node.node.node import Node
from tests.ledger_node.api.served import registration
from tests.patience import until
from tests.union.founding import found_union
from tests.union.governing import Nodes, nodes_of

FOUR = ("AM", "BY", "KG", "KZ")
QUIET = Parameters(delta_ms=100, heartbeat_ms=3_600_000)


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    async with nodes_of(found_union(tmp_path, *FOUR, parameters=QUIET)) as running:
        await until(lambda: all(each.running for each in all_of(running)))
        yield running


def all_of(nodes: Nodes) -> list[Node]:
    return [nodes.node(code) for code in FOUR]


def lose(nodes: Nodes, lost: Callable[[Frame], bool]) -> Callable[[], None]:
    """Every node loses such frames, until what is returned is called."""
    over = asyncio.Event()

    def install(node: Node) -> None:
        take = node.hearing._take

        async def heed(member: str, data: bytes) -> None:
            if over.is_set() or not lost(decode_frame(data)):
                await take(member, data)

        node.hearing._take = heed

    for node in all_of(nodes):
        install(node)
    return over.set


def hold_commits(nodes: Nodes) -> Callable[[], None]:
    """No node's disk takes a block, until what is returned is called."""
    over = asyncio.Event()

    def install(node: Node) -> None:
        commit = node.blocks._commit

        async def held(effect: Commit) -> None:
            await over.wait()
            await commit(effect)

        node.blocks._commit = held

    for node in all_of(nodes):
        install(node)
    return over.set


def said(frame: Frame) -> Message | None:
    return decode_consensus(frame.message) if isinstance(frame, ConsensusFrame) else None


def votes_for_blocks(above: int) -> Callable[[Frame], bool]:
    """Those that would notarize a block of a later view than this."""

    def wanted(frame: Frame) -> bool:
        message = said(frame)
        return isinstance(message, Notarize | Notarization) and message.view > above

    return wanted


async def settled(work: asyncio.Task[object]) -> None:
    """As `until`, for what may fail before."""
    await until(work.done)
    work.result()


def enters(nodes: Nodes, code: str, name: str) -> asyncio.Task[object]:
    """A record entered at a node; done when it is final, and then it must be accepted."""

    async def entered() -> None:
        assert (await nodes.registrar(code).act(registration(name, member=code))).accepted

    return asyncio.create_task(entered())


async def test_what_a_lost_block_named_waits_again_though_another_was_settled_meanwhile(
    nodes: Nodes,
) -> None:
    """The first block is final and being written when the second, on top of it, is lost."""
    let_commit = hold_commits(nodes)
    first = enters(nodes, "AM", "AM-FIRST")
    await until(lambda: all(node.core.chain.head.height > 0 for node in all_of(nodes)))
    above = max(node.core.chain.head.view for node in all_of(nodes))
    let_blocks = lose(nodes, votes_for_blocks(above))
    second = enters(nodes, "AM", "AM-SECOND")
    await until(lambda: all(len(node.mempool) == 2 for node in all_of(nodes)))
    # A block names it at everyone but at the leader, who takes what it likes from what waits.
    await until(lambda: sum(node.mempool.has_work for node in all_of(nodes)) == 1)
    let_commit()
    await settled(first)
    await until(lambda: all(len(node.mempool) == 1 for node in all_of(nodes)))
    reached = max(node.core.view for node in all_of(nodes))
    await until(lambda: all(node.core.view > reached for node in all_of(nodes)))
    let_blocks()
    await settled(second)


async def test_a_body_that_came_with_a_lost_block_is_everyones_to_order(nodes: Nodes) -> None:
    """Only the leader was told of it, by its client. It loses its turn, and the others have it."""
    lose(nodes, lambda frame: isinstance(frame, GossipFrame))
    let_blocks = lose(nodes, votes_for_blocks(above=0))
    node = nodes.node("AM")
    leader = node.committee.names[node.committee.leader(node.core.view)]
    work = enters(nodes, leader, f"{leader}-ALONE")
    await until(lambda: all(node.core.view > 1 for node in all_of(nodes)))
    let_blocks()
    await settled(work)


async def test_a_submission_nobody_heard_of_is_told_again(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is entered where no leader is, so that one member alone cannot bring it further."""
    monkeypatch.setattr(housekeeping, "RETELL_S", 0.1)
    let_gossip = lose(nodes, lambda frame: isinstance(frame, GossipFrame))
    node = nodes.node("AM")
    follower = (node.committee.leader(node.core.view) + 1) % len(FOUR)
    work = enters(nodes, FOUR[follower], f"{FOUR[follower]}-UNHEARD")
    await until(lambda: len(nodes.node(FOUR[follower]).mempool) == 1)
    let_gossip()
    await settled(work)
