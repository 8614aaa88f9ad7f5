"""Records of control."""

from typing import Annotated

from contracts.control.objects import ControlKind, ControlResult, Ground
from contracts.kernel.form import number
from contracts.kernel.record import Record
from contracts.references.fields import Digest, Mrn, Note, Place, Reason, Time

ControlNumber = Annotated[int, number("control number", 1, 8)]


class OrderControl(Record, frozen=True, tag="control.order"):
    """An office orders a control of a movement: where, and what is asked.

    ground, reason: why again, if one of this kind was made before; "first" and empty if not.
    """

    mrn: Mrn
    control: ControlKind
    place: Place
    asked: Reason
    ground: Ground
    reason: Note


class ReportControl(Record, frozen=True, tag="control.report"):
    """The office that ordered a control reports its result; ended_ms: when it was over."""

    mrn: Mrn
    control: ControlKind
    number: ControlNumber
    result: ControlResult
    found: Note
    report: Digest | None
    ended_ms: Time


class CancelControl(Record, frozen=True, tag="control.cancel"):
    """The office that ordered a control will not make it."""

    mrn: Mrn
    control: ControlKind
    number: ControlNumber
    reason: Reason
