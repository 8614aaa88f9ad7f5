"""Records of navigation seals."""

from enum import StrEnum
from typing import Annotated

from contracts.kernel.form import number
from contracts.kernel.record import Record
from contracts.references.fields import (
    Digest,
    Mrn,
    Name,
    ParticipantId,
    Place,
    Reason,
    SealId,
    Time,
    TransportId,
)
from contracts.seals.objects import SealEvent

Latitude = Annotated[int, number("latitude in arc-seconds", -324_000, 324_000)]
Longitude = Annotated[int, number("longitude in arc-seconds", -648_000, 648_000)]
AlarmNumber = Annotated[int, number("alarm number", 1, 10**9)]


class RegisterSeal(Record, frozen=True, tag="seals.register"):
    """An operator enters a seal in its registry. certificate: of conformity of the model."""

    seal: SealId
    model: Name
    certificate: Name


class ActivateSeal(Record, frozen=True, tag="seals.activate"):
    """An operator attaches a free seal to a transport of a movement: monitoring begins there."""

    seal: SealId
    mrn: Mrn
    transport: TransportId
    place: Place


class ReportSealEvent(Record, frozen=True, tag="seals.report-event"):
    """The operator in charge reports an event: an alarm opens, as a claim."""

    seal: SealId
    event: SealEvent
    occurred_ms: Time
    latitude: Latitude | None
    longitude: Longitude | None


class Verdict(StrEnum):
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class JudgeAlarm(Record, frozen=True, tag="seals.judge-alarm"):
    """An office of the competent member confirms or dismisses an alarm."""

    seal: SealId
    number: AlarmNumber
    verdict: Verdict
    reason: Reason


class DeactivateSeal(Record, frozen=True, tag="seals.deactivate"):
    """The operator in charge takes a seal off, and where: it is free again."""

    seal: SealId
    place: Place


class Condition(StrEnum):
    """Why a seal cannot be used."""

    LOST = "lost"
    FAULTY = "faulty"
    DESTROYED = "destroyed"


class SetAside(Record, frozen=True, tag="seals.set-aside"):
    """A seal is lost, faulty or destroyed; if it is on a transport, it is off from now on."""

    seal: SealId
    condition: Condition
    reason: Reason


class TakeBack(Record, frozen=True, tag="seals.take-back"):
    """The operator of a seal found it again or had it repaired: it is free to be used."""

    seal: SealId
    reason: Reason


class OfferHandover(Record, frozen=True, tag="seals.offer-handover"):
    """The operator in charge offers the monitoring to another member's operator."""

    transport: TransportId
    operator: ParticipantId


class AcceptHandover(Record, frozen=True, tag="seals.accept-handover"):
    """The operator it was offered to takes the monitoring over."""

    transport: TransportId


class CommitPositions(Record, frozen=True, tag="seals.commit-positions"):
    """The operator in charge commits to the positions of a period, without showing them."""

    transport: TransportId
    root: Digest
    count: Annotated[int, number("positions", 1, 10**9)]
    from_ms: Time
    to_ms: Time
