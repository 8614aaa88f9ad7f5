"""The account of a guarantee: reserving for a movement, and freeing again.

Called by the transit records that release and close movements, in the same step: there is never a
released movement without cover, nor cover held for a movement that is not open.
"""

from msgspec.structs import replace

from contracts.guarantee import rules
from contracts.guarantee.objects import (
    GUARANTEE,
    RESERVATION,
    Guarantee,
    GuaranteeKind,
    GuaranteeState,
    Reservation,
    reservation_reference,
)
from contracts.kernel.rule import require, violation
from contracts.registry.competence import GUARANTOR, Case
from contracts.registry.references import named


def reserve(reservation: Reservation, holder: str, route: tuple[str, ...], case: Case) -> None:
    """Hold an amount for a movement of `holder` through the members of `route`."""
    ledger = case.ledger
    guarantee = ledger.demand(GUARANTEE, reservation.grn, rules.GUARANTEE_KNOWN)
    _require_usable(guarantee, case.now)
    named(guarantee.guarantor, rules.GUARANTOR_ACTIVE, case, GUARANTOR)
    require(guarantee.holder == holder, rules.OF_THE_HOLDER, grn=guarantee.grn, holder=holder)
    for member in route:
        if member not in guarantee.territory:
            raise violation(rules.TERRITORY, grn=guarantee.grn, member=member)
    require(
        guarantee.kind is GuaranteeKind.GENERAL or guarantee.uses == 0,
        rules.ONE_OPERATION,
        grn=guarantee.grn,
        kind=guarantee.kind,
    )
    require(
        reservation.currency == guarantee.currency,
        rules.SAME_CURRENCY,
        asked=reservation.currency,
        guarantee=guarantee.currency,
    )
    require(
        reservation.amount <= guarantee.free,
        rules.SUFFICIENT,
        grn=guarantee.grn,
        asked=reservation.amount,
        free=guarantee.free,
        covered=guarantee.covered,
        reserved=guarantee.reserved,
        currency=guarantee.currency,
    )
    reference = reservation_reference(reservation.grn, reservation.mrn)
    assert ledger.find(RESERVATION, reference) is None, "a movement is released once"
    ledger.put(RESERVATION, reservation)
    ledger.put(
        GUARANTEE,
        replace(
            guarantee,
            reserved=guarantee.reserved + reservation.amount,
            open=guarantee.open + 1,
            uses=guarantee.uses + 1,
        ),
    )


def free(grn: str, mrn: str, case: Case) -> None:
    """Give back what is held on a guarantee for a movement that closes.

    Works whatever became of the guarantee: open reservations outlive revocation and expiry.
    """
    ledger = case.ledger
    guarantee = ledger.find(GUARANTEE, grn)
    reservation = ledger.find(RESERVATION, reservation_reference(grn, mrn))
    assert guarantee is not None, "an open movement is covered"
    assert reservation is not None, "an open movement is covered"
    assert reservation.amount <= guarantee.reserved, "the sum of open reservations is exact"
    ledger.remove(RESERVATION, reservation)
    ledger.put(
        GUARANTEE,
        replace(
            guarantee,
            reserved=guarantee.reserved - reservation.amount,
            open=guarantee.open - 1,
        ),
    )


def _require_usable(guarantee: Guarantee, now: int) -> None:
    in_force = guarantee.state is GuaranteeState.ACTIVE or (
        guarantee.revoked_from_ms is not None
        and guarantee.state is GuaranteeState.REVOKED
        and now < guarantee.revoked_from_ms
    )
    require(in_force, rules.IN_FORCE, grn=guarantee.grn, state=guarantee.state, now_ms=now)
    require(
        guarantee.valid_from_ms <= now < guarantee.valid_to_ms,
        rules.VALID_NOW,
        grn=guarantee.grn,
        valid_from_ms=guarantee.valid_from_ms,
        valid_to_ms=guarantee.valid_to_ms,
        now_ms=now,
    )
