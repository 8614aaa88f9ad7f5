"""Records of the registry."""

from typing import Annotated

from contracts.kernel.form import Form, listed, whole
from contracts.kernel.record import Record
from contracts.kernel.rules import BYTES
from contracts.references.fields import MemberCode, Name, ParticipantId, Reason
from contracts.registry.objects import OfficeFunction, Role

_KEY_SIZES = {1: 33, 2: 34}
"""Bytes of a suite-tagged key by suite: Ed25519, and P-256 as a compressed point."""


def is_public_key(key: bytes) -> bool:
    """True if `key` has the size its suite asks for; whether it is a point, signatures show."""
    return len(key) > 0 and _KEY_SIZES.get(key[0]) == len(key)


PublicKey = Annotated[
    bytes,
    Form(
        "public key",
        "suite 1 (Ed25519) and 32 bytes, or suite 2 (P-256) and 33 bytes",
        BYTES,
        is_public_key,
        whole(r"01[0-9A-Fa-f]{64}|02[0-9A-Fa-f]{66}"),
    ),
]


class RegisterParticipant(Record, frozen=True, tag="registry.register"):
    """A registrar enters a participant of its member in the register."""

    id: ParticipantId
    member: MemberCode
    name: Name
    roles: Annotated[tuple[Role, ...], listed("roles", 1, 6)]
    functions: Annotated[tuple[OfficeFunction, ...], listed("office functions", 0, 5)]
    keys: Annotated[tuple[PublicKey, ...], listed("keys", 1, 16)]


class SuspendParticipant(Record, frozen=True, tag="registry.suspend"):
    """A registrar takes a participant's power to act, until reinstated."""

    id: ParticipantId
    reason: Reason


class ReinstateParticipant(Record, frozen=True, tag="registry.reinstate"):
    """A registrar gives a suspended participant its power to act back."""

    id: ParticipantId
    reason: Reason


class AddKey(Record, frozen=True, tag="registry.add-key"):
    """A further key for a participant, by itself or by its registrar."""

    id: ParticipantId
    key: PublicKey


class RevokeKey(Record, frozen=True, tag="registry.revoke-key"):
    """A key of a participant ceases to be valid, by itself or by its registrar."""

    id: ParticipantId
    key: PublicKey
    reason: Reason


class RotateKey(Record, frozen=True, tag="registry.rotate-key"):
    """A key takes the place of another, which ceases to be valid in the same step."""

    id: ParticipantId
    old_key: PublicKey
    new_key: PublicKey
    reason: Reason


class AmendParticipant(Record, frozen=True, tag="registry.amend"):
    """A registrar replaces name, roles and functions of a participant."""

    id: ParticipantId
    name: Name
    roles: Annotated[tuple[Role, ...], listed("roles", 1, 6)]
    functions: Annotated[tuple[OfficeFunction, ...], listed("office functions", 0, 5)]
    reason: Reason
