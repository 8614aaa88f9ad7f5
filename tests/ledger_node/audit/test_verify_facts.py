"""What a proof file says, once it is known to be one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import RULES
from contracts.transit.records import Discharge
from ledger_node.audit.verify import (
    STEP_AUTHOR_SIGNATURE,
    STEP_ENTRY_FORM,
    BlockFact,
    Fact,
    GenesisFact,
    NotProven,
    Proven,
    RecordFact,
    SubmissionFact,
    authors_of,
    examine,
)
from ledger_node.codec import encode, tagged_digest
from ledger_node.ledger.entries import GenesisEntry, RecordEntry, SubmissionEntry
from ledger_node.ledger.outcome import ACCEPTED
from ledger_node.log.proof import ProofStep
from tests.ledger_node.audit import sample_ledger as sample
from tests.ledger_node.log.sample_union import MEMBERS, policy


def fact_at(index: int) -> Fact:
    prover = sample.prover()
    finding = examine(prover.file(index), prover.policy)
    assert isinstance(finding, Proven), finding
    assert finding.proof.index == index
    return finding.fact


def refusal_of(entry: bytes) -> NotProven:
    """What is said of a log whose second leaf is `entry`."""
    prover = sample.Prover([b"first", entry, b"last"], policy())
    finding = examine(prover.file(1), prover.policy)
    assert isinstance(finding, NotProven), finding
    return finding


def test_an_accepted_record_is_read_with_what_it_changed() -> None:
    fact = fact_at(sample.ACCEPTED_RECORD)
    assert isinstance(fact, RecordFact)
    assert fact.record == Discharge(sample.MRN)
    assert fact.refusal is None
    assert fact.keys == ("guarantee/20GB0000010000GX1", f"movement/{sample.MRN}")


def test_a_refused_record_cites_its_rule() -> None:
    fact = fact_at(sample.REFUSED_RECORD)
    assert isinstance(fact, RecordFact)
    assert fact.refusal is not None
    assert fact.refusal.rule == RULES[sample.RULE]
    assert fact.refusal.values[0] == ("office", "GB000246")


def test_a_rule_of_other_contracts_is_named_by_its_id() -> None:
    fact = fact_at(sample.NO_RECORD)
    assert isinstance(fact, RecordFact)
    assert fact.refusal is not None
    assert (fact.refusal.rule_id, fact.refusal.rule) == ("XX-999", None)


def test_bytes_that_are_no_record_are_still_proven_to_have_been_refused() -> None:
    fact = fact_at(sample.NO_RECORD)
    assert isinstance(fact, RecordFact)
    assert fact.record is None
    assert fact.encoded == sample.RECORDS[2]


def test_a_submission_entry_names_author_and_key() -> None:
    fact = fact_at(sample.SUBMISSION)
    assert isinstance(fact, SubmissionFact)
    assert fact.header.author == "GB000246"
    assert fact.header.public_key == sample.AUTHOR.public


def test_every_record_points_to_the_entry_of_its_author() -> None:
    for index in (sample.ACCEPTED_RECORD, sample.REFUSED_RECORD, sample.NO_RECORD):
        fact = fact_at(index)
        assert isinstance(fact, RecordFact)
        assert fact.submission_entry == sample.SUBMISSION


def test_proofs_of_a_record_and_its_submission_give_the_author() -> None:
    prover = sample.prover()
    findings = [examine(prover.file(i), prover.policy) for i in range(len(prover.leaves))]
    record = fact_at(sample.ACCEPTED_RECORD)
    assert isinstance(record, RecordFact)
    assert authors_of(findings)[record.submission].author == "GB000246"


def test_no_author_is_taken_from_a_file_that_proves_nothing() -> None:
    prover = sample.prover()
    damaged = prover.file(sample.SUBMISSION).replace(b"index 2", b"index 3")
    assert authors_of([examine(damaged, prover.policy)]) == {}


def test_a_block_entry_gives_time_and_state_root() -> None:
    fact = fact_at(sample.BLOCK)
    assert isinstance(fact, BlockFact)
    assert (fact.block.height, fact.block.time_ms) == (1, sample.TIME_MS)


def test_the_first_entry_gives_the_founding_document() -> None:
    fact = fact_at(sample.GENESIS)
    assert isinstance(fact, GenesisFact)
    assert fact.members == MEMBERS
    assert fact.union == tagged_digest("genesis", sample.genesis_entry().document)


def test_a_submission_whose_signature_does_not_hold_proves_nothing() -> None:
    entry = sample.submission_entries()[0]
    assert isinstance(entry, SubmissionEntry)
    forged = SubmissionEntry(entry.header, bytes(64))
    assert refusal_of(encode(forged)).step == STEP_AUTHOR_SIGNATURE


@pytest.mark.parametrize(
    "entry",
    [
        b"entry 1",
        encode([9, "a kind of tomorrow"]),
        encode(RecordEntry(bytes(32), 7, b"x", ACCEPTED, ())),
        encode(RecordEntry(bytes(32), -1, b"x", ACCEPTED, ())),
        encode(SubmissionEntry(b"no header", bytes(64))),
        encode(GenesisEntry(b"no document")),
        encode(GenesisEntry(encode(["another", "format"]))),
    ],
    ids=[
        "no entry",
        "unknown kind",
        "record before its submission",
        "negative position",
        "no header",
        "no document",
        "another format",
    ],
)
def test_an_entry_that_cannot_be_read_is_said_so(entry: bytes) -> None:
    assert refusal_of(entry).step == STEP_ENTRY_FORM


def test_a_file_under_the_policy_of_another_union_proves_nothing() -> None:
    prover = sample.prover()
    strangers = policy(quorum=1, members=("GB",))
    finding = examine(prover.file(sample.BLOCK), strangers)
    assert isinstance(finding, NotProven)
    assert finding.step == ProofStep.LOG_SIGNATURE.value


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    assert isinstance(examine(data, policy()), NotProven)


@given(st.data())
def test_no_flipped_bit_goes_unnoticed(data: st.DataObject) -> None:
    good = sample.prover().file(sample.REFUSED_RECORD)
    at = data.draw(st.integers(0, len(good) - 1))
    bit = data.draw(st.integers(0, 7))
    flipped = good[:at] + bytes([good[at] ^ (1 << bit)]) + good[at + 1 :]
    assert isinstance(examine(flipped, policy()), NotProven)


@given(st.data())
def test_no_shortened_file_proves_anything(data: st.DataObject) -> None:
    good = sample.prover().file(sample.ACCEPTED_RECORD)
    size = data.draw(st.integers(0, len(good) - 1))
    assert isinstance(examine(good[:size], policy()), NotProven)
