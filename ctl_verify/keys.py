"""Keys with their suite: one byte, then the raw key. docs/formats.md, "Keys and signatures"."""

from typing import Final

from ctl_verify import ed25519, p256

ED25519: Final = 1
ECDSA_P256: Final = 2

_SIZES: Final = {ED25519: 33, ECDSA_P256: 34}


def is_key(public: bytes, only: int | None = None) -> bool:
    """Whether it is a well-formed key of a suite in use, or of suite `only`."""
    if not public or len(public) != _SIZES.get(public[0]) or only not in (None, public[0]):
        return False
    return public[0] == ED25519 or p256.is_key(public[1:])


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature holds under a suite-tagged key; a key of no suite verifies nothing."""
    if public[:1] == bytes([ED25519]):
        return ed25519.verify(public[1:], message, signature)
    if public[:1] == bytes([ECDSA_P256]):
        return p256.verify(public[1:], message, signature)
    return False
