"""Certificates: made for one member, refused when they are anything else."""

import ssl

import pytest

from ledger_node.crypto.signatures import SoftwareSigner, Suite
from ledger_node.crypto.tls import (
    CertificateError,
    certificate_key,
    make_certificate,
    use_identity,
)


def test_a_certificate_holds_the_key_and_the_member() -> None:
    signer = SoftwareSigner.generate(Suite.ECDSA_P256)
    assert certificate_key(make_certificate(signer, "AM"), "AM") == signer.public


def test_a_certificate_of_another_member_is_refused() -> None:
    certificate = make_certificate(SoftwareSigner.generate(Suite.ECDSA_P256), "AM")
    with pytest.raises(CertificateError, match="issuer is not that of a certificate of BY"):
        certificate_key(certificate, "BY")


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
def test_a_truncated_certificate_is_refused(keep: int) -> None:
    certificate = make_certificate(SoftwareSigner.generate(Suite.ECDSA_P256), "AM")
    with pytest.raises(CertificateError):
        certificate_key(certificate[:keep], "AM")


def test_trailing_bytes_and_great_size_are_refused() -> None:
    certificate = make_certificate(SoftwareSigner.generate(Suite.ECDSA_P256), "AM")
    with pytest.raises(CertificateError):
        certificate_key(certificate + b"\x00", "AM")
    with pytest.raises(CertificateError, match="at most"):
        certificate_key(certificate + bytes(5000), "AM")


def test_an_altered_signature_is_refused() -> None:
    certificate = bytearray(make_certificate(SoftwareSigner.generate(Suite.ECDSA_P256), "AM"))
    certificate[-1] ^= 1
    with pytest.raises(CertificateError):
        certificate_key(bytes(certificate), "AM")


def test_an_ed25519_key_makes_no_certificate() -> None:
    with pytest.raises(CertificateError, match="ECDSA_P256"):
        make_certificate(SoftwareSigner.generate(), "AM")


def test_a_key_that_is_not_the_certificates_is_refused() -> None:
    certificate = make_certificate(SoftwareSigner.generate(Suite.ECDSA_P256), "AM")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with pytest.raises(ssl.SSLError, match=r"(?i)mismatch"):
        use_identity(context, certificate, SoftwareSigner.generate(Suite.ECDSA_P256))


def test_a_certificate_of_an_unknown_curve_is_refused() -> None:
    der = make_certificate(SoftwareSigner.generate(Suite.ECDSA_P256), "AM")
    prime256v1 = bytes.fromhex("06082a8648ce3d030107")
    assert prime256v1 in der
    with pytest.raises(CertificateError):
        certificate_key(der.replace(prime256v1, bytes.fromhex("06082a8648ce3d03017f")), "AM")
