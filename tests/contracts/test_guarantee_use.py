"""Guarantees in use: what release is refused for, and the arithmetic of the account."""

from typing import Any

import pytest
from msgspec.structs import replace

from contracts import Accepted, Record, Rejected
from contracts.guarantee import records as g
from contracts.guarantee import rules
from contracts.guarantee.objects import GuaranteeState
from contracts.guarantee.terms import GuaranteeKind
from contracts.reference import records as ref
from contracts.references import make_grn
from contracts.references.time import DAY
from contracts.registry import records as reg
from contracts.transit import records as t
from contracts.transit.content import (
    ORDINARY_GOODS,
    AdditionalType,
    DeclarationType,
    Goods,
    GuaranteeUse,
)
from tests.contracts import stages
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_acts_of_transit import DEPOSIT, WAIVER
from tests.contracts.sample_union import (
    CONTENT,
    GRN,
    LRN,
    MRN,
    OTHER_GRN,
    OTHER_MRN,
    RELEASE,
    TERMS,
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
    union.do("BY/DEP", t.Invalidate(MRN, "Asked for.", False))
    return "BY/DEP", ready(union, OTHER_MRN, "LRN2")


@CASES.of("GU-009")
def a_deposit_again(union: SampleUnion) -> tuple[str, Record]:
    union.do("BY/GUA", DEPOSIT)
    union.do("BY/DEP", ready(union))
    return "BY/DEP", ready(union, OTHER_MRN, "LRN2")


@CASES.of("GU-010")
def a_voucher_again(union: SampleUnion) -> tuple[str, Record]:
    grn = make_grn(2026, "BY", "1", voucher="A000001")
    union.guaranteed(grn=grn, guarantee_kind=GuaranteeKind.VOUCHER)
    use = (replace(USE, grn=grn),)
    union.do("BY/DEP", ready(union, guarantees=use))
    return "BY/DEP", ready(union, OTHER_MRN, "LRN2", guarantees=use)


@CASES.of("RF-005")
def a_currency_without_rate(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed()
    return "BY/DEP", ready(union, guarantees=(replace(USE, currency="KZT"),))


@CASES.of("GU-021")
def a_suspended_guarantor(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed().do("BY", reg.SuspendParticipant("BANK", "Licence withdrawn."))
    return "BY/DEP", ready(union)


@CASES.of("GU-004")
def releasing_on_a_suspended_guarantee(union: SampleUnion) -> tuple[str, Record]:
    return "BY/DEP", ready(stages.suspended(union))


@CASES.of("GU-025")
def goods_under_suspension(union: SampleUnion) -> tuple[str, Record]:
    goods = replace(ORDINARY_GOODS, suspended=True)
    return "BY/DEP", ready(union.guaranteed(), goods=goods)


@CASES.of("GU-026")
def goods_that_are_sensitive(union: SampleUnion) -> tuple[str, Record]:
    goods = replace(ORDINARY_GOODS, sensitive=True)
    return "BY/DEP", ready(union.guaranteed(), goods=goods)


@CASES.of("GU-027")
def offices_the_guarantee_does_not_name(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed(terms=replace(TERMS, offices=("BY/DEP", "RU/DST")))
    return "BY/DEP", ready(union)


@CASES.of("GU-028")
def goods_the_guarantee_does_not_name(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed(terms=replace(TERMS, commodities=("2203",)))
    goods = replace(ORDINARY_GOODS, commodities=("220300", "220410"))
    return "BY/DEP", ready(union, goods=goods)


@CASES.of("GU-028")
def goods_whose_codes_are_not_stated(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed(terms=replace(TERMS, commodities=("2203",)))
    return "BY/DEP", ready(union)


@CASES.of("GU-029")
def a_carnet_again(union: SampleUnion) -> tuple[str, Record]:
    union.guaranteed(guarantee_kind=GuaranteeKind.TIR)
    union.do("BY/DEP", ready(union, declaration_type=DeclarationType.TIR))
    again = ready(union, OTHER_MRN, "LRN2", declaration_type=DeclarationType.TIR)
    return "BY/DEP", again


@CASES.of("GU-030")
def a_carnet_for_common_transit(union: SampleUnion) -> tuple[str, Record]:
    return "BY/DEP", ready(union.guaranteed(guarantee_kind=GuaranteeKind.TIR))


@CASES.of("GU-030")
def a_tir_operation_without_carnet(union: SampleUnion) -> tuple[str, Record]:
    return "BY/DEP", ready(union.guaranteed(), declaration_type=DeclarationType.TIR)


@CASES.of("GU-031")
def a_guarantor_in_default(union: SampleUnion) -> tuple[str, Record]:
    stages.indebted(union).wait_until(union.now + 31 * DAY)
    content = replace(CONTENT, limit_date_ms=None)
    union.do("TRADER", t.Lodge("LRN2", AdditionalType.STANDARD, content))
    union.do(
        "BY/DEP",
        t.Register("TRADER", "LRN2", OTHER_MRN, None),
        t.RecordControl(OTHER_MRN, t.ControlDecision.NOT_REQUIRED, ""),
    )
    return "BY/DEP", replace(RELEASE, mrn=OTHER_MRN, deadline_ms=union.now + DAY)


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
    union.do("BY/DEP", t.Invalidate(MRN, "Asked for.", False))
    union.do("BANK", g.CancelGuarantee(GRN, "Nothing open."))
    assert union.show(f"guarantee/{GRN}").state is GuaranteeState.CANCELLED


def test_the_exact_cover_can_be_reserved() -> None:
    union = SampleUnion().guaranteed()
    release = ready(union, guarantees=(replace(USE, amount=1_000_00),))
    assert isinstance(union.apply("BY/DEP", release), Accepted)
    assert union.show(f"guarantee/{GRN}").free == 0


def test_an_individual_guarantee_for_multiple_usage_is_used_again() -> None:
    union = SampleUnion().guaranteed(guarantee_kind=GuaranteeKind.MULTIPLE)
    union.do("BY/DEP", ready(union))
    union.do("BY/DEP", ready(union, OTHER_MRN, "LRN2"))
    assert union.show(f"guarantee/{GRN}").uses == 2


def test_a_waiver_covers_up_to_the_reference_amount_though_nothing_is_secured() -> None:
    union = SampleUnion()
    union.do("BY/GUA", WAIVER)
    union.do("BY/DEP", ready(union, guarantees=(replace(USE, amount=1_000_00),)))
    guarantee = union.show(f"guarantee/{GRN}")
    assert (guarantee.coverage_percent, guarantee.free) == (0, 0)


def test_a_deposit_needs_no_guarantor() -> None:
    union = SampleUnion()
    union.do("BY/GUA", DEPOSIT)
    union.do("BY/DEP", ready(union))
    assert union.show(f"guarantee/{GRN}").guarantor == "BY/GUA"


def test_a_carnet_covers_a_tir_operation() -> None:
    union = SampleUnion().guaranteed(guarantee_kind=GuaranteeKind.TIR)
    union.do("BY/DEP", ready(union, declaration_type=DeclarationType.TIR))
    assert union.show(f"guarantee/{GRN}").open == 1


def test_every_ncts_reason_has_its_rule() -> None:
    assert list(rules.NCTS_REASONS) == [f"G{number:02}" for number in range(1, 14)]
    for code, rule in rules.NCTS_REASONS.items():
        assert code in rule.source, (code, rule.id)


def test_an_amount_in_another_currency_is_converted_and_rounded_up() -> None:
    union = SampleUnion().guaranteed()
    line = ref.RateLine("KZT", 1, 7)  # 1 cent is worth 7 tiyn
    union.do("COMMISSION", ref.PublishRates(union.now // DAY, (line,)))
    union.do("BY/DEP", ready(union, guarantees=(replace(USE, amount=100, currency="KZT"),)))
    reservation = union.show(f"reservation/{GRN}/{MRN}")
    assert (reservation.amount, reservation.currency) == (15, "EUR")
    assert (reservation.asked, reservation.asked_currency) == (100, "KZT")


def test_an_amount_that_was_not_computed_counts_as_ten_thousand_euro() -> None:
    union = SampleUnion().guaranteed(reference_amount=20_000_00)
    union.do("BY/DEP", ready(union, guarantees=(replace(USE, amount=None),)))
    assert union.show(f"reservation/{GRN}/{MRN}").amount == 10_000_00


def test_a_reservation_says_which_record_will_free_it() -> None:
    union = SampleUnion().released()
    assert union.show(f"reservation/{GRN}/{MRN}").freed_by == "transit.discharge"


def test_limits_on_goods_allow_what_they_name() -> None:
    terms = replace(TERMS, commodities=("2203",), sensitive_goods=True, suspended_goods=True)
    union = SampleUnion().guaranteed(terms=terms)
    goods = Goods(restricted=False, sensitive=True, suspended=True, commodities=("220300",))
    union.do("BY/DEP", ready(union, goods=goods))
    assert union.show(f"guarantee/{GRN}").open == 1


def test_a_suspension_bars_new_use_until_it_is_lifted() -> None:
    union = stages.suspended(SampleUnion())
    release = ready(union)
    assert isinstance(union.apply("BY/DEP", release), Rejected)
    union.do("BY/GUA", g.ReinstateGuarantee(GRN, "Review passed."))
    union.do("BY/DEP", release)
