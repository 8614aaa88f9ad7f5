"""Recovering a debt: notified to debtor and guarantors, claimed, paid, contested, written off.

A claim that the guarantor pays frees the reservation; what was paid lowers what its guarantee
covers until it is topped up. Whatever else settles the debt lifts the claims that are open and
frees the rest.
"""

from msgspec.structs import replace

from contracts.guarantee.account import count_default, find_reservation, free
from contracts.guarantee.objects import GUARANTEE
from contracts.kernel.rule import require, violation
from contracts.kernel.state import Ledger
from contracts.kernel.timers import arm
from contracts.reference.conversion import convert
from contracts.registry.competence import Case
from contracts.registry.objects import PARTICIPANT
from contracts.transit import recovery_rules as rules
from contracts.transit.deadlines import PAYMENT_OVERDUE, PAYMENT_PERIOD
from contracts.transit.departure import free_security
from contracts.transit.enquiry_records import (
    ClaimOnGuarantee,
    ContestClaim,
    DecideContest,
    NotifyDebt,
    RecordPayment,
    Ruling,
    WriteOff,
)
from contracts.transit.life import CLAIM_LIFE, IN_FULL, IN_PART, MOVEMENT_LIFE
from contracts.transit.movement import find_movement, movement_at_departure
from contracts.transit.objects import (
    CLAIM,
    MOVEMENT,
    Claim,
    ClaimState,
    Debt,
    Movement,
    claim_reference,
)

_OPEN = (ClaimState.NOTIFIED, ClaimState.CONTESTED, ClaimState.DEFAULTED)


