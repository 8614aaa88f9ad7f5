"""Control: one form in all members, and no second one of a kind without a new reason."""

import pytest
from msgspec.structs import replace

from contracts import Accepted, Record, Rejected
from contracts.control import records as k
from contracts.control.objects import ControlKind, ControlResult, ControlState, Ground
from contracts.reference import records as ref
from contracts.seals import records as s
from contracts.transit import records as t
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_acts_of_conduct import CONFORM, INSPECT, inspected, ordered
from tests.contracts.sample_union import MINSK, MRN, OTHER_MRN, ROOT, TRANSPORT, SampleUnion

CASES = Refusals()

AGAIN = replace(
    INSPECT, place="KZALA", ground=Ground.INTELLIGENCE, reason="A tip about the second pallet."
)


@CASES.of("CN-001")
def reporting_twice(union: SampleUnion) -> tuple[str, Record]:
    return inspected(union) and "RU/TRN", CONFORM


@CASES.of("CN-002")
def controlling_what_is_completed(union: SampleUnion) -> tuple[str, Record]:
    return union.completed() and "KZ/DST", replace(INSPECT, place="KZALA")


@CASES.of("CN-003")
def controlling_off_the_route(union: SampleUnion) -> tuple[str, Record]:
    return union.en_route() and "AM/TRN", replace(INSPECT, place="AMEVN")


@CASES.of("CN-004")
def controlling_abroad(union: SampleUnion) -> tuple[str, Record]:
    return union.en_route() and "RU/TRN", replace(INSPECT, place="KZALA")


@CASES.of("RF-011")
def a_place_that_is_not_listed(union: SampleUnion) -> tuple[str, Record]:
    union.en_route().do("COMMISSION", ref.DefineCodeList("un-locode", "Places", "UN", True))
    return "RU/TRN", INSPECT


@CASES.of("CN-005")
def two_inspections_at_once(union: SampleUnion) -> tuple[str, Record]:
    return ordered(union) and "KZ/TRN", replace(INSPECT, place="KZALA")


@CASES.of("CN-006")
def a_second_inspection_without_reason(union: SampleUnion) -> tuple[str, Record]:
    return inspected(union) and "KZ/TRN", replace(INSPECT, place="KZALA")


@CASES.of("CN-006")
def a_second_inspection_on_a_ground_without_words(union: SampleUnion) -> tuple[str, Record]:
    return inspected(union) and "KZ/TRN", replace(AGAIN, reason="")


@CASES.of("CN-006")
def a_first_inspection_that_says_it_is_a_second(union: SampleUnion) -> tuple[str, Record]:
    return union.en_route() and "RU/TRN", replace(AGAIN, place="RUSVO")


@CASES.of("CN-007")
def the_same_reason_again(union: SampleUnion) -> tuple[str, Record]:
    inspected(union).do("KZ/TRN", AGAIN, replace(CONFORM, number=2))
    return "KZ/DST", AGAIN


@CASES.of("CN-008")
def an_inconclusive_result_that_was_none(union: SampleUnion) -> tuple[str, Record]:
    return inspected(union) and "KZ/TRN", replace(AGAIN, ground=Ground.INCONCLUSIVE)


@CASES.of("CN-008")
def an_incident_that_was_none(union: SampleUnion) -> tuple[str, Record]:
    return inspected(union) and "KZ/TRN", replace(AGAIN, ground=Ground.INCIDENT)


@CASES.of("CN-008")
def an_alarm_that_was_none(union: SampleUnion) -> tuple[str, Record]:
    return inspected(union) and "KZ/TRN", replace(AGAIN, ground=Ground.ALARM)


@CASES.of("CN-009")
def reporting_what_was_not_ordered(union: SampleUnion) -> tuple[str, Record]:
    return union.en_route() and "RU/TRN", CONFORM


@CASES.of("CN-010")
def reporting_anothers_control(union: SampleUnion) -> tuple[str, Record]:
    return ordered(union) and "KZ/TRN", CONFORM


@CASES.of("CN-011")
def a_control_that_is_not_over(union: SampleUnion) -> tuple[str, Record]:
    return ordered(union) and "RU/TRN", replace(CONFORM, ended_ms=union.now + 1)


@CASES.of("CN-011")
def a_control_over_before_it_was_ordered(union: SampleUnion) -> tuple[str, Record]:
    return ordered(union) and "RU/TRN", replace(CONFORM, ended_ms=union.now - 1)


@CASES.of("CN-012")
def a_finding_without_words(union: SampleUnion) -> tuple[str, Record]:
    return ordered(union) and "RU/TRN", replace(CONFORM, result=ControlResult.NOT_CONFORM)


