"""Recovery: the debt, claims on guarantors, payment, contest."""

import pytest
from msgspec.structs import replace

from contracts import Record
from contracts.guarantee import records as g
from contracts.reference import records as ref
from contracts.references.time import DAY
from contracts.transit import enquiry_records as e
from contracts.transit import records as t
from contracts.transit.content import AdditionalType, Exemption, ExemptionGround, GuaranteeUse
from contracts.transit.objects import ClaimState, MovementState
from tests.contracts import stages
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_union import (
    CONTENT,
    GRN,
    LRN,
    MRN,
    OTHER_GRN,
    REGISTER,
    RELEASE,
    USE,
    SampleUnion,
)
from tests.contracts.stages import DEBT

CASES = Refusals()
TWO_CLAIMS = (e.ClaimOnGuarantee(GRN, 300_00), e.ClaimOnGuarantee(OTHER_GRN, 300_00))


def recovered(union: SampleUnion, *uses: GuaranteeUse) -> SampleUnion:
    """In recovery, under these guarantees."""
    union.do("TRADER", t.Lodge(LRN, AdditionalType.STANDARD, replace(CONTENT, guarantees=uses)))
    union.do("BY/DEP", REGISTER, t.RecordControl(MRN, t.ControlDecision.NOT_REQUIRED, ""), RELEASE)
    union.wait_until(RELEASE.deadline_ms + 210 * DAY)
    return union


def doubly_covered(union: SampleUnion) -> SampleUnion:
    """In recovery, under two guarantees, on each of which 400.00 are held."""
    union.guaranteed().guaranteed(grn=OTHER_GRN)
    return recovered(union, USE, replace(USE, grn=OTHER_GRN))


