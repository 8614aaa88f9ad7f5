"""Declarations and movements as the state keeps them."""

from enum import StrEnum

from contracts.kernel.record import Part
from contracts.kernel.state import ObjectType, StateObject
from contracts.transit.content import AdditionalType, Content
from contracts.transit.records import Discrepancy, IncidentCode, TransportMode


class DeclarationState(StrEnum):
    PRE_LODGED = "pre_lodged"
    LODGED = "lodged"
    REGISTERED = "registered"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Declaration(StateObject, frozen=True):
    """A declaration until it is registered; then only the trace that leads to the movement."""

    declarant: str
    lrn: str
    state: DeclarationState
    additional_type: AdditionalType
    lodged_ms: int
    content: Content | None
    mrn: str | None
    reason: str


class MovementState(StrEnum):
    REGISTERED = "registered"
    UNDER_CONTROL = "under_control"
    CONTROL_DECIDED = "control_decided"
    CONTROL_FAILED = "control_failed"
    RELEASE_REFUSED = "release_refused"
    INVALIDATED = "invalidated"
    RELEASED = "released"
    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    UNLOADING = "unloading"
    DESTINATION_CONTROLLED = "destination_controlled"
    COMPLETED = "completed"
    DISCHARGED = "discharged"


CLOSED = (
    MovementState.RELEASE_REFUSED,
    MovementState.INVALIDATED,
    MovementState.COMPLETED,
    MovementState.DISCHARGED,
)
"""States in which the goods are no longer carried under this movement."""


class Transport(Part, frozen=True):
    """What release fixed: mode, length and deadline of the journey, and whether it binds."""

    mode: TransportMode
    route_km: int
    deadline_ms: int
    binding_route: bool
    released_ms: int


class Crossing(Part, frozen=True):
    """A border crossing as an office of transit noted it."""

    office: str
    noted_ms: int
    seals_intact: bool


class Incident(Part, frozen=True):
    """An incident on the way. endorsed_by: the office that endorsed it, or None."""

    number: int
    code: IncidentCode
    member: str
    reported_ms: int
    endorsed_by: str | None


class Arrival(Part, frozen=True):
    """Arrival at destination. late: after the deadline, a fact for compliance, not a refusal."""

    office: str
    notified_ms: int
    late: bool
    seals_intact: bool | None
    discrepancies: tuple[Discrepancy, ...]


class Movement(StateObject, frozen=True):
    """A registered transit operation, from its MRN to its discharge.

    route: the members passed, departure first; identification: the measure at release if no seals
    were affixed; navigation_seals: those now attached, as the seal registry says.
    """

    mrn: str
    eaeu_number: str | None
    declarant: str
    lrn: str
    state: MovementState
    content: Content
    route: tuple[str, ...]
    registered_ms: int
    transport: Transport | None
    seals: tuple[str, ...]
    identification: str
    navigation_seals: tuple[str, ...]
    crossings: tuple[Crossing, ...]
    incidents: tuple[Incident, ...]
    arrival: Arrival | None
    invalidation_requested: bool


class DeclarationNumber(StateObject, frozen=True):
    """The MRN of an EAEU declaration number: both references lead to the movement."""

    number: str
    mrn: str


def declaration_reference(declarant: str, lrn: str) -> str:
    return f"{declarant}/{lrn}"


DECLARATION = ObjectType(
    "declaration",
    Declaration,
    lambda item: declaration_reference(item.declarant, item.lrn),
    "declaration/<declarant>/<LRN>",
)
MOVEMENT = ObjectType("movement", Movement, lambda item: item.mrn, "movement/<MRN>")
DECLARATION_NUMBER = ObjectType(
    "declaration-number",
    DeclarationNumber,
    lambda item: item.number,
    "declaration-number/<EAEU number>",
)
