"""Epochs change, and a node that was away, deaf or busy just then comes after, at once.

The heartbeat is an hour here: nobody says anything by itself once an epoch has begun. So whoever
is not told where the others are stays behind, and the test gives up waiting for it.
"""

import asyncio
import math
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from msgspec import structs

from consensus.block import Block, block_id, payload_root
from consensus.events import Commit, Executed
from contracts.governance.changes import EpochChange
from ledger_node.genesis import Parameters
from ledger_node.genesis.card import sign_card
from ledger_node.genesis.readable import write_json
from ledger_node.genesis.roster import Roster
from ledger_node.ledger.submission import VerifiedSubmission
from ledger_node.node.node import Node
from tests.ledger_node.api.served import registration
from tests.patience import until
from tests.ports import free_ports
from tests.union.founding import FoundedUnion, found_union, make_member
from tests.union.governing import Nodes, document, hand_over_keys, nodes_of

FOUR = ("AM", "BY", "KG", "KZ")
THREE = FOUR[:3]
QUIET = Parameters(delta_ms=100, heartbeat_ms=3_600_000)


@pytest.fixture
def union(tmp_path: Path) -> FoundedUnion:
    return found_union(tmp_path, *FOUR, parameters=QUIET)


async def decide(nodes: Nodes, *voters: str) -> None:
    """Another epoch, of the same members."""
    members = list(nodes.union.members.values())
    change = EpochChange((), (), document(nodes.node(voters[0]).seat.roster, members))
    await nodes.decide(change, voters)


async def works(nodes: Nodes, *codes: str) -> None:
    """A record entered at each of these becomes final, and all of them hold it."""
    for code in codes:
        epoch = nodes.node(code).seat.roster.epoch
        view = await nodes.registrar(code).act(registration(f"{code}-{epoch}", member=code))
        assert view.accepted
    await nodes.agree(*codes)


def deafen(node: Node, hears: Callable[[str], bool]) -> None:
    """The node takes every frame off its links, and heeds those of members that `hears` names."""
    take = node.hearing._take

    async def heed(member: str, data: bytes) -> None:
        if hears(member):
            await take(member, data)

    node.hearing._take = heed


def hold(node: Node) -> asyncio.Event:
    """The node goes on into an epoch that begins only when the event is set."""
    let_go = asyncio.Event()
    drained = node.blocks.drained

    async def held() -> None:
        await let_go.wait()
        await drained()

    node.blocks.drained = held
    return let_go


def lose_what_waits(nodes: Nodes, member: str) -> None:
    """As if the member had been away for longer than frames are kept for it."""
    for code in THREE:
        for box in nodes.node(code).network._peers[member]._outboxes.values():
            box.discard_before(math.inf)


async def test_a_newcomer_is_led_into_a_fresh_epoch(union: FoundedUnion, tmp_path: Path) -> None:
    newcomer = make_member(tmp_path / "UZ", "UZ", free_ports(1)[0], 0)
    newcomer.directory.genesis.write_text(write_json(union.document))
    newcomer.directory.card.write_text(write_json(sign_card(newcomer.card, newcomer.authority)))
    async with nodes_of(union) as nodes:
        union.members["UZ"] = newcomer
        await decide(nodes, *THREE)
        await nodes.until_epoch(2, *FOUR)
        await nodes.start("UZ")
        await nodes.until_epoch(2, "UZ")
        await works(nodes, *FOUR)


async def test_a_member_that_was_away_when_the_epoch_ended_is_told_as_it_comes_back(
    union: FoundedUnion,
) -> None:
    async with nodes_of(union) as nodes:
        await nodes.stop("KZ")
        await decide(nodes, *THREE)
        await nodes.until_epoch(2, *THREE)
        lose_what_waits(nodes, "KZ")
        await nodes.start("KZ")
        await nodes.until_epoch(2, "KZ")
        await works(nodes, *FOUR)


async def test_several_epochs_later_it_is_told_as_well(union: FoundedUnion) -> None:
    async with nodes_of(union) as nodes:
        await nodes.stop("KZ")
        for epoch in (2, 3, 4):
            await decide(nodes, *THREE)
            await nodes.until_epoch(epoch, *THREE)
        lose_what_waits(nodes, "KZ")
        await nodes.start("KZ")
        await nodes.until_epoch(4, "KZ")
        await works(nodes, *FOUR)


async def test_a_member_that_missed_the_end_is_told_on_the_links_there_are(
    union: FoundedUnion,
) -> None:
    """KZ heeds nobody who is in the first epoch: neither the votes nor what they vote about."""
    async with nodes_of(union) as nodes:
        await works(nodes, *FOUR)
        deafen(nodes.node("KZ"), lambda peer: nodes.node(peer).seat.roster.epoch > 1)
        await decide(nodes, *THREE)
        await nodes.until_epoch(2, *FOUR)
        assert nodes.node("KZ").network.counters["AM"].links_up == 2
        await works(nodes, *FOUR)


