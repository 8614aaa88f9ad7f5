"""Records of a transit movement. In brackets: the NCTS message for the same act."""

from enum import StrEnum
from typing import Annotated

from contracts.kernel.form import code, listed, number, words
from contracts.kernel.record import Part, Record
from contracts.references.fields import (
    Digest,
    EaeuNumber,
    Lrn,
    MemberCode,
    Mrn,
    Note,
    ParticipantId,
    Reason,
    SealId,
    Time,
)
from contracts.transit.content import AdditionalType, Content, GrossMass, Particular

IncidentNumber = Annotated[int, number("incident number", 1, 32)]
SealIds = Annotated[tuple[SealId, ...], listed("seals", 0, 64)]


class Lodge(Record, frozen=True, tag="transit.lodge"):
    """The declarant lodges a declaration (015)."""

    lrn: Lrn
    additional_type: AdditionalType
    content: Content


class Amend(Record, frozen=True, tag="transit.amend"):
    """The declarant replaces the content before registration (013)."""

    lrn: Lrn
    content: Content


class Present(Record, frozen=True, tag="transit.present"):
    """The declarant presents the goods of a pre-lodged declaration (170)."""

    lrn: Lrn


class Withdraw(Record, frozen=True, tag="transit.withdraw"):
    """The declarant withdraws a declaration that is not registered yet (014)."""

    lrn: Lrn
    reason: Reason


class RejectDeclaration(Record, frozen=True, tag="transit.reject"):
    """The office of departure does not register a declaration (056)."""

    declarant: ParticipantId
    lrn: Lrn
    reason: Reason


class Register(Record, frozen=True, tag="transit.register"):
    """The office of departure registers a declaration: the MRN is assigned (028)."""

    declarant: ParticipantId
    lrn: Lrn
    mrn: Mrn
    eaeu_number: EaeuNumber | None


class ControlDecision(StrEnum):
    """What the office of departure decided about control, or found."""

    NOT_REQUIRED = "not_required"
    REQUIRED = "required"
    SATISFACTORY = "satisfactory"
    UNSATISFACTORY = "unsatisfactory"


class RecordControl(Record, frozen=True, tag="transit.control"):
    """The office of departure decides on control (060), or records its result."""

    mrn: Mrn
    decision: ControlDecision
    note: Note


class AmendRegistered(Record, frozen=True, tag="transit.amend-registered"):
    """The declarant replaces the content after registration, before release (013).

    Control is decided anew. The office of departure stays: it gave the MRN.
    """

    mrn: Mrn
    content: Content


class RequestInvalidation(Record, frozen=True, tag="transit.request-invalidation"):
    """The declarant asks to invalidate a registered declaration (014)."""

    mrn: Mrn
    reason: Reason


class RefuseInvalidation(Record, frozen=True, tag="transit.refuse-invalidation"):
    """The office of departure does not grant a request to invalidate (009)."""

    mrn: Mrn
    reason: Reason


class Invalidate(Record, frozen=True, tag="transit.invalidate"):
    """The office of departure invalidates; what was reserved is freed (009).

    goods_present: True if the office has seen that the goods are with it, so that it may do so
    without being asked.
    """

    mrn: Mrn
    reason: Reason
    goods_present: bool


class TransportMode(StrEnum):
    """Mode of transport of the route; mixed routes go by their slowest part."""

    ROAD = "road"
    RAIL = "rail"
    AIR = "air"
    WATER = "water"


class Release(Record, frozen=True, tag="transit.release"):
    """The office of departure releases the goods for transit (029).

    seals: identifiers of the seals affixed; identification: the other measure taken if none are
    (Art. 143); route_km: length of the route; deadline_ms: by when to deliver;
    binding_route: True if the carrier must follow the listed transit offices;
    prohibitions_cleared: True if prohibitions and restrictions are observed.
    """

    mrn: Mrn
    seals: SealIds
    identification: Note
    mode: TransportMode
    route_km: Annotated[int, number("route in km", 1, 20_000)]
    deadline_ms: Time
    binding_route: bool
    prohibitions_cleared: bool


class RefuseRelease(Record, frozen=True, tag="transit.refuse-release"):
    """The office of departure refuses release (051)."""

    mrn: Mrn
    reason: Reason


