"""Records of the guarantee's life. Reservations are made and freed by transit records."""

from typing import Annotated

from contracts.guarantee.objects import CertificateKind
from contracts.guarantee.terms import GuaranteeKind, Terms
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
    int,
    Form("coverage percent", "100, 50, 30 or 0", NUMBER, lambda value: value in (100, 50, 30, 0)),
]
Territory = Annotated[tuple[MemberCode, ...], listed("territory", 1, 64)]


class Undertake(Record, frozen=True, tag="guarantee.undertake"):
    """A guarantor undertakes to answer for a holder's debts (kinds with a guarantor).

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
    territory: Territory
    terms: Terms


class GrantGuarantee(Record, frozen=True, tag="guarantee.grant"):
    """The office of guarantee takes a deposit, or waives security: the guarantee can be used.

    Fields as of `guarantee.undertake`.
    """

    grn: Grn
    guarantee_kind: GuaranteeKind
    holder: ParticipantId
    reference_amount: Money
    currency: Currency
    coverage_percent: CoveragePercent
    valid_from_ms: Time
    valid_to_ms: Time
    territory: Territory
    terms: Terms


class AcceptUndertaking(Record, frozen=True, tag="guarantee.accept"):
    """The office of guarantee accepts an undertaking: the guarantee can be used."""

    grn: Grn


class AmendAmount(Record, frozen=True, tag="guarantee.amend-amount"):
    """The guarantor raises or lowers the reference amount."""

    grn: Grn
    reference_amount: Money


class ExtendValidity(Record, frozen=True, tag="guarantee.extend"):
    """The guarantor extends the validity, to `valid_to_ms` (excluded)."""

    grn: Grn
    valid_to_ms: Time


class TopUp(Record, frozen=True, tag="guarantee.top-up"):
    """The guarantor restores what claims paid on the guarantee took from it."""

    grn: Grn
    amount: Money


class SuspendGuarantee(Record, frozen=True, tag="guarantee.suspend"):
    """The office of guarantee bars new use for the time being; what is open stays covered."""

    grn: Grn
    reason: Reason


class ReinstateGuarantee(Record, frozen=True, tag="guarantee.reinstate"):
    """The office of guarantee lifts a suspension."""

    grn: Grn
    reason: Reason


class RevokeUndertaking(Record, frozen=True, tag="guarantee.revoke"):
    """The guarantor revokes: after 16 days no new use; open reservations stay covered."""

    grn: Grn
    reason: Reason


class CancelGuarantee(Record, frozen=True, tag="guarantee.cancel"):
    """A guarantee on which nothing is open ends."""

    grn: Grn
    reason: Reason


class IssueCertificate(Record, frozen=True, tag="guarantee.certify"):
    """The office of guarantee certifies the security for releases in another member.

    amount: the part of the guarantee that can be used there, in its currency.
    """

    grn: Grn
    member: MemberCode
    certificate_kind: CertificateKind
    amount: Money
    valid_to_ms: Time


class WithdrawCertificate(Record, frozen=True, tag="guarantee.withdraw-certificate"):
    """The office of guarantee withdraws a certificate; what is open under it stays covered."""

    grn: Grn
    member: MemberCode
    reason: Reason
