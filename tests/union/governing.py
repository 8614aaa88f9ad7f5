"""Unions whose nodes run in this process and that change themselves by vote, under load.

async with nodes_of(union) as nodes:
    await nodes.decide(EpochChange((), (), document(roster, members)), ("AM", "BY", "KG"))
    await nodes.until_epoch(2, *union.members)
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

from contracts.governance.changes import EpochChange
from contracts.governance.records import CastVote, ProposeEpoch
from ledger_node.client import LedgerClient, Participant
from ledger_node.genesis.card import MemberCard, SignedCard, sign_card
from ledger_node.genesis.readable import write_json
from ledger_node.genesis.roster import Roster, draft_document
from ledger_node.node.epochs import KeyRing
from ledger_node.node.node import Node
from tests.ledger_node.api.served import registration
from tests.patience import until
from tests.union.founding import FoundedMember, FoundedUnion, make_member
from tests.union.running import RunningMember, running

FIVE = ("AM", "BY", "KG", "KZ", "RU")
DAY_MS = 24 * 60 * 60 * 1000


@dataclass
class Load:
    """Records entered without pause at one node, all of which must be accepted."""

    accepted: int = 0

    async def goes_on(self) -> None:
        """Some more are accepted, of which the last began after this was asked."""
        enough = self.accepted + 3
        await until(lambda: self.accepted >= enough)

    async def run(self, who: Participant) -> None:
        while True:
            view = await who.act(registration(f"{who.author}-L{self.accepted}", member=who.author))
            assert view.accepted, view.rejections
            self.accepted += 1


@asynccontextmanager
async def loaded(who: Participant) -> AsyncIterator[Load]:
    load = Load()
    task = asyncio.create_task(load.run(who))
    try:
        yield load
        if task.done():
            task.result()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@dataclass
class Nodes:
    """The nodes of a union that run, with a client each."""

    union: FoundedUnion
    stack: AsyncExitStack
    running: dict[str, RunningMember] = field(default_factory=dict)
    clients: dict[str, LedgerClient] = field(default_factory=dict)
    stacks: dict[str, AsyncExitStack] = field(default_factory=dict)

    async def start(self, *codes: str) -> None:
        await asyncio.gather(*(self._start(code) for code in codes))

    async def _start(self, code: str) -> None:
        stack = self.stacks[code] = AsyncExitStack()
        self.stack.push_async_callback(stack.aclose)
        member = await stack.enter_async_context(running(self.union, code))
        self.running[code] = member
        client = LedgerClient(member.server.url, self.union.members[code].token)
        self.clients[code] = await stack.enter_async_context(client)

    async def stop(self, code: str) -> None:
        """Cleanly; it may be started again."""
        await self.stacks[code].aclose()

    def node(self, code: str) -> Node:
        return self.running[code].node

    def registrar(self, code: str) -> Participant:
        return Participant(
            self.clients[code], self.union.id, code, self.union.members[code].registrar
        )

    async def decide(self, change: EpochChange, voters: Sequence[str]) -> None:
        """The first proposes, the others vote for."""
        closes_ms = time.time_ns() // 1_000_000 + DAY_MS
        proposed = await self.registrar(voters[0]).act(
            ProposeEpoch(change, "decided at the autumn session", closes_ms)
        )
        assert proposed.accepted, proposed.rejections
        number = (await self.clients[voters[0]].object("charter/union")).value["proposals"]
        for code in voters[1:]:
            await self.registrar(code).act(CastVote(number, True))

    async def until_epoch(self, epoch: int, *codes: str) -> None:
        async def there() -> bool:
            return all(self.node(code).seat.roster.epoch == epoch for code in codes)

        await until(there)

    async def agree(self, *codes: str) -> None:
        async def alike() -> bool:
            tips = {self.node(code).database.latest.tip.outcome_digest for code in codes}
            return len(tips) == 1

        await until(alike)


def cards_of(members: Sequence[FoundedMember]) -> list[SignedCard]:
    return [sign_card(each.card, each.authority) for each in members]


def document(roster: Roster, members: Sequence[FoundedMember]) -> bytes:
    return draft_document(roster, cards_of(members))


def renewed(member: FoundedMember, keys_of: FoundedMember) -> FoundedMember:
    """The member with the node keys of another; authority and registrar stay."""
    new = {name: getattr(keys_of.card, name) for name in MemberCard.__struct_fields__}
    card = MemberCard(
        **{
            **new,
            "member": member.card.member,
            "authority": member.authority.public,
            "registrar": member.card.registrar,
            "peer_port": member.card.peer_port,
        }
    )
    return replace(member, card=card, keys=keys_of.keys)


def hand_over_keys(union: FoundedUnion, code: str) -> FoundedMember:
    """New node keys for a member, given to its node beside the old ones with the card they are in.

    Returns the member as it will be; its node is to be started after this.
    """
    old = union.members[code]
    spare = make_member(old.directory.root.with_name(f"{code}-next"), code, old.card.peer_port, 0)
    new = renewed(old, spare)
    union.rings[code] = KeyRing.of(old.keys, new.keys)
    old.directory.next_card.parent.mkdir(parents=True)
    old.directory.next_card.write_text(write_json(sign_card(new.card, new.authority)))
    return new


@asynccontextmanager
async def nodes_of(union: FoundedUnion) -> AsyncIterator[Nodes]:
    async with AsyncExitStack() as stack:
        nodes = Nodes(union, stack)
        await nodes.start(*union.members)
        yield nodes
