"""Transit: the normal life of a movement, and the refusals of every rule."""

import pytest
from msgspec.structs import replace

from contracts import Accepted, Record, Rejected
from contracts.reference import records as ref
from contracts.references import make_mrn
from contracts.references.time import DAY
from contracts.registry import records as reg
from contracts.seals import records as s
from contracts.transit import records as t
from contracts.transit.content import (
    ORDINARY_GOODS,
    AdditionalType,
    Exemption,
    ExemptionGround,
    GuaranteeUse,
)
from contracts.transit.objects import CLOSED, DeclarationState, MovementState
from tests.contracts import stages
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_union import (
    CONTENT,
    EAEU_NUMBER,
    GRN,
    LRN,
    MINSK,
    MRN,
    OTHER_MRN,
    REGISTER,
    RELEASE,
    ROOT,
    USE,
    SampleUnion,
    Stage,
)

CASES = Refusals()
STANDARD, PRE_LODGED = AdditionalType.STANDARD, AdditionalType.PRE_LODGED


@CASES.of("TR-001")
def releasing_without_a_control_decision(union: SampleUnion) -> tuple[str, Record]:
    return union.registered() and "BY/DEP", RELEASE


@CASES.of("TR-001")
def a_satisfactory_control_that_was_not_ordered(union: SampleUnion) -> tuple[str, Record]:
    record = t.RecordControl(MRN, t.ControlDecision.SATISFACTORY, "")
    return union.registered() and "BY/DEP", record


@CASES.of("TR-001")
def releasing_after_a_failed_control(union: SampleUnion) -> tuple[str, Record]:
    union.under_control().do(
        "BY/DEP", t.RecordControl(MRN, t.ControlDecision.UNSATISFACTORY, "Undeclared goods.")
    )
    return "BY/DEP", RELEASE


@CASES.of("TR-001")
def releasing_twice(union: SampleUnion) -> tuple[str, Record]:
    return union.released() and "BY/DEP", RELEASE


@CASES.of("TR-001")
def discharging_before_completion(union: SampleUnion) -> tuple[str, Record]:
    return union.controlled() and "BY/DEP", t.Discharge(MRN)


@CASES.of("TR-001")
def discharging_twice(union: SampleUnion) -> tuple[str, Record]:
    union.completed().do("BY/DEP", t.Discharge(MRN))
    return "BY/DEP", t.Discharge(MRN)


@CASES.of("TR-001")
def registering_goods_not_presented(union: SampleUnion) -> tuple[str, Record]:
    union.do("TRADER", t.Lodge(LRN, PRE_LODGED, CONTENT))
    return "BY/DEP", REGISTER


@CASES.of("TR-001")
def amending_after_registration(union: SampleUnion) -> tuple[str, Record]:
    return union.registered() and "TRADER", t.Amend(LRN, CONTENT)


@CASES.of("TR-001")
def invalidating_goods_on_their_way(union: SampleUnion) -> tuple[str, Record]:
    return union.en_route() and "BY/DEP", t.Invalidate(MRN, "Too late.", False)


@CASES.of("TR-002")
def an_lrn_used_twice(union: SampleUnion) -> tuple[str, Record]:
    return union.registered() and "TRADER", t.Lodge(LRN, STANDARD, CONTENT)


@CASES.of("TR-003")
def registering_nothing(union: SampleUnion) -> tuple[str, Record]:
    return "BY/DEP", REGISTER


@CASES.of("TR-004")
def an_unknown_movement(union: SampleUnion) -> tuple[str, Record]:
    return "BY/DEP", RELEASE


