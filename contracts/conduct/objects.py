"""A participant's conduct as the state keeps it."""

from enum import StrEnum

from contracts.kernel.record import Part
from contracts.kernel.state import ObjectType, StateObject


class Gravity(StrEnum):
    """How grave an offence is."""

    MINOR = "minor"
    SERIOUS = "serious"
    GRAVE = "grave"


class Entry(Part, frozen=True):
    """A final offence: its reference, its gravity, and since when it counts."""

    offence: str
    gravity: Gravity
    from_ms: int


class Conduct(StateObject, frozen=True):
    """The final offences of a participant that may still count, the latest last."""

    participant: str
    entries: tuple[Entry, ...]


CONDUCT = ObjectType("conduct", Conduct, lambda item: item.participant, "conduct/<participant>")


class AuthorisationState(StrEnum):
    GRANTED = "granted"
    SUSPENDED = "suspended"
    """By rule, since the conduct is no longer good."""
    ENDED = "ended"


class Authorisation(StateObject, frozen=True):
    """A participant's status as authorised economic operator, and since when it is what it is."""

    participant: str
    state: AuthorisationState
    since_ms: int


AUTHORISATION = ObjectType(
    "authorisation",
    Authorisation,
    lambda item: item.participant,
    "authorisation/<participant>",
)
