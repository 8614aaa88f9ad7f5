"""What happens to declarations, movements and claims by itself, once time has come.

Each act looks first whether it still fits: the object may have moved on, or its time been extended.
"""

from msgspec.structs import replace

from contracts.guarantee.account import count_default
from contracts.kernel.deadline import Deadline, DeadlineAct, DeadlineActs, DueCase
from contracts.transit import deadlines as d
from contracts.transit.enquiry import open_enquiry, open_recovery
from contracts.transit.life import CLAIM_LIFE, DECLARATION_LIFE, MOVEMENT_LIFE
from contracts.transit.objects import (
    CLAIM,
    DECLARATION,
    MOVEMENT,
    Movement,
    MovementState,
    Question,
)


def _lapse(due: DueCase) -> None:
    declaration = due.ledger.find(DECLARATION, due.reference)
    assert declaration is not None, "declarations are never removed"
    state = DECLARATION_LIFE.due(declaration.state, d.LAPSE)
    if state is not None:
        due.ledger.put(DECLARATION, replace(declaration, state=state))


def _open_enquiry(due: DueCase) -> None:
    movement, state = _movement(d.OPEN_ENQUIRY, due)
    if state is not None and _deadline(movement) + d.ENQUIRY_GRACE <= due.now:
        open_enquiry(movement, state, due.ledger, due.now)


def _completion_overdue(due: DueCase) -> None:
    movement, state = _movement(d.COMPLETION_OVERDUE, due)
    arrival = movement.arrival
    # A part may have been delivered since, and the rest arrived later.
    if state is not None and arrival is not None and arrival.complete_by_ms <= due.now:
        overdue = replace(arrival, overdue=True)
        due.ledger.put(MOVEMENT, replace(movement, state=state, arrival=overdue))


def _open_recovery(due: DueCase) -> None:
    movement, state = _movement(d.OPEN_RECOVERY, due)
    if state is not None:
        open_recovery(movement, state, due.ledger)


def _holder_silent(due: DueCase) -> None:
    movement, state = _movement(d.HOLDER_SILENT, due)
    enquiry = movement.enquiry
    if state is not None and enquiry is not None and _unanswered(enquiry.holder, due.now):
        silent = replace(enquiry, holder=replace(enquiry.holder, silent=True))
        due.ledger.put(MOVEMENT, replace(movement, state=state, enquiry=silent))


def _destination_silent(due: DueCase) -> None:
    movement, state = _movement(d.DESTINATION_SILENT, due)
    enquiry = movement.enquiry
    if state is not None and enquiry is not None and _unanswered(enquiry.destination, due.now):
        silent = replace(enquiry, destination=replace(enquiry.destination, silent=True))
        due.ledger.put(MOVEMENT, replace(movement, state=state, enquiry=silent))


def _payment_overdue(due: DueCase) -> None:
    claim = due.ledger.find(CLAIM, due.reference)
    assert claim is not None, "claims are never removed"
    state = CLAIM_LIFE.due(claim.state, d.PAYMENT_OVERDUE)
    if state is not None and claim.pay_by_ms <= due.now:
        due.ledger.put(CLAIM, replace(claim, state=state))
        count_default(claim.grn, 1, due.ledger)


def _movement(deadline: Deadline, due: DueCase) -> tuple[Movement, MovementState | None]:
    """The movement, and its state after the deadline if that still fits."""
    movement = due.ledger.find(MOVEMENT, due.reference)
    assert movement is not None, "movements are never removed"
    return movement, MOVEMENT_LIFE.due(movement.state, deadline)


def _deadline(movement: Movement) -> int:
    assert movement.transport is not None, "deadlines are armed at release"
    return movement.transport.deadline_ms


def _unanswered(question: Question, now: int) -> bool:
    return question.reply is None and question.reply_by_ms <= now


DEADLINES: DeadlineActs = (
    DeadlineAct(d.LAPSE, _lapse),
    DeadlineAct(d.OPEN_ENQUIRY, _open_enquiry),
    DeadlineAct(d.COMPLETION_OVERDUE, _completion_overdue),
    DeadlineAct(d.HOLDER_SILENT, _holder_silent),
    DeadlineAct(d.DESTINATION_SILENT, _destination_silent),
    DeadlineAct(d.OPEN_RECOVERY, _open_recovery),
    DeadlineAct(d.PAYMENT_OVERDUE, _payment_overdue),
)
