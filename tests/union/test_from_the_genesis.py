"""A ledger begun at the genesis, when the others' certificates are not those of the genesis.

A history of the members' changes, proven from the genesis on, tells a node whom to dial and to
take in today. Who voted in each epoch it learns from the ledger, as ever.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from contracts.governance.changes import EpochChange
from ledger_node.genesis.card import sign_card
from ledger_node.genesis.readable import write_json
from ledger_node.node.epochs import KeyMissing, KeyRing
from ledger_node.node.seat import NodeError
from tests.ledger_node.api.served import registration
from tests.patience import until
from tests.ports import free_ports
from tests.union.founding import FoundedMember, FoundedUnion, found_union, make_member
from tests.union.governing import Nodes, document, hand_over_keys, nodes_of, renewed

FOUR = ("AM", "BY", "KG", "KZ")
THREE = FOUR[:3]


def place(union: FoundedUnion, member: FoundedMember, history: bytes | None) -> None:
    """What `ledger-node init` puts into the member's directory."""
    member.directory.genesis.write_text(write_json(union.document))
    member.directory.card.write_text(write_json(sign_card(member.card, member.authority)))
    if history is not None:
        member.directory.history.write_bytes(history)


async def works(nodes: Nodes, *codes: str) -> None:
    for code in codes:
        view = await nodes.registrar(code).act(registration(f"{code}-NOW", member=code))
        assert view.accepted
    await nodes.agree(*codes)


async def test_a_newcomer_follows_though_every_member_replaced_its_keys(tmp_path: Path) -> None:
    union = found_union(tmp_path, *FOUR)
    after = [hand_over_keys(union, code) for code in FOUR]
    newcomer = make_member(tmp_path / "UZ", "UZ", free_ports(1)[0], 0)
    async with nodes_of(union) as nodes:
        roster = nodes.node("AM").seat.roster
        await nodes.decide(EpochChange((), (), document(roster, [*after, newcomer])), THREE)
        await nodes.until_epoch(2, *FOUR)
        history = await nodes.clients["AM"].policy_history()

        union.members["UZ"] = newcomer
        place(union, newcomer, None)
        await nodes.start("UZ")
        refused = nodes.node("UZ").metrics.strangers.labels("certificate")
        await until(lambda: refused._value.get() > 0)
        assert not any(nodes.node("UZ").network.connected.values())
        await nodes.stop("UZ")

        place(union, newcomer, history)
        await nodes.start("UZ")
        await nodes.until_epoch(2, "UZ")
        await works(nodes, *FOUR)
        await nodes.agree(*FOUR, "UZ")


async def test_a_member_that_lost_its_disk_begins_anew_with_nothing_but_new_keys(
    tmp_path: Path,
) -> None:
    """Its journal is gone with the rest: with the old keys it might contradict itself."""
    union = found_union(tmp_path, *FOUR)
    spare = make_member(tmp_path / "KZ-anew", "KZ", union.members["KZ"].card.peer_port, 0)
    anew = replace(
        renewed(union.members["KZ"], spare), directory=spare.directory, settings=spare.settings
    )
    async with nodes_of(union) as nodes:
        await works(nodes, *FOUR)
        await nodes.stop("KZ")
        roster = nodes.node("AM").seat.roster
        members = [*(union.members[code] for code in THREE), anew]
        await nodes.decide(EpochChange((), (), document(roster, members)), THREE)
        await nodes.until_epoch(2, *THREE)
        union.members["KZ"] = replace(anew, token=spare.token)
        union.rings["KZ"] = KeyRing.of(anew.keys)

        place(union, anew, None)
        with pytest.raises(KeyMissing):
            union.node("KZ")
        place(union, anew, await nodes.clients["AM"].policy_history())
        await nodes.start("KZ")
        await nodes.until_epoch(2, "KZ")
        assert nodes.node("KZ").core.me is not None
        assert (await nodes.registrar("KZ").act(registration("KZ-ANEW", member="KZ"))).accepted
        await nodes.agree(*FOUR)


async def test_a_history_of_another_union_is_refused(tmp_path: Path) -> None:
    theirs = found_union(tmp_path / "theirs", *FOUR)
    async with nodes_of(theirs) as nodes:
        roster = nodes.node("AM").seat.roster
        change = EpochChange((), (), document(roster, list(theirs.members.values())))
        await nodes.decide(change, THREE)
        await nodes.until_epoch(2, *FOUR)
        history = await nodes.clients["AM"].policy_history()
    ours = found_union(tmp_path / "ours", *FOUR)
    ours.members["AM"].directory.history.write_bytes(history)
    with pytest.raises(NodeError, match="line 2: certificate"):
        ours.node("AM")
