"""Finding a movement, being the one who may act on it, and what it waits for."""

from contracts.guarantee.usability import Operation
from contracts.kernel.rule import Rule, require
from contracts.registry.competence import Case
from contracts.registry.seals import SEAL
from contracts.transit import rules
from contracts.transit.content import DeclarationType
from contracts.transit.life import MOVEMENT_LIFE
from contracts.transit.objects import COVERED, MOVEMENT, Movement, MovementState
from contracts.transit.records import Invalidate


def movement_at_departure(mrn: str, case: Case) -> Movement:
    """The movement, if the author is its office of departure."""
    movement = find_movement(mrn, case)
    _require_office(movement.content.office_of_departure, rules.OF_DEPARTURE, case)
    return movement


def movement_at_destination(mrn: str, case: Case) -> Movement:
    """The movement, if the author is its office of destination."""
    movement = find_movement(mrn, case)
    _require_office(movement.itinerary.office_of_destination, rules.OF_DESTINATION, case)
    return movement


def find_movement(mrn: str, case: Case) -> Movement:
    return case.ledger.demand(MOVEMENT, mrn, rules.MOVEMENT_KNOWN)


def sealed_with(seals: tuple[str, ...], movement: Movement) -> tuple[str, ...]:
    """These seals and the navigation seals attached, which the registry adds and takes off."""
    return (*seals, *(seal for seal in movement.navigation_seals if seal not in seals))


def require_attached(seals: tuple[str, ...], movement: Movement, case: Case) -> None:
    """Refuse navigation seals that the register does not have on this movement."""
    for reference in seals:
        registered = case.ledger.find(SEAL, reference)
        if registered is not None:
            require(
                reference in movement.navigation_seals,
                rules.SEALS_ATTACHED,
                seal=reference,
                state=registered.state,
                transport=registered.transport,
            )


def _require_office(office: str, rule: Rule, case: Case) -> None:
    require(case.author.id == office, rule, author=case.author.id, competent=office)


def operation_of(movement: Movement) -> Operation:
    """The movement as guarantees see it."""
    content = movement.content
    return Operation(
        mrn=movement.mrn,
        holder=content.holder,
        route=movement.route,
        office_of_departure=content.office_of_departure,
        office_of_destination=movement.itinerary.office_of_destination,
        tir=content.declaration_type is DeclarationType.TIR,
        sensitive=content.goods.sensitive,
        suspended=content.goods.suspended,
        commodities=content.goods.commodities,
    )


def records_to_freedom(state: MovementState) -> tuple[str, ...]:
    """The records on a shortest way from a covered state to one in which nothing is reserved.

    For people who ask why a guarantee is still reserved; the last record is the one that frees it.
    Invalidation, the exception, is left out.
    """
    ways: dict[MovementState, tuple[str, ...]] = {state: ()}
    for reached in (queue := [state]):
        if reached not in COVERED:
            return ways[reached]
        for step in MOVEMENT_LIFE.steps:
            if step.cause is Invalidate:
                continue
            if step.source is reached and step.target not in ways:
                ways[step.target] = (*ways[reached], step.shown())
                queue.append(step.target)
    raise AssertionError("every covered state has a way out")
