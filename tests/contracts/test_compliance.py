"""Offences: one decision for the whole union, appeal, enforcement, and what a conduct becomes."""

import pytest
from msgspec.structs import replace

from contracts import Accepted, Record, Rejected
from contracts.compliance import records as c
from contracts.compliance.objects import Basis, OffenceState
from contracts.conduct.grade import (
    COUNTS_FOR,
    Grade,
    grade_of,
    lowest_coverage,
)
from contracts.conduct.objects import AuthorisationState, Gravity
from contracts.conduct.records import Authorise, EndAuthorisation
from contracts.kernel.state import Ledger
from contracts.references.time import DAY
from contracts.registry import records as reg
from contracts.transit import records as t
from contracts.transit.content import AdditionalType
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_acts_of_conduct import (
    CASE,
    DECIDE,
    KIND,
    LATE,
    OPEN,
    UPHOLD,
    appealed,
    authorised,
    catalogued,
    decided,
    enforceable,
    offered,
    opened,
    paid,
)
from tests.contracts.sample_acts_of_ecommerce import declared
from tests.contracts.sample_union import (
    CONTENT,
    MRN,
    OTHER_GRN,
    OTHER_MRN,
    RELEASE,
    START,
    UNDERTAKING,
    USE,
    SampleUnion,
)

CASES = Refusals()
OFFENCE = f"offence/{LATE}/{MRN}/HAULIER"
APPEAL = c.AppealDecision(*CASE, "The border was closed.")


@CASES.of("CO-001")
def deciding_twice(union: SampleUnion) -> tuple[str, Record]:
    return decided(union) and "KZ/DST", DECIDE


@CASES.of("CO-001")
def fining_before_the_decision_is_final(union: SampleUnion) -> tuple[str, Record]:
    return decided(union) and "KZ/DST", c.RecordPayment(*CASE, 1)


@CASES.of("CO-002")
def an_offence_that_is_none(union: SampleUnion) -> tuple[str, Record]:
    return union.released() and "KZ/DST", OPEN


@CASES.of("CO-003")
def opening_what_another_member_opened(union: SampleUnion) -> tuple[str, Record]:
    return opened(union) and "RU/TRN", OPEN


@CASES.of("CO-003")
def opening_what_was_dismissed(union: SampleUnion) -> tuple[str, Record]:
    opened(union).do("KZ/DST", replace(DECIDE, finding=c.Finding.NO_OFFENCE, fine=0))
    return "RU/TRN", OPEN


@CASES.of("CO-004")
def an_offence_in_no_movement(union: SampleUnion) -> tuple[str, Record]:
    return catalogued(union) and "KZ/DST", replace(OPEN, matter=OTHER_MRN)


@CASES.of("CO-005")
def an_offender_who_has_no_part(union: SampleUnion) -> tuple[str, Record]:
    return catalogued(union) and "KZ/DST", replace(OPEN, offender="HAULIER2")


@CASES.of("CO-006")
def a_member_off_the_route(union: SampleUnion) -> tuple[str, Record]:
    return catalogued(union) and "AM/DST", OPEN


@CASES.of("CO-007")
def an_offence_of_tomorrow(union: SampleUnion) -> tuple[str, Record]:
    return catalogued(union) and "KZ/DST", replace(OPEN, occurred_ms=union.now + 1)


@CASES.of("CO-007")
def an_offence_before_the_movement(union: SampleUnion) -> tuple[str, Record]:
    return catalogued(union) and "KZ/DST", replace(OPEN, occurred_ms=union.now - 1)


@CASES.of("CO-008")
def an_offence_long_ago(union: SampleUnion) -> tuple[str, Record]:
    catalogued(union).now += 365 * DAY + 1
    return "KZ/DST", OPEN


@CASES.of("CO-009")
def a_schedule_upside_down(union: SampleUnion) -> tuple[str, Record]:
    return "COMMISSION", replace(KIND, least_fine=500_01)


@CASES.of("CO-010")
def deciding_no_case(union: SampleUnion) -> tuple[str, Record]:
    return catalogued(union) and "KZ/DST", DECIDE


@CASES.of("CO-011")
def deciding_anothers_case(union: SampleUnion) -> tuple[str, Record]:
    return opened(union) and "RU/TRN", DECIDE


@CASES.of("CO-012")
def offering_a_case_off_the_route(union: SampleUnion) -> tuple[str, Record]:
    return opened(union) and "KZ/DST", c.OfferCase(*CASE, "AM/DST", "Yours.")


