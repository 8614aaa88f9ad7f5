"""Arrival, control at destination, completion; and discharge, which closes the movement."""

from msgspec.structs import replace

from contracts.kernel.rule import require
from contracts.kernel.timers import arm
from contracts.registry.competence import Case
from contracts.transit import rules
from contracts.transit.deadlines import (
    COMPLETION_OVERDUE,
    COMPLETION_PERIOD,
    ENQUIRY_GRACE,
    OPEN_ENQUIRY,
)
from contracts.transit.departure import free_security
from contracts.transit.life import (
    CONFORM,
    CONTROL,
    DISCREPANCIES,
    MOVEMENT_LIFE,
    NO_CONTROL,
)
from contracts.transit.movement import (
    find_movement,
    movement_at_departure,
    movement_at_destination,
)
from contracts.transit.objects import MOVEMENT, Arrival, Movement, PartDelivery
from contracts.transit.records import (
    Complete,
    DeliverPart,
    Discharge,
    NotifyArrival,
    RecordArrival,
    RecordUnloading,
    ResolveDiscrepancies,
)

MAX_PARTS = 32


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
        record.office == movement.itinerary.office_of_destination,
        rules.DECLARED_DESTINATION,
        office=record.office,
        office_of_destination=movement.itinerary.office_of_destination,
    )
    assert movement.transport is not None, "only released goods arrive"
    complete_by = case.now + COMPLETION_PERIOD
    arm(COMPLETION_OVERDUE, movement.mrn, complete_by, case.ledger)
    arrival = Arrival(
        office=record.office,
        notified_ms=case.now,
        late=case.now > movement.transport.deadline_ms,
        seals_intact=None,
        discrepancies=(),
        resolution="",
        complete_by_ms=complete_by,
    )
    case.ledger.put(MOVEMENT, replace(movement, state=state, arrival=arrival))


def record_arrival(record: RecordArrival, case: Case) -> None:
    movement = movement_at_destination(record.mrn, case)
    state = MOVEMENT_LIFE.advance(
        movement.state, record, CONTROL if record.control_required else NO_CONTROL
    )
    require(
        record.control_required or record.seals_intact,
        rules.BROKEN_SEALS_CONTROLLED,
        mrn=movement.mrn,
    )
    arrival = replace(_arrival(movement), seals_intact=record.seals_intact)
    case.ledger.put(MOVEMENT, replace(movement, state=state, arrival=arrival))


def deliver_part(record: DeliverPart, case: Case) -> None:
    movement = movement_at_destination(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    delivered = sum(part.gross_mass_grams for part in movement.parts)
    left = movement.content.gross_mass_grams - delivered
    require(
        record.gross_mass_grams < left,
        rules.PART_OF_THE_REST,
        part_grams=record.gross_mass_grams,
        left_grams=left,
    )
    require(len(movement.parts) < MAX_PARTS, rules.CHANGE_LIMIT, parts=len(movement.parts))
    assert movement.transport is not None, "only released goods arrive"
    # The rest is on its way again; what watched the deadline may have acted already.
    enquiry = max(movement.transport.deadline_ms + ENQUIRY_GRACE, case.now)
    arm(OPEN_ENQUIRY, movement.mrn, enquiry, case.ledger)
    part = PartDelivery(case.author.id, case.now, record.gross_mass_grams)
    case.ledger.put(
        MOVEMENT,
        replace(movement, state=state, arrival=None, parts=(*movement.parts, part)),
    )


def record_unloading(record: RecordUnloading, case: Case) -> None:
    movement = movement_at_destination(record.mrn, case)
    arrived_intact = movement.arrival is not None and bool(movement.arrival.seals_intact)
    intact = arrived_intact and record.seals_intact
    state = MOVEMENT_LIFE.advance(
        movement.state, record, CONFORM if record.conform and intact else DISCREPANCIES
    )
    require(
        record.conform == (len(record.discrepancies) == 0),
        rules.REMARKS_AGREE,
        conform=record.conform,
        discrepancies=len(record.discrepancies),
    )
    found = replace(_arrival(movement), seals_intact=intact, discrepancies=record.discrepancies)
    case.ledger.put(MOVEMENT, replace(movement, state=state, arrival=found))


def resolve_discrepancies(record: ResolveDiscrepancies, case: Case) -> None:
    movement = movement_at_destination(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record, record.finding)
    judged = replace(_arrival(movement), resolution=record.reason)
    case.ledger.put(MOVEMENT, replace(movement, state=state, arrival=judged))


def complete(record: Complete, case: Case) -> None:
    movement = movement_at_destination(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    case.ledger.put(MOVEMENT, replace(movement, state=state))


def discharge(record: Discharge, case: Case) -> None:
    movement = movement_at_departure(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    free_security(movement, case.ledger)
    case.ledger.put(MOVEMENT, replace(movement, state=state))


def _arrival(movement: Movement) -> Arrival:
    if movement.arrival is None:
        raise AssertionError("arrival was notified")
    return movement.arrival
