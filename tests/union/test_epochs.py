"""Membership and keys change by vote on a running union under load: real nodes, real votes."""

from pathlib import Path

import aiohttp
import pytest

from consensus.authentication import authenticate
from consensus.messages import MessageRefused, Nullify, nullify_bytes
from contracts.governance.changes import EpochChange, Seat
from ledger_node.genesis.card import sign_card
from ledger_node.genesis.policy import cosigner_key, log_key
from ledger_node.genesis.readable import write_json
from ledger_node.log.policy import parse_policy
from ledger_node.log.proof import verify_proof
from ledger_node.network import Identity
from ledger_node.network.limits import PATH
from ledger_node.network.peers import client_context
from ledger_node.node.node import Node
from ledger_node.node.peering import ClaimChecker
from tests.ledger_node.api.served import registration
from tests.ports import HOST, free_ports
from tests.union.founding import FoundedMember, FoundedUnion, found_union, make_member
from tests.union.governing import FIVE, document, hand_over_keys, loaded, nodes_of


def newcomer_of(union: FoundedUnion, root: Path) -> FoundedMember:
    """UZ, with all that its node needs to follow the union once that lets it."""
    newcomer = make_member(root / "UZ", "UZ", free_ports(1)[0], 0)
    newcomer.directory.genesis.write_text(write_json(union.document))
    newcomer.directory.card.write_text(write_json(sign_card(newcomer.card, newcomer.authority)))
    return newcomer


async def test_a_sixth_member_observes_then_joins_and_one_leaves_under_load(
    tmp_path: Path,
) -> None:
    union = found_union(tmp_path, *FIVE)
    newcomer = newcomer_of(union, tmp_path)
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

        view = await nodes.registrar("UZ").act(registration("UZ-FIRST", member="UZ"))
        assert view.accepted
        await nodes.agree(*FIVE[:4], "UZ")
        policy = parse_policy((await nodes.clients["UZ"].policy()).encode())
        assert {w.name for w in policy.witnesses} == {*FIVE[:4], "UZ"}
        proof = await nodes.clients["UZ"].proof(view.records[0].log_index)
        verify_proof(proof, policy)

        await load.goes_on()


async def refused_at_the_port(of: Node, member: FoundedMember) -> None:
    """A link under the member's TLS key is refused by a node, and counted there."""
    counter = of.metrics.strangers.labels("certificate")
    before = counter._value.get()
    card = member.card
    own = Identity(card.member, card.tls_certificate, member.keys.tls)
    context = client_context(own, [of.seat.card.tls_certificate])
    url = f"wss://{HOST}:{of.seat.card.peer_port}{PATH}"
    async with aiohttp.ClientSession() as session:
        with pytest.raises((aiohttp.ClientError, ConnectionError)):
            await session.ws_connect(url, ssl=context)
    assert counter._value.get() > before


async def test_one_joins_one_leaves_and_one_replaces_all_its_keys_at_once_under_load(
    tmp_path: Path,
) -> None:
    union = found_union(tmp_path, *FIVE)
    newcomer = newcomer_of(union, tmp_path)
    before = dict(union.members)
    renewed = hand_over_keys(union, "BY")
    after = [renewed if code == "BY" else each for code, each in before.items() if code != "RU"]
    async with nodes_of(union) as nodes:
        async with loaded(nodes.registrar("KG")) as load:
            roster = nodes.node("AM").seat.roster
            observed = document(roster, [*before.values(), newcomer])
            await nodes.decide(EpochChange((), (), observed), FIVE[:4])
            await nodes.until_epoch(2, *FIVE)
            union.members["UZ"] = newcomer
            await nodes.start("UZ")

            seat = Seat("UZ", "Uzbekistan", newcomer.registrar.public)
            change = EpochChange((seat,), ("RU",), document(roster, [*after, newcomer]))
            await nodes.decide(change, FIVE[:4])
            union.members["BY"] = renewed
            new = ("AM", "BY", "KG", "KZ", "UZ")
            await nodes.until_epoch(3, *new)
            await load.goes_on()
            for code in new:
                node = nodes.node(code)
                assert node.committee.names == new
                assert node.committee.keys[1] == renewed.keys.consensus.public
                view = await nodes.registrar(code).act(registration(f"{code}-3", member=code))
                assert view.accepted

            for gone in (before["BY"], before["RU"]):
                await refused_at_the_port(nodes.node("AM"), gone)
            worth_nothing(nodes.node("AM"), before["BY"], union)
            await load.goes_on()
        await nodes.agree(*new)


def worth_nothing(of: Node, member: FoundedMember, union: FoundedUnion) -> None:
    """Neither a vote nor a cosignature nor a log line under the member's keys counts at a node."""
    committee = of.committee
    by = committee.names.index(member.card.member)
    statement = nullify_bytes(union.id, committee.epoch, 1)
    forged = Nullify(committee.epoch, 1, by, member.keys.consensus.sign(statement))
    with pytest.raises(MessageRefused, match="signature"):
        authenticate(forged, by, committee, ClaimChecker(committee))
    real = Nullify(committee.epoch, 1, by, union.members["BY"].keys.consensus.sign(statement))
    authenticate(real, by, committee, ClaimChecker(committee))
    origin = union.founding.genesis.origin
    known = {each.key for each in of.policy.witnesses} | {each.key for each in of.policy.logs}
    assert not known & {cosigner_key(origin, member.card), log_key(origin, member.card)}
    own = union.members["BY"].card
    assert known > {cosigner_key(origin, own), log_key(origin, own)}


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
