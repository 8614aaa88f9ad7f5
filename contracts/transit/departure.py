"""At the office of departure: control, release with its security, refusal, invalidation.

Release is one atomic record: it reserves every guarantee the declaration names, or nothing
happens at all.
"""

from msgspec.structs import replace

from contracts.guarantee.account import free, reserve
from contracts.guarantee.objects import Reservation
from contracts.kernel.rule import require
from contracts.references.time import DAY
from contracts.registry.competence import CARRIER, DECLARANT, Case
from contracts.registry.references import named
from contracts.transit import rules
from contracts.transit.life import MOVEMENT_LIFE
from contracts.transit.movement import find_movement, movement_at_departure, sealed_with
from contracts.transit.objects import MOVEMENT, Movement, MovementState, Transport
from contracts.transit.records import (
    Invalidate,
    RecordControl,
    RefuseRelease,
    Release,
    RequestInvalidation,
    TransportMode,
)

KM_PER_MONTH = 2_000
MONTH = 30 * DAY
RAIL_MINIMUM = 7 * DAY


def record_control(record: RecordControl, case: Case) -> None:
    movement = movement_at_departure(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record, record.decision)
    case.ledger.put(MOVEMENT, replace(movement, state=state))


def release(record: Release, case: Case) -> None:
    movement = movement_at_departure(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    require(record.prohibitions_cleared, rules.PROHIBITIONS_CLEARED, mrn=movement.mrn)
    require(
        len(record.seals) > 0 or record.identification != "",
        rules.IDENTIFIED,
        seals=record.seals,
        identification=record.identification,
    )
    check_deadline(record, case.now)
    named(movement.content.holder, rules.HOLDER_ACTIVE, case, DECLARANT)
    named(movement.content.carrier, rules.CARRIER_KNOWN, case, CARRIER)
    for use in movement.content.guarantees:
        reservation = Reservation(
            grn=use.grn,
            mrn=movement.mrn,
            amount=use.amount,
            currency=use.currency,
            reserved_ms=case.now,
            office=case.author.id,
        )
        reserve(reservation, movement.content.holder, movement.route, case)
    transport = Transport(
        mode=record.mode,
        route_km=record.route_km,
        deadline_ms=record.deadline_ms,
        binding_route=record.binding_route,
        released_ms=case.now,
    )
    case.ledger.put(
        MOVEMENT,
        replace(
            movement,
            state=state,
            transport=transport,
            seals=sealed_with(record.seals, movement),
            identification=record.identification,
        ),
    )


def check_deadline(record: Release, now: int) -> None:
    """The period of transit, between its floor and its ceiling."""
    period = record.deadline_ms - now
    require(period > 0, rules.DEADLINE_AHEAD, deadline_ms=record.deadline_ms, now_ms=now)
    months = -(-record.route_km // KM_PER_MONTH)
    require(
        period <= months * MONTH,
        rules.DEADLINE_CEILING,
        deadline_ms=record.deadline_ms,
        ceiling_ms=now + months * MONTH,
        route_km=record.route_km,
    )
    require(
        record.mode is not TransportMode.RAIL or period >= RAIL_MINIMUM,
        rules.RAIL_FLOOR,
        deadline_ms=record.deadline_ms,
        floor_ms=now + RAIL_MINIMUM,
    )


def refuse_release(record: RefuseRelease, case: Case) -> None:
    movement = movement_at_departure(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    case.ledger.put(MOVEMENT, replace(movement, state=state))


def request_invalidation(record: RequestInvalidation, case: Case) -> None:
    movement = find_movement(record.mrn, case)
    require(
        case.author.id == movement.declarant,
        rules.OWN_DECLARATION,
        author=case.author.id,
        declarant=movement.declarant,
    )
    state = MOVEMENT_LIFE.advance(movement.state, record)
    case.ledger.put(MOVEMENT, replace(movement, state=state, invalidation_requested=True))


def invalidate(record: Invalidate, case: Case) -> None:
    movement = movement_at_departure(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    if movement.state is MovementState.RELEASED:
        require(movement.invalidation_requested, rules.INVALIDATION_ASKED, mrn=movement.mrn)
        free_security(movement, case)
    case.ledger.put(MOVEMENT, replace(movement, state=state))


def free_security(movement: Movement, case: Case) -> None:
    """Free what release reserved, on every guarantee of the movement."""
    for use in movement.content.guarantees:
        free(use.grn, movement.mrn, case)
