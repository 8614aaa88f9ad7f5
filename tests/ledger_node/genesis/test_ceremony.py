"""Drafting, signing and verifying a genesis, and the policy that follows from it."""

import msgspec
import pytest

from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.genesis import (
    CeremonyError,
    GenesisError,
    SignedCard,
    SignedGenesis,
    draft,
    merge,
    missing,
    policy_of,
    policy_text,
    sign,
    sign_card,
    union_id,
    verify,
)
from ledger_node.genesis.document import AuthoritySignature
from ledger_node.log.policy import parse_policy
from tests.ledger_node.genesis.founders import FIVE, ORIGIN, drafted, founder, signed

replace = msgspec.structs.replace
drafted_once = drafted()


def test_a_genesis_that_all_signed_is_verified() -> None:
    document = signed()
    verified = verify(document)
    assert verified.union == union_id(document.genesis)
    assert [card.member for card in verified.genesis.members] == list(FIVE)
    assert verified.warnings == ()


@pytest.mark.parametrize("members", [("AM",), ("AM", "BY"), ("AM", "BY", "KG")])
def test_a_small_union_is_warned_that_no_fault_is_tolerated(members: tuple[str, ...]) -> None:
    (warning,) = verify(signed(*members)).warnings
    assert "no fault is tolerated" in warning


def test_what_is_missing_is_told_by_member() -> None:
    document = sign(drafted(), founder("KZ").authority)
    assert missing(document) == ("AM", "BY", "KG", "RU")
    with pytest.raises(CeremonyError) as caught:
        verify(document)
    assert caught.value.problems == tuple(f"{m}: has not signed" for m in ("AM", "BY", "KG", "RU"))


def test_signatures_gathered_on_copies_are_merged() -> None:
    copies = [sign(drafted_once, founder(member).authority) for member in FIVE]
    assert verify(merge(*copies)).union == union_id(drafted_once.genesis)


def test_a_valid_signature_wins_over_a_spoilt_one_in_a_merge() -> None:
    good = sign(drafted_once, founder("AM").authority)
    spoilt = SignedGenesis(good.genesis, (AuthoritySignature("AM", bytes(64)),))
    assert merge(spoilt, good).signatures == good.signatures
    assert merge(good, spoilt).signatures == good.signatures


def test_copies_of_different_documents_are_not_merged() -> None:
    other = SignedGenesis(replace(drafted_once.genesis, created_ms=1), ())
    with pytest.raises(GenesisError, match="not of one document"):
        merge(drafted_once, other)


def test_a_change_after_signing_breaks_every_signature() -> None:
    document = signed()
    parameters = replace(document.genesis.parameters, delta_ms=501)
    changed = replace(document, genesis=replace(document.genesis, parameters=parameters))
    with pytest.raises(CeremonyError) as caught:
        verify(changed)
    assert len(caught.value.problems) == 5
    assert missing(changed) == FIVE


def test_one_member_cannot_sign_for_another() -> None:
    document = signed()
    own = next(s for s in document.signatures if s.member == "AM")
    forged = [
        s if s.member != "BY" else AuthoritySignature("BY", own.signature)
        for s in document.signatures
    ]
    with pytest.raises(CeremonyError, match="BY: its signature does not verify"):
        verify(replace(document, signatures=tuple(forged)))


def test_strangers_and_repeated_signatures_are_refused() -> None:
    document = signed()
    stranger = AuthoritySignature("US", bytes(64))
    with pytest.raises(CeremonyError, match="'US': signs but is not a member"):
        verify(replace(document, signatures=(*document.signatures, stranger)))
    with pytest.raises(CeremonyError, match="AM: signs more than once"):
        verify(replace(document, signatures=(*document.signatures, document.signatures[0])))


def test_an_authority_that_is_not_a_members_cannot_sign() -> None:
    with pytest.raises(GenesisError, match="none has this authority key"):
        sign(drafted(), SoftwareSigner.generate())


def test_a_member_notices_a_card_that_is_not_the_one_it_gave() -> None:
    own = replace(founder("AM").card, peer_port=7001)
    with pytest.raises(GenesisError, match="AM's card is not the one it gave"):
        sign(drafted(), founder("AM").authority, own_card=own)


def test_signing_twice_changes_nothing() -> None:
    once = sign(drafted_once, founder("AM").authority)
    assert sign(once, founder("AM").authority) == once


def test_a_card_with_a_bad_signature_is_not_drafted() -> None:
    card = sign_card(founder("AM").card, founder("AM").authority)
    with pytest.raises(GenesisError, match=r"'AM'\.signature"):
        draft(
            [SignedCard(card.card, bytes(64))],
            name="U",
            origin=ORIGIN,
            created_ms=0,
            contract_set=bytes(32),
        )


def test_the_policy_lists_every_log_every_witness_and_the_quorum() -> None:
    lines = policy_text(drafted().genesis).splitlines()
    assert [line for line in lines if line.startswith("log ")] == [
        line for line in lines if line.startswith(f"log {ORIGIN}+")
    ]
    assert sum(line.startswith("log ") for line in lines) == 5
    for member in FIVE:
        assert any(line.startswith(f"witness {member} {ORIGIN}/{member}+") for line in lines)
    assert lines[-2:] == ["group union 4 AM BY KG KZ RU", "quorum union"]


def test_the_policy_reads_back_as_it_was_made() -> None:
    genesis = drafted().genesis
    policy = parse_policy(policy_text(genesis).encode())
    assert policy == policy_of(genesis)
    assert policy.quorum_met(set(FIVE[:4]))
    assert not policy.quorum_met(set(FIVE[:3]))
    assert {log.key.name for log in policy.logs} == {ORIGIN}


@pytest.mark.parametrize(("members", "quorum"), [(FIVE[:1], 1), (FIVE[:3], 2), (FIVE[:4], 3)])
def test_the_policy_quorum_follows_the_number_of_members(
    members: tuple[str, ...], quorum: int
) -> None:
    assert f"group union {quorum} " in policy_text(drafted(*members).genesis)
