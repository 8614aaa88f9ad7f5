"""A round: what it counts, and what it calls proof of misbehaviour."""

import msgspec

from consensus.block import View
from consensus.votes import Round
from tests.consensus.builders import Sayings, submission
from tests.simulation.signing import committee_of

SAY = Sayings(committee_of(4, 7))
ONE = SAY.block(1, payload=[submission(1)])
OTHER = SAY.block(1, payload=[submission(2)])


def test_a_quorum_of_equal_votes_is_a_certificate_once() -> None:
    current = Round(View(1))
    for member in (3, 0):
        current.hear(SAY.notarize(member, ONE))
        assert current.assemble_notarization(3) is None
    current.hear(SAY.notarize(2, ONE))
    certificate = current.assemble_notarization(3)
    assert certificate is not None
    assert [member for member, _ in certificate.signatures] == [0, 2, 3]
    current.notarization = certificate
    assert current.assemble_notarization(3) is None


def test_votes_for_different_blocks_do_not_add_up() -> None:
    current = Round(View(1))
    for member, block in ((0, ONE), (1, ONE), (2, OTHER), (3, OTHER)):
        current.hear(SAY.notarize(member, block))
    assert current.assemble_notarization(3) is None


def test_finalize_votes_with_different_outcomes_do_not_add_up() -> None:
    current = Round(View(1))
    for member in range(4):
        current.hear(SAY.finalize(member, ONE, outcome=bytes([member % 2]) * 32))
    assert current.assemble_finalization(3) is None


def test_one_vote_heard_twice_counts_once_and_proves_nothing() -> None:
    current = Round(View(1))
    for _ in range(3):
        assert current.hear(SAY.nullify(1, 1)) is None
    assert current.assemble_nullification(2) is None


def test_two_notarize_votes_are_evidence_and_the_first_one_counts() -> None:
    current = Round(View(1))
    assert current.hear(SAY.notarize(1, ONE)) is None
    evidence = current.hear(SAY.notarize(1, OTHER))
    assert evidence is not None
    assert evidence.member == 1
    assert current.notarizes[evidence.member] == SAY.notarize(1, ONE)


def test_two_finalize_votes_are_evidence() -> None:
    current = Round(View(1))
    current.hear(SAY.finalize(1, ONE))
    assert current.hear(SAY.finalize(1, ONE, outcome=bytes(32))) is not None


def test_nullify_and_finalize_are_evidence_in_either_order() -> None:
    for first, second in (
        (SAY.nullify(1, 1), SAY.finalize(1, ONE)),
        (SAY.finalize(1, ONE), SAY.nullify(1, 1)),
    ):
        current = Round(View(1))
        assert current.hear(first) is None
        evidence = current.hear(second)
        assert evidence is not None
        assert (evidence.first, evidence.second) == (first, second)


def test_notarize_and_nullify_are_no_evidence() -> None:
    current = Round(View(1))
    current.hear(SAY.notarize(1, ONE))
    assert current.hear(SAY.nullify(1, 1)) is None


def test_one_statement_with_two_signatures_is_no_evidence() -> None:
    """ECDSA signs the same statement in many ways."""
    current = Round(View(1))
    vote = SAY.notarize(1, ONE)
    current.hear(vote)
    assert current.hear(msgspec.structs.replace(vote, signature=bytes(64))) is None
