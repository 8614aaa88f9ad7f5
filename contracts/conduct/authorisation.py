"""Granting and ending the status of authorised operator."""

from contracts.conduct import rules
from contracts.conduct.grade import Grade, grade_of
from contracts.conduct.objects import AUTHORISATION, Authorisation, AuthorisationState
from contracts.conduct.records import Authorise, EndAuthorisation
from contracts.kernel.rule import require
from contracts.registry.competence import Case
from contracts.registry.participants import participant_in_care


def authorise(record: Authorise, case: Case) -> None:
    participant = participant_in_care(record.participant, case)
    status = case.ledger.find(AUTHORISATION, participant.id)
    require(
        status is None or status.state is not AuthorisationState.GRANTED,
        rules.STATUS_FITS,
        participant=participant.id,
        status=AuthorisationState.GRANTED,
    )
    grade = grade_of(participant.id, case.now, case.ledger)
    require(grade is Grade.GOOD, rules.GOOD_CONDUCT, participant=participant.id, conduct=grade)
    _put(participant.id, AuthorisationState.GRANTED, case)


def end_authorisation(record: EndAuthorisation, case: Case) -> None:
    participant = participant_in_care(record.participant, case)
    status = case.ledger.find(AUTHORISATION, participant.id)
    require(
        status is not None and status.state is not AuthorisationState.ENDED,
        rules.STATUS_FITS,
        participant=participant.id,
        status=None if status is None else status.state,
    )
    _put(participant.id, AuthorisationState.ENDED, case)


def _put(participant: str, state: AuthorisationState, case: Case) -> None:
    case.ledger.put(AUTHORISATION, Authorisation(participant, state, case.now))
