"""Registration, amendment, suspension and reinstatement of participants."""

from msgspec.structs import replace

from contracts.kernel.rule import require, violation
from contracts.registry import rules
from contracts.registry.competence import Case
from contracts.registry.objects import (
    PARTICIPANT,
    OfficeFunction,
    Participant,
    Role,
    Standing,
)
from contracts.registry.records import (
    AmendParticipant,
    RegisterParticipant,
    ReinstateParticipant,
    SuspendParticipant,
)


def is_member_code(reference: str) -> bool:
    """True if a participant id looks like a member's code, which its registrar bears."""
    return len(reference) == 2 and reference.isalpha()


def register(record: RegisterParticipant, case: Case) -> None:
    require(
        record.member == case.author.member,
        rules.OWN_MEMBER,
        registrar=case.author.id,
        member=record.member,
    )
    require(case.ledger.find(PARTICIPANT, record.id) is None, rules.ID_FREE, participant=record.id)
    require(not is_member_code(record.id), rules.MEMBER_CODES_KEPT, participant=record.id)
    _require_roles(record.roles, record.functions)
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


def amend(record: AmendParticipant, case: Case) -> None:
    participant = participant_in_care(record.id, case)
    require(Role.REGISTRAR not in participant.roles, rules.NO_REGISTRAR, participant=participant.id)
    _require_roles(record.roles, record.functions)
    require(
        (Role.OFFICE in record.roles) == (Role.OFFICE in participant.roles),
        rules.CUSTOMS_FOR_GOOD,
        roles=participant.roles,
        asked=record.roles,
    )
    amended = replace(
        participant,
        name=record.name,
        roles=tuple(sorted(record.roles)),
        functions=tuple(sorted(record.functions)),
    )
    case.ledger.put(PARTICIPANT, amended)


def _require_roles(roles: tuple[Role, ...], functions: tuple[OfficeFunction, ...]) -> None:
    """The roles and functions that a registrar may give together."""
    require(Role.REGISTRAR not in roles, rules.NO_REGISTRAR, roles=roles)
    require(Role.COMMISSION not in roles, rules.NO_COMMISSION, roles=roles)
    is_office = Role.OFFICE in roles
    require(not is_office or len(roles) == 1, rules.CUSTOMS_APART, roles=roles)
    require(
        is_office == bool(functions), rules.FUNCTIONS_OF_OFFICES, roles=roles, functions=functions
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
