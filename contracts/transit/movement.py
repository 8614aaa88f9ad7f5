"""Finding a movement, and being the one who may act on it."""

from contracts.kernel.rule import Rule, require
from contracts.registry.competence import Case
from contracts.transit import rules
from contracts.transit.objects import MOVEMENT, Movement


def movement_at_departure(mrn: str, case: Case) -> Movement:
    """The movement, if the author is its office of departure."""
    movement = find_movement(mrn, case)
    _require_office(movement.content.office_of_departure, rules.OF_DEPARTURE, case)
    return movement


def movement_at_destination(mrn: str, case: Case) -> Movement:
    """The movement, if the author is its office of destination."""
    movement = find_movement(mrn, case)
    _require_office(movement.content.office_of_destination, rules.OF_DESTINATION, case)
    return movement


def find_movement(mrn: str, case: Case) -> Movement:
    return case.ledger.demand(MOVEMENT, mrn, rules.MOVEMENT_KNOWN)


def sealed_with(seals: tuple[str, ...], movement: Movement) -> tuple[str, ...]:
    """These seals and the navigation seals attached, which the registry adds and takes off."""
    return (*seals, *(seal for seal in movement.navigation_seals if seal not in seals))


def _require_office(office: str, rule: Rule, case: Case) -> None:
    require(case.author.id == office, rule, author=case.author.id, competent=office)
