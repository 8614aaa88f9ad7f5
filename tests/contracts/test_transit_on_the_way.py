"""Transit that takes another course: extensions, diversions, delivery in parts."""

import pytest
from msgspec.structs import replace

from contracts import Record, Rejected
from contracts.references.time import DAY
from contracts.registry import records as reg
from contracts.transit import records as t
from contracts.transit.objects import MovementState
from tests.contracts import stages
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_union import GRN, MRN, RELEASE, TERMS, SampleUnion

CASES = Refusals()


def limited(union: SampleUnion, **undertaking: object) -> SampleUnion:
    """Released, not bound to its route, under a guarantee with other terms."""
    union.guaranteed(**undertaking)
    return stages.not_bound(union)


@CASES.of("TR-024")
def an_extension_beyond_the_ceiling(union: SampleUnion) -> tuple[str, Record]:
    late = t.ExtendDeadline(MRN, union.now + 60 * DAY + 1, "Snow.")
    return union.released() and "BY/DEP", late


@CASES.of("TR-040")
def an_extension_that_shortens(union: SampleUnion) -> tuple[str, Record]:
    record = t.ExtendDeadline(MRN, RELEASE.deadline_ms, "Snow.")
    return union.released() and "BY/DEP", record


@CASES.of("TR-040")
def an_extension_into_the_past(union: SampleUnion) -> tuple[str, Record]:
    union.released().now = RELEASE.deadline_ms + 2 * DAY
    return "BY/DEP", t.ExtendDeadline(MRN, RELEASE.deadline_ms + DAY, "Snow.")


@CASES.of("TR-041")
def a_diversion_off_a_binding_route(union: SampleUnion) -> tuple[str, Record]:
    return union.released() and "RU/DST", t.TakeDiversion(MRN, "KZ/DST", "They came here.")


@CASES.of("TR-042")
def a_diversion_of_a_border_passed_long_ago(union: SampleUnion) -> tuple[str, Record]:
    stages.not_bound(union).do("RU/TRN", t.NoteCrossing(MRN, True, ""))
    return "RU/EXT", t.TakeDiversion(MRN, "RU/TRN", "They came here.")


@CASES.of("TR-042")
def a_border_taken_by_another_member(union: SampleUnion) -> tuple[str, Record]:
    return stages.not_bound(union) and "KG/TRN", t.TakeDiversion(MRN, "RU/TRN", "They came here.")


@CASES.of("TR-042")
def a_destination_taken_by_a_border_post(union: SampleUnion) -> tuple[str, Record]:
    return stages.not_bound(union) and "KZ/TRN", t.TakeDiversion(MRN, "KZ/DST", "They came here.")


@CASES.of("TR-007")
def a_destination_that_is_none(union: SampleUnion) -> tuple[str, Record]:
    record = t.ChangeDestination(MRN, "RU/TRN", (), "Sold on the way.")
    return union.released() and "BY/DEP", record


@CASES.of("TR-034")
def arriving_at_the_destination_that_was(union: SampleUnion) -> tuple[str, Record]:
    union.released().do("BY/DEP", t.ChangeDestination(MRN, "RU/DST", ("RU/TRN",), "Sold."))
    return "HAULIER", t.NotifyArrival(MRN, "KZ/DST")


@CASES.of("GU-007")
def a_diversion_out_of_the_territory(union: SampleUnion) -> tuple[str, Record]:
    limited(union, territory=("BY", "RU", "KZ"))
    return "KG/DST", t.TakeDiversion(MRN, "KZ/DST", "They came here.")


@CASES.of("GU-027")
def a_diversion_the_guarantee_does_not_allow(union: SampleUnion) -> tuple[str, Record]:
    limited(union, terms=replace(TERMS, offices=("BY/DEP", "KZ/DST")))
    return "KG/DST", t.TakeDiversion(MRN, "KZ/DST", "They came here.")


@CASES.of("TR-043")
def a_part_that_is_all(union: SampleUnion) -> tuple[str, Record]:
    return union.unloading() and "KZ/DST", t.DeliverPart(MRN, 1_000_000, "")


@CASES.of("TR-043")
def parts_that_are_more_than_all(union: SampleUnion) -> tuple[str, Record]:
    deliver_part(union.unloading(), 600_000)
    arrive(union)
    return "KZ/DST", t.DeliverPart(MRN, 400_000, "")


@CASES.of("TR-053")
def a_thirty_third_diversion(union: SampleUnion) -> tuple[str, Record]:
    stages.not_bound(union)
    for turn in range(32):
        office, other = ("RU/DST", "KZ/DST") if turn % 2 == 0 else ("KZ/DST", "RU/DST")
        union.do(office, t.TakeDiversion(MRN, other, "To and fro."))
    return "RU/DST", t.TakeDiversion(MRN, "KZ/DST", "To and fro.")


@CASES.of("TR-053")
def a_thirty_third_part(union: SampleUnion) -> tuple[str, Record]:
    union.unloading()
    for _ in range(32):
        deliver_part(union, 1)
        arrive(union)
    return "KZ/DST", t.DeliverPart(MRN, 1, "")


