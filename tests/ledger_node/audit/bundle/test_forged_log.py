"""Logs that a quorum signed and that are wrong all the same: execution and structure tell.

Every forgery here has a valid tree and a checkpoint with all cosignatures, so inclusion proves
nothing; what is wrong must show in the entries themselves, and be found at its place.
"""

import io
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from contracts.registry.objects import Role
from ledger_node.audit.bundle.export import export_bundle
from ledger_node.audit.bundle.form import FrameKind
from ledger_node.audit.bundle.refusal import BundleRefused, Step
from ledger_node.audit.bundle.selection import Everything
from ledger_node.audit.bundle.verify import verify_bundle
from ledger_node.codec import encode
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.ledger.entries import (
    BlockEntry,
    DeadlineEntry,
    LogEntry,
    RecordEntry,
    SubmissionEntry,
    decode_entry,
)
from ledger_node.ledger.execution import execute
from ledger_node.log.checkpoint import Checkpoint
from ledger_node.log.merkle import leaf_hash, root_of
from tests.ledger_node.audit.bundle.audited_union import (
    HOUR_MS,
    ORIGIN,
    AuditedUnion,
    MemoryLog,
    journey,
    lenient,
    populated,
    registration,
    with_a_journey,
)
from tests.ledger_node.audit.bundle.frames import positions, with_payload

UNION = journey()
KINDS = [decode_entry(entry) for entry in UNION.entries]


def forged(entries: list[bytes]) -> bytes:
    """A bundle of a log of these entries, all members having signed its head."""
    head = Checkpoint(ORIGIN, len(entries), root_of(leaf_hash(entry) for entry in entries))
    out = io.BytesIO()
    export_bundle(MemoryLog(UNION.sign(head), entries, {}), Everything(), out)
    return out.getvalue()


def refusal(bundle: bytes, union: AuditedUnion = UNION) -> BundleRefused:
    with pytest.raises(BundleRefused) as refused:
        verify_bundle(io.BytesIO(bundle), union.policy, installed_contracts())
    return refused.value


def index_of(wanted: Callable[[LogEntry], bool], nth: int = 0) -> int:
    return [index for index, entry in enumerate(KINDS) if wanted(entry)][nth]


def changed(index: int, **fields: object) -> bytes:
    """The log with fields of one entry replaced."""
    entries = UNION.entries
    entries[index] = encode(replace(KINDS[index], **fields))
    return forged(entries)


RECORD = index_of(lambda e: isinstance(e, RecordEntry), 20)
SUBMISSION = index_of(lambda e: isinstance(e, SubmissionEntry), 3)
BLOCK = index_of(lambda e: isinstance(e, BlockEntry), 6)


def test_contracts_that_judged_otherwise_are_found_at_the_first_record_they_let_pass() -> None:
    union = with_a_journey(AuditedUnion(lenient()))
    error = refusal(union.bundle(Everything()), union)
    assert error.step is Step.OUTCOME
    entry = decode_entry(union.entries[error.place.entry or 0])
    assert isinstance(entry, RecordEntry)
    assert "the log has accepted, execution has refused under" in error.found


def test_a_state_root_that_execution_does_not_reach_is_found_at_its_block() -> None:
    error = refusal(changed(BLOCK, state_root=bytes(range(32))))
    assert (error.step, error.place.entry, error.place.height) == (Step.STATE_ROOT, BLOCK, 6)
    assert "state_root of a block entry" in error.found


def test_keys_that_a_record_did_not_change_are_found_at_the_record() -> None:
    error = refusal(changed(RECORD, keys=("movement/none",)))
    assert (error.step, error.place.entry) == (Step.OUTCOME, RECORD)


def test_a_changed_record_breaks_what_its_author_signed() -> None:
    record = KINDS[RECORD]
    assert isinstance(record, RecordEntry)
    error = refusal(changed(RECORD, record=record.record[:-1] + b"\x00"))
    assert error.step is Step.SUBMISSION
    assert "SUB-008" in error.found
    submission = RECORD - 1 - record.index
    assert error.place.entry == submission


def test_a_record_left_out_is_missed() -> None:
    entries = UNION.entries
    del entries[RECORD]
    record = KINDS[RECORD]
    assert isinstance(record, RecordEntry)
    error = refusal(forged(entries))
    assert (error.step, error.place.entry) == (Step.RECORDS, RECORD)
    assert f"record {record.index} must stand" in error.found


def test_the_last_record_of_a_submission_left_out_is_missed() -> None:
    entries = UNION.entries
    last = BLOCK - 1
    del entries[last]
    error = refusal(forged(entries))
    assert (error.step, error.place.entry) == (Step.RECORDS, last)
    assert "0 of the 1 records" in error.found


def test_records_in_another_order_are_found() -> None:
    entries = UNION.entries
    entries[RECORD], entries[RECORD + 1] = entries[RECORD + 1], entries[RECORD]
    error = refusal(forged(entries))
    assert (error.step, error.place.entry) == (Step.RECORDS, RECORD)


def test_a_signature_by_another_is_found_at_its_submission() -> None:
    entry = KINDS[SUBMISSION]
    assert isinstance(entry, SubmissionEntry)
    other = KINDS[index_of(lambda e: isinstance(e, SubmissionEntry), 5)]
    assert isinstance(other, SubmissionEntry)
    error = refusal(changed(SUBMISSION, signature=other.signature))
    assert error.step is Step.RECORDS, "the records name the submission by header and signature"
    assert error.place.entry == SUBMISSION + 1


