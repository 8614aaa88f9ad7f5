"""On the way: border crossings and incidents."""

from msgspec.structs import replace

from contracts.kernel.rule import require, violation
from contracts.registry.competence import Case
from contracts.registry.objects import MEMBER
from contracts.transit import rules
from contracts.transit.life import MOVEMENT_LIFE
from contracts.transit.movement import find_movement, require_attached, sealed_with
from contracts.transit.objects import MOVEMENT, Crossing, Incident
from contracts.transit.records import EndorseIncident, IncidentCode, NoteCrossing, ReportIncident

MAX_INCIDENTS = 32
_OTHER_VEHICLE = (IncidentCode.TRANSHIPMENT, IncidentCode.TRANSPORT_CHANGED)
"""Incidents after which another means of transport carries the goods."""


def note_crossing(record: NoteCrossing, case: Case) -> None:
    movement = find_movement(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    passed = len(movement.crossings)
    expected = movement.itinerary.transit_offices[passed : passed + 1]
    require(
        expected == (case.author.id,),
        rules.NEXT_ON_ROUTE,
        author=case.author.id,
        next=expected or ("none: every office of transit is passed",),
    )
    crossing = Crossing(case.author.id, case.now, record.seals_intact)
    case.ledger.put(
        MOVEMENT, replace(movement, state=state, crossings=(*movement.crossings, crossing))
    )


def report_incident(record: ReportIncident, case: Case) -> None:
    movement = find_movement(record.mrn, case)
    require(
        case.author.id == movement.content.carrier,
        rules.OWN_CARRIAGE,
        author=case.author.id,
        carrier=movement.content.carrier,
    )
    state = MOVEMENT_LIFE.advance(movement.state, record)
    case.ledger.demand(MEMBER, record.member, rules.INCIDENT_IN_UNION)
    count = len(movement.incidents)
    require(count < MAX_INCIDENTS, rules.INCIDENT_LIMIT, incidents=count)
    incident = Incident(
        number=count + 1,
        code=record.code,
        member=record.member,
        reported_ms=case.now,
        endorsed_by=None,
    )
    case.ledger.put(
        MOVEMENT, replace(movement, state=state, incidents=(*movement.incidents, incident))
    )


def endorse_incident(record: EndorseIncident, case: Case) -> None:
    movement = find_movement(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    place = record.number - 1
    if place >= len(movement.incidents):
        raise violation(rules.INCIDENT_KNOWN, number=record.number)
    incident = movement.incidents[place]
    require(
        case.author.member == incident.member,
        rules.WHERE_IT_HAPPENED,
        author=case.author.id,
        member=incident.member,
    )
    require(
        incident.endorsed_by is None,
        rules.ENDORSED_ONCE,
        number=record.number,
        endorsed_by=incident.endorsed_by,
    )
    require(
        record.vehicle is not None or incident.code not in _OTHER_VEHICLE,
        rules.VEHICLE_NAMED,
        number=record.number,
        code=incident.code,
    )
    require_attached(record.new_seals, movement, case)
    endorsed = replace(incident, endorsed_by=case.author.id, vehicle=record.vehicle)
    incidents = (*movement.incidents[:place], endorsed, *movement.incidents[place + 1 :])
    case.ledger.put(
        MOVEMENT,
        replace(
            movement,
            state=state,
            incidents=incidents,
            seals=sealed_with(record.new_seals, movement) if record.new_seals else movement.seals,
        ),
    )
