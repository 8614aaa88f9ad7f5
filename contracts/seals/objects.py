"""Monitored transports, alarms and position commitments as the state keeps them."""

from enum import StrEnum

from contracts.kernel.state import ObjectType, StateObject


class MonitoringState(StrEnum):
    MONITORED = "monitored"
    OFFERED = "offered"
    ENDED = "ended"


class MonitoredTransport(StateObject, frozen=True):
    """A transport under monitoring, for one movement.

    operator: in charge now; offered_to: the operator a handover is offered to, or None;
    commitments: position commitments made; committed_to_ms: end of the last one's period.
    """

    id: str
    mrn: str
    state: MonitoringState
    operator: str
    offered_to: str | None
    seals: tuple[str, ...]
    commitments: int
    committed_to_ms: int


class SealEvent(StrEnum):
    """The seven events of the Agreement."""

    BROKEN = "01"
    CASE_OPENED = "02"
    OFF_ROUTE = "03"
    """Off the route by more than 50 km."""
    MALFUNCTION = "04"
    BATTERY_LOW = "05"
    """Below 15 %."""
    REPORTS_MISSED = "06"
    """Two in a row."""
    UNAUTHORISED = "07"


class AlarmState(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class Alarm(StateObject, frozen=True):
    """A claim that something happened. member: whose customs judge it.

    occurred_ms: by the seal's clock; latitude, longitude: arc-seconds, north and east positive.
    """

    seal: str
    number: int
    transport: str
    mrn: str
    event: SealEvent
    state: AlarmState
    member: str
    reported_by: str
    occurred_ms: int
    latitude: int | None
    longitude: int | None
    judged_by: str | None
    reason: str


class PositionCommitment(StateObject, frozen=True):
    """The Merkle root of the operator's position log for a period; positions stay with it."""

    transport: str
    number: int
    operator: str
    root: bytes
    count: int
    from_ms: int
    to_ms: int


def numbered(reference: str, number: int) -> str:
    return f"{reference}/{number}"


TRANSPORT = ObjectType(
    "transport", MonitoredTransport, lambda item: item.id, "transport/<transport id>"
)
ALARM = ObjectType(
    "alarm", Alarm, lambda item: numbered(item.seal, item.number), "alarm/<seal id>/<number>"
)
POSITIONS = ObjectType(
    "positions",
    PositionCommitment,
    lambda item: numbered(item.transport, item.number),
    "positions/<transport id>/<number>",
)
