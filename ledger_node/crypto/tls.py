"""Self-signed X.509 certificates of members' TLS keys, pinned whole in the genesis.

No authority vouches for a certificate and no date ends it: a peer is who it is because its exact
certificate is in the genesis (RFC 5280 fields are there so that TLS libraries take it). TLS keys
are ECDSA P-256, which every TLS 1.3 stack must have (RFC 8446 §9.1); Ed25519 need not be there.
"""

import datetime
import secrets
import ssl
import tempfile
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ledger_node.crypto.signatures import SoftwareSigner, Suite

MAX_CERTIFICATE_SIZE: Final = 4096
_NO_END: Final = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)
"""RFC 5280 §4.1.2.5: a certificate with no well-defined expiration date."""
_START: Final = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
"""Before any clock that is roughly right; a member's clock must not decide who it can talk to."""


class CertificateError(ValueError):
    """A certificate that cannot be a member's. reason: text for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"TLS certificate: {reason}")
        self.reason = reason


def member_host(member: str) -> str:
    """The name a member's certificate is for, e.g. am.ledger-node.internal."""
    return f"{member.lower()}.ledger-node.internal"


def make_certificate(signer: SoftwareSigner, member: str) -> bytes:
    """The DER certificate of a member's TLS key. Raises CertificateError for another suite."""
    key = _p256(signer)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, member)])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_START)
        .not_valid_after(_NO_END)
        # Not a CA: a member's certificate must never vouch for another one.
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            ),
            critical=False,
        )
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(member_host(member))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.DER)


_UNREADABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What the library raises over bytes that are no certificate of ours; it has no common root."""


def certificate_key(der: bytes, member: str) -> bytes:
    """The suite-tagged public key of a member's certificate, after checking that it is one.

    Raises CertificateError: too large, not DER, not for the member, not P-256, not self-signed.
    """
    if len(der) > MAX_CERTIFICATE_SIZE:
        raise CertificateError(f"{len(der)} bytes, at most {MAX_CERTIFICATE_SIZE} are allowed")
    try:
        certificate = x509.load_der_x509_certificate(der)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        key = certificate.public_key()
        certificate.verify_directly_issued_by(certificate)
    except InvalidSignature as error:
        raise CertificateError("not signed by its own key") from error
    except _UNREADABLE as error:
        raise CertificateError(f"unreadable: {error}") from error
    if names.value.get_values_for_type(x509.DNSName) != [member_host(member)]:
        raise CertificateError(f"its name is not {member_host(member)}")
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CertificateError("its key is not ECDSA P-256")
    point = key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
    )
    return bytes([Suite.ECDSA_P256]) + point


def use_identity(context: ssl.SSLContext, certificate: bytes, signer: SoftwareSigner) -> None:
    """Makes `context` present `certificate` with the key of `signer`.

    Python's ssl takes keys from files only, so the key passes through a private temporary file,
    encrypted under a password that exists for this call: it is never on disk in clear.
    """
    password = secrets.token_hex(32).encode()
    pem = ssl.DER_cert_to_PEM_cert(certificate).encode() + _p256(signer).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password),
    )
    with tempfile.TemporaryDirectory(prefix="ledger-node-") as directory:
        chain = Path(directory, "identity.pem")
        chain.touch(mode=0o600)
        chain.write_bytes(pem)
        context.load_cert_chain(chain, password=password)


def _p256(signer: SoftwareSigner) -> ec.EllipticCurvePrivateKey:
    if signer.suite is not Suite.ECDSA_P256:
        raise CertificateError(f"a TLS key must be ECDSA_P256, not {signer.suite.name}")
    return ec.derive_private_key(int.from_bytes(signer.private_bytes(), "big"), ec.SECP256R1())
