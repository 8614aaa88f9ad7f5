"""Navigation seals: life, alarms, handover, and what is refused."""

import pytest
from msgspec.structs import replace

from contracts import Accepted, Record, Rejected
from contracts.reference import records as ref
from contracts.references import make_mrn
from contracts.references.time import DAY, MINUTE
from contracts.registry.seals import SealState
from contracts.seals import records as s
from contracts.seals.objects import AlarmState, MonitoringState
from contracts.transit import records as t
from contracts.transit.content import AdditionalType
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_union import (
    CONTENT,
    MINSK,
    MRN,
    OTHER_MRN,
    OTHER_TRANSPORT,
    REGISTER,
    RELEASE,
    ROOT,
    TRANSPORT,
    SampleUnion,
)

CASES = Refusals()


def event(union: SampleUnion, seal: str = "NS1") -> s.ReportSealEvent:
    return s.ReportSealEvent(seal, s.SealEvent.OFF_ROUTE, union.now, 190_800, 99_000)


@CASES.of("SE-001")
def an_event_of_a_free_seal(union: SampleUnion) -> tuple[str, Record]:
    return union.sealable() and "SEALS-BY", event(union)


@CASES.of("SE-001")
def judging_twice(union: SampleUnion) -> tuple[str, Record]:
    return union.judged() and "BY/DEP", s.JudgeAlarm("NS1", 1, s.Verdict.DISMISSED, "No.")


@CASES.of("SE-001")
def accepting_what_is_not_offered(union: SampleUnion) -> tuple[str, Record]:
    return union.sealed() and "SEALS-RU", s.AcceptHandover(TRANSPORT)


@CASES.of("SE-002")
def an_unknown_seal(union: SampleUnion) -> tuple[str, Record]:
    return union.released() and "SEALS-BY", s.ActivateSeal("NS9", MRN, TRANSPORT, MINSK)


@CASES.of("SE-003")
def a_seal_registered_twice(union: SampleUnion) -> tuple[str, Record]:
    return union.sealable() and "SEALS-RU", s.RegisterSeal("NS1", "M", "C")


@CASES.of("SE-004")
def another_operators_seal(union: SampleUnion) -> tuple[str, Record]:
    return union.sealable() and "SEALS-RU", s.ActivateSeal("NS1", MRN, TRANSPORT, MINSK)


@CASES.of("SE-004")
def setting_another_operators_seal_aside(union: SampleUnion) -> tuple[str, Record]:
    return union.sealable() and "SEALS-RU", s.SetAside("NS1", s.Condition.LOST, "Stolen.")


@CASES.of("SE-001")
def attaching_a_faulty_seal(union: SampleUnion) -> tuple[str, Record]:
    union.sealable().do("SEALS-BY", s.SetAside("NS1", s.Condition.FAULTY, "Silent."))
    return "SEALS-BY", s.ActivateSeal("NS1", MRN, TRANSPORT, MINSK)


@CASES.of("SE-001")
def taking_back_a_destroyed_seal(union: SampleUnion) -> tuple[str, Record]:
    union.sealable().do("SEALS-BY", s.SetAside("NS1", s.Condition.DESTROYED, "Burnt."))
    return "SEALS-BY", s.TakeBack("NS1", "Mended.")


@CASES.of("SE-014")
def losing_a_seal_on_the_way_without_cause(union: SampleUnion) -> tuple[str, Record]:
    return union.alarmed() and "SEALS-BY", s.SetAside("NS1", s.Condition.LOST, "Fell off.")


@CASES.of("SE-005")
def a_movement_that_arrived(union: SampleUnion) -> tuple[str, Record]:
    union.arrived().do("SEALS-BY", s.RegisterSeal("NS1", "M", "C"))
    return "SEALS-BY", s.ActivateSeal("NS1", MRN, TRANSPORT, MINSK)


@CASES.of("SE-006")
def a_seal_on_two_transports(union: SampleUnion) -> tuple[str, Record]:
    return union.sealed() and "SEALS-BY", s.ActivateSeal("NS1", MRN, OTHER_TRANSPORT, MINSK)


@CASES.of("SE-007")
def one_transport_for_two_movements(union: SampleUnion) -> tuple[str, Record]:
    union.sealed().do("TRADER", t.Lodge("LRN2", AdditionalType.STANDARD, CONTENT))
    union.do("BY/DEP", replace(REGISTER, lrn="LRN2", mrn=OTHER_MRN, eaeu_number=None))
    union.do("SEALS-BY", s.RegisterSeal("NS2", "M", "C"))
    return "SEALS-BY", s.ActivateSeal("NS2", OTHER_MRN, TRANSPORT, MINSK)


