"""Who grants the status of authorised operator."""

from contracts.conduct.authorisation import authorise, end_authorisation
from contracts.conduct.records import Authorise, EndAuthorisation
from contracts.registry.competence import REGISTRAR, Act, Acts

_REGISTRAR = "the registrar of the participant's member"

ACTS: Acts = (
    Act(Authorise, authorise, (REGISTRAR,), _REGISTRAR),
    Act(EndAuthorisation, end_authorisation, (REGISTRAR,), _REGISTRAR),
)