@CASES.of("TR-005")
def lodging_for_someone_else(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER2", t.Lodge(LRN, STANDARD, CONTENT)


@CASES.of("TR-005")
def amending_to_another_holder(union: SampleUnion) -> tuple[str, Record]:
    return union.lodged() and "TRADER", t.Amend(LRN, replace(CONTENT, holder="TRADER2"))


@CASES.of("TR-006")
def a_carrier_who_is_none(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER", t.Lodge(LRN, STANDARD, replace(CONTENT, carrier="BANK"))


@CASES.of("TR-006")
def a_carrier_suspended_before_release(union: SampleUnion) -> tuple[str, Record]:
    union.control_decided().do("BY", reg.SuspendParticipant("HAULIER", "Licence."))
    return "BY/DEP", RELEASE


@CASES.of("TR-007")
def an_office_without_the_function(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER", t.Lodge(LRN, STANDARD, replace(CONTENT, office_of_destination="KZ/DEP"))


@CASES.of("TR-007")
def a_transit_office_unknown(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER", t.Lodge(LRN, STANDARD, replace(CONTENT, transit_offices=("XX/TRN",)))


@CASES.of("TR-007")
def a_suspended_office(union: SampleUnion) -> tuple[str, Record]:
    union.do("KZ", reg.SuspendParticipant("KZ/DST", "Closed."))
    return "TRADER", t.Lodge(LRN, STANDARD, CONTENT)


@CASES.of("TR-008")
def no_guarantee(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER", t.Lodge(LRN, STANDARD, replace(CONTENT, guarantees=()))


@CASES.of("TR-008")
def a_guarantee_and_an_exemption(union: SampleUnion) -> tuple[str, Record]:
    exemption = Exemption(ExemptionGround.SMALL_AMOUNT, "")
    return "TRADER", t.Lodge(LRN, STANDARD, replace(CONTENT, exemption=exemption))


@CASES.of("TR-009")
def one_guarantee_named_twice(union: SampleUnion) -> tuple[str, Record]:
    uses = (USE, GuaranteeUse(GRN, 1, "EUR"))
    return "TRADER", t.Lodge(LRN, STANDARD, replace(CONTENT, guarantees=uses))


@CASES.of("TR-010")
def a_limit_date_now(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER", t.Lodge(LRN, STANDARD, replace(CONTENT, limit_date_ms=union.now))


@CASES.of("TR-011")
def presenting_after_thirty_days(union: SampleUnion) -> tuple[str, Record]:
    union.do("TRADER", t.Lodge(LRN, PRE_LODGED, CONTENT))
    union.now += 30 * DAY + 1
    return "TRADER", t.Present(LRN)


@CASES.of("TR-012")
def released_by_the_wrong_office(union: SampleUnion) -> tuple[str, Record]:
    return union.control_decided() and "RU/DEP", RELEASE


@CASES.of("TR-013")
def completed_by_the_wrong_office(union: SampleUnion) -> tuple[str, Record]:
    return union.controlled() and "RU/DST", t.Complete(MRN, "")


@CASES.of("TR-014")
def a_border_out_of_order(union: SampleUnion) -> tuple[str, Record]:
    return union.released() and "KZ/TRN", t.NoteCrossing(MRN, True, "")


@CASES.of("TR-014")
def a_border_beyond_the_last(union: SampleUnion) -> tuple[str, Record]:
    union.en_route().do("KZ/TRN", t.NoteCrossing(MRN, True, ""))
    return "KZ/TRN", t.NoteCrossing(MRN, True, "")


@CASES.of("TR-015")
def an_incident_told_by_a_stranger(union: SampleUnion) -> tuple[str, Record]:
    record = t.ReportIncident(MRN, t.IncidentCode.DEVIATION, "RU", "Flood.", ())
    return union.released() and "HAULIER2", record


@CASES.of("TR-016")
def an_arrival_told_by_a_stranger(union: SampleUnion) -> tuple[str, Record]:
    return union.en_route() and "TRADER2", t.NotifyArrival(MRN, "KZ/DST")


@CASES.of("TR-017")
def invalidation_asked_by_a_stranger(union: SampleUnion) -> tuple[str, Record]:
    return union.registered() and "TRADER2", t.RequestInvalidation(MRN, "Envy.")


@CASES.of("TR-018")
def an_mrn_used_twice(union: SampleUnion) -> tuple[str, Record]:
    union.registered().do("TRADER", t.Lodge("LRN2", STANDARD, CONTENT))
    return "BY/DEP", replace(REGISTER, lrn="LRN2", eaeu_number=None)


@CASES.of("TR-019")
def an_mrn_of_another_country(union: SampleUnion) -> tuple[str, Record]:
    return union.lodged() and "BY/DEP", replace(REGISTER, mrn=make_mrn(2026, "RU", "1"))


@CASES.of("TR-020")
def an_mrn_of_last_year(union: SampleUnion) -> tuple[str, Record]:
    return union.lodged() and "BY/DEP", replace(REGISTER, mrn=make_mrn(2025, "BY", "1"))


@CASES.of("TR-021")
def a_declaration_number_used_twice(union: SampleUnion) -> tuple[str, Record]:
    union.registered().do("TRADER", t.Lodge("LRN2", STANDARD, CONTENT))
    return "BY/DEP", replace(REGISTER, lrn="LRN2", mrn=OTHER_MRN)


@CASES.of("TR-022")
def goods_that_cannot_be_identified(union: SampleUnion) -> tuple[str, Record]:
    return union.control_decided() and "BY/DEP", replace(RELEASE, seals=(), identification="")


@CASES.of("TR-023")
def a_deadline_now(union: SampleUnion) -> tuple[str, Record]:
    return union.control_decided() and "BY/DEP", replace(RELEASE, deadline_ms=union.now)


@CASES.of("TR-024")
def a_deadline_beyond_the_ceiling(union: SampleUnion) -> tuple[str, Record]:
    late = replace(RELEASE, route_km=2_000, deadline_ms=union.now + 30 * DAY + 1)
    return union.control_decided() and "BY/DEP", late


@CASES.of("TR-025")
def a_train_in_six_days(union: SampleUnion) -> tuple[str, Record]:
    hurried = replace(RELEASE, mode=t.TransportMode.RAIL, deadline_ms=union.now + 7 * DAY - 1)
    return union.control_decided() and "BY/DEP", hurried


@CASES.of("TR-026")
def goods_under_a_prohibition(union: SampleUnion) -> tuple[str, Record]:
    return union.control_decided() and "BY/DEP", replace(RELEASE, prohibitions_cleared=False)


@CASES.of("TR-027")
def a_suspended_holder(union: SampleUnion) -> tuple[str, Record]:
    union.control_decided().do("BY", reg.SuspendParticipant("TRADER", "Debts."))
    return "BY/DEP", RELEASE


@CASES.of("TR-028")
def invalidating_released_goods_unasked(union: SampleUnion) -> tuple[str, Record]:
    return union.released() and "BY/DEP", t.Invalidate(MRN, "On our own.", False)


@CASES.of("TR-029")
def endorsing_an_unknown_incident(union: SampleUnion) -> tuple[str, Record]:
    return union.in_trouble() and "RU/TRN", t.EndorseIncident(MRN, 2, (), "", None)


@CASES.of("TR-030")
def endorsing_from_elsewhere(union: SampleUnion) -> tuple[str, Record]:
    return union.in_trouble() and "BY/DEP", t.EndorseIncident(MRN, 1, (), "", None)


@CASES.of("TR-031")
def endorsing_twice(union: SampleUnion) -> tuple[str, Record]:
    union.in_trouble().do("RU/TRN", t.EndorseIncident(MRN, 1, (), "", None))
    return "RU/DEP", t.EndorseIncident(MRN, 1, (), "", None)


@CASES.of("TR-032")
def a_thirty_third_incident(union: SampleUnion) -> tuple[str, Record]:
    union.released()
    record = t.ReportIncident(MRN, t.IncidentCode.DEVIATION, "RU", "Flood.", ())
    for _ in range(32):
        union.do("HAULIER", record)
    return "HAULIER", record


@CASES.of("TR-033")
def an_incident_outside_the_union(union: SampleUnion) -> tuple[str, Record]:
    record = t.ReportIncident(MRN, t.IncidentCode.DEVIATION, "FR", "Flood.", ())
    return union.released() and "HAULIER", record


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


@CASES.of("TR-037")
def a_journey_to_where_it_begins(union: SampleUnion) -> tuple[str, Record]:
    nowhere = replace(CONTENT, office_of_destination="BY/DEP", transit_offices=())
    return "TRADER", t.Lodge(LRN, STANDARD, nowhere)


@CASES.of("TR-028")
def refusing_a_request_nobody_made(union: SampleUnion) -> tuple[str, Record]:
    return union.registered() and "BY/DEP", t.RefuseInvalidation(MRN, "No.")


@CASES.of("TR-038")
def amending_to_another_office(union: SampleUnion) -> tuple[str, Record]:
    content = replace(CONTENT, office_of_departure="RU/DEP")
    return union.registered() and "TRADER", t.AmendRegistered(MRN, content)


@CASES.of("TR-038")
def amending_a_registered_holder(union: SampleUnion) -> tuple[str, Record]:
    content = replace(CONTENT, holder="TRADER2")
    return union.registered() and "TRADER", t.AmendRegistered(MRN, content)


@CASES.of("TR-039")
def restricted_goods_waved_through(union: SampleUnion) -> tuple[str, Record]:
    union.registered(goods=replace(ORDINARY_GOODS, restricted=True))
    return "BY/DEP", t.RecordControl(MRN, t.ControlDecision.NOT_REQUIRED, "")


@CASES.of("TR-054")
def a_release_that_lists_a_seal_in_stock(union: SampleUnion) -> tuple[str, Record]:
    union.control_decided().do("SEALS-BY", s.RegisterSeal("NS1", "M", "C"))
    return "BY/DEP", replace(RELEASE, seals=("BY001", "NS1"))


@CASES.of("TR-054")
def an_endorsement_that_lists_a_seal_taken_off(union: SampleUnion) -> tuple[str, Record]:
    union.judged().do("SEALS-BY", s.DeactivateSeal("NS1", MINSK))
    union.do("HAULIER", t.ReportIncident(MRN, t.IncidentCode.SEALS_BROKEN, "RU", "Torn.", ()))
    return "RU/TRN", t.EndorseIncident(MRN, 1, ("NS1",), "", None)


@CASES.of("TR-055")
def a_transhipment_to_nothing(union: SampleUnion) -> tuple[str, Record]:
    union.released()
    union.do("HAULIER", t.ReportIncident(MRN, t.IncidentCode.TRANSHIPMENT, "RU", "Axle.", ()))
    return "RU/TRN", t.EndorseIncident(MRN, 1, (), "Other lorry.", None)


@CASES.of("TR-055")
def a_changed_vehicle_that_nobody_names(union: SampleUnion) -> tuple[str, Record]:
    union.released()
    union.do("HAULIER", t.ReportIncident(MRN, t.IncidentCode.TRANSPORT_CHANGED, "RU", "Axle.", ()))
    return "RU/TRN", t.EndorseIncident(MRN, 1, (), "Other tractor.", None)


def restricting(union: SampleUnion, code: str) -> SampleUnion:
    """The union keeps a list of restricted goods, with this HS code on it."""
    line = ref.CodeLine(code, "Under licence", 0, None)
    union.do("COMMISSION", ref.DefineCodeList("restricted-goods", "Licences", "Decision 30", False))
    union.do("COMMISSION", ref.SetCodes("restricted-goods", (line,)))
    return union


@CASES.of("TR-056")
def restricted_goods_declared_as_any(union: SampleUnion) -> tuple[str, Record]:
    goods = replace(ORDINARY_GOODS, commodities=("100590", "930200"))
    restricting(union, "930200").guaranteed()
    return "TRADER", t.Lodge(LRN, AdditionalType.STANDARD, replace(CONTENT, goods=goods))


@CASES.of("TR-056")
def goods_of_a_restricted_heading(union: SampleUnion) -> tuple[str, Record]:
    goods = replace(ORDINARY_GOODS, commodities=("930200",))
    restricting(union, "9302").guaranteed()
    return "TRADER", t.Lodge(LRN, AdditionalType.STANDARD, replace(CONTENT, goods=goods))


@CASES.of("TR-007")
def amending_to_an_office_that_is_none(union: SampleUnion) -> tuple[str, Record]:
    content = replace(CONTENT, office_of_destination="KZ/NONE")
    return union.lodged() and "TRADER", t.Amend(LRN, content)


@CASES.of("TR-007")
def departing_from_an_office_of_destination(union: SampleUnion) -> tuple[str, Record]:
    content = replace(CONTENT, office_of_departure="BY/DST")
    return union.guaranteed() and "TRADER", t.Lodge(LRN, STANDARD, content)


@CASES.of("TR-007")
def departing_from_nowhere(union: SampleUnion) -> tuple[str, Record]:
    content = replace(CONTENT, office_of_departure="BY/NONE")
    return union.guaranteed() and "TRADER", t.Lodge(LRN, STANDARD, content)


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def test_the_normal_life_of_a_movement() -> None:
    union = SampleUnion().lodged()
    declaration = union.show(f"declaration/TRADER/{LRN}")
    assert declaration.state is DeclarationState.LODGED
    assert declaration.content == CONTENT

    union.do("BY/DEP", REGISTER)
    declaration = union.show(f"declaration/TRADER/{LRN}")
    assert (declaration.state, declaration.content) == (DeclarationState.REGISTERED, None)
    assert declaration.mrn == MRN
    assert union.show(f"declaration-number/{EAEU_NUMBER}").mrn == MRN
    assert union.show(f"movement/{MRN}").route == ("BY", "RU", "KZ")

    steps = (
        ("BY/DEP", t.RecordControl(MRN, t.ControlDecision.REQUIRED, ""), "under_control"),
        ("BY/DEP", t.RecordControl(MRN, t.ControlDecision.SATISFACTORY, ""), "control_decided"),
        ("BY/DEP", RELEASE, "released"),
        ("RU/TRN", t.NoteCrossing(MRN, True, ""), "en_route"),
        ("KZ/TRN", t.NoteCrossing(MRN, True, ""), "en_route"),
        ("HAULIER", t.NotifyArrival(MRN, "KZ/DST"), "arrived"),
        ("KZ/DST", t.RecordArrival(MRN, True, True), "unloading"),
        ("KZ/DST", t.RecordUnloading(MRN, True, True, ()), "destination_controlled"),
        ("KZ/DST", t.Complete(MRN, ""), "completed"),
        ("BY/DEP", t.Discharge(MRN), "discharged"),
    )
    for author, record, state in steps:
        union.now += DAY
        union.do(author, record)
        assert union.show(f"movement/{MRN}").state == state
    movement = union.show(f"movement/{MRN}")
    assert [crossing.office for crossing in movement.crossings] == ["RU/TRN", "KZ/TRN"]
    assert not movement.arrival.late
    assert movement.state in CLOSED


def test_a_refusal_that_does_not_fit_names_the_state_and_what_would_fit() -> None:
    union = SampleUnion().under_control()
    union.do("BY/DEP", t.RecordControl(MRN, t.ControlDecision.UNSATISFACTORY, "Undeclared goods."))
    refused = union.apply("BY/DEP", RELEASE)
    assert refused == Rejected(
        "TR-001",
        (
            ("state", "control_failed"),
            ("record", "transit.release"),
            ("fits", "transit.refuse-release, transit.invalidate"),
        ),
    )


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


def test_a_pre_lodged_declaration_is_registered_once_presented() -> None:
    union = SampleUnion()
    union.do("TRADER", t.Lodge(LRN, PRE_LODGED, replace(CONTENT, limit_date_ms=None)))
    union.now += 30 * DAY
    union.do("TRADER", t.Present(LRN))
    union.do("BY/DEP", REGISTER)
    assert union.show(f"movement/{MRN}").state is MovementState.REGISTERED


def test_an_amended_declaration_is_registered_as_amended() -> None:
    union = SampleUnion().lodged()
    union.do("TRADER", t.Amend(LRN, replace(CONTENT, transit_offices=("RU/EXT",))))
    union.do("BY/DEP", REGISTER)
    assert union.show(f"movement/{MRN}").content.transit_offices == ("RU/EXT",)


def test_invalidation_after_release_frees_the_guarantee() -> None:
    union = SampleUnion().released()
    union.do("TRADER", t.RequestInvalidation(MRN, "Sold."))
    union.do("BY/DEP", t.Invalidate(MRN, "Asked for.", False))
    assert union.show(f"movement/{MRN}").state is MovementState.INVALIDATED
    assert union.show(f"guarantee/{GRN}").reserved == 0


def test_an_endorsed_incident_replaces_the_seals() -> None:
    union = SampleUnion().in_trouble()
    union.do("RU/TRN", t.EndorseIncident(MRN, 1, ("RU7", "RU8"), "Resealed.", None))
    movement = union.show(f"movement/{MRN}")
    assert movement.seals == ("RU7", "RU8")
    assert movement.incidents[0].endorsed_by == "RU/TRN"


def test_an_endorsed_transhipment_names_the_vehicle_that_goes_on() -> None:
    union = SampleUnion().released()
    union.do("HAULIER", t.ReportIncident(MRN, t.IncidentCode.TRANSHIPMENT, "RU", "Axle.", ()))
    union.do("RU/TRN", t.EndorseIncident(MRN, 1, (), "Other lorry.", ROOT))
    movement = union.show(f"movement/{MRN}")
    assert movement.incidents[0].vehicle == ROOT
    assert movement.seals == ("BY001",)


def test_restricted_goods_that_are_declared_as_such_are_lodged() -> None:
    goods = replace(ORDINARY_GOODS, restricted=True, commodities=("930200",))
    restricting(SampleUnion(), "9302").lodged(goods=goods)


def test_goods_that_are_on_no_list_are_lodged() -> None:
    goods = replace(ORDINARY_GOODS, commodities=("930200", "1005"))
    restricting(SampleUnion(), "930100").lodged(goods=goods)


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


def test_goods_that_never_left_are_invalidated_on_the_offices_own_motion() -> None:
    union = SampleUnion().released()
    union.do("BY/DEP", t.Invalidate(MRN, "Truck seized at the gate.", goods_present=True))
    assert union.show(f"movement/{MRN}").state is MovementState.INVALIDATED
    assert union.show(f"guarantee/{GRN}").open == 0


def test_a_refused_request_leaves_the_movement_as_it_was() -> None:
    union = stages.invalidation_asked(SampleUnion())
    union.do("BY/DEP", t.RefuseInvalidation(MRN, "Under inquiry."))
    movement = union.show(f"movement/{MRN}")
    assert movement.state is MovementState.REGISTERED
    assert not movement.invalidation_requested


def test_an_amendment_after_control_is_controlled_anew() -> None:
    union = SampleUnion().control_decided()
    union.do("TRADER", t.AmendRegistered(MRN, replace(CONTENT, transit_offices=("RU/EXT",))))
    movement = union.show(f"movement/{MRN}")
    assert movement.state is MovementState.REGISTERED
    assert movement.itinerary.transit_offices == ("RU/EXT",)
    assert movement.route == ("BY", "RU", "KZ")


def test_an_exempt_movement_is_released_without_reservation() -> None:
    exemption = Exemption(ExemptionGround.PUBLIC_BODY, "Army of the Republic")
    union = SampleUnion().control_decided(guarantees=(), exemption=exemption)
    union.do("BY/DEP", RELEASE)
    assert union.show(f"movement/{MRN}").state is MovementState.RELEASED
    assert union.show(f"guarantee/{GRN}").open == 0


def test_a_new_year_is_registered_under_either_year() -> None:
    union = SampleUnion().lodged(limit_date_ms=None)
    union.now = 1_798_761_599_000  # one second before 2027 in UTC, 2027 in the east of the union
    early = replace(REGISTER, mrn=make_mrn(2027, "BY", "1"))
    assert isinstance(union.apply("BY/DEP", early), Accepted)


def test_other_identification_replaces_seals() -> None:
    union = SampleUnion().control_decided()
    described = replace(RELEASE, seals=(), identification="Description and photographs")
    union.do("BY/DEP", described)
    assert union.show(f"movement/{MRN}").identification == "Description and photographs"


def test_particulars_stay_commitments() -> None:
    union = SampleUnion().registered()
    (particular,) = union.show(f"movement/{MRN}").content.particulars
    assert (particular.group, particular.commitment) == ("goods", ROOT)
