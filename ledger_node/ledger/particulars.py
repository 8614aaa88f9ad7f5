"""Salted commitments to commercial particulars: what the ledger holds instead of the plaintext.

A record carries, for each group of particulars (goods, consignor, …), only
tagged_digest("particulars", canonical([group, salt, plaintext])). The plaintext and its salt stay
in the payload store of the declaring member. Whoever is later given (group, salt, plaintext) can
check it against the ledger; whoever is not learns nothing, because a salt is 32 random bytes used
for one group of one declaration. The group is inside the hash, so a commitment to one group never
opens as another.

No salt is made here: randomness comes in as a value, so commitments are reproducible.
"""

import hmac
from enum import StrEnum, unique

import msgspec

from ledger_node.codec import Digest, encode, tagged_digest

SALT_SIZE = 32
"""Bytes. As long as the digest: guessing the salt is no easier than inverting SHA-256."""

MAX_PLAINTEXT = 1024 * 1024
"""Bytes of one group. An NCTS message is at most this long, so no group of it is longer."""


@unique
class ParticularGroup(StrEnum):
    """The groups that are committed to and disclosed separately.

    They follow who may need to see what: a carrier the transport, an office of destination the
    goods, a guarantor none of them.
    """

    MESSAGE = "message"
    HOLDER = "holder"
    CONSIGNOR = "consignor"
    CONSIGNEE = "consignee"
    GOODS = "goods"
    TRANSPORT = "transport"
    DOCUMENTS = "documents"


class Particulars(msgspec.Struct, frozen=True, array_like=True):
    """One group in clear with its salt: what opens a commitment. Never goes to the ledger.

    salt: 32 bytes; plaintext: canonical bytes whose form the importer of the message defines.
    """

    group: ParticularGroup
    salt: bytes
    plaintext: bytes

    def __repr__(self) -> str:
        """Without salt and plaintext, so that neither reaches a log by way of a debug line."""
        return f"Particulars({self.group.value}, {len(self.plaintext)} bytes)"


class ParticularsError(ValueError):
    """Particulars that cannot be committed to or do not open the commitment."""


class ParticularsMalformed(ParticularsError):
    """A salt or plaintext that is not of the required size. field: "salt" or "plaintext"."""

    def __init__(self, field: str, size: int, required: str) -> None:
        super().__init__(f"{field}: {size} bytes, must be {required}")
        self.field = field
        self.size = size


class CommitmentMismatch(ParticularsError):
    """The opening is not what was committed to: another group, salt or plaintext."""

    def __init__(self, group: ParticularGroup, commitment: bytes) -> None:
        super().__init__(
            f"the {group.value} particulars do not open the commitment {commitment.hex()}"
        )
        self.group = group
        self.commitment = commitment


def commit(group: ParticularGroup, salt: bytes, plaintext: bytes) -> Digest:
    """The 32-byte commitment to one group of particulars.

    Raises ParticularsMalformed: the salt is not 32 bytes, or the plaintext is over 1 MiB.
    """
    if len(salt) != SALT_SIZE:
        raise ParticularsMalformed("salt", len(salt), f"{SALT_SIZE} bytes")
    if len(plaintext) > MAX_PLAINTEXT:
        raise ParticularsMalformed("plaintext", len(plaintext), f"at most {MAX_PLAINTEXT} bytes")
    return tagged_digest("particulars", encode([group.value, salt, plaintext]))


def commitment_of(particulars: Particulars) -> Digest:
    """`commit` over the three fields of an opening."""
    return commit(particulars.group, particulars.salt, particulars.plaintext)


def check_opening(commitment: bytes, particulars: Particulars) -> None:
    """Return if the particulars are what was committed to.

    Raises CommitmentMismatch, or ParticularsMalformed for sizes no commitment can have.
    """
    if not hmac.compare_digest(commitment_of(particulars), commitment):
        raise CommitmentMismatch(particulars.group, commitment)
