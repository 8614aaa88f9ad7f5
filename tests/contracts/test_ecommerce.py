"""E-commerce: bulk declarations within thresholds, one guarantee, parcels by Merkle root."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts import Accepted, Record, Rejected
from contracts.compliance import records as c
from contracts.compliance.objects import Basis
from contracts.conduct.objects import Gravity
from contracts.ecommerce import records as e
from contracts.ecommerce.objects import BulkState, ParcelState
from contracts.ecommerce.parcels import root_of
from contracts.guarantee.terms import GuaranteeKind
from contracts.reference import records as ref
from contracts.references.time import DAY
from contracts.transit import records as t
from contracts.transit.content import GuaranteeUse
from tests.contracts import parcel_register
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_acts_of_conduct import KIND
from tests.contracts.sample_acts_of_ecommerce import (
    BULK,
    CONSIGN,
    PARCELS,
    RELEASE_BULK,
    RETURN,
    SHOW,
    consignable,
    declared,
    licensed,
    limited,
    own_movement,
    released,
)
from tests.contracts.sample_union import (
    CONTENT,
    GRN,
    MRN,
    OTHER_GRN,
    OTHER_MRN,
    REGISTER,
    SampleUnion,
)

CASES = Refusals()


@CASES.of("EC-001")
def withdrawing_what_is_released(union: SampleUnion) -> tuple[str, Record]:
    return released(union) and "SHOP", e.WithdrawBulk("B1", "Sold out.")


@CASES.of("EC-001")
def returning_what_is_not_released(union: SampleUnion) -> tuple[str, Record]:
    return declared(union) and "SHOP", RETURN


@CASES.of("EC-002")
def an_lrn_used_twice(union: SampleUnion) -> tuple[str, Record]:
    return declared(union) and "SHOP", BULK


@CASES.of("EC-003")
def an_office_of_another_kind(union: SampleUnion) -> tuple[str, Record]:
    return limited(union) and "SHOP", replace(BULK, office="KZ/TRN")


@CASES.of("EC-004")
def a_dear_parcel(union: SampleUnion) -> tuple[str, Record]:
    record = replace(BULK, total_value=2_000_00, highest_value=1_000_01, duty=1)
    return limited(union) and "SHOP", record


@CASES.of("EC-004")
def a_heavy_parcel(union: SampleUnion) -> tuple[str, Record]:
    record = replace(BULK, total_mass_grams=31_001, highest_mass_grams=31_001, duty=1)
    return limited(union) and "SHOP", record


@CASES.of("EC-005")
def no_duty_above_the_threshold(union: SampleUnion) -> tuple[str, Record]:
    return limited(union) and "SHOP", replace(BULK, highest_value=200_01)


@CASES.of("EC-006")
def a_total_below_the_highest(union: SampleUnion) -> tuple[str, Record]:
    return limited(union) and "SHOP", replace(BULK, total_value=149_99)


@CASES.of("EC-006")
def a_mass_above_what_parcels_can_have(union: SampleUnion) -> tuple[str, Record]:
    return limited(union) and "SHOP", replace(BULK, total_mass_grams=35_001)


@CASES.of("EC-007")
def an_operator_of_poor_conduct(union: SampleUnion) -> tuple[str, Record]:
    declared(union).do("COMMISSION", replace(KIND, gravity=Gravity.GRAVE))
    case = ("LATE", "SHOP/B1", "SHOP")
    kind, matter, offender = case
    union.do(
        "KZ/DST",
        c.OpenOffence(kind, Basis.BULK_DECLARATION, matter, offender, union.now, bytes(32)),
        c.DecideOffence(*case, c.Finding.OFFENCE, 0, "False values."),
    )
    union.wait_until(union.now + 31 * DAY)
    return "SHOP", replace(BULK, lrn="B2")


@CASES.of("EC-008")
def deciding_nothing(union: SampleUnion) -> tuple[str, Record]:
    return limited(union) and "KZ/DST", RELEASE_BULK


@CASES.of("EC-009")
def deciding_what_was_declared_elsewhere(union: SampleUnion) -> tuple[str, Record]:
    return declared(union) and "RU/DST", RELEASE_BULK


@CASES.of("EC-010")
def releasing_before_the_duty_is_settled(union: SampleUnion) -> tuple[str, Record]:
    return declared(union, duty=10_00) and "KZ/DST", RELEASE_BULK


@CASES.of("EC-011")
def consigning_under_anothers_movement(union: SampleUnion) -> tuple[str, Record]:
    declared(union).registered()
    return "SHOP", CONSIGN


@CASES.of("EC-011")
def consigning_under_an_invalidated_movement(union: SampleUnion) -> tuple[str, Record]:
    consignable(union).do("BY/DEP", t.Invalidate(MRN, "Sold.", True))
    return "SHOP", CONSIGN


@CASES.of("EC-012")
def two_guarantees(union: SampleUnion) -> tuple[str, Record]:
    licensed(declared(union)).guaranteed(grn=OTHER_GRN, holder="SHOP")
    uses = (GuaranteeUse(GRN, 1, "EUR"), GuaranteeUse(OTHER_GRN, 1, "EUR"))
    return own_movement(union, guarantees=uses) and "SHOP", CONSIGN


@CASES.of("EC-012")
def a_guarantee_for_one_operation(union: SampleUnion) -> tuple[str, Record]:
    kind = GuaranteeKind.INDIVIDUAL
    licensed(declared(union)).guaranteed(grn=OTHER_GRN, holder="SHOP", guarantee_kind=kind)
    uses = (GuaranteeUse(OTHER_GRN, 400_00, "EUR"),)
    return own_movement(union, guarantees=uses) and "SHOP", CONSIGN


@CASES.of("EC-013")
def more_duty_than_the_guarantee_is_asked_for(union: SampleUnion) -> tuple[str, Record]:
    return own_movement(declared(union, duty=400_01)) and "SHOP", CONSIGN


@CASES.of("EC-014")
def consigning_a_movement_twice(union: SampleUnion) -> tuple[str, Record]:
    consignable(union).do("SHOP", CONSIGN)
    union.do("SHOP", replace(BULK, lrn="B2"))
    return "SHOP", e.ConsignBulk(MRN, ("B2",))


@CASES.of("EC-014")
def a_declaration_on_two_movements(union: SampleUnion) -> tuple[str, Record]:
    consignable(union).do("SHOP", CONSIGN)
    _second_movement(union)
    return "SHOP", e.ConsignBulk(OTHER_MRN, ("B1",))


@CASES.of("EC-015")
def a_movement_that_ends_elsewhere(union: SampleUnion) -> tuple[str, Record]:
    return own_movement(declared(union, office="RU/DST")) and "SHOP", CONSIGN


@CASES.of("EC-016")
def a_parcel_of_another_register(union: SampleUnion) -> tuple[str, Record]:
    return declared(union) and "SHOP", replace(SHOW, commitment=bytes(32))


@CASES.of("EC-016")
def a_parcel_beyond_the_register(union: SampleUnion) -> tuple[str, Record]:
    return declared(union) and "SHOP", replace(SHOW, index=7)


@CASES.of("EC-017")
def a_parcel_returned_twice(union: SampleUnion) -> tuple[str, Record]:
    released(union).do("SHOP", RETURN)
    return "SHOP", RETURN


@CASES.of("RF-005")
def a_currency_without_a_rate(union: SampleUnion) -> tuple[str, Record]:
    return limited(union) and "SHOP", replace(BULK, currency="KZT")


@CASES.of("RF-015")
def a_member_without_thresholds(union: SampleUnion) -> tuple[str, Record]:
    return "SHOP", BULK


def _second_movement(union: SampleUnion) -> None:
    content = replace(CONTENT, holder="SHOP")
    union.do("SHOP", t.Lodge("LRN2", t.AdditionalType.STANDARD, content))
    register = replace(REGISTER, declarant="SHOP", lrn="LRN2", mrn=OTHER_MRN, eaeu_number=None)
    union.do("BY/DEP", register)


@CASES.of("EC-006")
def a_total_one_unit_above_what_parcels_can_have(union: SampleUnion) -> tuple[str, Record]:
    total = BULK.highest_value * BULK.parcels + 1
    return limited(union) and "SHOP", replace(BULK, total_value=total)


@CASES.of("EC-006")
def a_total_mass_one_gram_below_the_highest(union: SampleUnion) -> tuple[str, Record]:
    mass = BULK.highest_mass_grams - 1
    return limited(union) and "SHOP", replace(BULK, total_mass_grams=mass)


@CASES.of("EC-016")
def a_second_parcel_in_a_register_of_one(union: SampleUnion) -> tuple[str, Record]:
    leaf = sha256(b"\x00" + PARCELS[0]).digest()
    declared(
        union,
        parcels=1,
        root=leaf,
        total_value=BULK.highest_value,
        total_mass_grams=BULK.highest_mass_grams,
    )
    return "SHOP", e.ShowParcel("B1", 1, PARCELS[0], ())


@CASES.of("EC-016")
def returning_a_parcel_of_another_register(union: SampleUnion) -> tuple[str, Record]:
    return released(union) and "SHOP", replace(RETURN, commitment=bytes(32))


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def test_a_bulk_declaration_is_held_shown_and_released() -> None:
    union = declared(SampleUnion())
    union.do("KZ/DST", replace(RELEASE_BULK, decision=e.BulkDecision.HOLD, note="Show parcel 4."))
    union.do("SHOP", SHOW, SHOW)
    parcel = union.show("parcel/SHOP/B1/4")
    assert (parcel.state, parcel.commitment) == (ParcelState.SHOWN, PARCELS[4])
    union.do("KZ/DST", RELEASE_BULK)
    assert union.show("bulk/SHOP/B1").state is BulkState.RELEASED


def test_a_return_needs_no_duty_and_is_counted() -> None:
    union = released(SampleUnion())
    union.do("SHOP", RETURN)
    assert union.show("bulk/SHOP/B1").returned == 1
    assert union.show("parcel/SHOP/B1/4").state is ParcelState.RETURNED
    assert isinstance(union.apply("SHOP", SHOW), Accepted)
    assert union.show("parcel/SHOP/B1/4").state is ParcelState.RETURNED, "showing undoes nothing"


def test_duty_is_settled_before_release() -> None:
    union = declared(SampleUnion(), highest_value=300_00, duty=45_00)
    union.do("KZ/DST", replace(RELEASE_BULK, duty_settled=True))


def test_values_in_other_currencies_are_converted_in_favour_of_the_revenue() -> None:
    union = limited(SampleUnion())
    day = union.now // DAY
    union.do("COMMISSION", ref.PublishRates(day, (ref.RateLine("KZT", 1, 520),)))
    limit = 200_00 * 520
    record = replace(BULK, currency="KZT", total_value=2 * limit, highest_value=limit + 1)
    outcome = union.apply("SHOP", record)
    assert isinstance(outcome, Rejected)
    assert outcome.rule == "EC-005"
    union.do("SHOP", replace(record, highest_value=limit))


def test_one_guarantee_covers_what_a_movement_carries() -> None:
    union = consignable(SampleUnion())
    union.do("SHOP", replace(BULK, lrn="B2", duty=400_00))
    union.do("SHOP", e.ConsignBulk(MRN, ("B1", "B2")))
    assert union.show(f"consignment/{MRN}").declarations == ("B1", "B2")
    assert union.show("bulk/SHOP/B2").mrn == MRN


def test_a_declaration_travels_again_once_its_movement_is_closed() -> None:
    union = consignable(SampleUnion())
    union.do("SHOP", CONSIGN)
    _second_movement(union)
    union.do("BY/DEP", t.Invalidate(MRN, "Sold.", True))
    union.do("SHOP", e.ConsignBulk(OTHER_MRN, ("B1",)))
    assert union.show("bulk/SHOP/B1").mrn == OTHER_MRN


@given(st.integers(1, 70), st.data())
def test_every_parcel_can_be_proven_and_nothing_else(size: int, data: st.DataObject) -> None:
    leaves = [parcel_register.commitment(number) for number in range(size)]
    root = parcel_register.root(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = parcel_register.path(index, leaves)
    assert root_of(index, size, leaves[index], path) == root
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        assert root_of(other, size, leaves[index], path) != root
    assert root_of(index, size, leaves[index], (*path, bytes(32))) != root
    assert root_of(index, size, leaves[index], path[:-1]) != root or not path
