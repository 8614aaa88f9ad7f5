"""Bundles about one subject that show that its object did not change where blocks are left out."""

import io
from collections.abc import Iterator

import pytest

from contracts.registry.objects import Role
from contracts.registry.records import AddKey, SuspendParticipant
from ledger_node.audit.bundle import export
from ledger_node.audit.bundle.concern import Subject
from ledger_node.audit.bundle.export import export_bundle
from ledger_node.audit.bundle.form import Frame, FrameKind, read_form
from ledger_node.audit.bundle.refusal import BundleRefused, Step
from ledger_node.audit.bundle.runs import Run, runs
from ledger_node.audit.bundle.selection import Blocks, Concerning, Selection
from ledger_node.audit.bundle.source_log import SourceLog
from ledger_node.audit.bundle.statement import as_json, rows
from ledger_node.audit.bundle.unchanged import ProofFrame
from ledger_node.audit.bundle.verify import VerifiedBundle, verify_bundle
from ledger_node.codec import encode
from ledger_node.ledger.entries import BlockEntry, decode_entry
from tests.contracts.sample_union import GRN, MRN
from tests.ledger_node.audit.bundle.audited_union import (
    AuditedUnion,
    journey,
    populated,
    registration,
    signer,
)
from tests.ledger_node.audit.bundle.frames import flip, join, positions, split

UNION = journey()


def traced(union: AuditedUnion, selection: Concerning) -> bytes:
    out = io.BytesIO()
    export_bundle(union.source(), selection, out, state_by=union.contracts)
    return out.getvalue()


def verified(bundle: bytes, union: AuditedUnion = UNION) -> VerifiedBundle:
    return verify_bundle(io.BytesIO(bundle), union.policy, union.contracts)


def refusal(bundle: bytes, union: AuditedUnion = UNION) -> BundleRefused:
    with pytest.raises(BundleRefused) as refused:
        verified(bundle, union)
    return refused.value


def suspended() -> AuditedUnion:
    """A participant that is registered, gets a key and is suspended, with much in between."""
    union = populated(AuditedUnion())
    union.act("RU", registration("RU/ONE", "RU", Role.OBSERVER))
    for number in range(3):
        union.act("KZ", registration(f"KZ/{number}", "KZ", Role.OBSERVER))
    union.act("RU", AddKey("RU/ONE", signer("another").public))
    for number in range(3, 6):
        union.act("KZ", registration(f"KZ/{number}", "KZ", Role.OBSERVER))
    union.act("RU", SuspendParticipant("RU/ONE", "Debt."))
    for number in range(6, 9):
        union.act("KZ", registration(f"KZ/{number}", "KZ", Role.OBSERVER))
    return union


SUSPENDED = suspended()
ONE = Concerning("participant", "RU/ONE")
BUNDLE = traced(SUSPENDED, ONE)


@pytest.mark.parametrize(
    ("subject", "reference"),
    [(Subject.MOVEMENT, MRN), (Subject.GUARANTEE, GRN), (Subject.PARTICIPANT, "RU/ELSE")],
)
def test_of_every_subject_it_is_shown_that_nothing_left_out_changed_it(
    subject: Subject, reference: str
) -> None:
    found = verified(traced(UNION, Concerning(subject.value, reference)))
    assert found.traced
    assert as_json(found)["traced"] is True
    assert f"changed {subject.value}/{reference} for good" in dict(rows(found))["complete"]


def test_each_gap_has_its_proof_to_the_end_of_the_log() -> None:
    assert len(positions(BUNDLE, FrameKind.PROOF)) == 4
    found = verified(BUNDLE, SUSPENDED)
    assert found.traced
    assert found.last.closing.height == 10, "the last that concerns it; three follow"


def test_without_proofs_nothing_of_the_kind_is_claimed() -> None:
    found = verified(SUSPENDED.bundle(ONE), SUSPENDED)
    assert not found.traced
    assert "is not shown" in dict(rows(found))["complete"]


def hiding(height: int) -> bytes:
    """A bundle as an exporter makes it who passes over a block."""

    def fewer(log: SourceLog, selection: Selection) -> Iterator[Run]:
        for run in runs(log, selection):
            closing = decode_entry(SUSPENDED.entries[run.end - 1])
            if not isinstance(closing, BlockEntry) or closing.height != height:
                yield run

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "runs", fewer)
        return traced(SUSPENDED, ONE)


@pytest.mark.parametrize("height", [2, 6, 10])
def test_a_block_that_changed_the_object_cannot_be_left_out(height: int) -> None:
    changed = [
        block.block.header.height
        for block in SUSPENDED.blocks
        if "participant/RU/ONE" in block.changes
    ]
    assert height in changed
    error = refusal(hiding(height), SUSPENDED)
    assert error.step is Step.UNCHANGED
    assert "participant/RU/ONE changed in one of the blocks" in error.found
    assert error.place.height is not None
    assert error.place.height <= height


@pytest.mark.parametrize("number", range(4))
def test_a_proof_changed_swapped_left_out_or_doubled_is_found(number: int) -> None:
    frames = split(BUNDLE)
    at = positions(BUNDLE, FrameKind.PROOF)[number]
    given = read_form(ProofFrame, frames[at])
    for payload in (
        encode(ProofFrame(flip(given.before), given.after)),
        encode(ProofFrame(given.before, flip(given.after))),
        encode(ProofFrame(given.after, given.before)),
        encode(ProofFrame(given.before, b"")),
        b"\xc0",
    ):
        changed = [*frames[:at], Frame(FrameKind.PROOF, payload, 0), *frames[at + 1 :]]
        assert refusal(join(changed), SUSPENDED).step is Step.UNCHANGED
    assert refusal(join([*frames[:at], *frames[at + 1 :]]), SUSPENDED).step in (
        Step.UNCHANGED,
        Step.FORM,
        Step.BLOCK,
    )
    assert refusal(join([*frames[:at], frames[at], *frames[at:]]), SUSPENDED).step is Step.FORM


def test_a_trace_that_ends_before_the_log_does_is_refused() -> None:
    frames = split(BUNDLE)
    entries = positions(BUNDLE, FrameKind.ENTRIES)
    end = frames[-1]
    count = int.from_bytes(end.payload[:8], "big") - 1
    cut = Frame(FrameKind.END, count.to_bytes(8, "big") + end.payload[8:], 0)
    error = refusal(join([*frames[: entries[-1]], cut]), SUSPENDED)
    assert error.step is Step.UNCHANGED
    assert "after this block" in error.found


def test_proofs_belong_to_bundles_about_a_subject_alone() -> None:
    proof = next(frame for frame in split(BUNDLE) if frame.kind is FrameKind.PROOF)
    frames = split(SUSPENDED.bundle(Blocks(5, 6)))
    for at in range(5, len(frames)):
        changed = [*frames[:at], proof, *frames[at:]]
        assert refusal(join(changed), SUSPENDED).step is Step.FORM