async def test_a_peer_that_comes_while_we_go_over_is_greeted_when_we_are_there(
    union: FoundedUnion,
) -> None:
    async with nodes_of(union) as nodes:
        await nodes.stop("KZ")
        let_go = [hold(nodes.node(code)) for code in THREE]
        await decide(nodes, *THREE)
        await until(lambda: all(nodes.node(code).core.ended for code in THREE))
        lose_what_waits(nodes, "KZ")
        await nodes.start("KZ")
        await until(lambda: all(nodes.node(code).network.connected["KZ"] for code in THREE))
        for event in let_go:
            event.set()
        await nodes.until_epoch(2, *FOUR)
        await works(nodes, *FOUR)


async def test_what_is_lost_while_everyone_goes_over_is_said_again(union: FoundedUnion) -> None:
    """Nobody hears anything between the end of its epoch and the beginning of the next."""
    async with nodes_of(union) as nodes:
        for code in FOUR:
            node = nodes.node(code)
            deafen(node, lambda _, node=node: not node.core.ended)
        for epoch in (2, 3):
            await decide(nodes, *FOUR)
            view = await nodes.registrar("AM").act(registration(f"AM-EARLY-{epoch}", member="AM"))
            assert view.accepted
            await nodes.until_epoch(epoch, *FOUR)
            await works(nodes, *FOUR)


async def test_a_member_whose_keys_were_replaced_while_it_was_away_comes_back_by_the_new_ones(
    union: FoundedUnion,
) -> None:
    """Its ledger knows only the old card, and nobody takes that certificate any more."""
    renewed = hand_over_keys(union, "KZ")
    async with nodes_of(union) as nodes:
        await nodes.stop("KZ")
        members = [*list(union.members.values())[:3], renewed]
        roster = nodes.node("AM").seat.roster
        await nodes.decide(EpochChange((), (), document(roster, members)), THREE)
        await nodes.until_epoch(2, *THREE)
        lose_what_waits(nodes, "KZ")
        await nodes.start("KZ")
        await nodes.until_epoch(2, "KZ")
        assert nodes.node("KZ").seat.keys == renewed.keys
        await works(nodes, *FOUR)


async def test_a_member_whose_keys_are_replaced_may_be_the_last_to_go_over(
    union: FoundedUnion,
) -> None:
    renewed = hand_over_keys(union, "KZ")
    async with nodes_of(union) as nodes:
        deafen(nodes.node("KZ"), lambda peer: nodes.node(peer).seat.roster.epoch > 1)
        members = [*list(union.members.values())[:3], renewed]
        roster = nodes.node("AM").seat.roster
        await nodes.decide(EpochChange((), (), document(roster, members)), THREE)
        await nodes.until_epoch(2, *FOUR)
        await works(nodes, *FOUR)


async def test_a_block_that_is_executed_as_the_epoch_ends_does_no_harm(
    union: FoundedUnion,
) -> None:
    """One above the blocks that carried the last one's finality, whose execution is not needed."""
    async with nodes_of(union) as nodes:
        executed: list[Block] = []
        for code in FOUR:
            execute_late(nodes.node(code), executed)
        await decide(nodes, *THREE)
        await nodes.until_epoch(2, *FOUR)
        await works(nodes, *FOUR)
        assert len(executed) == len(FOUR)


def execute_late(node: Node, executed: list[Block]) -> None:
    """Such a block waits while the epoch's last is committed. Its execution is slow: it goes on
    when the node has begun the next epoch, if that comes before."""
    began = threading.Event()
    commit, execute, begin = node.blocks._commit, node.blocks._execute_now, node.blocks.begin_epoch

    async def commit_with_more_waiting(effect: Commit) -> None:
        if node.core.ended:
            beyond = child_of([*effect.blocks, *effect.beyond][-1])
            done = Executed(block_id(beyond.header), bytes(32), effect.blocks[-1].header.height)
            node.blocks._beyond[done.block] = done
            node.blocks.execute(child_of(beyond))
        await commit(effect)

    def execute_slowly(block: Block, bodies: Sequence[VerifiedSubmission]) -> Executed:
        if node.core.ended:
            began.wait(0.5)
            executed.append(block)
        return execute(block, bodies)

    def begin_epoch(roster: Roster) -> None:
        begin(roster)
        began.set()

    node.blocks._commit = commit_with_more_waiting
    node.blocks._execute_now = execute_slowly
    node.blocks.begin_epoch = begin_epoch


def child_of(parent: Block) -> Block:
    above = parent.header
    header = structs.replace(
        above,
        height=above.height + 1,
        view=above.view + 1,
        parent_view=above.view,
        parent=block_id(above),
        time_ms=above.time_ms + 1,
        payload_root=payload_root(()),
    )
    return Block(header, ())
