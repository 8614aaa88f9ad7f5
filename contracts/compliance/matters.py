"""What an offence arose in: a movement or a bulk declaration, and who has to do with it."""

from dataclasses import dataclass

from contracts.compliance import rules
from contracts.compliance.objects import Basis
from contracts.ecommerce.objects import BULK_DECLARATION
from contracts.registry.competence import Case
from contracts.transit.objects import MOVEMENT


@dataclass(frozen=True, slots=True)
class Circumstances:
    """parties: who may have offended; members: competent for it; from_ms: when the matter began."""

    parties: tuple[str, ...]
    members: tuple[str, ...]
    from_ms: int


def circumstances(basis: Basis, matter: str, case: Case) -> Circumstances:
    """Who and where a matter concerns, or a refusal if there is no such matter."""
    if basis is Basis.BULK_DECLARATION:
        declaration = case.ledger.demand(BULK_DECLARATION, matter, rules.MATTER_KNOWN)
        return Circumstances(
            parties=(declaration.operator,),
            members=(declaration.member,),
            from_ms=declaration.declared_ms,
        )
    movement = case.ledger.demand(MOVEMENT, matter, rules.MATTER_KNOWN)
    content = movement.content
    return Circumstances(
        parties=(movement.declarant, content.holder, content.carrier),
        members=(*movement.route, *(incident.member for incident in movement.incidents)),
        from_ms=movement.registered_ms,
    )
