"""The catalogue and offences as the state keeps them."""

from enum import StrEnum

from contracts.conduct.objects import Gravity
from contracts.kernel.record import Part
from contracts.kernel.state import ObjectType, StateObject


class OffenceKind(StateObject, frozen=True):
    """An entry of the catalogue: what it is, and between what and what it is fined.

    Fines in minor units of `currency`; days: to appeal, and from the offence to its opening.
    """

    code: str
    title: str
    source: str
    gravity: Gravity
    least_fine: int
    most_fine: int
    currency: str
    appeal_days: int
    limitation_days: int


class Basis(StrEnum):
    """What kind of matter an offence arose in."""

    MOVEMENT = "movement"
    BULK_DECLARATION = "bulk_declaration"


class OffenceState(StrEnum):
    OPEN = "open"
    DISMISSED = "dismissed"
    """Decided: no offence. Final."""
    DECIDED = "decided"
    """Decided: an offence; open to appeal."""
    APPEALED = "appealed"
    ANNULLED = "annulled"
    """On appeal: no offence. Final."""
    ENFORCEABLE = "enforceable"
    """Final: not appealed in time, or upheld."""
    CLOSED = "closed"


class Decision(Part, frozen=True):
    """The one decision: who, when, which fine, why."""

    office: str
    decided_ms: int
    fine: int
    reason: str


class Appeal(Part, frozen=True):
    """An appeal and, once it is decided, by whom and why."""

    lodged_ms: int
    grounds: str
    office: str | None
    decided_ms: int | None
    reason: str


class Offence(StateObject, frozen=True):
    """A case of one offence for the whole union.

    member: competent; office: that opened it or took it over; statement: SHA-256 of the statement
    of facts, which stays with the office; kind and terms as the catalogue had them when opened;
    fine: what is to be paid now; paid: what was.
    """

    kind: str
    basis: Basis
    matter: str
    offender: str
    member: str
    office: str
    occurred_ms: int
    opened_ms: int
    statement: bytes
    gravity: Gravity
    least_fine: int
    most_fine: int
    currency: str
    appeal_days: int
    state: OffenceState
    decision: Decision | None
    appeal: Appeal | None
    offered_to: str | None
    fine: int
    paid: int
    written_off: bool


def offence_reference(kind: str, matter: str, offender: str) -> str:
    return f"{kind}/{matter}/{offender}"


def reference_of(offence: Offence) -> str:
    return offence_reference(offence.kind, offence.matter, offence.offender)


OFFENCE_KIND = ObjectType(
    "offence-kind", OffenceKind, lambda item: item.code, "offence-kind/<code>"
)
OFFENCE = ObjectType("offence", Offence, reference_of, "offence/<kind>/<matter>/<offender>")
