"""What rules of other subjects ask of reference data."""

from contracts.kernel.rule import require, violation
from contracts.reference import rules
from contracts.reference.conversion import convert
from contracts.reference.objects import (
    CODE,
    CODE_LIST,
    THRESHOLD,
    Limit,
    ThresholdKind,
    code_reference,
    threshold_reference,
)
from contracts.registry.competence import Case

PLACES = "un-locode"
"""The list of places, once the union keeps it."""


def is_listed(code_list: str, code: str, case: Case) -> bool:
    """True if a code is in force in a list that the union keeps."""
    entry = case.ledger.find(CODE, code_reference(code_list, code))
    return entry is not None and entry.in_force(case.now)


def require_listed(code_list: str, code: str, case: Case) -> None:
    """Refuse a code that is not in force, if the union keeps that list."""
    if case.ledger.find(CODE_LIST, code_list) is None:
        return
    require(is_listed(code_list, code, case), rules.CODE_IN_FORCE, list=code_list, code=code)


def threshold_in_force(kind: ThresholdKind, member: str, case: Case) -> Limit:
    """The limit for a member: its own if it has one, else the union's."""
    for owner in (member, None):
        threshold = case.ledger.find(THRESHOLD, threshold_reference(kind, owner))
        limit = None if threshold is None else threshold.at(case.now)
        if limit is not None:
            return limit
    raise violation(rules.THRESHOLD_KNOWN, threshold=kind, member=member)


def within(limit: Limit, amount: int, currency: str, mass_grams: int, case: Case) -> bool:
    """True if a value (minor units) and a mass do not exceed a limit, at today's rates."""
    return (
        mass_grams <= limit.mass_grams
        and convert(amount, currency, limit.currency, case.now, case.ledger) <= limit.amount
    )


def union_limit(kind: ThresholdKind, time_ms: int, case: Case) -> Limit:
    """The union's limit at a time, which may lie ahead."""
    threshold = case.ledger.find(THRESHOLD, threshold_reference(kind, None))
    limit = None if threshold is None else threshold.at(time_ms)
    if limit is None:
        raise violation(rules.THRESHOLD_KNOWN, threshold=kind, member="union")
    return limit
