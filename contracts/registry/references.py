"""Looking up those a record names: registered, active, of a member, and in their role."""

from contracts.kernel.rule import Rule, violation
from contracts.registry.competence import Case, Competence, held_by
from contracts.registry.membership import in_union
from contracts.registry.objects import PARTICIPANT, Participant, Standing


def named(reference: str, rule: Rule, case: Case, *capacities: Competence) -> Participant:
    """The participant a record names in one of `capacities`, or a refusal under `rule`."""
    participant = case.ledger.demand(PARTICIPANT, reference, rule)
    if (
        participant.standing is Standing.ACTIVE
        and held_by(participant, capacities)
        and in_union(participant.member, case.ledger)
    ):
        return participant
    raise violation(
        rule,
        participant=reference,
        member=participant.member,
        asked=tuple(capacity.shown() for capacity in capacities),
        standing=participant.standing,
        roles=participant.roles,
        functions=participant.functions,
    )
