"""Controls as the state keeps them."""

from enum import StrEnum

from contracts.kernel.state import ObjectType, StateObject


class ControlKind(StrEnum):
    RISK_INDICATION = "risk_indication"
    DOCUMENTARY = "documentary"
    INSPECTION = "inspection"
    SCANNING = "scanning"
    SAMPLING = "sampling"


class ControlState(StrEnum):
    ORDERED = "ordered"
    REPORTED = "reported"
    CANCELLED = "cancelled"


class ControlResult(StrEnum):
    CONFORM = "conform"
    NOT_CONFORM = "not_conform"
    INCONCLUSIVE = "inconclusive"


class Ground(StrEnum):
    """Why a control is ordered although one of its kind was made before."""

    FIRST = "first"
    """None was made before."""
    INCONCLUSIVE = "inconclusive"
    """The last one left the question open."""
    INCIDENT = "incident"
    """Something happened on the way."""
    ALARM = "alarm"
    """A seal raised an alarm that was confirmed."""
    INTELLIGENCE = "intelligence"
    """New information about the goods or the parties."""
    REQUEST = "request"
    """The declarant or another member asked for it."""


class Control(StateObject, frozen=True):
    """A control of a movement.

    number: among those of its kind on the movement, from 1; place: UN/LOCODE; asked: what was to be
    found out; reason: why again, empty for the first; report: SHA-256 of the full report, which
    stays with the office; ended_ms: when the control itself was over, reported or cancelled.
    """

    mrn: str
    kind: ControlKind
    number: int
    office: str
    place: str
    asked: str
    ground: Ground
    reason: str
    state: ControlState
    ordered_ms: int
    ended_ms: int | None
    result: ControlResult | None
    found: str
    report: bytes | None


class ControlsOfKind(StateObject, frozen=True):
    """How often a movement was controlled in one way. open: the number now open, or None.

    made: how many were reported, as cancelled ones count for nothing.
    """

    mrn: str
    kind: ControlKind
    count: int
    open: int | None
    made: int


def controls_reference(mrn: str, kind: ControlKind) -> str:
    return f"{mrn}/{kind.value}"


def control_reference(mrn: str, kind: ControlKind, number: int) -> str:
    return f"{mrn}/{kind.value}/{number}"


CONTROL = ObjectType(
    "control",
    Control,
    lambda item: control_reference(item.mrn, item.kind, item.number),
    "control/<MRN>/<kind>/<number>",
)
CONTROLS_OF_KIND = ObjectType(
    "controls",
    ControlsOfKind,
    lambda item: controls_reference(item.mrn, item.kind),
    "controls/<MRN>/<kind>",
)
