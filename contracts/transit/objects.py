"""Declarations and movements as the state keeps them."""

from enum import StrEnum

from contracts.kernel.record import Part
from contracts.kernel.state import ObjectType, StateObject
from contracts.transit.content import AdditionalType, Content
from contracts.transit.enquiry_records import ProofKind, ReplyCode
from contracts.transit.records import Discrepancy, IncidentCode, TransportMode


class DeclarationState(StrEnum):
    PRE_LODGED = "pre_lodged"
    LODGED = "lodged"
    REGISTERED = "registered"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


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
    DISCREPANCIES = "discrepancies"
    """Something found at destination waits to be resolved or confirmed."""
    DESTINATION_CONTROLLED = "destination_controlled"
    COMPLETED = "completed"
    DISCHARGED = "discharged"
    ENQUIRY = "enquiry"
    """The goods did not arrive in time; their whereabouts are asked for."""
    IRREGULAR = "irregular"
    """Discrepancies were confirmed: a debt is to be recovered."""
    RECOVERY = "recovery"
    PAID = "paid"
    WRITTEN_OFF = "written_off"


CLOSED = (
    MovementState.RELEASE_REFUSED,
    MovementState.INVALIDATED,
    MovementState.COMPLETED,
    MovementState.DISCHARGED,
    MovementState.PAID,
    MovementState.WRITTEN_OFF,
)
"""States in which the goods are no longer carried under this movement."""

COVERED = (
    MovementState.RELEASED,
    MovementState.EN_ROUTE,
    MovementState.ARRIVED,
    MovementState.UNLOADING,
    MovementState.DISCREPANCIES,
    MovementState.DESTINATION_CONTROLLED,
    MovementState.COMPLETED,
    MovementState.ENQUIRY,
    MovementState.IRREGULAR,
    MovementState.RECOVERY,
)
"""States in which guarantees are held; in recovery, those whose claims are not settled."""


class Transport(Part, frozen=True):
    """What release fixed: mode, length and deadline of the journey, and whether it binds.

    ceiling_ms: beyond which the deadline is not extended.
    """

    mode: TransportMode
    route_km: int
    deadline_ms: int
    ceiling_ms: int
    binding_route: bool
    released_ms: int


class Itinerary(Part, frozen=True):
    """The offices of the journey. transit_offices: all of them, passed ones first."""

    transit_offices: tuple[str, ...]
    office_of_destination: str


class Crossing(Part, frozen=True):
    """A border crossing as an office of transit noted it."""

    office: str
    noted_ms: int
    seals_intact: bool


class Incident(Part, frozen=True):
    """An incident on the way. endorsed_by: the office that endorsed it, or None.

    vehicle: commitment to the means of transport that carried the goods from then on, None if it
    was the same.
    """

    number: int
    code: IncidentCode
    member: str
    reported_ms: int
    endorsed_by: str | None
    vehicle: bytes | None = None


class Arrival(Part, frozen=True):
    """Arrival at destination. late: after the deadline, a fact for compliance, not a refusal.

    resolution: how discrepancies were resolved, or why they were confirmed; complete_by_ms: by when
    the office decides; overdue: True once that time was over without a completion.
    """

    office: str
    notified_ms: int
    late: bool
    seals_intact: bool | None
    discrepancies: tuple[Discrepancy, ...]
    resolution: str
    complete_by_ms: int = 0
    overdue: bool = False


class PartDelivery(Part, frozen=True):
    """A part of the goods, delivered before the rest."""

    office: str
    delivered_ms: int
    gross_mass_grams: int


class Diversion(Part, frozen=True):
    """A change of the itinerary. decided_by: the office of departure, or the one that took it."""

    instead_of: str
    office: str
    decided_by: str
    decided_ms: int


class Question(Part, frozen=True):
    """What someone was asked in an enquiry. reply: None until answered; silent: the time for it
    is over, and there was none."""

    to: str
    reply_by_ms: int
    reply: ReplyCode | None
    silent: bool


class Enquiry(Part, frozen=True):
    """The search for goods that did not arrive: of the holder, and of the office of destination."""

    opened_ms: int
    holder: Question
    destination: Question


class Debt(Part, frozen=True):
    """Duties and taxes that fell due. payable_in: the member they are owed to.

    amount, paid: in minor units of `currency`.
    """

    payable_in: str
    amount: int
    currency: str
    paid: int
    notified_ms: int


class Movement(StateObject, frozen=True):
    """A registered transit operation, from its MRN to its end.

    content: as declared and registered; itinerary: as it stands after diversions; route: the
    members passed, departure first; identification: the measure at release if no seals were
    affixed; navigation_seals: those now attached, as the seal registry says; proof: what stood in
    for the arrival.
    """

    mrn: str
    eaeu_number: str | None
    declarant: str
    lrn: str
    state: MovementState
    content: Content
    itinerary: Itinerary
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
    parts: tuple[PartDelivery, ...]
    diversions: tuple[Diversion, ...]
    enquiry: Enquiry | None
    debt: Debt | None
    proof: ProofKind | None


class ClaimState(StrEnum):
    NOTIFIED = "notified"
    CONTESTED = "contested"
    DEFAULTED = "defaulted"
    """The time for payment is over."""
    PAID = "paid"
    LIFTED = "lifted"
    """Not owed by the guarantor (any more)."""


class Claim(StateObject, frozen=True):
    """A claim on a guarantor for the debt of a movement.

    amount: minor units of the guarantee's currency; pay_by_ms: by when the guarantor pays.
    """

    grn: str
    mrn: str
    guarantor: str
    state: ClaimState
    amount: int
    currency: str
    pay_by_ms: int


class DeclarationNumber(StateObject, frozen=True):
    """The MRN of an EAEU declaration number: both references lead to the movement."""

    number: str
    mrn: str


def claim_reference(grn: str, mrn: str) -> str:
    return f"{grn}/{mrn}"


def declaration_reference(declarant: str, lrn: str) -> str:
    return f"{declarant}/{lrn}"


DECLARATION = ObjectType(
    "declaration",
    Declaration,
    lambda item: declaration_reference(item.declarant, item.lrn),
    "declaration/<declarant>/<LRN>",
)
MOVEMENT = ObjectType("movement", Movement, lambda item: item.mrn, "movement/<MRN>")
CLAIM = ObjectType(
    "claim", Claim, lambda item: claim_reference(item.grn, item.mrn), "claim/<GRN>/<MRN>"
)
DECLARATION_NUMBER = ObjectType(
    "declaration-number",
    DeclarationNumber,
    lambda item: item.number,
    "declaration-number/<EAEU number>",
)
