"""Records of conduct: the status of authorised operator. There are none of conduct itself."""

from contracts.kernel.record import Record
from contracts.references.fields import ParticipantId, Reason


class Authorise(Record, frozen=True, tag="conduct.authorise"):
    """A registrar grants a participant the status of authorised operator, or gives it back."""

    participant: ParticipantId


class EndAuthorisation(Record, frozen=True, tag="conduct.end-authorisation"):
    """A registrar ends the status of authorised operator."""

    participant: ParticipantId
    reason: Reason
