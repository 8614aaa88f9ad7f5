"""Guarantees: what is refused, when a revocation bites, and the arithmetic of the account."""

from typing import Any

import pytest
from msgspec.structs import replace

from contracts import Accepted, Record, Rejected
from contracts.guarantee import records as g
from contracts.guarantee.objects import GuaranteeKind, GuaranteeState
from contracts.references import make_grn, make_mrn
from contracts.references.time import DAY
from contracts.registry import records as reg
from contracts.transit import records as t
from contracts.transit.content import AdditionalType, GuaranteeUse
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_union import (
    CONTENT,
    GRN,
    LRN,
    MRN,
    OTHER_GRN,
    OTHER_MRN,
    RELEASE,
    UNDERTAKING,
    USE,
    SampleUnion,
)

CASES = Refusals()


def ready(union: SampleUnion, mrn: str = MRN, lrn: str = LRN, **changes: Any) -> t.Release:
    """A second or only movement, ready to be released; gives the release."""
    union.do("TRADER", t.Lodge(lrn, AdditionalType.STANDARD, replace(CONTENT, **changes)))
    union.do(
        "BY/DEP",
        t.Register("TRADER", lrn, mrn, None),
        t.RecordControl(mrn, t.ControlDecision.NOT_REQUIRED, ""),
    )
    return replace(RELEASE, mrn=mrn, deadline_ms=union.now + 10 * DAY)


@CASES.of("GU-001")
def accepting_twice(union: SampleUnion) -> tuple[str, Record]:
    return union.guaranteed() and "BY/GUA", g.AcceptUndertaking(GRN)