def in_tenge(union: SampleUnion) -> SampleUnion:
    """In recovery, under a guarantee in tenge, 520 to the euro."""
    rates = ref.PublishRates(union.now // DAY, (ref.RateLine("KZT", 1, 520),))
    union.do("COMMISSION", rates)
    union.guaranteed(currency="KZT", reference_amount=1_000_000_00)
    recovered(union, USE)
    union.do("COMMISSION", replace(rates, day=union.now // DAY))
    return union


@CASES.of("TR-001")
def contesting_a_claim_twice(union: SampleUnion) -> tuple[str, Record]:
    return stages.contested(union) and "BANK", e.ContestClaim(MRN, GRN, "Again.")


@CASES.of("TR-001")
def paying_a_claim_twice(union: SampleUnion) -> tuple[str, Record]:
    return stages.paid_out(union) and "BY/DEP", e.RecordPayment(MRN, GRN, 1)


@CASES.of("TR-046")
def notifying_twice(union: SampleUnion) -> tuple[str, Record]:
    return stages.indebted(union) and "BY/DEP", replace(DEBT, claims=())


@CASES.of("TR-047")
def a_breach_off_the_route(union: SampleUnion) -> tuple[str, Record]:
    return stages.in_recovery(union) and "BY/DEP", replace(DEBT, breach_in="AM")


@CASES.of("TR-048")
def claiming_more_than_is_held(union: SampleUnion) -> tuple[str, Record]:
    claims = (e.ClaimOnGuarantee(GRN, 400_01),)
    return stages.in_recovery(union) and "BY/DEP", replace(DEBT, claims=claims)


@CASES.of("TR-048")
def claiming_on_a_guarantee_of_others(union: SampleUnion) -> tuple[str, Record]:
    claims = (e.ClaimOnGuarantee(OTHER_GRN, 1),)
    return stages.in_recovery(union) and "BY/DEP", replace(DEBT, claims=claims)


@CASES.of("TR-048")
def claiming_twice_in_one_notice(union: SampleUnion) -> tuple[str, Record]:
    claims = (e.ClaimOnGuarantee(GRN, 1), e.ClaimOnGuarantee(GRN, 2))
    return stages.in_recovery(union) and "BY/DEP", replace(DEBT, claims=claims)


@CASES.of("TR-049")
def a_payment_told_by_another_member(union: SampleUnion) -> tuple[str, Record]:
    return stages.indebted(union) and "KZ/DEP", e.RecordPayment(MRN, GRN, 300_00)


@CASES.of("TR-049")
def a_payment_where_the_breach_did_not_happen(union: SampleUnion) -> tuple[str, Record]:
    stages.in_recovery(union).do("BY/DEP", replace(DEBT, breach_in="RU"))
    return "BY/DEP", e.RecordPayment(MRN, GRN, 300_00)


@CASES.of("TR-050")
def contesting_nothing(union: SampleUnion) -> tuple[str, Record]:
    return stages.in_recovery(union) and "BANK", e.ContestClaim(MRN, GRN, "No.")


@CASES.of("TR-051")
def another_guarantor_contests(union: SampleUnion) -> tuple[str, Record]:
    return stages.indebted(union) and "BANK2", e.ContestClaim(MRN, GRN, "No.")


@CASES.of("TR-052")
def paying_more_than_is_owed(union: SampleUnion) -> tuple[str, Record]:
    return stages.paid_out(union) and "BY/DEP", e.RecordPayment(MRN, None, 200_01)


@CASES.of("TR-052")
def paying_before_there_is_a_debt(union: SampleUnion) -> tuple[str, Record]:
    return stages.in_recovery(union) and "BY/DEP", e.RecordPayment(MRN, None, 1)


@CASES.of("TR-057")
def claiming_more_than_is_owed(union: SampleUnion) -> tuple[str, Record]:
    return stages.in_recovery(union) and "BY/DEP", replace(DEBT, amount=299_99)


@CASES.of("TR-057")
def claiming_more_than_is_owed_on_two_guarantees(union: SampleUnion) -> tuple[str, Record]:
    return doubly_covered(union) and "BY/DEP", replace(DEBT, amount=599_99, claims=TWO_CLAIMS)


@CASES.of("TR-057")
def claiming_more_than_is_owed_in_tenge(union: SampleUnion) -> tuple[str, Record]:
    claims = (e.ClaimOnGuarantee(GRN, 52_000_01),)
    in_tenge(union)
    return "BY/DEP", replace(DEBT, amount=100_00, claims=claims)


@CASES.of("TR-058")
def a_guarantor_paying_more_than_is_claimed(union: SampleUnion) -> tuple[str, Record]:
    return stages.indebted(union) and "BY/DEP", e.RecordPayment(MRN, GRN, 300_01)


@CASES.of("TR-058")
def a_guarantor_paying_more_than_is_claimed_in_tenge(union: SampleUnion) -> tuple[str, Record]:
    in_tenge(union).do("BY/DEP", replace(DEBT, claims=(e.ClaimOnGuarantee(GRN, 52_000_00),)))
    return "BY/DEP", e.RecordPayment(MRN, GRN, 100_01)


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def test_a_paid_claim_frees_the_reservation_and_lowers_what_is_covered() -> None:
    union = stages.paid_out(SampleUnion())
    guarantee = union.show(f"guarantee/{GRN}")
    assert (guarantee.reserved, guarantee.open) == (0, 0)
    assert (guarantee.paid, guarantee.covered, guarantee.free) == (300_00, 700_00, 700_00)
    assert union.show(f"claim/{GRN}/{MRN}").state is ClaimState.PAID
    assert union.movement_state is MovementState.RECOVERY, "200.00 are still owed"
    union.do("BANK", g.TopUp(GRN, 300_00))
    assert union.show(f"guarantee/{GRN}").free == 1_000_00
    union.do("BY/DEP", e.RecordPayment(MRN, None, 200_00))
    assert union.movement_state is MovementState.PAID


def test_a_claim_settled_for_less_takes_no_more_than_was_paid() -> None:
    union = stages.indebted(SampleUnion())
    union.do("BY/DEP", e.RecordPayment(MRN, GRN, 299_99))
    guarantee = union.show(f"guarantee/{GRN}")
    assert (guarantee.reserved, guarantee.paid) == (0, 299_99)
    assert union.show(f"claim/{GRN}/{MRN}").state is ClaimState.PAID


def test_claims_may_add_up_to_the_debt() -> None:
    union = doubly_covered(SampleUnion())
    union.do("BY/DEP", replace(DEBT, amount=600_00, claims=TWO_CLAIMS))
    for grn in (GRN, OTHER_GRN):
        union.do("BY/DEP", e.RecordPayment(MRN, grn, 300_00))
    assert union.movement_state is MovementState.PAID


def test_a_claim_in_another_currency_is_paid_at_the_rate_of_the_day() -> None:
    union = in_tenge(SampleUnion())
    claims = (e.ClaimOnGuarantee(GRN, 52_000_00),)
    union.do("BY/DEP", replace(DEBT, amount=100_00, claims=claims))
    union.do("BY/DEP", e.RecordPayment(MRN, GRN, 100_00))
    guarantee = union.show(f"guarantee/{GRN}")
    assert (guarantee.reserved, guarantee.paid) == (0, 52_000_00)
    assert union.movement_state is MovementState.PAID


def test_a_claim_that_the_rate_overtook_takes_no_more_than_was_claimed() -> None:
    union = in_tenge(SampleUnion())
    union.do("BY/DEP", replace(DEBT, claims=(e.ClaimOnGuarantee(GRN, 52_000_00),)))
    union.now += DAY
    rates = ref.PublishRates(union.now // DAY, (ref.RateLine("KZT", 1, 521),))
    union.do("COMMISSION", rates)
    union.do("BY/DEP", e.RecordPayment(MRN, GRN, 99_81))  # 52,001.01 tenge
    assert union.show(f"guarantee/{GRN}").paid == 52_000_00


def test_a_debtor_who_pays_frees_the_guarantor() -> None:
    union = stages.indebted(SampleUnion())
    union.do("BY/DEP", e.RecordPayment(MRN, None, 100_00))
    assert union.show(f"guarantee/{GRN}").reserved == 400_00
    union.do("BY/DEP", e.RecordPayment(MRN, None, 400_00))
    assert union.show(f"claim/{GRN}/{MRN}").state is ClaimState.LIFTED
    guarantee = union.show(f"guarantee/{GRN}")
    assert (guarantee.reserved, guarantee.paid) == (0, 0)


def test_a_guarantor_that_does_not_pay_is_in_default_until_it_does() -> None:
    union = stages.indebted(SampleUnion())
    union.do("BANK", g.AmendAmount(GRN, 9_000_00))
    assert union.wait_until(union.now + 30 * DAY + 5 * 60_000) == ["transit.payment-overdue"]
    assert union.show(f"claim/{GRN}/{MRN}").state is ClaimState.DEFAULTED
    assert union.show(f"guarantee/{GRN}").defaults == 1
    union.do("BY/DEP", e.RecordPayment(MRN, GRN, 300_00))
    assert union.show(f"guarantee/{GRN}").defaults == 0


def test_a_contest_that_fails_gives_the_guarantor_its_time_anew() -> None:
    union = stages.contested(SampleUnion())
    assert union.wait_until(union.now + 60 * DAY) == [], "who contests is not in default"
    union.do("BY/GUA", e.DecideContest(MRN, GRN, e.Ruling.UPHELD, "In time."))
    assert union.wait_until(union.now + 29 * DAY) == []
    assert union.wait_until(union.now + 2 * DAY) == ["transit.payment-overdue"]


def test_a_contest_that_succeeds_frees_the_guarantee_but_not_the_debtor() -> None:
    union = stages.contested(SampleUnion())
    union.do("BY/GUA", e.DecideContest(MRN, GRN, e.Ruling.LIFTED, "Notified too late."))
    assert union.show(f"guarantee/{GRN}").reserved == 0
    assert union.movement_state is MovementState.RECOVERY
    union.do("BY/DEP", e.WriteOff(MRN, "Insolvent."))
    assert union.movement_state is MovementState.WRITTEN_OFF


def test_the_debt_is_owed_where_the_breach_happened() -> None:
    union = stages.in_recovery(SampleUnion())
    union.do("BY/DEP", replace(DEBT, breach_in="RU"))
    assert union.show(f"movement/{MRN}").debt.payable_in == "RU"
    union.do("RU/DEP", e.RecordPayment(MRN, GRN, 300_00), e.WriteOff(MRN, "The rest is lost."))
    assert union.movement_state is MovementState.WRITTEN_OFF


def test_confirmed_discrepancies_are_recovered_without_enquiry() -> None:
    union = stages.irregular(SampleUnion())
    union.do("BY/DEP", e.StartRecovery(MRN, "100 kg are missing."), DEBT)
    union.do("BY/DEP", e.RecordPayment(MRN, None, 500_00))
    assert union.movement_state is MovementState.PAID
    assert union.show(f"guarantee/{GRN}").reserved == 0


def test_an_exempt_movement_is_recovered_from_its_debtor() -> None:
    union = SampleUnion().control_decided(
        guarantees=(), exemption=Exemption(ExemptionGround.AGREEMENT, "Agreement 7")
    )
    union.do("BY/DEP", RELEASE)
    union.wait_until(RELEASE.deadline_ms + 210 * DAY)
    union.do("BY/DEP", replace(DEBT, claims=()), e.RecordPayment(MRN, None, 500_00))
    assert union.movement_state is MovementState.PAID
