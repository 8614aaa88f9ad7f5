"""Entering a final offence in a conduct, with what follows from it by rule."""

from msgspec.structs import replace

from contracts.conduct.grade import MAX_ENTRIES, Grade, counting, grade_of
from contracts.conduct.objects import (
    AUTHORISATION,
    CONDUCT,
    AuthorisationState,
    Conduct,
    Entry,
    Gravity,
)
from contracts.kernel.state import Ledger


def enter(participant: str, offence: str, gravity: Gravity, now: int, ledger: Ledger) -> None:
    """From now on the offence counts; entries that count no more make room."""
    conduct = ledger.find(CONDUCT, participant)
    kept = () if conduct is None else counting(conduct.entries, now)
    entries = (*kept, Entry(offence, gravity, now))[-MAX_ENTRIES:]
    ledger.put(CONDUCT, Conduct(participant, entries))
    _suspend_unless_good(participant, now, ledger)


def _suspend_unless_good(participant: str, now: int, ledger: Ledger) -> None:
    """An authorised operator whose conduct is no longer good is one no more, for the time being."""
    status = ledger.find(AUTHORISATION, participant)
    if status is None or status.state is not AuthorisationState.GRANTED:
        return
    if grade_of(participant, now, ledger) is not Grade.GOOD:
        suspended = replace(status, state=AuthorisationState.SUSPENDED, since_ms=now)
        ledger.put(AUTHORISATION, suspended)