def notify_debt(record: NotifyDebt, case: Case) -> None:
    movement = movement_at_departure(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    require(movement.debt is None, rules.DEBT_ONCE, mrn=movement.mrn)
    require(
        record.breach_in is None or record.breach_in in movement.route,
        rules.BREACH_ON_ROUTE,
        breach_in=record.breach_in,
        route=movement.route,
    )
    left = record.amount
    for asked in record.claims:
        left = _claim(asked, left, record.currency, movement, case)
    debt = Debt(
        payable_in=record.breach_in or case.author.member,
        amount=record.amount,
        currency=record.currency,
        paid=0,
        notified_ms=case.now,
    )
    case.ledger.put(MOVEMENT, replace(movement, state=state, debt=debt))


def _claim(
    asked: ClaimOnGuarantee, owed: int, currency: str, movement: Movement, case: Case
) -> int:
    """Make a claim for at most what is owed and not claimed yet. Gives what is left of that."""
    ledger = case.ledger
    reservation = find_reservation(asked.grn, movement.mrn, ledger)
    held = 0 if reservation is None else reservation.amount
    claimed = ledger.find(CLAIM, claim_reference(asked.grn, movement.mrn))
    require(
        asked.amount <= held and claimed is None,
        rules.CLAIM_COVERED,
        grn=asked.grn,
        asked=asked.amount,
        held=held,
    )
    guarantee = ledger.find(GUARANTEE, asked.grn)
    assert guarantee is not None, "reservations are on guarantees"
    most = convert(owed, currency, guarantee.currency, case.now, ledger)
    require(
        asked.amount <= most,
        rules.CLAIMS_WITHIN_DEBT,
        grn=asked.grn,
        asked=asked.amount,
        owed=most,
        currency=guarantee.currency,
    )
    claim = Claim(
        grn=asked.grn,
        mrn=movement.mrn,
        guarantor=guarantee.guarantor,
        state=ClaimState.NOTIFIED,
        amount=asked.amount,
        currency=guarantee.currency,
        pay_by_ms=0,
    )
    _demand_payment(claim, case)
    return max(0, owed - convert(claim.amount, claim.currency, currency, case.now, ledger))


def _demand_payment(claim: Claim, case: Case) -> None:
    """The time for payment runs from now."""
    pay_by = case.now + PAYMENT_PERIOD
    arm(PAYMENT_OVERDUE, claim_reference(claim.grn, claim.mrn), pay_by, case.ledger)
    case.ledger.put(CLAIM, replace(claim, pay_by_ms=pay_by))


def contest_claim(record: ContestClaim, case: Case) -> None:
    movement = find_movement(record.mrn, case)
    claim = _demand_claim(record.grn, record.mrn, case)
    require(
        case.author.id == claim.guarantor,
        rules.OWN_CLAIM,
        author=case.author.id,
        guarantor=claim.guarantor,
    )
    MOVEMENT_LIFE.advance(movement.state, record)
    state = CLAIM_LIFE.advance(claim.state, record)
    case.ledger.put(CLAIM, replace(claim, state=state))


def decide_contest(record: DecideContest, case: Case) -> None:
    movement = find_movement(record.mrn, case)
    _require_creditor(movement, case)
    MOVEMENT_LIFE.advance(movement.state, record)
    claim = _demand_claim(record.grn, record.mrn, case)
    decided = replace(claim, state=CLAIM_LIFE.advance(claim.state, record, record.ruling))
    if record.ruling is Ruling.UPHELD:
        _demand_payment(decided, case)
    else:
        case.ledger.put(CLAIM, decided)
        free(claim.grn, claim.mrn, case.ledger)


def record_payment(record: RecordPayment, case: Case) -> None:
    movement = find_movement(record.mrn, case)
    debt = _require_creditor(movement, case)
    paid = debt.paid + record.amount
    label = IN_FULL if paid >= debt.amount else IN_PART
    state = MOVEMENT_LIFE.advance(movement.state, record, label)
    require(
        paid <= debt.amount,
        rules.NOT_ABOVE_DEBT,
        amount=record.amount,
        owed=debt.amount - debt.paid,
        currency=debt.currency,
    )
    if record.grn is not None:
        claim = _demand_claim(record.grn, record.mrn, case)
        claimed = CLAIM_LIFE.advance(claim.state, record)
        _settle(claim, claimed, case.ledger, paid=_paid_on(claim, record, debt, case))
    if label is IN_FULL:
        settle_rest(movement, case.ledger)
    case.ledger.put(MOVEMENT, replace(movement, state=state, debt=replace(debt, paid=paid)))


def _paid_on(claim: Claim, record: RecordPayment, debt: Debt, case: Case) -> int:
    """What a payment takes from the guarantee, in its currency: no more than was claimed."""
    most = convert(claim.amount, claim.currency, debt.currency, case.now, case.ledger)
    require(
        record.amount <= most,
        rules.PAID_WITHIN_CLAIM,
        grn=claim.grn,
        amount=record.amount,
        claimed=most,
        currency=debt.currency,
    )
    paid = convert(record.amount, debt.currency, claim.currency, case.now, case.ledger)
    return min(paid, claim.amount)


def write_off(record: WriteOff, case: Case) -> None:
    movement = find_movement(record.mrn, case)
    _require_creditor(movement, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    settle_rest(movement, case.ledger)
    case.ledger.put(MOVEMENT, replace(movement, state=state))


def settle_rest(movement: Movement, ledger: Ledger) -> None:
    """Lift the claims that are open, and free what is still reserved."""
    for use in movement.content.guarantees:
        claim = ledger.find(CLAIM, claim_reference(use.grn, movement.mrn))
        if claim is not None and claim.state in _OPEN:
            _settle(claim, ClaimState.LIFTED, ledger, paid=0)
    free_security(movement, ledger)


def _settle(claim: Claim, state: ClaimState, ledger: Ledger, *, paid: int) -> None:
    """End an open claim and free its reservation, less what was paid on it."""
    ledger.put(CLAIM, replace(claim, state=state))
    free(claim.grn, claim.mrn, ledger, paid=paid)
    if claim.state is ClaimState.DEFAULTED:
        count_default(claim.grn, -1, ledger)


def _require_creditor(movement: Movement, case: Case) -> Debt:
    """The debt, if the author is an office of the member it is owed to."""
    author, debt = case.author, movement.debt
    departure = case.ledger.find(PARTICIPANT, movement.content.office_of_departure)
    assert departure is not None, "participants are never removed"
    payable_in = departure.member if debt is None else debt.payable_in
    require(author.member == payable_in, rules.CREDITOR, author=author.id, payable_in=payable_in)
    if debt is None:
        # Written off before it was reckoned.
        return Debt(payable_in=payable_in, amount=0, currency="", paid=0, notified_ms=0)
    return debt


def _demand_claim(grn: str, mrn: str, case: Case) -> Claim:
    claim = case.ledger.find(CLAIM, claim_reference(grn, mrn))
    if claim is None:
        raise violation(rules.CLAIM_KNOWN, grn=grn, mrn=mrn)
    return claim
