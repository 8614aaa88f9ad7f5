"""Domain-separated SHA-256: bytes hashed for one purpose never collide with another's.

Every digest outside the RFC 6962 log and the ICS-23 state tree (which have their own prefixes)
is SHA-256("ctl/<thing>/v1" || 0x00 || bytes).
"""

from hashlib import sha256
from typing import NewType

Digest = NewType("Digest", bytes)
"""32 bytes of SHA-256."""

DIGEST_SIZE = 32


def tagged_digest(thing: str, data: bytes) -> Digest:
    """SHA-256 of `data` under the tag of `thing`, e.g. tagged_digest("submission", header)."""
    return Digest(sha256(b"ctl/" + thing.encode("ascii") + b"/v1\x00" + data).digest())
