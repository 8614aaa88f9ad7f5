"""Guarantees from undertaking or grant to their end: what is refused, and what time does."""

import pytest
from msgspec.structs import replace

from contracts import Record
from contracts.guarantee import records as g
from contracts.guarantee.objects import GuaranteeState
from contracts.guarantee.terms import NCTS_TYPES, GuaranteeKind, SecurityMethod
from contracts.references import make_grn
from contracts.references.time import DAY
from contracts.transit import records as t
from contracts.transit.content import (
    ExemptionGround,
)
from tests.contracts import stages
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_acts_of_transit import DEPOSIT, WAIVER
from tests.contracts.sample_union import (
    GRN,
    MRN,
    TERMS,
    UNDERTAKING,
    SampleUnion,
)

CASES = Refusals()


@CASES.of("GU-001")
def accepting_twice(union: SampleUnion) -> tuple[str, Record]:
    return union.guaranteed() and "BY/GUA", g.AcceptUndertaking(GRN)


@CASES.of("GU-001")
def amending_once_the_revocation_is_in_effect(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed().do("BANK", g.RevokeUndertaking(GRN, "End."))
    union.wait_until(union.now + 16 * DAY)
    return "BANK", g.AmendAmount(GRN, 1)


@CASES.of("GU-001")
def extending_what_is_revoked(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed().do("BANK", g.RevokeUndertaking(GRN, "End."))
    return "BANK", g.ExtendValidity(GRN, UNDERTAKING.valid_to_ms + DAY)


@CASES.of("GU-002")
def a_grn_used_twice(union: SampleUnion) -> tuple[str, Record]:
    return union.guaranteed() and "BANK2", UNDERTAKING


@CASES.of("GU-003")
def accepting_nothing(union: SampleUnion) -> tuple[str, Record]:
    return "BY/GUA", g.AcceptUndertaking(GRN)


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


@CASES.of("GU-022")
def a_guarantor_that_waives(union: SampleUnion) -> tuple[str, Record]:
    return "BANK", replace(UNDERTAKING, guarantee_kind=GuaranteeKind.WAIVER)


@CASES.of("GU-022")
def an_office_that_undertakes(union: SampleUnion) -> tuple[str, Record]:
    return "BY/GUA", replace(DEPOSIT, guarantee_kind=GuaranteeKind.GENERAL)


@CASES.of("GU-023")
def a_guarantee_of_nothing(union: SampleUnion) -> tuple[str, Record]:
    return "BANK", replace(UNDERTAKING, coverage_percent=0)


@CASES.of("GU-023")
def half_a_waiver(union: SampleUnion) -> tuple[str, Record]:
    return "BY/GUA", replace(WAIVER, coverage_percent=50)


@CASES.of("GU-024")
def a_surety_as_deposit(union: SampleUnion) -> tuple[str, Record]:
    return "BY/GUA", replace(DEPOSIT, terms=TERMS)


@CASES.of("GU-024")
def money_as_surety(union: SampleUnion) -> tuple[str, Record]:
    terms = replace(TERMS, method=SecurityMethod.MONEY)
    return "BANK", replace(UNDERTAKING, terms=terms)


@CASES.of("GU-032")
def topping_up_more_than_was_paid(union: SampleUnion) -> tuple[str, Record]:
    return stages.paid_out(union) and "BANK", g.TopUp(GRN, 300_01)


@CASES.of("GU-040")
def an_extension_that_extends_nothing(union: SampleUnion) -> tuple[str, Record]:
    return union.guaranteed() and "BANK", g.ExtendValidity(GRN, UNDERTAKING.valid_to_ms)


@CASES.of("GU-040")
def an_extension_of_what_is_over(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed().now = UNDERTAKING.valid_to_ms  # before the deadline acts
    return "BANK", g.ExtendValidity(GRN, UNDERTAKING.valid_to_ms + DAY)


@CASES.of("GU-018")
def lowering_below_what_was_paid_and_is_open(union: SampleUnion) -> tuple[str, Record]:
    return stages.paid_out(union) and "BANK", g.AmendAmount(GRN, 299_99)


@CASES.of("GU-011")
def validity_that_ends_as_it_begins(union: SampleUnion) -> tuple[str, Record]:
    return "BANK", replace(UNDERTAKING, valid_from_ms=union.now + 1, valid_to_ms=union.now + 1)


@CASES.of("GU-003")
def cancelling_nothing(union: SampleUnion) -> tuple[str, Record]:
    return "BANK", g.CancelGuarantee(GRN, "End.")


@CASES.of("GU-003")
def amending_nothing(union: SampleUnion) -> tuple[str, Record]:
    return "BANK", g.AmendAmount(GRN, 1)


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def test_every_kind_and_ground_is_an_ncts_type() -> None:
    grounds = {ground.value for ground in ExemptionGround}
    assert set(NCTS_TYPES.values()) | grounds == set("0123458 9ABJR".replace(" ", ""))
    assert list(NCTS_TYPES) == sorted(NCTS_TYPES, key=NCTS_TYPES.__getitem__)
    assert set(NCTS_TYPES) == set(GuaranteeKind)


def test_revocation_and_expiry_show_in_the_state_by_themselves() -> None:
    union = SampleUnion().released()
    union.do("BANK", g.RevokeUndertaking(GRN, "End."))
    assert union.show(f"guarantee/{GRN}").state is GuaranteeState.REVOKING
    assert union.wait_until(union.now + 16 * DAY) == ["guarantee.revocation-effective"]
    assert union.show(f"guarantee/{GRN}").state is GuaranteeState.REVOKED
    union.do("TRADER", t.RequestInvalidation(MRN, "Sold."))
    union.do("BY/DEP", t.Invalidate(MRN, "Asked for.", False))
    assert "guarantee.expire" in union.wait_until(UNDERTAKING.valid_to_ms + DAY)
    assert union.show(f"guarantee/{GRN}").state is GuaranteeState.EXPIRED


def test_a_cancelled_guarantee_neither_lapses_nor_expires() -> None:
    union = SampleUnion().guaranteed()
    union.do("BANK", g.RevokeUndertaking(GRN, "End."), g.CancelGuarantee(GRN, "Nothing open."))
    assert union.wait_until(UNDERTAKING.valid_to_ms + DAY) == []


def test_the_amount_can_be_lowered_to_exactly_what_is_open() -> None:
    union = SampleUnion().released()
    union.do("BANK", g.AmendAmount(GRN, 400_00))
    assert union.show(f"guarantee/{GRN}").free == 0


def test_the_amount_can_be_raised_while_reservations_are_open() -> None:
    union = SampleUnion().released()
    union.do("BANK", g.AmendAmount(GRN, 9_000_00))
    assert union.show(f"guarantee/{GRN}").free == 8_600_00


def test_the_amount_can_be_amended_while_a_revocation_is_announced() -> None:
    union = SampleUnion().released()
    union.do("BANK", g.RevokeUndertaking(GRN, "End."), g.AmendAmount(GRN, 9_000_00))
    guarantee = union.show(f"guarantee/{GRN}")
    assert guarantee.state is GuaranteeState.REVOKING
    assert guarantee.free == 8_600_00


def test_an_extended_guarantee_expires_at_its_new_end_and_not_before() -> None:
    union = SampleUnion().guaranteed()
    end = UNDERTAKING.valid_to_ms + 30 * DAY
    union.do("BANK", g.ExtendValidity(GRN, end))
    assert union.wait_until(end - 1) == []
    assert union.show(f"guarantee/{GRN}").state is GuaranteeState.ACTIVE
    assert union.wait_until(end + DAY) == ["guarantee.expire"]
    assert union.show(f"guarantee/{GRN}").state is GuaranteeState.EXPIRED


def test_an_office_extends_what_it_granted() -> None:
    union = SampleUnion()
    union.do("BY/GUA", DEPOSIT, g.ExtendValidity(GRN, DEPOSIT.valid_to_ms + DAY))
    assert union.show(f"guarantee/{GRN}").valid_to_ms == DEPOSIT.valid_to_ms + DAY