def test_submissions_in_another_order_than_voted_for_are_found_at_their_block() -> None:
    entries = UNION.entries
    first = next(i for i, block in enumerate(UNION.blocks) if len(block.locations) > 1)
    block = UNION.blocks[first]
    starts = [*block.locations.values(), block.first_index + len(block.entries) - 1]
    one, two = entries[starts[0] : starts[1]], entries[starts[1] : starts[2]]
    entries[starts[0] : starts[2]] = two + one
    error = refusal(forged(entries))
    assert (error.step, error.place.height) == (Step.BLOCK, first)
    assert "in this order" in error.found


def test_a_submission_left_out_is_missed_at_its_block() -> None:
    entries = UNION.entries
    block = UNION.blocks[3]
    del entries[block.first_index : block.first_index + 2]
    error = refusal(forged(entries))
    assert (error.step, error.place.height) == (Step.BLOCK, 3)


def test_a_block_left_out_is_missed_where_the_next_one_follows() -> None:
    entries = UNION.entries
    block = UNION.blocks[5]
    del entries[block.first_index : block.tip.tree_size]
    error = refusal(forged(entries))
    assert error.step is Step.BLOCK
    assert "block 6 follows block 4" in error.found


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("time_ms", 0, "not later than"),
        ("view", 0, "follows view"),
        ("proposer", 9, "is led by"),
        ("parent", bytes(32), "its parent is"),
        ("block", bytes(32), "its id does not cover"),
        ("contract_set", bytes(32), "the union agreed on"),
        ("height", 60, "block 60 follows block 5"),
    ],
)
def test_a_block_entry_out_of_line_is_found(field: str, value: object, text: str) -> None:
    error = refusal(changed(BLOCK, **{field: value}))
    assert (error.step, error.place.entry) == (Step.BLOCK, BLOCK)
    assert text in error.found


def test_a_deadline_that_execution_does_not_know_is_found_at_its_entry() -> None:
    entries = UNION.entries
    first = UNION.blocks[4].first_index
    entries.insert(first, encode(DeadlineEntry("transit.deliver", "none", ("movement/none",))))
    error = refusal(forged(entries))
    assert (error.step, error.place.entry) == (Step.OUTCOME, first)


def test_a_deadline_after_a_submission_is_out_of_place() -> None:
    entries = UNION.entries
    at = UNION.blocks[4].first_index + 1
    entries.insert(at, encode(DeadlineEntry("transit.deliver", "none", ("movement/none",))))
    error = refusal(forged(entries))
    assert (error.step, error.place.entry) == (Step.BLOCK, at)


def test_a_submission_ordered_twice_is_found_at_the_second() -> None:
    union = populated(AuditedUnion())
    body = union.send("RU", registration("RU/ELSE", "RU", Role.OBSERVER))
    union.close()
    union.close()
    block = union.header_on([body])
    view = union.view_without(body.id, union.blocks)
    union.blocks.append(execute(block, [body], view, union.contracts))
    error = refusal(union.bundle(Everything()), union)
    assert error.step is Step.PAYLOAD
    assert "ordered before" in error.found
    assert error.place.height == 4


def test_a_submission_ordered_after_it_expired_is_found_at_its_block() -> None:
    union = populated(AuditedUnion())
    union.send("RU", registration("RU/ELSE", "RU", Role.OBSERVER))
    union.close(step_ms=2 * HOUR_MS)
    error = refusal(union.bundle(Everything()), union)
    assert error.step is Step.PAYLOAD
    assert "SUB-010" in error.found


def test_a_founding_document_of_another_log_is_refused() -> None:
    entries = UNION.entries
    other = replace(UNION.genesis, origin="ledger.example.org/other")
    entries[0] = encode([0, encode(other)])
    error = refusal(forged(entries))
    assert error.step is Step.CHECKPOINT
    assert "ledger.example.org/other" in error.found


def test_a_founding_document_at_the_head_that_is_not_the_logs_is_refused() -> None:
    other = encode(replace(UNION.genesis, name="A union of others"))
    (at,) = positions(UNION.bundle(Everything()), FrameKind.GENESIS)
    error = refusal(with_payload(UNION.bundle(Everything()), at, lambda _: other))
    assert (error.step, error.place.entry) == (Step.FOUNDING, 0)


def test_an_epoch_that_nobody_decided_is_refused() -> None:
    error = refusal(changed(BLOCK, epoch=2))
    assert (error.step, error.place.entry) == (Step.EPOCHS, BLOCK)


def test_a_second_genesis_entry_is_refused() -> None:
    entries = UNION.entries
    entries.insert(BLOCK, entries[0])
    error = refusal(forged(entries))
    assert (error.step, error.place.entry) == (Step.ENTRY_FORM, BLOCK)


def test_bytes_that_are_no_entry_are_refused() -> None:
    entries = UNION.entries
    entries[RECORD] = b"\x93\x09\x00\x00"
    error = refusal(forged(entries))
    assert (error.step, error.place.entry) == (Step.ENTRY_FORM, RECORD)
