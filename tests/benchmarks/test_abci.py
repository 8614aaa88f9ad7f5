"""The ledger behind ABCI orders nothing itself, and judges as a node does."""

import time
from pathlib import Path

import pytest

from benchmarks.abci.application import Application
from benchmarks.abci.messages import (
    Call,
    Malformed,
    all_of,
    chunk,
    fields,
    int_of,
    number,
    one_of,
    read_varint,
    response,
    varint,
)
from contracts import encode_record
from contracts.registry.objects import Role
from contracts.registry.records import RegisterParticipant
from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.ledger.submission import build_submission
from tests.union.founding import FoundedUnion, found_union

KEY = SoftwareSigner.generate().public


@pytest.fixture
def union(tmp_path: Path) -> FoundedUnion:
    return found_union(tmp_path, "AM", "BY", "KG", "KZ")


def registration(union: FoundedUnion, *names: str) -> bytes:
    """A transaction in which AM's registrar enters participants."""
    records = [
        encode_record(RegisterParticipant(name, "AM", "Trader", (Role.DECLARANT,), (), (KEY,)))
        for name in names
    ]
    expiry_ms = time.time_ns() // 1_000_000 + 60_000
    signer = union.registrar("AM")
    return build_submission(union.id, "AM", signer, records, expiry_ms).to_bytes()


def block_of(*txs: bytes) -> bytes:
    """RequestFinalizeBlock."""
    now = chunk(6, number(1, int(time.time())))
    return b"".join(chunk(1, tx) for tx in txs) + now


def codes_and_counts(answer: bytes) -> list[tuple[int, int]]:
    return [
        (int_of(result, 1), int.from_bytes(one_of(result, 2), "big"))
        for result in all_of(answer, 2)
    ]


def test_applications_of_two_members_come_to_the_same_hash(union: FoundedUnion) -> None:
    block = block_of(registration(union, "AM-1", "AM-2"))
    answers = []
    for member in ("AM", "BY"):
        application = Application(union.members[member].directory)
        answers.append(application.answer(Call.FINALIZE_BLOCK, block))
        application.answer(Call.COMMIT, b"")
        assert int_of(application.answer(Call.INFO, b""), 4) == 1
    assert answers[0] == answers[1]
    assert len(one_of(answers[0], 5)) == 32


def test_a_result_counts_the_records_that_were_accepted(union: FoundedUnion) -> None:
    application = Application(union.members["AM"].directory)
    twice = registration(union, "AM-1", "AM-2", "AM-1")
    answer = application.answer(Call.FINALIZE_BLOCK, block_of(twice))
    assert codes_and_counts(answer) == [(0, 2)]


def test_garbage_is_refused_on_arrival_and_harms_no_block(union: FoundedUnion) -> None:
    application = Application(union.members["AM"].directory)
    assert int_of(application.answer(Call.CHECK_TX, chunk(1, b"garbage")), 1) == 1
    block = block_of(b"garbage", registration(union, "AM-1"))
    assert codes_and_counts(application.answer(Call.FINALIZE_BLOCK, block)) == [(1, 0), (0, 1)]


def test_what_was_ordered_is_not_ordered_again(union: FoundedUnion) -> None:
    application = Application(union.members["AM"].directory)
    tx = registration(union, "AM-1")
    application.answer(Call.FINALIZE_BLOCK, block_of(tx))
    application.answer(Call.COMMIT, b"")
    assert int_of(application.answer(Call.CHECK_TX, chunk(1, tx)), 1) == 1
    assert codes_and_counts(application.answer(Call.FINALIZE_BLOCK, block_of(tx))) == [(1, 0)]


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**32, 2**63 - 1])
def test_a_varint_is_read_as_it_was_written(value: int) -> None:
    assert read_varint(varint(value), 0) == (value, len(varint(value)))


@pytest.mark.parametrize("message", [b"\x80", b"\x0a\x05abc", b"\x08", b"\xff" * 11])
def test_a_message_that_ends_early_is_malformed(message: bytes) -> None:
    with pytest.raises(Malformed):
        list(fields(message))


def test_a_response_is_in_the_field_after_its_request() -> None:
    # Response.check_tx is field 9 of the oneof: tag 0x4a.
    assert response(Call.CHECK_TX, b"") == b"\x02\x4a\x00"
