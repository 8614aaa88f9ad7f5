"""Registration, suspension and reinstatement of participants."""

from msgspec.structs import replace

from contracts.kernel.rule import require, violation
from contracts.registry import rules
from contracts.registry.competence import Case
from contracts.registry.objects import PARTICIPANT, Participant, Role, Standing
from contracts.registry.records import (
    RegisterParticipant,
    ReinstateParticipant,
    SuspendParticipant,
)


def register(record: RegisterParticipant, case: Case) -> None:
    require(
        record.member == case.author.member,
        rules.OWN_MEMBER,
        registrar=case.author.id,
        member=record.member,
    )
    require(case.ledger.find(PARTICIPANT, record.id) is None, rules.ID_FREE, participant=record.id)
    require(Role.REGISTRAR not in record.roles, rules.NO_REGISTRAR, participant=record.id)
    is_office = Role.OFFICE in record.roles
    require(not is_office or len(record.roles) == 1, rules.CUSTOMS_APART, roles=record.roles)
    require(
        is_office == bool(record.functions),
        rules.FUNCTIONS_OF_OFFICES,
        roles=record.roles,
        functions=record.functions,
    )
    case.ledger.put(
        PARTICIPANT,
        Participant(
            id=record.id,
            member=record.member,
            name=record.name,
            roles=tuple(sorted(record.roles)),
            functions=tuple(sorted(record.functions)),
            keys=record.keys,
            standing=Standing.ACTIVE,
            registered_ms=case.now,
        ),
    )


def suspend(record: SuspendParticipant, case: Case) -> None:
    participant = participant_in_care(record.id, case)
    require(Role.REGISTRAR not in participant.roles, rules.REGISTRAR_STAYS, participant=record.id)
    _change_standing(participant, Standing.ACTIVE, Standing.SUSPENDED, case)


def reinstate(record: ReinstateParticipant, case: Case) -> None:
    participant = participant_in_care(record.id, case)
    _change_standing(participant, Standing.SUSPENDED, Standing.ACTIVE, case)


def participant_in_care(reference: str, case: Case) -> Participant:
    """The participant, if the author is the registrar of its member."""
    participant = case.ledger.demand(PARTICIPANT, reference, rules.PARTICIPANT_KNOWN)
    if participant.member != case.author.member:
        raise violation(rules.OWN_MEMBER, registrar=case.author.id, member=participant.member)
    return participant


def _change_standing(
    participant: Participant, before: Standing, after: Standing, case: Case
) -> None:
    require(
        participant.standing is before,
        rules.STANDING_FITS,
        participant=participant.id,
        standing=participant.standing,
    )
    case.ledger.put(PARTICIPANT, replace(participant, standing=after))
