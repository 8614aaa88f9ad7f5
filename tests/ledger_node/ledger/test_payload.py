"""A voter's checks of a block's payload: one reason each for not voting."""

import pytest
from msgspec.structs import replace

from consensus.block import Block
from ledger_node.ledger.chain import LedgerView
from ledger_node.ledger.payload import PayloadLimits, check_expiry, check_orderable, check_payload
from ledger_node.ledger.refusal import BlockInvalid, SubmissionRefused, SubmissionRule
from ledger_node.ledger.submission import VerifiedSubmission
from tests.ledger_node.ledger.builders import (
    HOUR_MS,
    START_MS,
    UNION,
    block_on,
    executed_on,
    genesis,
    in_memory,
    put,
    submission,
)

FIRST = genesis()
BASE = in_memory(FIRST)
SENT = submission(put("a", "1"))
LIMITS = PayloadLimits(submissions=3, body_bytes=2000)


def refused(*sent: VerifiedSubmission, base: LedgerView = BASE) -> BlockInvalid:
    with pytest.raises(BlockInvalid) as caught:
        check_payload(block_on(base.tip, sent), sent, base, LIMITS)
    return caught.value


def test_a_good_payload_passes() -> None:
    other = submission(put("a", "2"), nonce=1)
    check_payload(block_on(FIRST.tip, [SENT, other]), [SENT, other], BASE, LIMITS)
    check_payload(block_on(FIRST.tip, []), [], BASE, LIMITS)


def test_an_id_twice_in_the_block_is_a_replay() -> None:
    error = refused(SENT, SENT)
    assert (error.rule, error.field) == (SubmissionRule.REPLAY, "payload[1].id")


def test_an_id_below_is_a_replay_wherever_it_stands() -> None:
    second = executed_on(BASE, SENT)
    third = executed_on(in_memory(FIRST, second))
    assert refused(SENT, base=in_memory(FIRST, second)).rule is SubmissionRule.REPLAY
    assert refused(SENT, base=in_memory(FIRST, second, third)).rule is SubmissionRule.REPLAY


def test_expiry_is_measured_on_block_time() -> None:
    block_ms = FIRST.tip.header.time_ms + 1000
    for good in (block_ms + 1, block_ms + 24 * HOUR_MS):
        sent = submission(put("a", "1"), expiry_ms=good)
        check_payload(block_on(FIRST.tip, [sent]), [sent], BASE, LIMITS)
    for bad in (block_ms, block_ms - 1, block_ms + 24 * HOUR_MS + 1):
        error = refused(submission(put("a", "1"), expiry_ms=bad))
        assert (error.rule, error.field) == (SubmissionRule.EXPIRY, "payload[0].expiry_ms")


def test_a_submission_for_another_union_cannot_be_ordered() -> None:
    block = block_on(FIRST.tip, [SENT])
    other = Block(replace(block.header, union=bytes(32)), block.payload)
    with pytest.raises(BlockInvalid) as caught:
        check_payload(other, [SENT], BASE, LIMITS)
    assert caught.value.rule is SubmissionRule.UNION


def test_number_and_bytes_are_limited() -> None:
    many = [submission(put("a", "1"), nonce=nonce) for nonce in range(4)]
    assert refused(*many).reason == "4 ids, at most 3"
    large = [submission(put("a", "x" * 900), nonce=nonce) for nonce in range(2)]
    assert "at most 2000" in refused(*large).reason


def test_the_bodies_must_be_those_of_the_payload() -> None:
    block = block_on(FIRST.tip, [SENT])
    for bodies in ([], [submission(put("b", "1"))], [SENT, SENT]):
        with pytest.raises(BlockInvalid, match="bodies"):
            check_payload(block, bodies, BASE, LIMITS)


def test_the_header_must_commit_to_the_payload() -> None:
    block = block_on(FIRST.tip, [SENT])
    wrong = Block(replace(block.header, payload_root=bytes(32)), block.payload)
    with pytest.raises(BlockInvalid, match="payload_root"):
        check_payload(wrong, [SENT], BASE, LIMITS)


def test_a_submission_is_judged_alike_on_arrival() -> None:
    check_orderable(SENT, UNION, START_MS, BASE)
    with pytest.raises(SubmissionRefused) as caught:
        check_orderable(SENT, UNION, START_MS, in_memory(FIRST, executed_on(BASE, SENT)))
    assert caught.value.rule is SubmissionRule.REPLAY
    with pytest.raises(SubmissionRefused):
        check_expiry(START_MS, START_MS)