@CASES.of("GU-001")
def amending_after_revocation(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed().do("BANK", g.RevokeUndertaking(GRN, "End."))
    return "BANK", g.AmendAmount(GRN, 1)


@CASES.of("GU-002")
def a_grn_used_twice(union: SampleUnion) -> tuple[str, Record]:
    return union.guaranteed() and "BANK2", UNDERTAKING


@CASES.of("GU-003")
def accepting_nothing(union: SampleUnion) -> tuple[str, Record]:
    return "BY/GUA", g.AcceptUndertaking(GRN)


@CASES.of("GU-003")
def releasing_on_an_unknown_guarantee(union: SampleUnion) -> tuple[str, Record]:
    return "BY/DEP", ready(union)


@CASES.of("GU-004")
def releasing_before_acceptance(union: SampleUnion) -> tuple[str, Record]:
    union.do("BANK", UNDERTAKING)
    return "BY/DEP", ready(union)


@CASES.of("GU-004")
def releasing_when_revocation_is_in_effect(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed().do("BANK", g.RevokeUndertaking(GRN, "End."))
    release = ready(union)
    union.now += 16 * DAY
    return "BY/DEP", replace(release, deadline_ms=union.now + DAY)


@CASES.of("GU-004")
def releasing_on_a_cancelled_guarantee(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed().do("BANK", g.CancelGuarantee(GRN, "End."))
    return "BY/DEP", ready(union)


@CASES.of("GU-005")
def releasing_at_the_end_of_validity(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed(valid_to_ms=union.now + DAY)
    release = ready(union)
    union.now += DAY
    return "BY/DEP", release


@CASES.of("GU-005")
def releasing_before_validity(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed(valid_from_ms=union.now + 1)
    return "BY/DEP", ready(union)


@CASES.of("GU-006")
def someone_elses_guarantee(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed(holder="TRADER2")
    return "BY/DEP", ready(union)


@CASES.of("GU-007")
def a_route_outside_the_territory(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed(territory=("BY", "RU"))
    return "BY/DEP", ready(union)


@CASES.of("GU-008")
def one_unit_too_much(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed()
    return "BY/DEP", ready(union, guarantees=(replace(USE, amount=1_000_01),))


@CASES.of("GU-008")
def the_second_movement_beyond_the_cover(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed()
    union.do("BY/DEP", ready(union, guarantees=(replace(USE, amount=700_00),)))
    return "BY/DEP", ready(union, OTHER_MRN, "LRN2")


@CASES.of("GU-008")
def a_reduced_cover(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed(coverage_percent=30)
    return "BY/DEP", ready(union)


@CASES.of("GU-009")
def an_individual_guarantee_again(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed(guarantee_kind=GuaranteeKind.INDIVIDUAL)
    union.do("BY/DEP", ready(union))
    union.do("TRADER", t.RequestInvalidation(MRN, "Sold."))
    union.do("BY/DEP", t.Invalidate(MRN, "Asked for."))
    return "BY/DEP", ready(union, OTHER_MRN, "LRN2")


@CASES.of("GU-010")
def another_currency(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed()
    return "BY/DEP", ready(union, guarantees=(replace(USE, currency="KZT"),))


@CASES.of("GU-011")
def validity_that_ends_before_it_begins(union: SampleUnion) -> tuple[str, Record]:
    return "BANK", replace(UNDERTAKING, valid_from_ms=union.now + 2, valid_to_ms=union.now + 1)


@CASES.of("GU-011")
def validity_that_is_over(union: SampleUnion) -> tuple[str, Record]:
    return "BANK", replace(UNDERTAKING, valid_from_ms=0, valid_to_ms=union.now)


@CASES.of("GU-012")
def an_office_of_another_function(union: SampleUnion) -> tuple[str, Record]:
    return "BANK", replace(UNDERTAKING, office="BY/DEP")


@CASES.of("GU-013")
def a_holder_who_is_no_declarant(union: SampleUnion) -> tuple[str, Record]:
    return "BANK", replace(UNDERTAKING, holder="HAULIER")


@CASES.of("GU-014")
def a_grn_of_another_country(union: SampleUnion) -> tuple[str, Record]:
    return "BANK", replace(UNDERTAKING, grn=make_grn(2026, "RU", "1"))


@CASES.of("GU-015")
def a_voucher_without_number(union: SampleUnion) -> tuple[str, Record]:
    return "BANK", replace(UNDERTAKING, guarantee_kind=GuaranteeKind.VOUCHER)


@CASES.of("GU-016")
def another_guarantor_amends(union: SampleUnion) -> tuple[str, Record]:
    return union.guaranteed() and "BANK2", g.AmendAmount(GRN, 1)


@CASES.of("GU-017")
def another_office_accepts(union: SampleUnion) -> tuple[str, Record]:
    union.do("BANK", UNDERTAKING)
    return "KZ/GUA", g.AcceptUndertaking(GRN)


@CASES.of("GU-018")
def lowering_below_what_is_open(union: SampleUnion) -> tuple[str, Record]:
    return union.released() and "BANK", g.AmendAmount(GRN, 399_99)


@CASES.of("GU-019")
def cancelling_with_something_open(union: SampleUnion) -> tuple[str, Record]:
    return union.released() and "BANK", g.CancelGuarantee(GRN, "End.")


@CASES.of("GU-020")
def territory_outside_the_union(union: SampleUnion) -> tuple[str, Record]:
    return "BANK", replace(UNDERTAKING, territory=("BY", "FR"))


@CASES.of("GU-021")
def a_suspended_guarantor(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed().do("BY", reg.SuspendParticipant("BANK", "Licence withdrawn."))
    return "BY/DEP", ready(union)


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def test_release_reserves_and_discharge_frees_the_same_amount() -> None:
    union = SampleUnion().released()
    guarantee = union.show(f"guarantee/{GRN}")
    assert (guarantee.reserved, guarantee.open, guarantee.free) == (400_00, 1, 600_00)
    reservation = union.show(f"reservation/{GRN}/{MRN}")
    assert (reservation.amount, reservation.office) == (400_00, "BY/DEP")

    union = SampleUnion().completed()
    assert union.show(f"guarantee/{GRN}").reserved == 400_00
    union.do("BY/DEP", t.Discharge(MRN))
    guarantee = union.show(f"guarantee/{GRN}")
    assert (guarantee.reserved, guarantee.open, guarantee.uses) == (0, 0, 1)
    assert f"reservation/{GRN}/{MRN}" not in union.state


def test_a_release_reserves_every_guarantee_or_none() -> None:
    union = SampleUnion().guaranteed()
    union.do("BANK", replace(UNDERTAKING, grn=OTHER_GRN))  # undertaken, not accepted
    uses = (USE, GuaranteeUse(OTHER_GRN, 100, "EUR"))
    release = ready(union, guarantees=uses)
    refused = union.apply("BY/DEP", release)
    assert isinstance(refused, Rejected)
    assert refused.rule == "GU-004"
    assert union.show(f"guarantee/{GRN}").reserved == 0
    union.do("BY/GUA", g.AcceptUndertaking(OTHER_GRN))
    union.do("BY/DEP", release)
    assert union.show(f"guarantee/{GRN}").reserved == 400_00
    assert union.show(f"guarantee/{OTHER_GRN}").reserved == 100


def test_a_revoked_guarantee_serves_sixteen_days_and_covers_what_is_open() -> None:
    union = SampleUnion().guaranteed()
    union.do("BANK", g.RevokeUndertaking(GRN, "End."))
    first, second = ready(union), ready(union, OTHER_MRN, "LRN2")
    union.now += 16 * DAY - 1
    union.do("BY/DEP", replace(first, deadline_ms=union.now + DAY))
    union.now += 1
    assert isinstance(union.apply("BY/DEP", replace(second, deadline_ms=union.now + DAY)), Rejected)
    assert union.show(f"guarantee/{GRN}").open == 1
    union.do("TRADER", t.RequestInvalidation(MRN, "Sold."))
    union.do("BY/DEP", t.Invalidate(MRN, "Asked for."))
    union.do("BANK", g.CancelGuarantee(GRN, "Nothing open."))
    assert union.show(f"guarantee/{GRN}").state is GuaranteeState.CANCELLED


def test_the_exact_cover_can_be_reserved() -> None:
    union = SampleUnion().guaranteed()
    release = ready(union, guarantees=(replace(USE, amount=1_000_00),))
    assert isinstance(union.apply("BY/DEP", release), Accepted)
    assert union.show(f"guarantee/{GRN}").free == 0


def test_a_voucher_covers_one_movement() -> None:
    union = SampleUnion()
    grn = make_grn(2026, "BY", "1", voucher="A000001")
    union.guaranteed(grn=grn, guarantee_kind=GuaranteeKind.VOUCHER)
    use = (replace(USE, grn=grn),)
    union.do("BY/DEP", ready(union, guarantees=use))
    again = ready(union, make_mrn(2026, "BY", "9"), "LRN9", guarantees=use)
    refused = union.apply("BY/DEP", again)
    assert isinstance(refused, Rejected)
    assert refused.rule == "GU-009"


def test_the_amount_can_be_raised_while_reservations_are_open() -> None:
    union = SampleUnion().released()
    union.do("BANK", g.AmendAmount(GRN, 9_000_00))
    assert union.show(f"guarantee/{GRN}").free == 8_600_00
