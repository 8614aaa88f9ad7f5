"""Changes of the itinerary: by decision of departure, or taken by the office the goods came to."""

from msgspec.structs import replace

from contracts.guarantee.objects import GUARANTEE
from contracts.guarantee.usability import require_limits, require_territory
from contracts.kernel.rule import require, violation
from contracts.registry.competence import (
    OFFICE_OF_DESTINATION,
    OFFICE_OF_EXIT,
    OFFICE_OF_TRANSIT,
    Case,
)
from contracts.registry.objects import PARTICIPANT
from contracts.transit import rules
from contracts.transit.life import MOVEMENT_LIFE
from contracts.transit.lodging import check_itinerary
from contracts.transit.movement import find_movement, movement_at_departure, operation_of
from contracts.transit.objects import MOVEMENT, Diversion, Itinerary, Movement
from contracts.transit.records import ChangeDestination, TakeDiversion

MAX_DIVERSIONS = 32
MAX_TRANSIT_OFFICES = 16


def change_destination(record: ChangeDestination, case: Case) -> None:
    movement = movement_at_departure(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    passed = movement.itinerary.transit_offices[: len(movement.crossings)]
    itinerary = Itinerary((*passed, *record.transit_offices), record.office)
    before = movement.itinerary.office_of_destination
    _divert(replace(movement, state=state), itinerary, before, record.office, case)


def take_diversion(record: TakeDiversion, case: Case) -> None:
    movement = find_movement(record.mrn, case)
    state = MOVEMENT_LIFE.advance(movement.state, record)
    transport = movement.transport
    assert transport is not None, "released goods are diverted"
    require(not transport.binding_route, rules.ROUTE_NOT_BINDING, mrn=movement.mrn)
    itinerary = _with_author(movement, record.instead_of, case)
    author = case.author.id
    _divert(replace(movement, state=state), itinerary, record.instead_of, author, case)


def _with_author(movement: Movement, instead_of: str, case: Case) -> Itinerary:
    """The itinerary with the author in place of another office, if it may stand in for it."""
    author, itinerary = case.author, movement.itinerary
    if instead_of == itinerary.office_of_destination and OFFICE_OF_DESTINATION.held_by(author):
        return replace(itinerary, office_of_destination=author.id)
    passed = len(movement.crossings)
    offices = itinerary.transit_offices
    if offices[passed : passed + 1] == (instead_of,) and any(
        function.held_by(author) for function in (OFFICE_OF_TRANSIT, OFFICE_OF_EXIT)
    ):
        expected = case.ledger.find(PARTICIPANT, instead_of)
        if expected is not None and expected.member == author.member:
            changed = (*offices[:passed], author.id, *offices[passed + 1 :])
            return replace(itinerary, transit_offices=changed)
    raise violation(
        rules.DIVERSION_FITS,
        instead_of=instead_of,
        author=author.id,
        functions=author.functions,
        next=offices[passed : passed + 1],
        office_of_destination=itinerary.office_of_destination,
    )


def _divert(
    movement: Movement, itinerary: Itinerary, instead_of: str, office: str, case: Case
) -> None:
    """Change the itinerary, if the guarantees are good for the new one."""
    require(
        len(movement.diversions) < MAX_DIVERSIONS
        and len(itinerary.transit_offices) <= MAX_TRANSIT_OFFICES,
        rules.CHANGE_LIMIT,
        diversions=len(movement.diversions),
        transit_offices=len(itinerary.transit_offices),
    )
    departure, passed = movement.content.office_of_departure, len(movement.crossings)
    route = check_itinerary(departure, itinerary, case, passed)
    diversion = Diversion(instead_of, office, case.author.id, case.now)
    diverted = replace(
        movement,
        itinerary=itinerary,
        route=route,
        diversions=(*movement.diversions, diversion),
    )
    for use in movement.content.guarantees:
        guarantee = case.ledger.find(GUARANTEE, use.grn)
        assert guarantee is not None, "released goods are covered"
        require_territory(guarantee, route)
        require_limits(guarantee, operation_of(diverted))
    case.ledger.put(MOVEMENT, diverted)
