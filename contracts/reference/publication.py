"""Publishing rates, keeping code lists, setting thresholds."""

from collections.abc import Sequence

from contracts.kernel.rule import require
from contracts.reference import rules
from contracts.reference.conversion import PIVOT
from contracts.reference.lookup import union_limit
from contracts.reference.objects import (
    CODE,
    CODE_LIST,
    RATE,
    THRESHOLD,
    CodeEntry,
    CodeList,
    Limit,
    Rate,
    Threshold,
    code_reference,
    rate_reference,
    threshold_reference,
)
from contracts.reference.records import (
    CodeLine,
    DefineCodeList,
    PublishRates,
    SetCodes,
    SetThreshold,
)
from contracts.references.time import DAY, date_of
from contracts.registry.competence import Case
from contracts.registry.objects import Role

DAYS_AHEAD = 31
NATIONAL_CURRENCY = "national-currency"
"""The list that says which currency is a member's own: code = member, meaning = currency."""


def publish_rates(record: PublishRates, case: Case) -> None:
    today = case.now // DAY
    require(
        today <= record.day <= today + DAYS_AHEAD,
        rules.RATE_AHEAD,
        day=date_of(record.day),
        today=date_of(today),
    )
    _require_once([line.currency for line in record.rates])
    for line in record.rates:
        require(line.currency != PIVOT, rules.NOT_THE_PIVOT, currency=line.currency)
        _require_own_currency(line.currency, case)
        reference = rate_reference(line.currency, record.day)
        require(
            record.day > today or case.ledger.find(RATE, reference) is None,
            rules.RATE_STANDS,
            currency=line.currency,
            day=date_of(record.day),
        )
        case.ledger.put(RATE, Rate(line.currency, record.day, line.pivot, line.units))


def _require_own_currency(currency: str, case: Case) -> None:
    if _is_commission(case):
        return
    reference = code_reference(NATIONAL_CURRENCY, case.author.member)
    entry = case.ledger.find(CODE, reference)
    own = entry.meaning if entry is not None and entry.in_force(case.now) else None
    require(own == currency, rules.OWN_CURRENCY, currency=currency, own=own)


def define_list(record: DefineCodeList, case: Case) -> None:
    require(case.ledger.find(CODE_LIST, record.list) is None, rules.LIST_ID_FREE, list=record.list)
    case.ledger.put(CODE_LIST, CodeList(record.list, record.title, record.source, record.national))


def set_codes(record: SetCodes, case: Case) -> None:
    kept = case.ledger.demand(CODE_LIST, record.list, rules.LIST_KNOWN)
    _require_once([line.code for line in record.codes])
    for line in record.codes:
        require(
            _is_commission(case) or (kept.national and line.code.startswith(case.author.member)),
            rules.NATIONAL_CODES,
            list=kept.id,
            national=kept.national,
            code=line.code,
            member=case.author.member,
        )
        _require_validity(line)
        entry = CodeEntry(
            list=kept.id,
            code=line.code,
            meaning=line.meaning,
            valid_from_ms=line.valid_from_ms,
            valid_to_ms=line.valid_to_ms,
        )
        case.ledger.put(CODE, entry)


def _require_validity(line: CodeLine) -> None:
    require(
        line.valid_to_ms is None or line.valid_from_ms < line.valid_to_ms,
        rules.VALIDITY_IN_ORDER,
        code=line.code,
        valid_from_ms=line.valid_from_ms,
        valid_to_ms=line.valid_to_ms,
    )


def set_threshold(record: SetThreshold, case: Case) -> None:
    require(
        _is_commission(case) if record.member is None else record.member == case.author.member,
        rules.OWN_THRESHOLD,
        author=case.author.id,
        member=record.member or "union",
    )
    require(
        record.from_ms > case.now,
        rules.THRESHOLD_AHEAD,
        from_ms=record.from_ms,
        now_ms=case.now,
    )
    if record.member is not None:
        _require_not_above_union(record, case)
    reference = threshold_reference(record.threshold, record.member)
    before = case.ledger.find(THRESHOLD, reference)
    threshold = Threshold(
        kind=record.threshold,
        member=record.member,
        current=None if before is None else before.at(case.now),
        coming=Limit(record.amount, record.currency, record.mass_grams, record.from_ms),
    )
    case.ledger.put(THRESHOLD, threshold)


def _require_not_above_union(record: SetThreshold, case: Case) -> None:
    limit = union_limit(record.threshold, record.from_ms, case)
    require(
        record.currency == limit.currency
        and record.amount <= limit.amount
        and record.mass_grams <= limit.mass_grams,
        rules.NOT_ABOVE_UNION,
        amount=record.amount,
        union_amount=limit.amount,
        mass_grams=record.mass_grams,
        union_mass_grams=limit.mass_grams,
        currency=record.currency,
        union_currency=limit.currency,
    )


def _is_commission(case: Case) -> bool:
    return Role.COMMISSION in case.author.roles


def _require_once(names: Sequence[str]) -> None:
    for place, name in enumerate(names):
        require(name not in names[:place], rules.ONCE, name=name)
