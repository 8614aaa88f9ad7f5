"""Goods that did not arrive: the enquiry, and alternative proof of the end of the procedure."""

from msgspec.structs import replace

from contracts.guarantee.account import expect_freeing_by
from contracts.kernel.rule import require, violation
from contracts.kernel.state import Ledger
from contracts.kernel.timers import arm
from contracts.registry.competence import Case
from contracts.transit import recovery_rules as rules
from contracts.transit.deadlines import (
    DESTINATION_REPLIES,
    DESTINATION_SILENT,
    HOLDER_REPLIES,
    HOLDER_SILENT,
    OPEN_RECOVERY,
    RECOVERY_AFTER,
)
from contracts.transit.enquiry_records import (
    AcceptProof,
    RecordPayment,
    ReplyToEnquiry,
    StartRecovery,
)
from contracts.transit.life import MOVEMENT_LIFE
from contracts.transit.movement import find_movement, movement_at_departure
from contracts.transit.objects import MOVEMENT, Enquiry, Movement, MovementState, Question
from contracts.transit.recovery import settle_rest


def open_enquiry(movement: Movement, state: MovementState, ledger: Ledger, now: int) -> None:
    """Ask the holder and the office of destination, and have time work on from there."""
    assert movement.transport is not None, "released goods are searched for"
    holder_by, destination_by = now + HOLDER_REPLIES, now + DESTINATION_REPLIES
    destination = movement.itinerary.office_of_destination
    enquiry = Enquiry(
        opened_ms=now,
        holder=Question(movement.content.holder, holder_by, None, silent=False),
        destination=Question(destination, destination_by, None, silent=False),
    )
    arm(HOLDER_SILENT, movement.mrn, holder_by, ledger)
    arm(DESTINATION_SILENT, movement.mrn, destination_by, ledger)
    arm(OPEN_RECOVERY, movement.mrn, movement.transport.deadline_ms + RECOVERY_AFTER, ledger)
    ledger.put(MOVEMENT, replace(movement, state=state, enquiry=enquiry))


def reply_to_enquiry(record: ReplyToEnquiry, case: Case) -> None:
    movement = find_movement(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    enquiry = _enquiry(movement)
    author = case.author.id
    for name, question in (("holder", enquiry.holder), ("destination", enquiry.destination)):
        if question.to == author and question.reply is None:
            answered = replace(enquiry, **{name: replace(question, reply=record.reply)})
            case.ledger.put(MOVEMENT, replace(movement, state=state, enquiry=answered))
            return
    raise violation(
        rules.ASKED_AND_SILENT,
        author=author,
        holder=enquiry.holder.to,
        destination=enquiry.destination.to,
    )


def accept_proof(record: AcceptProof, case: Case) -> None:
    movement = movement_at_departure(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    settle_rest(movement, case.ledger)
    case.ledger.put(MOVEMENT, replace(movement, state=state, proof=record.proof))


def start_recovery(record: StartRecovery, case: Case) -> None:
    movement = movement_at_departure(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    if movement.state is MovementState.ENQUIRY:
        enquiry = _enquiry(movement)
        for question in (enquiry.holder, enquiry.destination):
            require(
                question.reply is not None or question.silent,
                rules.ENQUIRY_HEARD,
                asked=question.to,
                reply_by_ms=question.reply_by_ms,
            )
    open_recovery(movement, state, case.ledger)


def open_recovery(movement: Movement, state: MovementState, ledger: Ledger) -> None:
    """From now on it is payment that frees what is reserved."""
    for use in movement.content.guarantees:
        expect_freeing_by(RecordPayment.kind(), use.grn, movement.mrn, ledger)
    ledger.put(MOVEMENT, replace(movement, state=state))


def _enquiry(movement: Movement) -> Enquiry:
    if movement.enquiry is None:
        raise AssertionError("the enquiry was opened")
    return movement.enquiry
