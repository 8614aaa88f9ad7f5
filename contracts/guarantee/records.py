"""Records of the guarantee's life. Reservations are made and freed by transit records."""

from typing import Annotated

from contracts.guarantee.objects import GuaranteeKind
from contracts.kernel.form import Form, listed
from contracts.kernel.record import Record
from contracts.kernel.rules import NUMBER
from contracts.references.fields import (
    Currency,
    Grn,
    MemberCode,
    Money,
    ParticipantId,
    Reason,
    Time,
)

CoveragePercent = Annotated[
    int, Form("coverage percent", "100, 50 or 30", NUMBER, lambda value: value in (100, 50, 30))
]


class Undertake(Record, frozen=True, tag="guarantee.undertake"):
    """A guarantor undertakes to answer for a holder's debts.

    Valid from `valid_from_ms` (included) to `valid_to_ms` (excluded), in `territory`.
    coverage_percent: share of the reference amount the undertaking covers.
    """

    grn: Grn
    guarantee_kind: GuaranteeKind
    holder: ParticipantId
    office: ParticipantId
    reference_amount: Money
    currency: Currency
    coverage_percent: CoveragePercent
    valid_from_ms: Time
    valid_to_ms: Time
    territory: Annotated[tuple[MemberCode, ...], listed("territory", 1, 64)]


class AcceptUndertaking(Record, frozen=True, tag="guarantee.accept"):
    """The office of guarantee accepts an undertaking: the guarantee can be used."""

    grn: Grn


class AmendAmount(Record, frozen=True, tag="guarantee.amend-amount"):
    """The guarantor raises or lowers the reference amount."""

    grn: Grn
    reference_amount: Money


class RevokeUndertaking(Record, frozen=True, tag="guarantee.revoke"):
    """The guarantor revokes: after 16 days no new use; open reservations stay covered."""

    grn: Grn
    reason: Reason


class CancelGuarantee(Record, frozen=True, tag="guarantee.cancel"):
    """A guarantee on which nothing is open ends."""

    grn: Grn
    reason: Reason
