"""Transit at departure: control, release, amendment and invalidation."""

import pytest
from msgspec.structs import replace

from contracts import Record
from contracts.references.time import DAY
from contracts.registry import records as reg
from contracts.seals import records as s
from contracts.transit import records as t
from contracts.transit.content import (
    ORDINARY_GOODS,
    Exemption,
    ExemptionGround,
)
from contracts.transit.objects import MovementState
from tests.contracts import stages
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_union import (
    CONTENT,
    GRN,
    LRN,
    MRN,
    RELEASE,
    SampleUnion,
)

CASES = Refusals()


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
def amending_after_registration(union: SampleUnion) -> tuple[str, Record]:
    return union.registered() and "TRADER", t.Amend(LRN, CONTENT)


@CASES.of("TR-001")
def invalidating_goods_on_their_way(union: SampleUnion) -> tuple[str, Record]:
    return union.en_route() and "BY/DEP", t.Invalidate(MRN, "Too late.", False)


@CASES.of("TR-006")
def a_carrier_suspended_before_release(union: SampleUnion) -> tuple[str, Record]:
    union.control_decided().do("BY", reg.SuspendParticipant("HAULIER", "Licence."))
    return "BY/DEP", RELEASE


@CASES.of("TR-012")
def released_by_the_wrong_office(union: SampleUnion) -> tuple[str, Record]:
    return union.control_decided() and "RU/DEP", RELEASE


@CASES.of("TR-017")
def invalidation_asked_by_a_stranger(union: SampleUnion) -> tuple[str, Record]:
    return union.registered() and "TRADER2", t.RequestInvalidation(MRN, "Envy.")


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


@CASES.of("TR-007")
def releasing_towards_a_suspended_office(union: SampleUnion) -> tuple[str, Record]:
    union.control_decided().do("KZ", reg.SuspendParticipant("KZ/DST", "Closed."))
    return "BY/DEP", RELEASE


@CASES.of("TR-007")
def releasing_through_a_suspended_office(union: SampleUnion) -> tuple[str, Record]:
    union.control_decided().do("RU", reg.SuspendParticipant("RU/TRN", "Closed."))
    return "BY/DEP", RELEASE


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def test_invalidation_after_release_frees_the_guarantee() -> None:
    union = SampleUnion().released()
    union.do("TRADER", t.RequestInvalidation(MRN, "Sold."))
    union.do("BY/DEP", t.Invalidate(MRN, "Asked for.", False))
    assert union.show(f"movement/{MRN}").state is MovementState.INVALIDATED
    assert union.show(f"guarantee/{GRN}").reserved == 0


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


def test_other_identification_replaces_seals() -> None:
    union = SampleUnion().control_decided()
    described = replace(RELEASE, seals=(), identification="Description and photographs")
    union.do("BY/DEP", described)
    assert union.show(f"movement/{MRN}").identification == "Description and photographs"
