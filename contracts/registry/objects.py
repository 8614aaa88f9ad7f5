"""Members and participants as the state keeps them."""

from enum import StrEnum

from contracts.kernel.state import ObjectType, StateObject


class Role(StrEnum):
    """What a participant does in the union."""

    REGISTRAR = "registrar"
    OFFICE = "office"
    GUARANTOR = "guarantor"
    DECLARANT = "declarant"
    CARRIER = "carrier"
    SEAL_OPERATOR = "seal_operator"
    AUDITOR = "auditor"
    OBSERVER = "observer"
    ECOMMERCE_OPERATOR = "ecommerce_operator"
    COMMISSION = "commission"
    """Keeps the union's reference data. Seated by the vote of the members, never by one."""


class OfficeFunction(StrEnum):
    """What a customs office is competent for."""

    DEPARTURE = "departure"
    TRANSIT = "transit"
    EXIT = "exit"
    DESTINATION = "destination"
    GUARANTEE = "guarantee"


class Standing(StrEnum):
    """Whether a participant may act."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class Member(StateObject, frozen=True):
    """A state that is or was in the union. registrar: participant that keeps its register.

    left: True once it left; its participants then finish what is open, and begin nothing new.
    """

    code: str
    name: str
    registrar: str
    left: bool = False


class Participant(StateObject, frozen=True):
    """Someone who may sign records. keys: suite-tagged public keys now in force."""

    id: str
    member: str
    name: str
    roles: tuple[Role, ...]
    functions: tuple[OfficeFunction, ...]
    keys: tuple[bytes, ...]
    standing: Standing
    registered_ms: int


MEMBER = ObjectType("member", Member, lambda member: member.code, "member/<code>")
PARTICIPANT = ObjectType(
    "participant", Participant, lambda participant: participant.id, "participant/<id>"
)