@CASES.of("SE-008")
def reporting_for_another_operator(union: SampleUnion) -> tuple[str, Record]:
    return union.sealed() and "SEALS-RU", event(union)


@CASES.of("SE-008")
def joining_another_operators_transport(union: SampleUnion) -> tuple[str, Record]:
    union.sealed().do("SEALS-RU", s.RegisterSeal("NS2", "M", "C"))
    return "SEALS-RU", s.ActivateSeal("NS2", MRN, TRANSPORT, MINSK)


@CASES.of("SE-009")
def handing_over_to_a_carrier(union: SampleUnion) -> tuple[str, Record]:
    return union.sealed() and "SEALS-BY", s.OfferHandover(TRANSPORT, "HAULIER")


@CASES.of("SE-009")
def handing_over_within_the_member(union: SampleUnion) -> tuple[str, Record]:
    return union.sealed() and "SEALS-BY", s.OfferHandover(TRANSPORT, "SEALS-BY2")


@CASES.of("SE-010")
def accepting_what_is_offered_to_another(union: SampleUnion) -> tuple[str, Record]:
    return union.offered() and "SEALS-BY2", s.AcceptHandover(TRANSPORT)


@CASES.of("SE-011")
def an_event_of_the_future(union: SampleUnion) -> tuple[str, Record]:
    union.sealed()
    return "SEALS-BY", replace(event(union), occurred_ms=union.now + 5 * MINUTE + 1)


@CASES.of("SE-011")
def an_event_before_activation(union: SampleUnion) -> tuple[str, Record]:
    union.sealed()
    return "SEALS-BY", replace(event(union), occurred_ms=union.now - 5 * MINUTE - 1)


@CASES.of("SE-012")
def judging_nothing(union: SampleUnion) -> tuple[str, Record]:
    return union.sealed() and "BY/DEP", s.JudgeAlarm("NS1", 1, s.Verdict.DISMISSED, "No.")


@CASES.of("SE-013")
def judging_another_members_alarm(union: SampleUnion) -> tuple[str, Record]:
    return union.alarmed() and "RU/DEP", s.JudgeAlarm("NS1", 1, s.Verdict.DISMISSED, "No.")


@CASES.of("SE-014")
def taking_a_seal_off_on_the_way(union: SampleUnion) -> tuple[str, Record]:
    return union.alarmed() and "SEALS-BY", s.DeactivateSeal("NS1", MINSK)


@CASES.of("SE-015")
def an_unknown_transport(union: SampleUnion) -> tuple[str, Record]:
    return "SEALS-BY", s.OfferHandover(TRANSPORT, "SEALS-RU")


@CASES.of("SE-016")
def a_period_that_overlaps(union: SampleUnion) -> tuple[str, Record]:
    first = s.CommitPositions(TRANSPORT, ROOT, 60, union.now - 20, union.now - 10)
    union.sealed().do("SEALS-BY", first)
    return "SEALS-BY", replace(first, from_ms=union.now - 11, to_ms=union.now)


@CASES.of("SE-016")
def a_period_that_is_not_over(union: SampleUnion) -> tuple[str, Record]:
    record = s.CommitPositions(TRANSPORT, ROOT, 60, union.now, union.now + 1)
    return union.sealed() and "SEALS-BY", record


@CASES.of("SE-017")
def a_sixty_fifth_seal(union: SampleUnion) -> tuple[str, Record]:
    union.sealed()
    for number in range(2, 66):
        union.do("SEALS-BY", s.RegisterSeal(f"NS{number}", "M", "C"))
    for number in range(2, 65):
        union.do("SEALS-BY", s.ActivateSeal(f"NS{number}", MRN, TRANSPORT, MINSK))
    return "SEALS-BY", s.ActivateSeal("NS65", MRN, TRANSPORT, MINSK)


@CASES.of("SE-018")
def half_a_place(union: SampleUnion) -> tuple[str, Record]:
    return union.sealed() and "SEALS-BY", replace(event(union), longitude=None)


@CASES.of("SE-002")
def an_event_of_an_unknown_seal(union: SampleUnion) -> tuple[str, Record]:
    return "SEALS-BY", s.ReportSealEvent("NS9", s.SealEvent.BROKEN, union.now, None, None)


