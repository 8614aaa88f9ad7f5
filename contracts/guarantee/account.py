"""The account of a guarantee: reserving for a movement, freeing, and paying out.

Called by the transit records that release and close movements, in the same step: there is never a
released movement without cover, nor cover held for a movement that is not open.
"""

from dataclasses import dataclass

from msgspec.structs import replace

from contracts.guarantee import rules
from contracts.guarantee.certificates import free_certificate, use_certificate
from contracts.guarantee.objects import (
    GUARANTEE,
    RESERVATION,
    Guarantee,
    Reservation,
    reservation_reference,
)
from contracts.guarantee.usability import (
    Operation,
    require_limits,
    require_territory,
    require_usable,
)
from contracts.kernel.rule import require
from contracts.kernel.state import Ledger
from contracts.reference.conversion import convert
from contracts.references.grn import grn_country
from contracts.registry.competence import Case

DEFAULT_AMOUNT = 10_000_00
DEFAULT_CURRENCY = "EUR"
"""What stands in for an amount that was not computed (Common Transit practice)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An amount asked of a guarantee, minor units; None if it was not computed."""

    grn: str
    amount: int | None
    currency: str


def reserve(asked: Asked, operation: Operation, freed_by: str, case: Case) -> None:
    """Hold an amount for an operation, at the reference rate of the day, rounded up.

    freed_by: the record that will free it.
    """
    ledger = case.ledger
    guarantee = ledger.demand(GUARANTEE, asked.grn, rules.GUARANTEE_KNOWN)
    require_usable(guarantee, operation, case)
    require_territory(guarantee, operation.route)
    require_limits(guarantee, operation)
    amount = _in_currency_of(guarantee, asked, case)
    require(
        amount <= guarantee.free,
        rules.SUFFICIENT,
        grn=guarantee.grn,
        asked=amount,
        free=guarantee.free,
        covered=guarantee.covered,
        reserved=guarantee.reserved,
        currency=guarantee.currency,
    )
    certified = grn_country(guarantee.grn) != case.author.member
    if certified:
        use_certificate(guarantee.grn, amount, case)
    reference = reservation_reference(asked.grn, operation.mrn)
    assert ledger.find(RESERVATION, reference) is None, "a movement is released once"
    ledger.put(
        RESERVATION,
        Reservation(
            grn=guarantee.grn,
            mrn=operation.mrn,
            amount=amount,
            currency=guarantee.currency,
            asked=asked.amount,
            asked_currency=asked.currency,
            reserved_ms=case.now,
            office=case.author.id,
            certified=certified,
            freed_by=freed_by,
        ),
    )
    ledger.put(
        GUARANTEE,
        replace(
            guarantee,
            reserved=guarantee.reserved + amount,
            open=guarantee.open + 1,
            uses=guarantee.uses + 1,
        ),
    )


def _in_currency_of(guarantee: Guarantee, asked: Asked, case: Case) -> int:
    amount, currency = asked.amount, asked.currency
    if amount is None:
        amount, currency = DEFAULT_AMOUNT, DEFAULT_CURRENCY
    return convert(amount, currency, guarantee.currency, case.now, case.ledger)


def find_reservation(grn: str, mrn: str, ledger: Ledger) -> Reservation | None:
    """What is open on a guarantee for a movement."""
    return ledger.find(RESERVATION, reservation_reference(grn, mrn))


def expect_freeing_by(record: str, grn: str, mrn: str, ledger: Ledger) -> None:
    """Note on a reservation, if it is still there, that another record will free it."""
    reservation = find_reservation(grn, mrn, ledger)
    if reservation is not None:
        ledger.put(RESERVATION, replace(reservation, freed_by=record))


def free(grn: str, mrn: str, ledger: Ledger, *, paid: int = 0) -> None:
    """Give back what is held on a guarantee for a movement, less what its guarantor paid.

    paid: minor units of the guarantee's currency, lowers what is covered until topped up. Works
    whatever became of the guarantee: open reservations outlive revocation and expiry.
    """
    guarantee = ledger.find(GUARANTEE, grn)
    reservation = find_reservation(grn, mrn, ledger)
    assert guarantee is not None, "an open movement is covered"
    assert reservation is not None, "an open movement is covered"
    assert paid <= reservation.amount <= guarantee.reserved, "the sum of open ones is exact"
    ledger.remove(RESERVATION, reservation)
    if reservation.certified:
        free_certificate(reservation, ledger)
    ledger.put(
        GUARANTEE,
        replace(
            guarantee,
            reserved=guarantee.reserved - reservation.amount,
            open=guarantee.open - 1,
            paid=guarantee.paid + paid,
        ),
    )


def count_default(grn: str, change: int, ledger: Ledger) -> None:
    """A claim of this guarantee falls into default (+1), or is settled after it did (-1)."""
    guarantee = ledger.find(GUARANTEE, grn)
    assert guarantee is not None, "claims are on guarantees"
    ledger.put(GUARANTEE, replace(guarantee, defaults=guarantee.defaults + change))
