"""Entering a final offence in a conduct."""

from contracts.conduct.grade import MAX_ENTRIES, counting
from contracts.conduct.objects import CONDUCT, Conduct, Entry, Gravity
from contracts.kernel.state import Ledger


def enter(participant: str, offence: str, gravity: Gravity, now: int, ledger: Ledger) -> None:
    """From now on the offence counts; entries that count no more make room."""
    conduct = ledger.find(CONDUCT, participant)
    kept = () if conduct is None else counting(conduct.entries, now)
    entries = (*kept, Entry(offence, gravity, now))[-MAX_ENTRIES:]
    ledger.put(CONDUCT, Conduct(participant, entries))
