"""The grade of a conduct: a function of final offences and block time, and of nothing else.

An offence counts for three years: minor 1 point, serious 3, grave 9. Below 3 points a conduct is
good, below 9 it is watched, else it is poor.
"""

from enum import StrEnum

from contracts.conduct.objects import CONDUCT, Entry, Gravity
from contracts.kernel.state import Ledger
from contracts.references.time import DAY

COUNTS_FOR = 3 * 365 * DAY
MAX_ENTRIES = 32
"""Entries kept. So many recent ones are a poor conduct whatever came before them."""

_POINTS = {Gravity.MINOR: 1, Gravity.SERIOUS: 3, Gravity.GRAVE: 9}
_WATCHED_FROM = 3
_POOR_FROM = 9


class Grade(StrEnum):
    GOOD = "good"
    WATCHED = "watched"
    POOR = "poor"


def grade_of(participant: str, now: int, ledger: Ledger) -> Grade:
    """The grade of a participant; one without offences has a good conduct."""
    conduct = ledger.find(CONDUCT, participant)
    entries = () if conduct is None else conduct.entries
    points = sum(_POINTS[entry.gravity] for entry in counting(entries, now))
    if points < _WATCHED_FROM:
        return Grade.GOOD
    return Grade.WATCHED if points < _POOR_FROM else Grade.POOR


def counting(entries: tuple[Entry, ...], now: int) -> tuple[Entry, ...]:
    """Entries that still count."""
    return tuple(entry for entry in entries if now < entry.from_ms + COUNTS_FOR)


def lowest_coverage(grade: Grade) -> int:
    """The least share of the reference amount, in percent, that a holder may have secured."""
    return {Grade.GOOD: 0, Grade.WATCHED: 50, Grade.POOR: 100}[grade]
