"""Membership and keys change by vote on a running union under load: real nodes, real votes."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from consensus.authentication import authenticate
from consensus.messages import MessageRefused, Nullify, nullify_bytes
from contracts.governance.changes import EpochChange, Seat
from contracts.governance.records import CastVote, ProposeEpoch
from ledger_node.client import LedgerClient, Participant
from ledger_node.genesis.card import MemberCard, SignedCard, sign_card
from ledger_node.genesis.readable import write_json
from ledger_node.genesis.roster import Roster, draft_document
from ledger_node.log.policy import parse_policy
from ledger_node.log.proof import verify_proof
from ledger_node.node.epochs import KeyRing
from ledger_node.node.node import Node
from ledger_node.node.peering import ClaimChecker
from tests.ledger_node.api.served import registration
from tests.patience import until
from tests.ports import free_ports
from tests.union.founding import FoundedMember, FoundedUnion, found_union, make_member
from tests.union.running import RunningMember, running

FIVE = ("AM", "BY", "KG", "KZ", "RU")
DAY_MS = 24 * 60 * 60 * 1000


@dataclass
class Load:
    """Records entered without pause at one node, all of which must be accepted."""

    accepted: int = 0
    numbers: list[int] = field(default_factory=list)

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

    async def start(self, *codes: str) -> None:
        members = await asyncio.gather(
            *(self.stack.enter_async_context(running(self.union, code)) for code in codes)
        )
        for code, member in zip(codes, members, strict=True):
            self.running[code] = member
            client = LedgerClient(member.server.url, self.union.members[code].token)
            self.clients[code] = await self.stack.enter_async_context(client)

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


@asynccontextmanager
async def nodes_of(union: FoundedUnion) -> AsyncIterator[Nodes]:
    async with AsyncExitStack() as stack:
        nodes = Nodes(union, stack)
        await nodes.start(*union.members)
        yield nodes


async def test_a_sixth_member_observes_then_joins_and_one_leaves_under_load(
    tmp_path: Path,
) -> None:
    union = found_union(tmp_path, *FIVE)
    newcomer = make_member(tmp_path / "UZ", "UZ", free_ports(1)[0], 0)
    newcomer.directory.genesis.write_text(write_json(union.document))
    newcomer.directory.card.write_text(write_json(sign_card(newcomer.card, newcomer.authority)))
    founders = list(union.members.values())
    async with nodes_of(union) as nodes, loaded(nodes.registrar("KG")) as load:
        roster = nodes.node("AM").seat.roster
        six = [*founders, newcomer]
        await nodes.decide(EpochChange((), (), document(roster, six)), FIVE[:4])
        await nodes.until_epoch(2, *FIVE)
        assert nodes.node("AM").seat.roster.observers == ("UZ",)

        union.members["UZ"] = newcomer
        await nodes.start("UZ")
        await nodes.until_epoch(2, "UZ")
        await nodes.agree(*FIVE, "UZ")
        assert nodes.node("UZ").core.me is None

        seat = Seat("UZ", "Uzbekistan", newcomer.registrar.public)
        await nodes.decide(EpochChange((seat,), (), document(roster, six)), FIVE[:4])
        await nodes.until_epoch(3, *FIVE, "UZ")
        assert nodes.node("UZ").committee.names == (*FIVE, "UZ")
        assert nodes.node("UZ").core.me is not None

        remaining = [each for each in six if each.card.member != "RU"]
        await nodes.decide(EpochChange((), ("RU",), document(roster, remaining)), (*FIVE[:4], "UZ"))
        await nodes.until_epoch(4, *FIVE[:4], "UZ")
        assert "RU" not in nodes.node("UZ").committee.names

        before = load.accepted
        view = await nodes.registrar("UZ").act(registration("UZ-FIRST", member="UZ"))
        assert view.accepted
        await nodes.agree(*FIVE[:4], "UZ")
        policy = parse_policy((await nodes.clients["UZ"].policy()).encode())
        assert {w.name for w in policy.witnesses} == {*FIVE[:4], "UZ"}
        proof = await nodes.clients["UZ"].proof(view.records[0].log_index)
        verify_proof(proof, policy)

        async def goes_on() -> bool:
            return load.accepted > before + 5

        await until(goes_on)


async def test_a_member_replaces_all_its_keys_and_the_old_ones_are_worth_nothing(
    tmp_path: Path,
) -> None:
    union = found_union(tmp_path, *FIVE[:4])
    old = union.members["BY"]
    rotated = make_member(tmp_path / "BY-next", "BY", old.card.peer_port, 0)
    card = MemberCard(
        **{
            **{name: getattr(rotated.card, name) for name in MemberCard.__struct_fields__},
            "authority": old.authority.public,
            "registrar": old.card.registrar,
        }
    )
    ring = KeyRing.of(old.keys, rotated.keys)
    async with AsyncExitStack() as stack:
        nodes = Nodes(union, stack)
        union.rings["BY"] = ring
        await nodes.start(*union.members)
        async with loaded(nodes.registrar("KZ")) as load:
            roster = nodes.node("AM").seat.roster
            cards = [
                sign_card(card, old.authority) if code == "BY" else sign_card(m.card, m.authority)
                for code, m in union.members.items()
            ]
            await nodes.decide(EpochChange((), (), draft_document(roster, cards)), FIVE[:4])
            await nodes.until_epoch(2, *FIVE[:4])
            assert nodes.node("BY").seat.keys.consensus.public == rotated.keys.consensus.public
            before = load.accepted

            async def goes_on() -> bool:
                return load.accepted > before + 5

            await until(goes_on)
        await nodes.agree(*FIVE[:4])
        committee = nodes.node("AM").committee
        by = committee.names.index("BY")
        statement = nullify_bytes(union.id, committee.epoch, 1)
        forged = Nullify(committee.epoch, 1, by, old.keys.consensus.sign(statement))
        with pytest.raises(MessageRefused, match="signature"):
            authenticate(forged, by, committee, ClaimChecker(committee))
        real = Nullify(committee.epoch, 1, by, rotated.keys.consensus.sign(statement))
        authenticate(real, by, committee, ClaimChecker(committee))


async def test_a_node_restarted_in_a_later_epoch_finds_it_again(tmp_path: Path) -> None:
    union = found_union(tmp_path, *FIVE[:4])
    async with nodes_of(union) as nodes:
        roster = nodes.node("AM").seat.roster
        members = list(union.members.values())
        await nodes.decide(EpochChange((), (), document(roster, members)), FIVE[:4])
        await nodes.until_epoch(2, *FIVE[:4])
        await nodes.registrar("AM").act(registration("AM-AFTER", member="AM"))
        await nodes.agree(*FIVE[:4])
        digest = nodes.node("AM").database.latest.tip.outcome_digest
    async with nodes_of(union) as nodes:
        assert nodes.node("KG").seat.roster.epoch == 2
        assert nodes.node("KG").database.latest.tip.outcome_digest == digest
        view = await nodes.registrar("KG").act(registration("KG-AGAIN", member="KG"))
        assert view.accepted
        await nodes.agree(*FIVE[:4])
