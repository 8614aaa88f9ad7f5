"""At the office of departure: control, release with its security, refusal, invalidation.

Release is one atomic record: it reserves every guarantee the declaration names, or nothing
happens at all.
"""

from msgspec.structs import replace

from contracts.guarantee.account import Asked, find_reservation, free, reserve
from contracts.kernel.rule import require
from contracts.kernel.state import Ledger
from contracts.kernel.timers import arm
from contracts.references.time import DAY
from contracts.registry.competence import CARRIER, DECLARANT, Case
from contracts.registry.references import named
from contracts.transit import rules
from contracts.transit.deadlines import ENQUIRY_GRACE, OPEN_ENQUIRY
from contracts.transit.life import MOVEMENT_LIFE
from contracts.transit.lodging import check_itinerary
from contracts.transit.movement import (
    find_movement,
    movement_at_departure,
    operation_of,
    require_attached,
    sealed_with,
)
from contracts.transit.objects import MOVEMENT, Movement, MovementState, Transport
from contracts.transit.records import (
    ControlDecision,
    Discharge,
    ExtendDeadline,
    Invalidate,
    RecordControl,
    RefuseInvalidation,
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
    require(
        not movement.content.goods.restricted
        or record.decision is not ControlDecision.NOT_REQUIRED,
        rules.RESTRICTED_CONTROLLED,
        mrn=movement.mrn,
        decision=record.decision,
    )
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
    require_attached(record.seals, movement, case)
    ceiling = _check_deadline(record, case.now)
    check_itinerary(movement.content.office_of_departure, movement.itinerary, case)
    named(movement.content.holder, rules.HOLDER_ACTIVE, case, DECLARANT)
    named(movement.content.carrier, rules.CARRIER_KNOWN, case, CARRIER)
    operation = operation_of(movement)
    for use in movement.content.guarantees:
        asked = Asked(use.grn, use.amount, use.currency)
        reserve(asked, operation, Discharge.kind(), case)
    arm(OPEN_ENQUIRY, movement.mrn, record.deadline_ms + ENQUIRY_GRACE, case.ledger)
    transport = Transport(
        mode=record.mode,
        route_km=record.route_km,
        deadline_ms=record.deadline_ms,
        ceiling_ms=ceiling,
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


def _check_deadline(record: Release, now: int) -> int:
    """The period of transit, between its floor and its ceiling. Gives the ceiling."""
    period = record.deadline_ms - now
    require(period > 0, rules.DEADLINE_AHEAD, deadline_ms=record.deadline_ms, now_ms=now)
    ceiling = now + -(-record.route_km // KM_PER_MONTH) * MONTH
    require(
        record.deadline_ms <= ceiling,
        rules.DEADLINE_CEILING,
        deadline_ms=record.deadline_ms,
        ceiling_ms=ceiling,
        route_km=record.route_km,
    )
    require(
        record.mode is not TransportMode.RAIL or period >= RAIL_MINIMUM,
        rules.RAIL_FLOOR,
        deadline_ms=record.deadline_ms,
        floor_ms=now + RAIL_MINIMUM,
    )
    return ceiling


def extend_deadline(record: ExtendDeadline, case: Case) -> None:
    movement = movement_at_departure(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    transport = movement.transport
    assert transport is not None, "released goods have a deadline"
    require(
        record.deadline_ms > max(transport.deadline_ms, case.now),
        rules.EXTENDED_LATER,
        deadline_ms=record.deadline_ms,
        before_ms=transport.deadline_ms,
        now_ms=case.now,
    )
    require(
        record.deadline_ms <= transport.ceiling_ms,
        rules.DEADLINE_CEILING,
        deadline_ms=record.deadline_ms,
        ceiling_ms=transport.ceiling_ms,
        route_km=transport.route_km,
    )
    # The enquiry armed at release finds the deadline moved, and does nothing.
    arm(OPEN_ENQUIRY, movement.mrn, record.deadline_ms + ENQUIRY_GRACE, case.ledger)
    extended = replace(transport, deadline_ms=record.deadline_ms)
    case.ledger.put(MOVEMENT, replace(movement, state=state, transport=extended))


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


def refuse_invalidation(record: RefuseInvalidation, case: Case) -> None:
    movement = movement_at_departure(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    require(movement.invalidation_requested, rules.INVALIDATION_ASKED, mrn=movement.mrn)
    case.ledger.put(MOVEMENT, replace(movement, state=state, invalidation_requested=False))


def invalidate(record: Invalidate, case: Case) -> None:
    movement = movement_at_departure(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    if movement.state is MovementState.RELEASED:
        require(
            movement.invalidation_requested or record.goods_present,
            rules.INVALIDATION_ASKED,
            mrn=movement.mrn,
        )
        free_security(movement, case.ledger)
    case.ledger.put(MOVEMENT, replace(movement, state=state))


def free_security(movement: Movement, ledger: Ledger) -> None:
    """Free what is still reserved, on every guarantee of the movement."""
    for use in movement.content.guarantees:
        if find_reservation(use.grn, movement.mrn, ledger) is not None:
            free(use.grn, movement.mrn, ledger)
