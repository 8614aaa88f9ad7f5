"""Which record fits which state: the lifecycles of declarations and movements.

The diagrams of docs/rulebook.md are drawn from these tables.
"""

from contracts.kernel.lifecycle import Lifecycle, Step
from contracts.transit import records as r
from contracts.transit.objects import DeclarationState as D
from contracts.transit.objects import MovementState as M
from contracts.transit.records import ControlDecision
from contracts.transit.rules import STATE_FITS

CONTROL = "control required"
NO_CONTROL = "no control"

DECLARATION_LIFE = Lifecycle(
    "declaration",
    STATE_FITS,
    (
        Step(None, r.Lodge, D.LODGED, "A"),
        Step(None, r.Lodge, D.PRE_LODGED, "D"),
        Step(D.PRE_LODGED, r.Amend, D.PRE_LODGED),
        Step(D.PRE_LODGED, r.Present, D.LODGED),
        Step(D.PRE_LODGED, r.Withdraw, D.WITHDRAWN),
        Step(D.PRE_LODGED, r.RejectDeclaration, D.REJECTED),
        Step(D.LODGED, r.Amend, D.LODGED),
        Step(D.LODGED, r.Register, D.REGISTERED),
        Step(D.LODGED, r.Withdraw, D.WITHDRAWN),
        Step(D.LODGED, r.RejectDeclaration, D.REJECTED),
    ),
)

MOVEMENT_LIFE = Lifecycle(
    "movement",
    STATE_FITS,
    (
        Step(None, r.Register, M.REGISTERED),
        Step(M.REGISTERED, r.RecordControl, M.CONTROL_DECIDED, ControlDecision.NOT_REQUIRED),
        Step(M.REGISTERED, r.RecordControl, M.UNDER_CONTROL, ControlDecision.REQUIRED),
        Step(M.REGISTERED, r.RequestInvalidation, M.REGISTERED),
        Step(M.REGISTERED, r.Invalidate, M.INVALIDATED),
        Step(M.UNDER_CONTROL, r.RecordControl, M.CONTROL_DECIDED, ControlDecision.SATISFACTORY),
        Step(M.UNDER_CONTROL, r.RecordControl, M.CONTROL_FAILED, ControlDecision.UNSATISFACTORY),
        Step(M.UNDER_CONTROL, r.RequestInvalidation, M.UNDER_CONTROL),
        Step(M.UNDER_CONTROL, r.Invalidate, M.INVALIDATED),
        Step(M.CONTROL_FAILED, r.RefuseRelease, M.RELEASE_REFUSED),
        Step(M.CONTROL_FAILED, r.Invalidate, M.INVALIDATED),
        Step(M.CONTROL_DECIDED, r.Release, M.RELEASED),
        Step(M.CONTROL_DECIDED, r.RefuseRelease, M.RELEASE_REFUSED),
        Step(M.CONTROL_DECIDED, r.RequestInvalidation, M.CONTROL_DECIDED),
        Step(M.CONTROL_DECIDED, r.Invalidate, M.INVALIDATED),
        Step(M.RELEASED, r.RequestInvalidation, M.RELEASED),
        Step(M.RELEASED, r.Invalidate, M.INVALIDATED),
        Step(M.RELEASED, r.NoteCrossing, M.EN_ROUTE),
        Step(M.RELEASED, r.ReportIncident, M.EN_ROUTE),
        Step(M.RELEASED, r.NotifyArrival, M.ARRIVED),
        Step(M.EN_ROUTE, r.NoteCrossing, M.EN_ROUTE),
        Step(M.EN_ROUTE, r.ReportIncident, M.EN_ROUTE),
        Step(M.EN_ROUTE, r.EndorseIncident, M.EN_ROUTE),
        Step(M.EN_ROUTE, r.NotifyArrival, M.ARRIVED),
        Step(M.ARRIVED, r.RecordArrival, M.UNLOADING, CONTROL),
        Step(M.ARRIVED, r.RecordArrival, M.DESTINATION_CONTROLLED, NO_CONTROL),
        Step(M.UNLOADING, r.RecordUnloading, M.DESTINATION_CONTROLLED),
        Step(M.DESTINATION_CONTROLLED, r.Complete, M.COMPLETED),
        Step(M.COMPLETED, r.Discharge, M.DISCHARGED),
    ),
)
