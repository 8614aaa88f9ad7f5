"""Old proofs after keys were replaced: every policy follows from the genesis, step by step."""

import random
from pathlib import Path

import pytest

from contracts.governance.changes import EpochChange
from ledger_node.genesis.card import MemberCard, sign_card
from ledger_node.genesis.policy import policy_of
from ledger_node.genesis.policy_history import HistoryRefused, verify_history
from ledger_node.genesis.readable import write_json
from ledger_node.genesis.roster import draft_document
from ledger_node.log.proof import ProofRefused, verify_proof
from ledger_node.node.epochs import KeyRing
from tests.ledger_node.cli.terminal import process
from tests.union.founding import FoundedUnion, found_union, make_member
from tests.union.governing import FIVE, Nodes, nodes_of

FOUR = FIVE[:4]
GOLDEN = Path(__file__).parents[1] / "golden/epochs"
"""A genesis, the history of three epochs, and a proof of each: for tests that run no union."""


def next_card(union: FoundedUnion, root: Path, code: str) -> MemberCard:
    """A card with new keys, which the member's node gets too."""
    old = union.members[code]
    made = make_member(root / f"{code}-next", code, old.card.peer_port, 0)
    union.rings[code] = KeyRing.of(old.keys, made.keys)
    fields = {name: getattr(made.card, name) for name in MemberCard.__struct_fields__}
    kept = {"authority": old.card.authority, "registrar": old.card.registrar}
    return MemberCard(**(fields | kept))


async def replace_keys(nodes: Nodes, cards: dict[str, MemberCard], epoch: int) -> None:
    union = nodes.union
    signed = [
        sign_card(cards.get(code, member.card), member.authority)
        for code, member in union.members.items()
    ]
    document = draft_document(nodes.node("AM").seat.roster, signed)
    await nodes.decide(EpochChange((), (), document), FOUR)
    await nodes.until_epoch(epoch, *FOUR)


async def test_proofs_of_every_epoch_stay_verifiable_from_the_genesis(
    tmp_path: Path, regenerate_golden: bool
) -> None:
    union = found_union(tmp_path, *FOUR)
    genesis = union.founding.genesis
    cards = {code: next_card(union, tmp_path, code) for code in ("AM", "BY")}
    async with nodes_of(union) as nodes:
        proofs = [await nodes.clients["KZ"].proof(0)]
        founding_only = await nodes.clients["KZ"].policy_history()
        for epoch, codes in ((2, ("AM",)), (3, ("AM", "BY"))):
            await replace_keys(nodes, {code: cards[code] for code in codes}, epoch)
            proofs.append(await nodes.clients["KZ"].proof(0))
        history = await nodes.clients["KG"].policy_history()
        await nodes.agree(*FOUR)
        other = await nodes.clients["AM"].policy_history()

    rosters = verify_history(history, union.founding)
    assert [roster.epoch for roster in rosters] == [1, 2, 3]
    # Nodes may have kept other quorums' signatures; what they prove is one.
    assert verify_history(other, union.founding) == rosters
    assert [roster.epoch for roster in verify_history(founding_only, union.founding)] == [1]
    policies = [policy_of(genesis, roster) for roster in rosters]
    for epoch, proof in enumerate(proofs):
        assert verify_proof(proof, policies[epoch]).index == 0
    # Two of four members have other keys: three old cosignatures are no longer to be had.
    with pytest.raises(ProofRefused):
        verify_proof(proofs[0], policies[2])

    if regenerate_golden:
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / "genesis.json").write_text(write_json(union.document))
        (GOLDEN / "union.history").write_bytes(history)
        for epoch, proof in enumerate(proofs, start=1):
            (GOLDEN / f"epoch-{epoch}.tlog-proof").write_bytes(proof)
    refuse_what_is_changed(history, union)
    make_policies_offline(tmp_path, union, history)


def refuse_what_is_changed(history: bytes, union: FoundedUnion) -> None:
    lines = history.splitlines(keepends=True)
    for wrong in (
        b"",
        history[:-1],
        history + b"\n",
        b"".join([lines[0], lines[2]]),
        b"".join([lines[0], lines[2], lines[1]]),
        b"".join([*lines[:2], lines[1]]),
        history.replace(b"@v1", b"@v2"),
        history.replace(b"step ", b"Step ", 1),
    ):
        with pytest.raises(HistoryRefused):
            verify_history(wrong, union.founding)
    other = random.Random(6)
    for at in (other.randrange(len(history)) for _ in range(150)):
        flipped = history[:at] + bytes([history[at] ^ 1 << at % 7]) + history[at + 1 :]
        with pytest.raises(HistoryRefused):
            verify_history(flipped, union.founding)


def make_policies_offline(place: Path, union: FoundedUnion, history: bytes) -> None:
    (place / "genesis.json").write_text(write_json(union.document))
    (place / "union.history").write_bytes(history)
    given = ("--genesis", place / "genesis.json", "--out", place / "policies")
    made = process("epoch", "policies", *given, "--history", place / "union.history")
    assert made.code == 0, made
    assert sorted(path.name for path in (place / "policies").iterdir()) == [
        f"epoch-{epoch}.policy" for epoch in (1, 2, 3)
    ]
    (place / "union.history").write_bytes(history[:-9] + history[-1:])
    refused = process("epoch", "policies", *given, "--history", place / "union.history")
    assert refused.code == 1
    assert "line 3" in refused.err
