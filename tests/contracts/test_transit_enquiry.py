"""Goods that do not arrive: what time does by itself, the enquiry, proof."""

import pytest

from contracts import Record, Rejected, execution
from contracts.references.time import DAY
from contracts.transit import enquiry_records as e
from contracts.transit import records as t
from contracts.transit.movement import records_to_freedom
from contracts.transit.objects import COVERED, ClaimState, DeclarationState, MovementState
from tests.contracts import stages
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_union import (
    GRN,
    LRN,
    MRN,
    RELEASE,
    SampleUnion,
    Stage,
)
from tests.contracts.stages import ENQUIRY_OPENS

CASES = Refusals()
DELIVERED = e.ReplyToEnquiry(MRN, e.ReplyCode.DELIVERED, "Proof follows.")


@CASES.of("TR-001")
def an_answer_nobody_asked_for(union: SampleUnion) -> tuple[str, Record]:
    return union.en_route() and "TRADER", DELIVERED


@CASES.of("TR-001")
def extending_when_the_enquiry_is_open(union: SampleUnion) -> tuple[str, Record]:
    record = t.ExtendDeadline(MRN, ENQUIRY_OPENS + DAY, "Snow.")
    return stages.missing(union) and "BY/DEP", record


@CASES.of("TR-044")
def answering_twice(union: SampleUnion) -> tuple[str, Record]:
    stages.missing(union).do("TRADER", DELIVERED)
    return "TRADER", DELIVERED


@CASES.of("TR-044")
def an_answer_from_another_office(union: SampleUnion) -> tuple[str, Record]:
    return stages.missing(union) and "RU/DST", DELIVERED


@CASES.of("TR-045")
def recovering_before_all_are_heard(union: SampleUnion) -> tuple[str, Record]:
    stages.missing(union).do("TRADER", DELIVERED)
    return "BY/DEP", e.StartRecovery(MRN, "No trace.")


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def test_a_pre_lodged_declaration_lapses_by_itself() -> None:
    union = stages.pre_lodged(SampleUnion())
    lodged = union.now
    assert union.wait_until(lodged + 30 * DAY) == []
    assert union.wait_until(lodged + 30 * DAY + 1 + 5 * 60_000) == ["transit.lapse"]
    assert union.show(f"declaration/TRADER/{LRN}").state is DeclarationState.LAPSED
    assert isinstance(union.apply("TRADER", t.Present(LRN)), Rejected)


def test_a_presented_declaration_does_not_lapse() -> None:
    union = stages.pre_lodged(SampleUnion())
    union.do("TRADER", t.Present(LRN))
    assert union.wait_until(union.now + 31 * DAY) == []


def test_time_alone_leads_from_the_deadline_to_recovery() -> None:
    union = SampleUnion().released()
    assert union.wait_until(ENQUIRY_OPENS - 1) == []
    assert union.wait_until(ENQUIRY_OPENS) == ["transit.open-enquiry"]
    assert union.wait_until(ENQUIRY_OPENS + 28 * DAY) == ["transit.holder-silent"]
    assert union.wait_until(ENQUIRY_OPENS + 40 * DAY) == ["transit.destination-silent"]
    enquiry = union.show(f"movement/{MRN}").enquiry
    assert (enquiry.holder.silent, enquiry.destination.silent) == (True, True)
    assert union.wait_until(RELEASE.deadline_ms + 210 * DAY - 1) == []
    assert union.wait_until(RELEASE.deadline_ms + 210 * DAY) == ["transit.open-recovery"]
    assert union.movement_state is MovementState.RECOVERY
    reservation = union.show(f"reservation/{GRN}/{MRN}")
    assert reservation.freed_by == "transit.record-payment"
    assert union.wait_until(union.now + 1000 * DAY) == ["guarantee.expire"]


def test_a_movement_that_arrives_has_no_enquiry() -> None:
    union = SampleUnion().completed()
    assert union.wait_until(ENQUIRY_OPENS + 300 * DAY) == []
    union.do("BY/DEP", t.Discharge(MRN))


