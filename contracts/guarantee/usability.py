"""Whether a guarantee is good for an operation, reason by reason (NCTS code list 252)."""

from dataclasses import dataclass

from contracts.conduct.grade import grade_of, lowest_coverage
from contracts.guarantee import rules
from contracts.guarantee.objects import Guarantee, GuaranteeState
from contracts.guarantee.terms import GRANTED, GuaranteeKind
from contracts.kernel.rule import require, violation
from contracts.registry.competence import GUARANTOR, Case
from contracts.registry.references import named


@dataclass(frozen=True, slots=True)
class Operation:
    """What a guarantee is asked to cover. route: members passed, departure first.

    sensitive, suspended: what the goods are; commodities: HS codes that the declaration states.
    """

    mrn: str
    holder: str
    route: tuple[str, ...]
    office_of_departure: str
    office_of_destination: str
    tir: bool
    sensitive: bool
    suspended: bool
    commodities: tuple[str, ...]


_ONCE = {
    GuaranteeKind.VOUCHER: rules.VOUCHER_ONCE,
    GuaranteeKind.INDIVIDUAL: rules.ONE_OPERATION,
    GuaranteeKind.DEPOSIT: rules.ONE_OPERATION,
    GuaranteeKind.TIR: rules.CARNET_ONCE,
}


def require_usable(guarantee: Guarantee, operation: Operation, case: Case) -> None:
    """In force, valid, its guarantor able to pay, for this holder, and not used up."""
    _require_in_force(guarantee, case.now)
    if guarantee.kind not in GRANTED:
        named(guarantee.guarantor, rules.GUARANTOR_ACTIVE, case, GUARANTOR)
    require(
        guarantee.defaults == 0,
        rules.NOT_IN_DEFAULT,
        grn=guarantee.grn,
        guarantor=guarantee.guarantor,
        defaults=guarantee.defaults,
    )
    require(
        guarantee.holder == operation.holder,
        rules.OF_THE_HOLDER,
        grn=guarantee.grn,
        holder=operation.holder,
    )
    require_reduction_earned(guarantee.holder, guarantee.coverage_percent, case)
    once = _ONCE.get(guarantee.kind)
    if once is not None:
        require(guarantee.uses == 0, once, grn=guarantee.grn, kind=guarantee.kind)
    require(
        operation.tir == (guarantee.kind is GuaranteeKind.TIR),
        rules.TIR_FITS,
        grn=guarantee.grn,
        kind=guarantee.kind,
        tir=operation.tir,
    )


def require_reduction_earned(holder: str, coverage_percent: int, case: Case) -> None:
    """Less than full security only for a conduct that allows it, as it is now."""
    grade = grade_of(holder, case.now, case.ledger)
    require(
        coverage_percent >= lowest_coverage(grade),
        rules.REDUCTION_EARNED,
        holder=holder,
        conduct=grade,
        coverage_percent=coverage_percent,
    )


def require_territory(guarantee: Guarantee, route: tuple[str, ...]) -> None:
    """Valid in every member the operation passes."""
    for member in route:
        if member not in guarantee.territory:
            raise violation(rules.TERRITORY, grn=guarantee.grn, member=member)


def require_limits(guarantee: Guarantee, operation: Operation) -> None:
    """Within what the undertaking says about offices and goods."""
    terms = guarantee.terms
    if terms.offices:
        for office in (operation.office_of_departure, operation.office_of_destination):
            require(office in terms.offices, rules.NAMED_OFFICES, grn=guarantee.grn, office=office)
    require(
        terms.sensitive_goods or not operation.sensitive, rules.SENSITIVE_GOODS, grn=guarantee.grn
    )
    require(
        terms.suspended_goods or not operation.suspended, rules.SUSPENDED_GOODS, grn=guarantee.grn
    )
    if terms.commodities:
        stated = operation.commodities
        require(
            len(stated) > 0 and all(_among(code, terms.commodities) for code in stated),
            rules.NAMED_COMMODITIES,
            grn=guarantee.grn,
            commodities=stated,
            covered=terms.commodities,
        )


def _among(code: str, covered: tuple[str, ...]) -> bool:
    """True if a heading or subheading covers the code."""
    return any(code.startswith(each) for each in covered)


def _require_in_force(guarantee: Guarantee, now: int) -> None:
    announced = guarantee.revoked_from_ms
    in_force = guarantee.state is GuaranteeState.ACTIVE or (
        guarantee.state is GuaranteeState.REVOKING and announced is not None and now < announced
    )
    # Before the state: time may be ahead of the deadline that moves it.
    require(
        guarantee.valid_from_ms <= now < guarantee.valid_to_ms,
        rules.VALID_NOW,
        grn=guarantee.grn,
        valid_from_ms=guarantee.valid_from_ms,
        valid_to_ms=guarantee.valid_to_ms,
        now_ms=now,
    )
    require(in_force, rules.IN_FORCE, grn=guarantee.grn, state=guarantee.state, now_ms=now)
