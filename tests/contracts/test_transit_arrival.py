"""Transit at destination: arrival, unloading, completion, discharge."""

import pytest
from msgspec.structs import replace

from contracts import Record
from contracts.references.time import DAY
from contracts.transit import records as t
from contracts.transit.objects import MovementState
from tests.contracts import stages
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_union import (
    MRN,
    RELEASE,
    SampleUnion,
    Stage,
)

CASES = Refusals()


@CASES.of("TR-001")
def discharging_before_completion(union: SampleUnion) -> tuple[str, Record]:
    return union.controlled() and "BY/DEP", t.Discharge(MRN)


@CASES.of("TR-001")
def discharging_twice(union: SampleUnion) -> tuple[str, Record]:
    union.completed().do("BY/DEP", t.Discharge(MRN))
    return "BY/DEP", t.Discharge(MRN)


@CASES.of("TR-013")
def completed_by_the_wrong_office(union: SampleUnion) -> tuple[str, Record]:
    return union.controlled() and "RU/DST", t.Complete(MRN, "")


@CASES.of("TR-016")
def an_arrival_told_by_a_stranger(union: SampleUnion) -> tuple[str, Record]:
    return union.en_route() and "TRADER2", t.NotifyArrival(MRN, "KZ/DST")


@CASES.of("TR-034")
def arriving_somewhere_else(union: SampleUnion) -> tuple[str, Record]:
    return union.en_route() and "HAULIER", t.NotifyArrival(MRN, "RU/DST")


@CASES.of("TR-035")
def conform_with_discrepancies(union: SampleUnion) -> tuple[str, Record]:
    found = (t.Discrepancy("GrossMass", "900 kg"),)
    return union.unloading() and "KZ/DST", t.RecordUnloading(MRN, True, True, found)


@CASES.of("TR-001")
def completing_with_open_discrepancies(union: SampleUnion) -> tuple[str, Record]:
    return stages.disputed(union) and "KZ/DST", t.Complete(MRN, "")


@CASES.of("TR-001")
def discharging_with_confirmed_discrepancies(union: SampleUnion) -> tuple[str, Record]:
    return stages.irregular(union) and "BY/DEP", t.Discharge(MRN)


@CASES.of("TR-036")
def broken_seals_without_control(union: SampleUnion) -> tuple[str, Record]:
    return union.arrived() and "KZ/DST", t.RecordArrival(MRN, False, False)


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def test_late_arrival_is_a_fact_not_a_refusal() -> None:
    union = SampleUnion().en_route()
    union.now = RELEASE.deadline_ms + 1
    union.do("HAULIER", t.NotifyArrival(MRN, "KZ/DST"))
    assert union.show(f"movement/{MRN}").arrival.late


def test_arrival_at_the_deadline_is_in_time() -> None:
    union = SampleUnion().en_route()
    union.now = RELEASE.deadline_ms
    union.do("HAULIER", t.NotifyArrival(MRN, "KZ/DST"))
    assert not union.show(f"movement/{MRN}").arrival.late


@pytest.mark.parametrize(
    "stage",
    [
        SampleUnion.arrived,
        SampleUnion.unloading,
        stages.disputed,
        SampleUnion.controlled,
    ],
)
def test_a_completion_that_does_not_come_is_overdue_after_six_days(stage: Stage) -> None:
    union = stage(SampleUnion())
    before = union.show(f"movement/{MRN}")
    assert union.wait_until(before.arrival.complete_by_ms - 1) == []
    assert union.wait_until(union.now + DAY) == ["transit.completion-overdue"]
    after = union.show(f"movement/{MRN}")
    assert before.arrival.complete_by_ms == before.arrival.notified_ms + 6 * DAY
    assert after.arrival == replace(before.arrival, overdue=True)
    assert after.state is before.state


def test_an_overdue_completion_is_taken_and_remembered() -> None:
    union = SampleUnion().controlled()
    union.wait_until(union.now + 7 * DAY)
    union.do("KZ/DST", t.Complete(MRN, ""))
    movement = union.show(f"movement/{MRN}")
    assert (movement.state, movement.arrival.overdue) == (MovementState.COMPLETED, True)


def test_a_completion_in_time_is_never_overdue() -> None:
    union = SampleUnion().completed()
    assert union.wait_until(union.now + 30 * DAY) == []
    assert not union.show(f"movement/{MRN}").arrival.overdue


def test_the_rest_of_goods_delivered_in_parts_has_its_own_six_days() -> None:
    union = SampleUnion().unloading()
    union.do("KZ/DST", t.DeliverPart(MRN, 400_000, ""))
    union.now += 5 * DAY
    union.do("HAULIER", t.NotifyArrival(MRN, "KZ/DST"))
    union.do("KZ/DST", t.RecordArrival(MRN, True, True))
    assert union.wait_until(union.now + 2 * DAY) == [], "the first six days are over"
    assert union.wait_until(union.now + 5 * DAY) == ["transit.completion-overdue"]


def test_resolved_discrepancies_let_the_procedure_be_completed() -> None:
    union = stages.disputed(SampleUnion())
    union.do("KZ/DST", t.ResolveDiscrepancies(MRN, t.Finding.RESOLVED, "Weighing error, act 7."))
    union.do("KZ/DST", t.Complete(MRN, ""))
    movement = union.show(f"movement/{MRN}")
    assert movement.state is MovementState.COMPLETED
    assert movement.arrival.resolution == "Weighing error, act 7."


def test_broken_seals_alone_are_a_discrepancy_to_resolve() -> None:
    union = SampleUnion().unloading()
    union.do("KZ/DST", t.RecordUnloading(MRN, True, False, ()))
    assert union.show(f"movement/{MRN}").state is MovementState.DISCREPANCIES