@CASES.of("TR-053")
def a_journey_past_every_border(union: SampleUnion) -> tuple[str, Record]:
    names = [f"{m}/{s}" for m in ("AM", "BY", "KG", "KZ", "RU") for s in ("TRN", "EXT")]
    crossings = tuple(name for name in names if name != "RU/TRN")
    union.released()
    for _ in range(7):
        union.do("BY/DEP", t.ChangeDestination(MRN, "KZ/DST", ("RU/TRN", *crossings), "War."))
        union.do("RU/TRN", t.NoteCrossing(MRN, True, ""))
    return "BY/DEP", t.ChangeDestination(MRN, "KZ/DST", ("RU/TRN", *crossings), "War.")


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def deliver_part(union: SampleUnion, grams: int) -> None:
    union.do("KZ/DST", t.DeliverPart(MRN, grams, "One of two trucks."))


def arrive(union: SampleUnion) -> None:
    union.do("HAULIER", t.NotifyArrival(MRN, "KZ/DST"))
    union.do("KZ/DST", t.RecordArrival(MRN, True, True))


def test_an_extension_puts_off_the_enquiry() -> None:
    union = SampleUnion().en_route()
    later = RELEASE.deadline_ms + 5 * DAY
    union.do("BY/DEP", t.ExtendDeadline(MRN, later, "Snow."))
    assert union.wait_until(later + 7 * DAY - 1) == []
    assert union.wait_until(later + 7 * DAY) == ["transit.open-enquiry"]


def test_a_changed_destination_takes_the_arrival() -> None:
    union = SampleUnion().en_route()
    union.do("BY/DEP", t.ChangeDestination(MRN, "KG/DST", ("KZ/EXT",), "Sold on the way."))
    movement = union.show(f"movement/{MRN}")
    assert movement.route == ("BY", "RU", "KZ", "KG")
    assert movement.itinerary.transit_offices == ("RU/TRN", "KZ/EXT")
    assert movement.content.office_of_destination == "KZ/DST", "what was declared stays on record"
    union.do("KZ/EXT", t.NoteCrossing(MRN, True, ""))
    union.do("HAULIER", t.NotifyArrival(MRN, "KG/DST"))
    union.do("KG/DST", t.RecordArrival(MRN, True, False), t.Complete(MRN, ""))
    union.do("BY/DEP", t.Discharge(MRN))
    assert union.show(f"guarantee/{GRN}").reserved == 0


def test_an_office_takes_goods_that_came_to_it_and_says_so() -> None:
    union = stages.not_bound(SampleUnion())
    union.do("RU/EXT", t.TakeDiversion(MRN, "RU/TRN", "Road closed at the other post."))
    union.do("RU/EXT", t.NoteCrossing(MRN, True, ""))
    union.do("RU/DST", t.TakeDiversion(MRN, "KZ/DST", "Delivered here."))
    union.do("HAULIER", t.NotifyArrival(MRN, "RU/DST"))
    movement = union.show(f"movement/{MRN}")
    taken = [(each.instead_of, each.office, each.decided_by) for each in movement.diversions]
    assert taken == [("RU/TRN", "RU/EXT", "RU/EXT"), ("KZ/DST", "RU/DST", "RU/DST")]
    assert movement.state is MovementState.ARRIVED


def test_a_part_is_delivered_and_the_rest_goes_on() -> None:
    union = SampleUnion().unloading()
    deliver_part(union, 600_000)
    movement = union.show(f"movement/{MRN}")
    assert (movement.state, movement.arrival) == (MovementState.EN_ROUTE, None)
    assert [part.gross_mass_grams for part in movement.parts] == [600_000]
    assert union.show(f"guarantee/{GRN}").reserved == 400_00, "the whole stays covered"
    arrive(union)
    union.do("KZ/DST", t.RecordUnloading(MRN, True, True, ()), t.Complete(MRN, ""))
    union.do("BY/DEP", t.Discharge(MRN))
    assert union.show(f"guarantee/{GRN}").reserved == 0


def test_a_rest_that_does_not_arrive_is_searched_for() -> None:
    union = stages.missing(SampleUnion())
    union.do("HAULIER", t.NotifyArrival(MRN, "KZ/DST"))
    union.do("KZ/DST", t.RecordArrival(MRN, True, True))
    deliver_part(union, 600_000)
    assert union.show(f"movement/{MRN}").state is MovementState.EN_ROUTE
    assert union.wait_until(union.now + DAY) == ["transit.open-enquiry"]
    assert union.show(f"movement/{MRN}").state is MovementState.ENQUIRY


def test_an_office_that_was_passed_need_not_be_active_any_more() -> None:
    union = SampleUnion().en_route()
    union.do("RU", reg.SuspendParticipant("RU/TRN", "Post closed."))
    union.do("BY/DEP", t.ChangeDestination(MRN, "RU/DST", (), "The buyer moved."))
    itinerary = union.show(f"movement/{MRN}").itinerary
    assert itinerary.transit_offices == ("RU/TRN",)
    assert itinerary.office_of_destination == "RU/DST"


def test_an_office_ahead_must_be_active() -> None:
    union = SampleUnion().released()
    union.do("RU", reg.SuspendParticipant("RU/EXT", "Post closed."))
    outcome = union.apply("BY/DEP", t.ChangeDestination(MRN, "KZ/DST", ("RU/EXT",), "Flood."))
    assert isinstance(outcome, Rejected)
    assert outcome.rule == "TR-007"
