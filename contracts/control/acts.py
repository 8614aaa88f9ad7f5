"""Who controls."""

from contracts.control import records as r
from contracts.control.controls import cancel, order, report
from contracts.registry.competence import OFFICE, Act, Acts

_OWN = "the office that ordered the control"

ACTS: Acts = (
    Act(
        r.OrderControl,
        order,
        (OFFICE,),
        "an office of a member on the route or where an incident happened, in its own territory",
    ),
    Act(r.ReportControl, report, (OFFICE,), _OWN, winds_up=True),
    Act(r.CancelControl, cancel, (OFFICE,), _OWN, winds_up=True),
)
