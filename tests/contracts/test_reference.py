"""Reference data: who writes it, what stays, and conversion in favour of the revenue."""

import datetime
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Accepted, Context, Record
from contracts.kernel.rule import RuleViolation
from contracts.kernel.state import Ledger
from contracts.reference import records as ref
from contracts.reference.conversion import convert
from contracts.reference.lookup import require_listed, threshold_in_force
from contracts.reference.objects import ThresholdKind
from contracts.references.time import DAY, date_of
from contracts.registry.competence import Case as Matter
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_acts_of_the_union import (
    DUTY_FREE,
    PLACE,
    RATES,
    TODAY,
    limited,
    listed,
    national,
)
from tests.contracts.sample_union import START, SampleUnion

CASES = Refusals()


@CASES.of("RF-001")
def rates_of_yesterday(union: SampleUnion) -> tuple[str, Record]:
    return "COMMISSION", ref.PublishRates(TODAY - 1, RATES.rates)


@CASES.of("RF-001")
def rates_of_next_season(union: SampleUnion) -> tuple[str, Record]:
    return "COMMISSION", ref.PublishRates(TODAY + 32, RATES.rates)


@CASES.of("RF-002")
def another_rate_for_today(union: SampleUnion) -> tuple[str, Record]:
    union.do("COMMISSION", RATES)
    return "COMMISSION", ref.PublishRates(TODAY, (ref.RateLine("RUB", 1, 95),))


@CASES.of("RF-003")
def a_rate_of_the_pivot(union: SampleUnion) -> tuple[str, Record]:
    return "COMMISSION", ref.PublishRates(TODAY, (ref.RateLine("EUR", 1, 1),))


@CASES.of("RF-004")
def a_registrar_prices_another_currency(union: SampleUnion) -> tuple[str, Record]:
    return national(union) and "KZ", ref.PublishRates(TODAY, (ref.RateLine("RUB", 1, 1),))


@CASES.of("RF-006")
def a_list_defined_twice(union: SampleUnion) -> tuple[str, Record]:
    return listed(union) and "COMMISSION", ref.DefineCodeList("un-locode", "P", "S", False)


@CASES.of("RF-007")
def codes_of_no_list(union: SampleUnion) -> tuple[str, Record]:
    return "COMMISSION", ref.SetCodes("un-locode", (PLACE,))


@CASES.of("RF-008")
def a_registrar_writes_in_a_list_of_the_union(union: SampleUnion) -> tuple[str, Record]:
    line = ref.CodeLine("KZ", "USD", START, None)
    return national(union) and "KZ", ref.SetCodes("national-currency", (line,))


@CASES.of("RF-009")
def a_code_that_ends_before_it_begins(union: SampleUnion) -> tuple[str, Record]:
    line = ref.CodeLine("KZALA", "Almaty", START, START)
    return listed(union) and "KZ", ref.SetCodes("un-locode", (line,))


@CASES.of("RF-010")
def a_currency_named_twice(union: SampleUnion) -> tuple[str, Record]:
    twice = (ref.RateLine("RUB", 1, 90), ref.RateLine("RUB", 1, 91))
    return "COMMISSION", ref.PublishRates(TODAY, twice)


@CASES.of("RF-012")
def a_threshold_from_now(union: SampleUnion) -> tuple[str, Record]:
    record = ref.SetThreshold(ThresholdKind.DUTY_FREE, None, 1, "EUR", 1, union.now)
    return "COMMISSION", record


@CASES.of("RF-013")
def a_registrar_sets_the_unions_threshold(union: SampleUnion) -> tuple[str, Record]:
    return "KZ", DUTY_FREE


@CASES.of("RF-014")
def a_national_threshold_above_the_unions(union: SampleUnion) -> tuple[str, Record]:
    record = ref.SetThreshold(ThresholdKind.DUTY_FREE, "KZ", 200_01, "EUR", 31_000, START + DAY)
    return limited(union) and "KZ", record


@CASES.of("RF-014")
def a_national_threshold_in_another_currency(union: SampleUnion) -> tuple[str, Record]:
    record = ref.SetThreshold(ThresholdKind.DUTY_FREE, "KZ", 1, "USD", 1, START + DAY)
    return limited(union) and "KZ", record


@CASES.of("RF-015")
def a_national_threshold_before_the_unions(union: SampleUnion) -> tuple[str, Record]:
    return "KZ", ref.SetThreshold(ThresholdKind.DUTY_FREE, "KZ", 1, "EUR", 1, START + DAY)


@CASES.of("RF-004")
def a_registrar_prices_a_currency_that_is_not_its_own_yet(
    union: SampleUnion,
) -> tuple[str, Record]:
    national(union)
    line = ref.CodeLine("KZ", "KZT", union.now + 1, None)
    union.do("COMMISSION", ref.SetCodes("national-currency", (line,)))
    return "KZ", ref.PublishRates(TODAY, RATES.rates[:1])


@CASES.of("RF-010")
def a_code_named_twice(union: SampleUnion) -> tuple[str, Record]:
    twice = (PLACE, msgspec.structs.replace(PLACE, meaning="Elsewhere"))
    return listed(union) and "KZ", ref.SetCodes("un-locode", twice)