@CASES.of("SE-002")
def taking_off_an_unknown_seal(union: SampleUnion) -> tuple[str, Record]:
    return "SEALS-BY", s.DeactivateSeal("NS9", MINSK)


@CASES.of("SE-002")
def setting_aside_an_unknown_seal(union: SampleUnion) -> tuple[str, Record]:
    return "SEALS-BY", s.SetAside("NS9", s.Condition.LOST, "Stolen.")


@CASES.of("SE-002")
def taking_back_an_unknown_seal(union: SampleUnion) -> tuple[str, Record]:
    return "SEALS-BY", s.TakeBack("NS9", "Found.")


@CASES.of("SE-015")
def accepting_an_unknown_transport(union: SampleUnion) -> tuple[str, Record]:
    return "SEALS-RU", s.AcceptHandover(TRANSPORT)


@CASES.of("SE-016")
def a_period_of_no_time(union: SampleUnion) -> tuple[str, Record]:
    record = s.CommitPositions(TRANSPORT, ROOT, 60, union.now - 1, union.now - 1)
    return union.sealed() and "SEALS-BY", record


def places_kept(union: SampleUnion) -> SampleUnion:
    """The union keeps the list of places; Minsk is not on it."""
    union.do("COMMISSION", ref.DefineCodeList("un-locode", "Places", "UN/LOCODE", True))
    return union


@CASES.of("RF-011")
def a_seal_attached_at_a_place_that_is_none(union: SampleUnion) -> tuple[str, Record]:
    return places_kept(union.sealable()) and "SEALS-BY", s.ActivateSeal(
        "NS1", MRN, TRANSPORT, MINSK
    )


@CASES.of("RF-011")
def a_seal_taken_off_at_a_place_that_is_none(union: SampleUnion) -> tuple[str, Record]:
    return places_kept(union.judged()) and "SEALS-BY", s.DeactivateSeal("NS1", MINSK)


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def test_a_seal_is_attached_and_free_again_after_arrival() -> None:
    union = SampleUnion().sealed()
    assert union.show("seal/NS1").transport == TRANSPORT
    assert union.show(f"movement/{MRN}").navigation_seals == ("NS1",)
    assert union.show(f"transport/{TRANSPORT}").state is MonitoringState.MONITORED
    union.do("HAULIER", t.NotifyArrival(MRN, "KZ/DST"))
    union.do("SEALS-BY", s.DeactivateSeal("NS1", MINSK))
    assert union.show("seal/NS1").state is SealState.REGISTERED
    assert union.show(f"movement/{MRN}").navigation_seals == ()
    assert union.show(f"transport/{TRANSPORT}").state is MonitoringState.ENDED


def test_an_alarm_is_a_claim_until_an_authority_judges_it() -> None:
    union = SampleUnion().alarmed()
    assert union.show("alarm/NS1/1").state is AlarmState.OPEN
    assert union.show("alarm/NS1/1").mrn == MRN
    union.do("BY/DST", s.JudgeAlarm("NS1", 1, s.Verdict.DISMISSED, "Jamming at the border."))
    alarm = union.show("alarm/NS1/1")
    assert (alarm.state, alarm.judged_by) == (AlarmState.DISMISSED, "BY/DST")
    assert isinstance(union.apply("SEALS-BY", s.DeactivateSeal("NS1", MINSK)), Rejected)


def test_a_confirmed_alarm_lets_the_seal_come_off_on_the_way() -> None:
    union = SampleUnion().judged()
    union.do("SEALS-BY", s.DeactivateSeal("NS1", MINSK))
    union.do("SEALS-BY", s.ActivateSeal("NS1", MRN, OTHER_TRANSPORT, MINSK))
    assert not union.show("seal/NS1").confirmed


def test_an_alarm_of_an_earlier_transport_does_not_free_the_seal() -> None:
    union = SampleUnion().sealed()
    union.do("SEALS-BY", event(union), event(union))
    union.do("BY/DEP", s.JudgeAlarm("NS1", 1, s.Verdict.CONFIRMED, "Broken."))
    union.do(
        "SEALS-BY",
        s.DeactivateSeal("NS1", MINSK),
        s.ActivateSeal("NS1", MRN, OTHER_TRANSPORT, MINSK),
    )
    union.do("BY/DEP", s.JudgeAlarm("NS1", 2, s.Verdict.CONFIRMED, "Broken."))
    assert isinstance(union.apply("SEALS-BY", s.DeactivateSeal("NS1", MINSK)), Rejected)


