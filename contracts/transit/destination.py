"""Arrival, control at destination, completion; and discharge, which closes the movement."""

from msgspec.structs import replace

from contracts.kernel.rule import require
from contracts.registry.competence import Case
from contracts.transit import rules
from contracts.transit.departure import free_security
from contracts.transit.life import CONTROL, MOVEMENT_LIFE, NO_CONTROL
from contracts.transit.movement import (
    find_movement,
    movement_at_departure,
    movement_at_destination,
)
from contracts.transit.objects import MOVEMENT, Arrival, Movement
from contracts.transit.records import (
    Complete,
    Discharge,
    NotifyArrival,
    RecordArrival,
    RecordUnloading,
)


def notify_arrival(record: NotifyArrival, case: Case) -> None:
    movement = find_movement(record.mrn, case)
    require(
        case.author.id in (movement.content.carrier, movement.declarant),
        rules.CARRIER_OR_DECLARANT,
        author=case.author.id,
        carrier=movement.content.carrier,
        declarant=movement.declarant,
    )
    state = MOVEMENT_LIFE.advance(movement.state, record)
    require(
        record.office == movement.content.office_of_destination,
        rules.DECLARED_DESTINATION,
        office=record.office,
        office_of_destination=movement.content.office_of_destination,
    )
    assert movement.transport is not None, "only released goods arrive"
    arrival = Arrival(
        office=record.office,
        notified_ms=case.now,
        late=case.now > movement.transport.deadline_ms,
        seals_intact=None,
        discrepancies=(),
    )
    case.ledger.put(MOVEMENT, replace(movement, state=state, arrival=arrival))


def record_arrival(record: RecordArrival, case: Case) -> None:
    movement = movement_at_destination(record.mrn, case)
    state = MOVEMENT_LIFE.advance(
        movement.state, record, CONTROL if record.control_required else NO_CONTROL
    )
    arrival = replace(_arrival(movement), seals_intact=record.seals_intact)
    case.ledger.put(MOVEMENT, replace(movement, state=state, arrival=arrival))


def record_unloading(record: RecordUnloading, case: Case) -> None:
    movement = movement_at_destination(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    require(
        record.conform == (len(record.discrepancies) == 0),
        rules.REMARKS_AGREE,
        conform=record.conform,
        discrepancies=len(record.discrepancies),
    )
    arrival = _arrival(movement)
    case.ledger.put(
        MOVEMENT,
        replace(
            movement,
            state=state,
            arrival=replace(
                arrival,
                seals_intact=bool(arrival.seals_intact) and record.seals_intact,
                discrepancies=record.discrepancies,
            ),
        ),
    )


def complete(record: Complete, case: Case) -> None:
    movement = movement_at_destination(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    arrival = _arrival(movement)
    open_questions = len(arrival.discrepancies) > 0 or not arrival.seals_intact
    require(
        open_questions == (record.resolution != ""),
        rules.DISCREPANCIES_RESOLVED,
        discrepancies=len(arrival.discrepancies),
        seals_intact=arrival.seals_intact,
        resolution=record.resolution,
    )
    case.ledger.put(MOVEMENT, replace(movement, state=state))


def discharge(record: Discharge, case: Case) -> None:
    movement = movement_at_departure(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    free_security(movement, case)
    case.ledger.put(MOVEMENT, replace(movement, state=state))


def _arrival(movement: Movement) -> Arrival:
    assert movement.arrival is not None, "arrival was notified"
    return movement.arrival
