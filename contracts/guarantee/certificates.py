"""Certificates of security: security given in one member, used in another that releases."""

from msgspec.structs import replace

from contracts.guarantee import rules
from contracts.guarantee.life import LIFE
from contracts.guarantee.objects import (
    CERTIFICATE,
    Certificate,
    CertificateKind,
    Reservation,
    certificate_reference,
)
from contracts.guarantee.records import IssueCertificate, WithdrawCertificate
from contracts.guarantee.undertaking import guarantee_in_care
from contracts.kernel.rule import require, violation
from contracts.kernel.state import Ledger
from contracts.references.mrn import mrn_country
from contracts.registry.competence import Case


def issue_certificate(record: IssueCertificate, case: Case) -> None:
    guarantee = guarantee_in_care(record.grn, case)
    LIFE.advance(guarantee.state, record)
    require(
        record.member in guarantee.territory
        and record.member != case.author.member
        and record.amount <= guarantee.covered
        and case.now < record.valid_to_ms <= guarantee.valid_to_ms,
        rules.CERTIFICATE_FITS,
        member=record.member,
        amount=record.amount,
        covered=guarantee.covered,
        valid_to_ms=record.valid_to_ms,
    )
    before = case.ledger.find(CERTIFICATE, certificate_reference(record.grn, record.member))
    require(
        before is None or before.reserved == 0,
        rules.CERTIFICATE_IDLE,
        grn=record.grn,
        member=record.member,
        reserved=0 if before is None else before.reserved,
    )
    case.ledger.put(
        CERTIFICATE,
        Certificate(
            grn=record.grn,
            member=record.member,
            kind=record.certificate_kind,
            amount=record.amount,
            valid_to_ms=record.valid_to_ms,
            withdrawn=False,
            reserved=0,
            uses=0,
        ),
    )


def withdraw_certificate(record: WithdrawCertificate, case: Case) -> None:
    guarantee_in_care(record.grn, case)
    reference = certificate_reference(record.grn, record.member)
    certificate = case.ledger.demand(CERTIFICATE, reference, rules.CERTIFICATE_KNOWN)
    require(not certificate.withdrawn, rules.CERTIFICATE_KNOWN, certificate=reference)
    case.ledger.put(CERTIFICATE, replace(certificate, withdrawn=True))


def use_certificate(grn: str, amount: int, case: Case) -> None:
    """Count an amount against the certificate for the member that releases."""
    member = case.author.member
    certificate = case.ledger.find(CERTIFICATE, certificate_reference(grn, member))
    if certificate is None or certificate.withdrawn or case.now >= certificate.valid_to_ms:
        raise violation(rules.CERTIFIED, grn=grn, member=member)
    require(
        certificate.kind is CertificateKind.GENERAL or certificate.uses == 0,
        rules.CERTIFICATE_ONCE,
        grn=grn,
        member=member,
    )
    reserved = certificate.reserved + amount
    require(
        reserved <= certificate.amount,
        rules.CERTIFIED_AMOUNT,
        grn=grn,
        member=member,
        asked=amount,
        reserved=certificate.reserved,
        certified=certificate.amount,
    )
    case.ledger.put(CERTIFICATE, replace(certificate, reserved=reserved, uses=certificate.uses + 1))


def free_certificate(reservation: Reservation, ledger: Ledger) -> None:
    """Give back what a reservation holds of the certificate of the member that released."""
    reference = certificate_reference(reservation.grn, mrn_country(reservation.mrn))
    certificate = ledger.find(CERTIFICATE, reference)
    assert certificate is not None, "certificates are replaced only when nothing is open"
    reserved = certificate.reserved - reservation.amount
    assert reserved >= 0, "the sum of open reservations is exact"
    ledger.put(CERTIFICATE, replace(certificate, reserved=reserved))