def test_goods_may_turn_up_during_the_enquiry() -> None:
    union = stages.missing(SampleUnion())
    union.do("KZ/TRN", t.NoteCrossing(MRN, True, "Seen at last."))
    union.do("HAULIER", t.NotifyArrival(MRN, "KZ/DST"))
    assert union.show(f"movement/{MRN}").arrival.late
    union.do("KZ/DST", t.RecordArrival(MRN, True, False), t.Complete(MRN, ""))
    assert union.wait_until(ENQUIRY_OPENS + 300 * DAY) == [], "silence means nothing any more"


def test_who_answered_is_not_silent() -> None:
    union = stages.missing(SampleUnion())
    union.do("TRADER", DELIVERED)
    union.do("KZ/DST", e.ReplyToEnquiry(MRN, e.ReplyCode.NOT_RECEIVED, ""))
    assert union.wait_until(ENQUIRY_OPENS + 41 * DAY) == []
    union.do("BY/DEP", e.StartRecovery(MRN, "The papers were forged."))
    assert union.movement_state is MovementState.RECOVERY


@pytest.mark.parametrize("stage", [stages.missing, stages.in_recovery, stages.indebted])
def test_alternative_proof_ends_it_at_any_time(stage: Stage) -> None:
    union = stage(SampleUnion())
    union.do("BY/DEP", e.AcceptProof(MRN, e.ProofKind.OTHER_PROCEDURE, "Import at Almaty."))
    movement = union.show(f"movement/{MRN}")
    assert movement.state is MovementState.DISCHARGED
    assert movement.proof is e.ProofKind.OTHER_PROCEDURE
    assert union.show(f"guarantee/{GRN}").reserved == 0
    assert f"reservation/{GRN}/{MRN}" not in union.state
    if f"claim/{GRN}/{MRN}" in union.state:
        assert union.show(f"claim/{GRN}/{MRN}").state is ClaimState.LIFTED
        assert union.wait_until(union.now + 31 * DAY) == [], "no default with a lifted claim"


def test_every_covered_state_says_what_would_free_the_guarantee() -> None:
    ways = {state: records_to_freedom(state) for state in COVERED}
    assert ways[MovementState.COMPLETED] == ("transit.discharge",)
    assert ways[MovementState.ARRIVED] == (
        "transit.arrival (no control)",
        "transit.complete",
        "transit.discharge",
    )
    assert all(ways.values())


def test_a_block_with_nothing_due_writes_nothing() -> None:
    union = SampleUnion().released()
    before = dict(union.state)
    assert union.begin_block() == ()
    assert union.state == before


def test_a_backlog_is_worked_off_over_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    union = SampleUnion()
    union.wait_until(union.now + 100 * DAY)  # what the founding left
    for number in range(25):
        union.guaranteed(grn=stages.grn(number))
    union.now += 2_000 * DAY
    monkeypatch.setattr(execution, "MAX_DUE_ACTS", 10)
    blocks = [union.begin_block() for _ in range(4)]
    assert [len(acts) for acts in blocks] == [10, 10, 5, 0]
    expired = [act.reference for acts in blocks for act in acts]
    assert expired == [stages.grn(number) for number in range(25)], "first armed, first done"
    assert not any(key.startswith("timer-") for key in union.state)


def test_who_is_asked_again_has_the_whole_time_again() -> None:
    """Part of the goods turned up, and the rest is searched for: the first questions are void."""
    union = stages.missing(SampleUnion())
    union.do("HAULIER", t.NotifyArrival(MRN, "KZ/DST"))
    union.do("KZ/DST", t.RecordArrival(MRN, True, True))
    union.now += 20 * DAY
    union.do("KZ/DST", t.DeliverPart(MRN, 400_000, ""))
    union.wait_until(union.now + DAY)
    again = union.show(f"movement/{MRN}").enquiry
    assert again.opened_ms > ENQUIRY_OPENS + 20 * DAY
    union.wait_until(again.holder.reply_by_ms - 1)
    assert union.now > ENQUIRY_OPENS + 41 * DAY, "the first time is over"
    enquiry = union.show(f"movement/{MRN}").enquiry
    assert not enquiry.holder.silent
    assert not enquiry.destination.silent
    union.wait_until(again.destination.reply_by_ms + DAY)
    enquiry = union.show(f"movement/{MRN}").enquiry
    assert enquiry.holder.silent
    assert enquiry.destination.silent