@CASES.of("CO-012")
def offering_a_case_within_the_member(union: SampleUnion) -> tuple[str, Record]:
    return opened(union) and "KZ/DST", c.OfferCase(*CASE, "KZ/TRN", "Yours.")


@CASES.of("CO-013")
def taking_a_case_that_is_not_offered(union: SampleUnion) -> tuple[str, Record]:
    return opened(union) and "RU/TRN", c.TakeCase(*CASE)


@CASES.of("CO-014")
def a_fine_above_the_schedule(union: SampleUnion) -> tuple[str, Record]:
    return opened(union) and "KZ/DST", replace(DECIDE, fine=500_01)


@CASES.of("CO-014")
def a_fine_for_no_offence(union: SampleUnion) -> tuple[str, Record]:
    return opened(union) and "KZ/DST", replace(DECIDE, finding=c.Finding.NO_OFFENCE)


@CASES.of("CO-014")
def a_fine_above_the_schedule_of_the_day(union: SampleUnion) -> tuple[str, Record]:
    opened(union).do("COMMISSION", replace(KIND, most_fine=900_00))
    return "KZ/DST", replace(DECIDE, fine=900_00)


@CASES.of("CO-015")
def anothers_appeal(union: SampleUnion) -> tuple[str, Record]:
    return decided(union) and "TRADER", APPEAL


@CASES.of("CO-015")
def an_appeal_by_another_members_registrar(union: SampleUnion) -> tuple[str, Record]:
    return decided(union) and "KZ", APPEAL


@CASES.of("CO-016")
def an_appeal_too_late(union: SampleUnion) -> tuple[str, Record]:
    decided(union).now += 30 * DAY  # before the block in which it becomes final
    return "HAULIER", APPEAL


@CASES.of("CO-017")
def judging_ones_own_decision(union: SampleUnion) -> tuple[str, Record]:
    return appealed(union) and "KZ/DST", UPHOLD


@CASES.of("CO-017")
def judging_another_members_decision(union: SampleUnion) -> tuple[str, Record]:
    return appealed(union) and "RU/DST", UPHOLD


@CASES.of("CO-018")
def upheld_at_another_fine(union: SampleUnion) -> tuple[str, Record]:
    return appealed(union) and "KZ/TRN", replace(UPHOLD, fine=99_99)


@CASES.of("CO-018")
def reduced_to_the_same_fine(union: SampleUnion) -> tuple[str, Record]:
    return appealed(union) and "KZ/TRN", replace(UPHOLD, result=c.AppealResult.REDUCED)


@CASES.of("CO-018")
def annulled_with_a_fine(union: SampleUnion) -> tuple[str, Record]:
    return appealed(union) and "KZ/TRN", replace(UPHOLD, result=c.AppealResult.ANNULLED, fine=1)


@CASES.of("CO-019")
def another_member_collects(union: SampleUnion) -> tuple[str, Record]:
    return enforceable(union) and "RU/TRN", c.RecordPayment(*CASE, 1)


@CASES.of("CO-020")
def collecting_too_much(union: SampleUnion) -> tuple[str, Record]:
    return enforceable(union) and "KZ/DST", c.RecordPayment(*CASE, 100_01)


@CASES.of("CO-021")
def closing_with_a_rest(union: SampleUnion) -> tuple[str, Record]:
    return enforceable(union) and "KZ/DST", c.CloseOffence(*CASE, False, "Enough.")


@CASES.of("CO-021")
def writing_off_nothing(union: SampleUnion) -> tuple[str, Record]:
    return paid(union) and "KZ/DST", c.CloseOffence(*CASE, True, "Enough.")


def final_offence(union: SampleUnion, offender: str, gravity: Gravity) -> None:
    """An offence of that gravity, of a party of the sample movement, that became final."""
    union.released().do("COMMISSION", replace(KIND, gravity=gravity))
    opening = replace(OPEN, offender=offender)
    union.do("KZ/DST", opening, replace(DECIDE, offender=offender))
    union.wait_until(union.now + 31 * DAY)


@CASES.of("CD-001")
def authorising_twice(union: SampleUnion) -> tuple[str, Record]:
    return authorised(union) and "BY", Authorise("HAULIER")


@CASES.of("CD-001")
def ending_what_was_not_granted(union: SampleUnion) -> tuple[str, Record]:
    return "BY", EndAuthorisation("HAULIER", "Debts.")


@CASES.of("CD-002")
def authorising_a_watched_carrier(union: SampleUnion) -> tuple[str, Record]:
    final_offence(union, "HAULIER", Gravity.SERIOUS)
    return "BY", Authorise("HAULIER")