def test_one_operator_is_in_charge_through_a_handover() -> None:
    union = SampleUnion().offered()
    union.do("SEALS-BY", event(union))  # still in charge until it is accepted
    union.do("SEALS-RU", s.AcceptHandover(TRANSPORT))
    transport = union.show(f"transport/{TRANSPORT}")
    assert (transport.operator, transport.offered_to) == ("SEALS-RU", None)
    assert isinstance(union.apply("SEALS-BY", event(union)), Rejected)
    union.do("SEALS-RU", event(union))
    assert union.show("alarm/NS1/2").member == "RU"


def test_position_commitments_follow_one_another_across_operators() -> None:
    union = SampleUnion().offered()
    union.now += DAY
    half = union.now - DAY // 2
    union.do("SEALS-BY", s.CommitPositions(TRANSPORT, ROOT, 720, union.now - DAY, half))
    union.do("SEALS-RU", s.AcceptHandover(TRANSPORT))
    union.do("SEALS-RU", s.CommitPositions(TRANSPORT, ROOT, 720, half, union.now))
    assert union.show(f"positions/{TRANSPORT}/1").operator == "SEALS-BY"
    assert union.show(f"positions/{TRANSPORT}/2").operator == "SEALS-RU"


def test_a_seal_serves_one_movement_after_another() -> None:
    union = SampleUnion().sealed()
    union.do("HAULIER", t.NotifyArrival(MRN, "KZ/DST"))
    union.do("SEALS-BY", s.DeactivateSeal("NS1", MINSK))
    mrn = make_mrn(2026, "BY", "7")
    union.do("TRADER", t.Lodge("LRN2", AdditionalType.STANDARD, CONTENT))
    union.do("BY/DEP", replace(REGISTER, lrn="LRN2", mrn=mrn, eaeu_number=None))
    assert isinstance(
        union.apply("SEALS-BY", s.ActivateSeal("NS1", mrn, OTHER_TRANSPORT, MINSK)), Accepted
    )


@pytest.mark.parametrize("kind", s.SealEvent)
def test_each_of_the_seven_events_opens_an_alarm(kind: s.SealEvent) -> None:
    union = SampleUnion().sealed()
    union.do("SEALS-BY", replace(event(union), event=kind))
    assert union.show("alarm/NS1/1").event is kind
    assert len(s.SealEvent) == 7


def test_a_lost_seal_leaves_transport_and_movement_and_comes_back_into_stock() -> None:
    union = SampleUnion().judged()
    union.do("SEALS-BY", s.SetAside("NS1", s.Condition.LOST, "Cut off."))
    assert union.show("seal/NS1").state is SealState.LOST
    assert union.show(f"transport/{TRANSPORT}").state is MonitoringState.ENDED
    assert union.show(f"movement/{MRN}").seals == ("BY001",)
    union.do("SEALS-BY", s.TakeBack("NS1", "Found."))
    union.do("SEALS-BY", s.ActivateSeal("NS1", MRN, OTHER_TRANSPORT, MINSK))


def test_the_movement_lists_the_navigation_seals_attached() -> None:
    union = SampleUnion().control_decided()
    union.do("SEALS-BY", s.RegisterSeal("NS1", "M", "C"), s.RegisterSeal("NS2", "M", "C"))
    union.do("SEALS-BY", s.ActivateSeal("NS1", MRN, TRANSPORT, MINSK))
    union.do("BY/DEP", RELEASE)
    assert union.show(f"movement/{MRN}").seals == ("BY001", "NS1")
    union.do("SEALS-BY", s.ActivateSeal("NS2", MRN, TRANSPORT, MINSK))
    incident = t.ReportIncident(MRN, t.IncidentCode.SEALS_BROKEN, "RU", "Seal torn off.", ())
    union.do("HAULIER", incident)
    union.do("RU/TRN", t.EndorseIncident(MRN, 1, ("RU7",), "", None))
    assert union.show(f"movement/{MRN}").seals == ("RU7", "NS1", "NS2")
    union.do("SEALS-BY", s.DeactivateSeal("NS1", MINSK))
    assert union.show(f"movement/{MRN}").seals == ("RU7", "NS2")


def test_the_register_says_where_a_seal_was_attached_and_taken_off() -> None:
    union = SampleUnion().judged()
    assert union.show("seal/NS1").place == MINSK
    union.do("SEALS-BY", s.DeactivateSeal("NS1", "BYBQT"))
    assert union.show("seal/NS1").place == "BYBQT"
