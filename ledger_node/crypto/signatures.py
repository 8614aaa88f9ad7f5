"""Signatures: suite-tagged public keys, and the one criterion by which every node verifies.

A public key is one suite byte followed by the raw key; a signature is 64 raw bytes, its suite
known from the key. Nodes must agree bit for bit on what verifies, so each suite has exactly one
criterion, upheld by one library:

Suite 1, Ed25519 (RFC 8032): libsodium. S < L, the key is canonically encoded, neither key nor R
has small order, and R equals [S]B - [k]A (no cofactor). Suite 2, ECDSA P-256 with SHA-256
(FIPS 186-5): OpenSSL, over r || s with 0 < r < n and 0 < s <= n/2, the key a compressed point.
`criterion.check` proves at start that the libraries at hand decide the edge cases this way.
"""

from enum import IntEnum
from functools import lru_cache
from typing import Final, NewType, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl import bindings as sodium
from nacl.exceptions import CryptoError

PublicKey = NewType("PublicKey", bytes)
"""A suite byte and a raw key that `public_key` has checked."""

SIGNATURE_SIZE: Final = 64
PRIVATE_SIZE: Final = 32
"""Bytes of private key in both suites: an Ed25519 seed, or a big-endian P-256 scalar."""


class Suite(IntEnum):
    """The first byte of a public key. 3 and 4 are reserved: no key of them is accepted yet."""

    ED25519 = 1
    ECDSA_P256 = 2
    ML_DSA_44 = 3
    GOST_R_34_10_2012 = 4


_KEY_SIZE: Final = {Suite.ED25519: 33, Suite.ECDSA_P256: 34}
MAX_PUBLIC_SIZE: Final = max(_KEY_SIZE.values())

P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class SignatureError(ValueError):
    """Root of the errors of this module."""


class UnsupportedSuiteError(SignatureError):
    """A key of a suite that is reserved or unknown. suite: the byte found."""

    def __init__(self, suite: int) -> None:
        reserved = {Suite.ML_DSA_44: "ML-DSA-44", Suite.GOST_R_34_10_2012: "GOST R 34.10-2012"}
        name = next((name for key, name in reserved.items() if key == suite), None)
        state = f"({name}) is reserved, not yet accepted" if name else "is not assigned"
        super().__init__(f"signature suite {suite} {state}")
        self.suite = suite


class PublicKeyError(SignatureError):
    """A public key that cannot be one of its suite. reason: text for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"public key: {reason}")
        self.reason = reason


def suite_of(public: bytes) -> Suite:
    """The suite of a key. Raises UnsupportedSuiteError, or PublicKeyError for an empty one."""
    if not public:
        raise PublicKeyError("empty")
    if public[0] not in (Suite.ED25519, Suite.ECDSA_P256):
        raise UnsupportedSuiteError(public[0])
    return Suite(public[0])


def public_key(public: bytes) -> PublicKey:
    """`public` once it is known to be a well-formed key of a supported suite.

    Raises UnsupportedSuiteError or PublicKeyError. An Ed25519 key is checked for length only:
    a point that is not a good key verifies nothing, by the criterion above.
    """
    suite = suite_of(public)
    if len(public) != _KEY_SIZE[suite]:
        raise PublicKeyError(f"{len(public)} bytes, {suite.name} takes {_KEY_SIZE[suite]}")
    if suite is Suite.ECDSA_P256 and _p256_key(public[1:]) is None:
        raise PublicKeyError("not a compressed point of P-256")
    return PublicKey(public)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` over `message` holds under suite-tagged `public`.

    Never raises on hostile bytes: a malformed key, or one of a reserved suite, verifies nothing.
    """
    if not public:
        return False
    if public[0] == Suite.ED25519:
        return verify_ed25519(public[1:], message, signature)
    if public[0] == Suite.ECDSA_P256:
        return _verify_p256(public[1:], message, signature)
    return False


def verify_ed25519(public32: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the 64-byte Ed25519 `signature` over `message` holds under the raw 32-byte key."""
    if len(public32) != sodium.crypto_sign_PUBLICKEYBYTES or len(signature) != SIGNATURE_SIZE:
        return False
    try:
        sodium.crypto_sign_open(signature + message, public32)
    except CryptoError:
        return False
    return True


@lru_cache(maxsize=4096)
def _p256_key(point: bytes) -> ec.EllipticCurvePublicKey | None:
    """The key at a compressed point, None for anything else; decompression costs a square root."""
    if len(point) != 33 or point[0] not in (2, 3):
        return None
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return None


def _verify_p256(point: bytes, message: bytes, signature: bytes) -> bool:
    key = _p256_key(point)
    if key is None or len(signature) != SIGNATURE_SIZE:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    # One signature, one encoding: of s and n - s, which verify alike, only the lower counts.
    if not (0 < r < P256_ORDER and 0 < s <= P256_ORDER // 2):
        return False
    try:
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


class Signer(Protocol):
    """What holds a private key: software here, an HSM or KMS elsewhere."""

    @property
    def public(self) -> bytes:
        """The suite-tagged public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """64 bytes of signature over `message`."""
        ...


class SoftwareSigner:
    """A private key in this process's memory."""

    def __init__(self, suite: Suite, private: bytes) -> None:
        """private: 32 bytes. Raises UnsupportedSuiteError, PublicKeyError (impossible key)."""
        if len(private) != PRIVATE_SIZE:
            raise PublicKeyError(f"private half has {len(private)} bytes, not {PRIVATE_SIZE}")
        self.suite = suite
        self._private = private
        if suite is Suite.ED25519:
            raw, self._sodium_secret = sodium.crypto_sign_seed_keypair(private)
        elif suite is Suite.ECDSA_P256:
            scalar = int.from_bytes(private, "big")
            if not 0 < scalar < P256_ORDER:
                raise PublicKeyError("private half is not a P-256 scalar")
            self._p256 = ec.derive_private_key(scalar, ec.SECP256R1())
            raw = self._p256.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        else:
            raise UnsupportedSuiteError(suite)
        self.public: bytes = bytes([suite]) + raw

    @classmethod
    def generate(cls, suite: Suite = Suite.ED25519) -> "SoftwareSigner":
        """A fresh key from the operating system's randomness."""
        if suite is Suite.ECDSA_P256:
            key = ec.generate_private_key(ec.SECP256R1())
            return cls(suite, key.private_numbers().private_value.to_bytes(PRIVATE_SIZE, "big"))
        return cls(suite, sodium.randombytes(PRIVATE_SIZE))

    def sign(self, message: bytes) -> bytes:
        """64 bytes: Ed25519, or r || s with the lower s."""
        if self.suite is Suite.ED25519:
            return sodium.crypto_sign(message, self._sodium_secret)[:SIGNATURE_SIZE]
        r, s = decode_dss_signature(self._p256.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + min(s, P256_ORDER - s).to_bytes(32, "big")

    def private_bytes(self) -> bytes:
        """The 32 private bytes, for an encrypted key file and nothing else."""
        return self._private

    def __repr__(self) -> str:
        return f"SoftwareSigner({self.suite.name}, public={self.public.hex()})"
