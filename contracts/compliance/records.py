"""Records of compliance."""

from enum import StrEnum
from typing import Annotated

from contracts.compliance.objects import Basis
from contracts.conduct.objects import Gravity
from contracts.kernel.form import code, number
from contracts.kernel.record import Record
from contracts.references.fields import (
    MAX_MONEY,
    Currency,
    Digest,
    Money,
    Name,
    ParticipantId,
    Reason,
    Time,
)

OffenceCode = Annotated[
    str, code("offence", r"[A-Z][A-Z0-9-]{1,15}", "2 to 16 of A–Z, 0–9, hyphen; first a letter")
]
Matter = Annotated[
    str,
    code(
        "matter",
        r"[A-Z0-9][A-Za-z0-9._/-]{2,63}",
        "MRN of a movement, or <operator>/<LRN> of a bulk declaration",
    ),
]
Fine = Annotated[int, number("fine in minor units", 0, MAX_MONEY)]
Days = Annotated[int, number("days", 1, 3_650)]


class SetOffenceKind(Record, frozen=True, tag="compliance.set-offence-kind"):
    """The Commission enters or changes an offence of the catalogue; open cases keep their terms.

    source: the law that makes it an offence.
    """

    code: OffenceCode
    title: Name
    source: Name
    gravity: Gravity
    least_fine: Fine
    most_fine: Fine
    currency: Currency
    appeal_days: Days
    limitation_days: Days


class OpenOffence(Record, frozen=True, tag="compliance.open"):
    """An office opens a case of an offence. statement: SHA-256 of the statement of facts."""

    offence: OffenceCode
    basis: Basis
    matter: Matter
    offender: ParticipantId
    occurred_ms: Time
    statement: Digest


class OfferCase(Record, frozen=True, tag="compliance.offer"):
    """The office of a case offers it to an office of another member."""

    offence: OffenceCode
    matter: Matter
    offender: ParticipantId
    office: ParticipantId
    reason: Reason


class TakeCase(Record, frozen=True, tag="compliance.take"):
    """The office it was offered to takes a case over: its member is competent from now on."""

    offence: OffenceCode
    matter: Matter
    offender: ParticipantId


class Finding(StrEnum):
    OFFENCE = "offence"
    NO_OFFENCE = "no_offence"


class DecideOffence(Record, frozen=True, tag="compliance.decide"):
    """The competent office decides, once for the whole union."""

    offence: OffenceCode
    matter: Matter
    offender: ParticipantId
    finding: Finding
    fine: Fine
    reason: Reason


class AppealDecision(Record, frozen=True, tag="compliance.appeal"):
    """The offender appeals."""

    offence: OffenceCode
    matter: Matter
    offender: ParticipantId
    grounds: Reason


class AppealResult(StrEnum):
    UPHELD = "upheld"
    REDUCED = "reduced"
    ANNULLED = "annulled"


class DecideAppeal(Record, frozen=True, tag="compliance.decide-appeal"):
    """Another office of the competent member decides the appeal. fine: what remains of it."""

    offence: OffenceCode
    matter: Matter
    offender: ParticipantId
    result: AppealResult
    fine: Fine
    reason: Reason


class RecordPayment(Record, frozen=True, tag="compliance.payment"):
    """The competent member's office notes what was paid or collected of a fine."""

    offence: OffenceCode
    matter: Matter
    offender: ParticipantId
    amount: Money


class CloseOffence(Record, frozen=True, tag="compliance.close"):
    """The competent member's office closes a case. written_off: the rest cannot be collected."""

    offence: OffenceCode
    matter: Matter
    offender: ParticipantId
    written_off: bool
    reason: Reason


CaseRecord = (
    OfferCase
    | TakeCase
    | DecideOffence
    | AppealDecision
    | DecideAppeal
    | RecordPayment
    | CloseOffence
)