@CASES.of("GU-039")
def a_reduction_for_a_watched_holder(union: SampleUnion) -> tuple[str, Record]:
    final_offence(union, "TRADER", Gravity.SERIOUS)
    return "BANK", replace(UNDERTAKING, grn=OTHER_GRN, coverage_percent=30)


@CASES.of("GU-039")
def half_a_guarantee_for_a_poor_holder(union: SampleUnion) -> tuple[str, Record]:
    final_offence(union, "TRADER", Gravity.GRAVE)
    return "BANK", replace(UNDERTAKING, grn=OTHER_GRN, coverage_percent=50)


@CASES.of("GU-039")
def a_reduced_guarantee_used_after_a_grave_offence(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed(grn=OTHER_GRN, coverage_percent=50)
    final_offence(union, "TRADER", Gravity.GRAVE)
    content = replace(CONTENT, guarantees=(replace(USE, grn=OTHER_GRN),), limit_date_ms=None)
    union.do("TRADER", t.Lodge("L2", AdditionalType.STANDARD, content))
    union.do(
        "BY/DEP",
        t.Register("TRADER", "L2", OTHER_MRN, None),
        t.RecordControl(OTHER_MRN, t.ControlDecision.NOT_REQUIRED, ""),
    )
    return "BY/DEP", replace(RELEASE, mrn=OTHER_MRN, deadline_ms=union.now + DAY)


@CASES.of("CO-004")
def an_offence_in_no_bulk_declaration(union: SampleUnion) -> tuple[str, Record]:
    matter = replace(OPEN, basis=Basis.BULK_DECLARATION, matter="SHOP/B9", offender="SHOP")
    return catalogued(union) and "KZ/DST", matter


@CASES.of("CO-012")
def offering_a_case_to_nobody(union: SampleUnion) -> tuple[str, Record]:
    return opened(union) and "KZ/DST", c.OfferCase(*CASE, "RU/NONE", "Yours.")


@CASES.of("CO-014")
def a_fine_just_below_the_schedule(union: SampleUnion) -> tuple[str, Record]:
    union.released().do("COMMISSION", replace(KIND, least_fine=50_00))
    union.do("KZ/DST", OPEN)
    return "KZ/DST", replace(DECIDE, fine=49_99)


@CASES.of("CD-001")
def ending_twice(union: SampleUnion) -> tuple[str, Record]:
    authorised(union).do("BY", EndAuthorisation("HAULIER", "Asked for."))
    return "BY", EndAuthorisation("HAULIER", "Asked for.")


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def grade(union: SampleUnion, participant: str = "HAULIER") -> Grade:
    return grade_of(participant, union.now, Ledger(union))


def finals(union: SampleUnion, time_ms: int) -> list[str]:
    """What became final by itself until then; the movement has deadlines of its own."""
    return [act for act in union.wait_until(time_ms) if act.startswith("compliance.")]


def test_from_offence_to_closure() -> None:
    union = enforceable(SampleUnion())
    union.do("KZ/DST", c.RecordPayment(*CASE, 60_00))
    union.do("KZ/TRN", c.RecordPayment(*CASE, 40_00), c.CloseOffence(*CASE, False, "Paid."))
    offence = union.show(OFFENCE)
    assert (offence.state, offence.paid) == (OffenceState.CLOSED, 100_00)
    assert (offence.decision.office, offence.appeal.office) == ("KZ/DST", "KZ/TRN")
    assert isinstance(union.apply("RU/TRN", OPEN), Rejected)


def test_a_rest_that_cannot_be_collected_is_written_off() -> None:
    union = enforceable(SampleUnion())
    union.do("KZ/DST", c.CloseOffence(*CASE, True, "Bankrupt."))
    assert union.show(OFFENCE).written_off


def test_a_decision_that_is_not_appealed_becomes_final_by_itself() -> None:
    union = decided(SampleUnion())
    assert finals(union, START + 30 * DAY - 1) == []
    assert grade(union) is Grade.GOOD
    assert "conduct/HAULIER" not in union.state
    assert finals(union, START + 31 * DAY) == ["compliance.become-final"]
    assert union.show(OFFENCE).state is OffenceState.ENFORCEABLE
    assert union.show("conduct/HAULIER").entries[0].offence == OFFENCE.removeprefix("offence/")


def test_an_appeal_keeps_a_decision_from_becoming_final() -> None:
    union = appealed(SampleUnion())
    assert finals(union, START + 40 * DAY) == []
    union.do("KZ/TRN", replace(UPHOLD, result=c.AppealResult.ANNULLED, fine=0))
    assert union.show(OFFENCE).state is OffenceState.ANNULLED
    assert "conduct/HAULIER" not in union.state


def test_a_reduced_fine_is_what_is_to_be_paid() -> None:
    union = appealed(SampleUnion())
    union.do("KZ/TRN", replace(UPHOLD, result=c.AppealResult.REDUCED, fine=10_00))
    assert union.show(OFFENCE).fine == 10_00
    assert isinstance(union.apply("KZ/DST", c.RecordPayment(*CASE, 10_01)), Rejected)


def test_who_is_suspended_appeals_through_its_registrar() -> None:
    union = decided(SampleUnion())
    union.do("BY", reg.SuspendParticipant("HAULIER", "Late again."))
    union.do("BY", APPEAL)
    assert union.show(OFFENCE).state is OffenceState.APPEALED


def test_a_case_that_is_taken_over_changes_the_competent_member() -> None:
    union = offered(SampleUnion())
    union.do("RU/TRN", c.TakeCase(*CASE))
    assert isinstance(union.apply("KZ/DST", DECIDE), Rejected)
    union.do("RU/TRN", DECIDE)
    assert union.show(OFFENCE).member == "RU"


def test_open_cases_keep_the_terms_of_the_catalogue() -> None:
    union = opened(SampleUnion())
    union.do("COMMISSION", replace(KIND, least_fine=400_00, appeal_days=1))
    union.do("KZ/DST", DECIDE)
    union.now += 2 * DAY
    assert isinstance(union.apply("HAULIER", APPEAL), Accepted)


def test_a_bulk_declaration_is_a_matter_of_its_own() -> None:
    union = declared(SampleUnion())
    union.do("COMMISSION", KIND)
    record = c.OpenOffence(LATE, Basis.BULK_DECLARATION, "SHOP/B1", "SHOP", union.now, bytes(32))
    assert isinstance(union.apply("RU/DST", record), Rejected)
    union.do("KZ/DST", record)
    assert union.show(f"offence/{LATE}/SHOP/B1/SHOP").member == "KZ"


@pytest.mark.parametrize(
    ("gravities", "expected"),
    [
        ((), Grade.GOOD),
        ((Gravity.MINOR, Gravity.MINOR), Grade.GOOD),
        ((Gravity.MINOR,) * 3, Grade.WATCHED),
        ((Gravity.SERIOUS,), Grade.WATCHED),
        ((Gravity.SERIOUS, Gravity.SERIOUS, Gravity.MINOR, Gravity.MINOR), Grade.WATCHED),
        ((Gravity.SERIOUS,) * 3, Grade.POOR),
        ((Gravity.GRAVE,), Grade.POOR),
    ],
)
def test_final_offences_make_the_grade_and_cease_to_count(
    gravities: tuple[Gravity, ...], expected: Grade
) -> None:
    union = SampleUnion().released()
    for number, gravity in enumerate(gravities):
        kind = f"K{number}"
        union.do("COMMISSION", replace(KIND, code=kind, gravity=gravity))
        union.do("KZ/DST", replace(OPEN, offence=kind), replace(DECIDE, offence=kind))
    assert grade(union) is Grade.GOOD
    union.wait_until(START + 31 * DAY)
    assert grade(union) is expected
    assert grade(union, "TRADER") is Grade.GOOD
    union.now += COUNTS_FOR - 1
    assert grade(union) is expected
    union.now += 1
    assert grade(union) is Grade.GOOD


def test_what_a_grade_allows() -> None:
    assert [lowest_coverage(item) for item in Grade] == [0, 50, 100]


def test_a_final_offence_suspends_an_authorised_operator_by_itself() -> None:
    union = authorised(SampleUnion())
    final_offence(union, "HAULIER", Gravity.SERIOUS)
    assert union.show("authorisation/HAULIER").state is AuthorisationState.SUSPENDED
    union.now += COUNTS_FOR
    union.do("BY", Authorise("HAULIER"), EndAuthorisation("HAULIER", "Asked for."))
    assert union.show("authorisation/HAULIER").state is AuthorisationState.ENDED


def test_a_minor_offence_leaves_an_authorised_operator_its_status() -> None:
    union = authorised(SampleUnion())
    final_offence(union, "HAULIER", Gravity.MINOR)
    assert union.show("authorisation/HAULIER").state is AuthorisationState.GRANTED


def test_a_watched_holder_still_has_half_of_the_reduction() -> None:
    union = SampleUnion()
    final_offence(union, "TRADER", Gravity.SERIOUS)
    union.do("BANK", replace(UNDERTAKING, grn=OTHER_GRN, coverage_percent=50))
