"""Registering seals, attaching them to a transport, taking them off, setting them aside.

The seal lists agree: a movement names among its seals exactly the navigation seals that the
registry has on its transports, because both are written here, in the same step.
"""

from msgspec.structs import replace

from contracts.kernel.rule import require
from contracts.reference.lookup import PLACES, require_listed
from contracts.registry.competence import Case
from contracts.registry.seals import SEAL, Seal, SealState
from contracts.seals import rules
from contracts.seals.life import LAST_SEAL, MONITORING_LIFE, SEAL_LIFE
from contracts.seals.monitoring import transport_in_charge
from contracts.seals.objects import TRANSPORT, MonitoredTransport, MonitoringState
from contracts.seals.records import (
    ActivateSeal,
    DeactivateSeal,
    RegisterSeal,
    SetAside,
    TakeBack,
)
from contracts.transit.movement import find_movement, sealed_with
from contracts.transit.objects import MOVEMENT, Movement, MovementState

MAX_SEALS = 64

_ATTACHABLE = (
    MovementState.REGISTERED,
    MovementState.UNDER_CONTROL,
    MovementState.CONTROL_DECIDED,
    MovementState.RELEASED,
    MovementState.EN_ROUTE,
)
_ON_THE_WAY = (MovementState.RELEASED, MovementState.EN_ROUTE, MovementState.ENQUIRY)


def register_seal(record: RegisterSeal, case: Case) -> None:
    require(case.ledger.find(SEAL, record.seal) is None, rules.SEAL_ID_FREE, seal=record.seal)
    case.ledger.put(
        SEAL,
        Seal(
            id=record.seal,
            operator=case.author.id,
            model=record.model,
            certificate=record.certificate,
            state=SealState.REGISTERED,
            transport=None,
            activated_ms=0,
            alarms=0,
            confirmed=False,
            note="",
        ),
    )


def activate_seal(record: ActivateSeal, case: Case) -> None:
    seal = case.ledger.demand(SEAL, record.seal, rules.SEAL_KNOWN)
    _require_own(seal, case)
    require_listed(PLACES, record.place, case)
    require(seal.transport is None, rules.ONE_TRANSPORT, seal=seal.id, transport=seal.transport)
    state = SEAL_LIFE.advance(seal.state, record)
    movement = find_movement(record.mrn, case)
    require(
        movement.state in _ATTACHABLE,
        rules.OPEN_MOVEMENT,
        mrn=movement.mrn,
        state=movement.state,
    )
    require(
        len(movement.navigation_seals) < MAX_SEALS,
        rules.SEAL_LIMIT,
        seals=len(movement.navigation_seals),
    )
    case.ledger.put(TRANSPORT, _joined_transport(record, case))
    case.ledger.put(
        SEAL,
        replace(
            seal,
            state=state,
            transport=record.transport,
            activated_ms=case.now,
            confirmed=False,
            place=record.place,
        ),
    )
    attached = replace(movement, navigation_seals=(*movement.navigation_seals, seal.id))
    case.ledger.put(MOVEMENT, replace(attached, seals=sealed_with(movement.seals, attached)))


def _joined_transport(record: ActivateSeal, case: Case) -> MonitoredTransport:
    """The transport with the seal on it, taken under monitoring if it was not yet."""
    transport = case.ledger.find(TRANSPORT, record.transport)
    if transport is None:
        return MonitoredTransport(
            id=record.transport,
            mrn=record.mrn,
            state=MonitoringState.MONITORED,
            operator=case.author.id,
            offered_to=None,
            seals=(record.seal,),
            commitments=0,
            committed_to_ms=0,
        )
    require(
        transport.mrn == record.mrn,
        rules.ONE_MOVEMENT,
        transport=transport.id,
        mrn=transport.mrn,
    )
    require(
        transport.operator == case.author.id,
        rules.IN_CHARGE,
        author=case.author.id,
        operator=transport.operator,
    )
    state = MONITORING_LIFE.advance(transport.state, record)
    return replace(transport, state=state, seals=(*transport.seals, record.seal))


def deactivate_seal(record: DeactivateSeal, case: Case) -> None:
    seal = case.ledger.demand(SEAL, record.seal, rules.SEAL_KNOWN)
    state = SEAL_LIFE.advance(seal.state, record)
    require_listed(PLACES, record.place, case)
    _take_off(seal, record, case)
    case.ledger.put(SEAL, replace(seal, state=state, transport=None, place=record.place))


def set_aside(record: SetAside, case: Case) -> None:
    seal = case.ledger.demand(SEAL, record.seal, rules.SEAL_KNOWN)
    state = SEAL_LIFE.advance(seal.state, record, record.condition)
    if seal.transport is None:
        _require_own(seal, case)
    else:
        _take_off(seal, record, case)
    case.ledger.put(SEAL, replace(seal, state=state, transport=None, note=record.reason))


def take_back(record: TakeBack, case: Case) -> None:
    seal = case.ledger.demand(SEAL, record.seal, rules.SEAL_KNOWN)
    _require_own(seal, case)
    state = SEAL_LIFE.advance(seal.state, record)
    case.ledger.put(SEAL, replace(seal, state=state, note=record.reason))


def _require_own(seal: Seal, case: Case) -> None:
    require(
        seal.operator == case.author.id,
        rules.OWN_SEAL,
        author=case.author.id,
        operator=seal.operator,
    )


def _take_off(seal: Seal, record: DeactivateSeal | SetAside, case: Case) -> None:
    """Off its transport and its movement's list; monitoring ends with the last seal."""
    assert seal.transport is not None, "an active seal is on a transport"
    transport = transport_in_charge(seal.transport, case)
    movement = find_movement(transport.mrn, case)
    _require_cause(seal, movement)
    seals = tuple(other for other in transport.seals if other != seal.id)
    ended = not seals
    case.ledger.put(
        TRANSPORT,
        replace(
            transport,
            state=MONITORING_LIFE.advance(transport.state, record, LAST_SEAL if ended else ""),
            seals=seals,
            offered_to=None if ended else transport.offered_to,
        ),
    )
    listed = tuple(other for other in movement.seals if other != seal.id)
    remaining = tuple(other for other in movement.navigation_seals if other != seal.id)
    case.ledger.put(MOVEMENT, replace(movement, seals=listed, navigation_seals=remaining))


def _require_cause(seal: Seal, movement: Movement) -> None:
    endorsed = any(incident.endorsed_by is not None for incident in movement.incidents)
    require(
        movement.state not in _ON_THE_WAY or seal.confirmed or endorsed,
        rules.OFF_WITH_CAUSE,
        seal=seal.id,
        mrn=movement.mrn,
        state=movement.state,
    )