@CASES.of("RF-014")
def a_national_threshold_above_the_unions_by_mass(union: SampleUnion) -> tuple[str, Record]:
    record = ref.SetThreshold(ThresholdKind.DUTY_FREE, "KZ", 1, "EUR", 31_001, START + DAY)
    return limited(union) and "KZ", record


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def priced(*rates: ref.RateLine) -> SampleUnion:
    union = SampleUnion()
    union.do("COMMISSION", ref.PublishRates(TODAY, rates))
    return union


def converted(union: SampleUnion, amount: int, source: str, target: str) -> int:
    return convert(amount, source, target, union.now, Ledger(union))


def looking(union: SampleUnion) -> Matter:
    """A case at the union's time, for rules that only look things up."""
    context = Context(union.now, union.height, bytes(32), 0, "KZ/DST", b"")
    return Matter(Ledger(union), context, union.show("participant/KZ/DST"))


def test_a_conversion_rounds_up_once() -> None:
    union = priced(ref.RateLine("KZT", 1, 520), ref.RateLine("RUB", 1, 90))
    assert converted(union, 1, "EUR", "KZT") == 520
    assert converted(union, 521, "KZT", "EUR") == 2
    assert converted(union, 1, "RUB", "KZT") == 6  # 5.78, not 520 × ⌈1 ÷ 90⌉
    assert converted(union, 7, "EUR", "EUR") == 7


currencies = st.sampled_from(("EUR", "KZT", "RUB"))
parts = st.integers(1, 10**12)


@given(st.integers(1, 10**15), currencies, currencies, st.tuples(parts, parts, parts, parts))
def test_the_revenue_is_never_short_nor_one_unit_over(
    amount: int, source: str, target: str, ratio: tuple[int, int, int, int]
) -> None:
    kzt_pivot, kzt, rub_pivot, rub = ratio
    union = _PRICED
    union.state["rate/KZT/2026-02-02"] = _rate("KZT", kzt_pivot, kzt)
    union.state["rate/RUB/2026-02-02"] = _rate("RUB", rub_pivot, rub)
    worth = {"EUR": Fraction(1), "KZT": Fraction(kzt_pivot, kzt), "RUB": Fraction(rub_pivot, rub)}
    exact = amount * worth[source] / worth[target]
    assert 0 <= converted(union, amount, source, target) - exact < 1


_PRICED = SampleUnion()


def _rate(currency: str, pivot: int, units: int) -> bytes:
    return msgspec.msgpack.encode((currency, TODAY, pivot, units))


def test_the_last_rate_serves_for_ten_days() -> None:
    union = priced(ref.RateLine("RUB", 1, 90))
    union.now += 10 * DAY
    assert converted(union, 1, "EUR", "RUB") == 90
    union.now += DAY
    with pytest.raises(RuleViolation) as refusal:
        converted(union, 1, "EUR", "RUB")
    assert refusal.value.rule.id == "RF-005"


def test_the_rate_of_a_day_ahead_can_be_corrected_until_it_comes() -> None:
    union = SampleUnion()
    for units in (90, 91):
        line = ref.RateLine("RUB", 1, units)
        union.do("COMMISSION", ref.PublishRates(TODAY + 1, (line,)))
    assert union.show(f"rate/RUB/{date_of(TODAY + 1)}").units == 91


def test_a_registrar_publishes_the_rate_of_its_own_currency() -> None:
    union = national(SampleUnion())
    assert isinstance(union.apply("KZ", ref.PublishRates(TODAY, RATES.rates[:1])), Accepted)


@pytest.mark.parametrize(
    ("list_id", "code", "refused"),
    [
        ("un-locode", "KZALA", False),
        ("un-locode", "KZXXX", True),
        ("un-locode", "KZEND", True),
        ("not-kept", "ANY", False),
    ],
)
def test_a_code_is_checked_if_the_union_keeps_its_list(
    list_id: str, code: str, refused: bool
) -> None:
    union = listed(SampleUnion())
    ended = ref.CodeLine("KZEND", "Endtown", START - DAY, START)
    union.do("KZ", ref.SetCodes("un-locode", (PLACE, ended)))
    seen = looking(union)
    if not refused:
        require_listed(list_id, code, seen)
        return
    with pytest.raises(RuleViolation) as refusal:
        require_listed(list_id, code, seen)
    assert refusal.value.rule.id == "RF-011"


def test_a_members_threshold_comes_before_the_unions_and_changes_on_time() -> None:
    union = limited(SampleUnion())
    kind = ThresholdKind.DUTY_FREE
    union.do("KZ", ref.SetThreshold(kind, "KZ", 100_00, "EUR", 20_000, START + DAY))
    union.now += DAY - 1
    assert threshold_in_force(kind, "KZ", looking(union)).amount == 200_00
    union.now += 1
    assert threshold_in_force(kind, "KZ", looking(union)).amount == 100_00
    assert threshold_in_force(kind, "RU", looking(union)).amount == 200_00
    union.do("KZ", ref.SetThreshold(kind, "KZ", 50_00, "EUR", 20_000, union.now + DAY))
    assert threshold_in_force(kind, "KZ", looking(union)).amount == 100_00
    union.now += DAY
    assert threshold_in_force(kind, "KZ", looking(union)).amount == 50_00


@given(st.integers(0, 80_000))
def test_dates_agree_with_the_calendar(day: int) -> None:
    date = datetime.date(1970, 1, 1) + datetime.timedelta(days=day)
    assert date_of(day) == date.isoformat()
