"""Bulk declarations under one transit movement with one guarantee."""

from msgspec.structs import replace

from contracts.ecommerce import rules
from contracts.ecommerce.declaring import own_declaration
from contracts.ecommerce.life import BULK_LIFE
from contracts.ecommerce.objects import (
    BULK_DECLARATION,
    CONSIGNMENT,
    BulkDeclaration,
    Consignment,
)
from contracts.ecommerce.records import ConsignBulk
from contracts.guarantee.objects import GUARANTEE
from contracts.guarantee.terms import GuaranteeKind
from contracts.kernel.rule import require
from contracts.reference.conversion import convert
from contracts.registry.competence import Case
from contracts.transit.content import GuaranteeUse
from contracts.transit.movement import find_movement
from contracts.transit.objects import CLOSED, MOVEMENT, Movement, MovementState

_BEFORE_RELEASE = (
    MovementState.REGISTERED,
    MovementState.UNDER_CONTROL,
    MovementState.CONTROL_DECIDED,
)


def consign(record: ConsignBulk, case: Case) -> None:
    movement = find_movement(record.mrn, case)
    require(
        movement.declarant == case.author.id and movement.state in _BEFORE_RELEASE,
        rules.OWN_MOVEMENT,
        author=case.author.id,
        declarant=movement.declarant,
        state=movement.state,
    )
    require(
        case.ledger.find(CONSIGNMENT, movement.mrn) is None,
        rules.ONE_MOVEMENT,
        mrn=movement.mrn,
    )
    use = _one_guarantee(movement, case)
    declarations = tuple(own_declaration(lrn, case) for lrn in record.lrns)
    for declaration in declarations:
        _require_goes(declaration, movement, case)
        state = BULK_LIFE.advance(declaration.state, record)
        moved = replace(declaration, state=state, mrn=movement.mrn)
        case.ledger.put(BULK_DECLARATION, moved)
    duty = sum(
        convert(declaration.duty, declaration.currency, use.currency, case.now, case.ledger)
        for declaration in declarations
    )
    require(
        (use.amount or 0) >= duty,
        rules.DUTY_COVERED,
        asked=use.amount,
        duty=duty,
        currency=use.currency,
    )
    case.ledger.put(CONSIGNMENT, Consignment(movement.mrn, case.author.id, record.lrns))


def _one_guarantee(movement: Movement, case: Case) -> GuaranteeUse:
    uses = movement.content.guarantees
    guarantee = case.ledger.find(GUARANTEE, uses[0].grn) if len(uses) == 1 else None
    require(
        guarantee is not None and guarantee.kind is GuaranteeKind.GENERAL,
        rules.ONE_GUARANTEE,
        guarantees=tuple(use.grn for use in uses),
    )
    return uses[0]


def _require_goes(declaration: BulkDeclaration, movement: Movement, case: Case) -> None:
    """The declaration is free to travel, and goes where the movement does."""
    destination = movement.itinerary.office_of_destination
    require(
        declaration.office == destination,
        rules.GOES_THERE,
        office=declaration.office,
        office_of_destination=destination,
    )
    other = None if declaration.mrn is None else case.ledger.find(MOVEMENT, declaration.mrn)
    require(
        other is None or other.state in CLOSED,
        rules.ONE_MOVEMENT,
        lrn=declaration.lrn,
        mrn=declaration.mrn,
    )