class ExtendDeadline(Record, frozen=True, tag="transit.extend-deadline"):
    """The office of departure gives the carrier more time, within the ceiling."""

    mrn: Mrn
    deadline_ms: Time
    reason: Reason


class ChangeDestination(Record, frozen=True, tag="transit.change-destination"):
    """The office of departure decides on another destination.

    transit_offices: those still to be passed, in order.
    """

    mrn: Mrn
    office: ParticipantId
    transit_offices: Annotated[tuple[ParticipantId, ...], listed("transit offices", 0, 16)]
    reason: Reason


class TakeDiversion(Record, frozen=True, tag="transit.take-diversion"):
    """An office that was not declared takes the goods in place of `instead_of` (as of 002, 003).

    instead_of: the office of destination, or the next office of transit.
    """

    mrn: Mrn
    instead_of: ParticipantId
    reason: Reason


class NoteCrossing(Record, frozen=True, tag="transit.crossing"):
    """The next office of transit notes that the goods passed (118)."""

    mrn: Mrn
    seals_intact: bool
    note: Note


class IncidentCode(StrEnum):
    """Incidents on the way (NCTS code list 19)."""

    DEVIATION = "1"
    SEALS_BROKEN = "2"
    TRANSHIPMENT = "3"
    IMMINENT_DANGER = "4"
    DUTIES_AT_RISK = "5"
    TRANSPORT_CHANGED = "6"


class ReportIncident(Record, frozen=True, tag="transit.report-incident"):
    """The carrier reports an incident; member: the state where it happened (180)."""

    mrn: Mrn
    code: IncidentCode
    member: MemberCode
    description: Reason
    particulars: Annotated[tuple[Particular, ...], listed("particulars", 0, 8)]


class EndorseIncident(Record, frozen=True, tag="transit.endorse-incident"):
    """An office of the state where it happened endorses an incident (181).

    new_seals: the seals now on the goods if they changed; empty leaves them as they were; vehicle:
    commitment to the means of transport that now carries them, None if it is the same.
    """

    mrn: Mrn
    number: IncidentNumber
    new_seals: SealIds
    note: Note
    vehicle: Digest | None


class NotifyArrival(Record, frozen=True, tag="transit.notify-arrival"):
    """The carrier or the declarant notifies arrival at an office (007)."""

    mrn: Mrn
    office: ParticipantId


class RecordArrival(Record, frozen=True, tag="transit.arrival"):
    """The office of destination takes the arrival and decides on control (043)."""

    mrn: Mrn
    seals_intact: bool
    control_required: bool


class Discrepancy(Part, frozen=True):
    """Something found at destination that differs from the declaration.

    field: the field concerned, by its WCO Data Model or message name.
    """

    field: Annotated[
        str, code("field", r"[A-Za-z][A-Za-z0-9_./\[\]-]{0,95}", "1 to 96 characters of a path")
    ]
    found: Annotated[str, words("found", 256)]


class DeliverPart(Record, frozen=True, tag="transit.deliver-part"):
    """The office of destination takes over a part of the goods; the rest goes on.

    It completes the procedure for that part.
    """

    mrn: Mrn
    gross_mass_grams: GrossMass
    note: Note


class RecordUnloading(Record, frozen=True, tag="transit.unloading"):
    """The office of destination records the unloading result (044)."""

    mrn: Mrn
    conform: bool
    seals_intact: bool
    discrepancies: Annotated[tuple[Discrepancy, ...], listed("discrepancies", 0, 32)]


class Finding(StrEnum):
    """What became of discrepancies."""

    RESOLVED = "resolved"
    CONFIRMED = "confirmed"


class ResolveDiscrepancies(Record, frozen=True, tag="transit.resolve-discrepancies"):
    """The office of destination resolves or confirms what was found (020).

    Confirmed discrepancies end the procedure without discharge: the debt is recovered.
    """

    mrn: Mrn
    finding: Finding
    reason: Reason


class Complete(Record, frozen=True, tag="transit.complete"):
    """The office of destination completes the procedure: the duty of delivery ends (025, 018)."""

    mrn: Mrn
    note: Note


class Discharge(Record, frozen=True, tag="transit.discharge"):
    """The office of departure discharges the movement; what was reserved is freed (045)."""

    mrn: Mrn
