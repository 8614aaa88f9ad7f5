"""Self-signed X.509 certificates of members' TLS keys, pinned whole in cards.

No authority vouches for a certificate and no date ends it: a peer is who it is because its exact
certificate is in the roster (RFC 5280 fields are there so that TLS libraries take it). TLS keys
are ECDSA P-256, which every TLS 1.3 stack must have (RFC 8446 §9.1); Ed25519 need not be there.
"""

import secrets
import ssl
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ledger_node.crypto.certificate_form import (
    CertificateError,
    assemble,
    member_host,
    take_apart,
    to_be_signed,
)
from ledger_node.crypto.signatures import P256_ORDER, SoftwareSigner, Suite, verify

__all__ = [
    "CertificateError",
    "certificate_key",
    "make_certificate",
    "member_host",
    "use_identity",
]


def make_certificate(signer: SoftwareSigner, member: str) -> bytes:
    """The DER certificate of a member's TLS key. Raises CertificateError for another suite."""
    point = (
        _p256(signer)
        .public_key()
        .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )
    serial = bytes([0x40 | secrets.randbits(6)]) + secrets.token_bytes(19)
    signed = to_be_signed(serial, member, point)
    signature = signer.sign(signed)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    return assemble(signed, r, s)


def certificate_key(der: bytes, member: str) -> bytes:
    """The suite-tagged public key of a member's certificate, after checking that it is one.

    Raises CertificateError: too large, not of the one form, for another member, a key that is no
    point of P-256, not signed by its own key. `certificate_form` says why it is so exact.
    """
    parts = take_apart(der, member)
    sign = 2 + (parts.point[-1] & 1)
    key = bytes([Suite.ECDSA_P256, sign]) + parts.point[1:33]
    # Of s and n - s, which verify alike, a certificate may hold either.
    s = min(parts.s, P256_ORDER - parts.s)
    if not (parts.r < P256_ORDER and s > 0):
        raise CertificateError("its signature is out of range")
    signature = parts.r.to_bytes(32, "big") + s.to_bytes(32, "big")
    if parts.point[0] != 4 or not _is_point(key, parts.point):
        raise CertificateError("its key is no point of P-256")
    if not verify(key, parts.signed, signature):
        raise CertificateError("not signed by its own key")
    return key


def _is_point(key: bytes, point: bytes) -> bool:
    """Whether the point is the one that the suite-tagged key stands for."""
    try:
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key[1:])
    except ValueError:
        return False
    encoding, form = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    return public.public_bytes(encoding, form) == point


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
