"""Which record fits which state of a control."""

from contracts.control import records as r
from contracts.control.objects import ControlState as C
from contracts.control.rules import STATE_FITS
from contracts.kernel.lifecycle import Lifecycle, Step

CONTROL_LIFE = Lifecycle(
    "control",
    STATE_FITS,
    (
        Step(None, r.OrderControl, C.ORDERED),
        Step(C.ORDERED, r.ReportControl, C.REPORTED),
        Step(C.ORDERED, r.CancelControl, C.CANCELLED),
    ),
)
