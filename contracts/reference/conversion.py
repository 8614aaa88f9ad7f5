"""Converting money at the reference rates of a day, rounded up in favour of the revenue.

Exact rational arithmetic with one rounding at the end. Each currency has a rate to one pivot
currency, so that a handful of rates serves every pair.
"""

from contracts.kernel.rule import violation
from contracts.kernel.state import Ledger
from contracts.reference import rules
from contracts.reference.objects import RATE, rate_reference
from contracts.references.time import DAY, date_of

PIVOT = "EUR"
"""The currency that rates are expressed in; customs thresholds of the region use it."""

MAX_AGE_DAYS = 10
"""How long a rate serves when no newer one is published: the longest run of holidays, and spare."""


def convert(amount: int, source: str, target: str, time_ms: int, ledger: Ledger) -> int:
    """`amount` minor units of `source` in minor units of `target`, at the rates of that day.

    Rounded up: the revenue is never short. Refused under RF-005 where a rate is missing.
    """
    if source == target:
        return amount
    day = time_ms // DAY
    source_pivot, source_units = rate_of(source, day, ledger)
    target_pivot, target_units = rate_of(target, day, ledger)
    dividend = amount * source_pivot * target_units
    return -(-dividend // (source_units * target_pivot))


def rate_of(currency: str, day: int, ledger: Ledger) -> tuple[int, int]:
    """(pivot, units): so many minor units of the pivot are worth so many of `currency`."""
    if currency == PIVOT:
        return 1, 1
    for age in range(MAX_AGE_DAYS + 1):
        rate = ledger.find(RATE, rate_reference(currency, day - age))
        if rate is not None:
            return rate.pivot, rate.units
    raise violation(rules.RATE_KNOWN, currency=currency, day=date_of(day))