@CASES.of("CN-013")
def a_ninth_inspection(union: SampleUnion) -> tuple[str, Record]:
    union.en_route()
    for number in range(1, 9):
        union.do("RU/TRN", INSPECT)
        union.do("RU/TRN", k.CancelControl(MRN, ControlKind.INSPECTION, number, "Not needed."))
    return "RU/TRN", INSPECT


@CASES.of("TR-004")
def controlling_nothing(union: SampleUnion) -> tuple[str, Record]:
    return "RU/TRN", replace(INSPECT, mrn=OTHER_MRN)


@CASES.of("CN-006")
def a_first_inspection_on_a_ground(union: SampleUnion) -> tuple[str, Record]:
    return union.en_route() and "RU/TRN", replace(INSPECT, ground=Ground.INTELLIGENCE)


@CASES.of("CN-006")
def a_second_inspection_that_says_it_is_the_first(union: SampleUnion) -> tuple[str, Record]:
    record = replace(INSPECT, place="KZALA", reason="A letter from the consignee.")
    return inspected(union) and "KZ/TRN", record


@CASES.of("CN-008")
def an_incident_before_the_last_control(union: SampleUnion) -> tuple[str, Record]:
    union.en_route().do(
        "HAULIER", t.ReportIncident(MRN, t.IncidentCode.DEVIATION, "RU", "Flood.", ())
    )
    union.now += 1
    union.do("RU/TRN", INSPECT, replace(CONFORM, ended_ms=union.now))
    return "KZ/TRN", replace(AGAIN, ground=Ground.INCIDENT)


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


@pytest.mark.parametrize("kind", ControlKind)
def test_every_kind_of_control_has_the_same_form(kind: ControlKind) -> None:
    union = SampleUnion().en_route()
    union.do("RU/TRN", replace(INSPECT, control=kind))
    report = k.ReportControl(MRN, kind, 1, ControlResult.NOT_CONFORM, "900 kg", ROOT, union.now)
    union.do("RU/TRN", report)
    control = union.show(f"control/{MRN}/{kind}/1")
    assert (control.office, control.place, control.asked) == ("RU/TRN", "RUSVO", INSPECT.asked)
    assert (control.state, control.result) == (ControlState.REPORTED, ControlResult.NOT_CONFORM)
    assert (control.ordered_ms, control.ended_ms) == (union.now, union.now)


def test_one_members_control_counts_for_all_but_only_for_its_kind() -> None:
    union = inspected(SampleUnion())
    assert isinstance(union.apply("KZ/TRN", replace(INSPECT, place="KZALA")), Rejected)
    scan = replace(INSPECT, place="KZALA", control=ControlKind.SCANNING)
    assert isinstance(union.apply("KZ/TRN", scan), Accepted)


def test_a_new_reason_opens_a_second_inspection() -> None:
    union = inspected(SampleUnion())
    union.do("KZ/TRN", AGAIN, replace(CONFORM, number=2))
    assert union.show(f"controls/{MRN}/inspection").made == 2


def test_a_cancelled_control_counts_for_nothing() -> None:
    union = ordered(SampleUnion())
    union.do("RU/TRN", k.CancelControl(MRN, ControlKind.INSPECTION, 1, "Scanner down."))
    assert isinstance(union.apply("KZ/TRN", replace(INSPECT, place="KZALA")), Accepted)


def test_grounds_that_the_ledger_bears_out() -> None:
    union = inspected(SampleUnion(), ControlResult.INCONCLUSIVE)
    union.do("KZ/TRN", replace(AGAIN, ground=Ground.INCONCLUSIVE), replace(CONFORM, number=2))
    incident = t.ReportIncident(MRN, t.IncidentCode.SEALS_BROKEN, "AM", "Seal torn off.", ())
    union.do("HAULIER", incident)
    there = replace(AGAIN, place="AMEVN", ground=Ground.INCIDENT, reason="The torn seal.")
    union.do("AM/TRN", there, replace(CONFORM, number=3))
    union.do(
        "SEALS-BY", s.RegisterSeal("NS1", "M", "C"), s.ActivateSeal("NS1", MRN, TRANSPORT, MINSK)
    )
    event = s.ReportSealEvent("NS1", s.SealEvent.CASE_OPENED, union.now, None, None)
    union.do("SEALS-BY", event)
    union.do("BY/TRN", s.JudgeAlarm("NS1", 1, s.Verdict.CONFIRMED, "Opened."))
    union.do("KZ/TRN", replace(AGAIN, ground=Ground.ALARM, reason="The opened case."))
