"""Which record fits which state: the lifecycles of declarations, movements and claims.

The diagrams of docs/rulebook.md are drawn from these tables.
"""

from contracts.kernel.lifecycle import Lifecycle, Step
from contracts.transit import deadlines as d
from contracts.transit import enquiry_records as e
from contracts.transit import records as r
from contracts.transit.enquiry_records import Ruling
from contracts.transit.objects import ClaimState as C
from contracts.transit.objects import DeclarationState as D
from contracts.transit.objects import MovementState as M
from contracts.transit.records import ControlDecision, Finding
from contracts.transit.rules import STATE_FITS

CONTROL = "control required"
NO_CONTROL = "no control"
CONFORM = "conform"
DISCREPANCIES = "discrepancies or broken seals"
IN_PART = "in part"
IN_FULL = "in full"

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
        Step(D.PRE_LODGED, d.LAPSE, D.LAPSED),
        Step(D.LODGED, r.Amend, D.LODGED),
        Step(D.LODGED, r.Register, D.REGISTERED),
        Step(D.LODGED, r.Withdraw, D.WITHDRAWN),
        Step(D.LODGED, r.RejectDeclaration, D.REJECTED),
    ),
)

_BEFORE_RELEASE = (
    Step(None, r.Register, M.REGISTERED),
    Step(M.REGISTERED, r.RecordControl, M.CONTROL_DECIDED, ControlDecision.NOT_REQUIRED),
    Step(M.REGISTERED, r.RecordControl, M.UNDER_CONTROL, ControlDecision.REQUIRED),
    Step(M.REGISTERED, r.AmendRegistered, M.REGISTERED),
    Step(M.REGISTERED, r.RequestInvalidation, M.REGISTERED),
    Step(M.REGISTERED, r.RefuseInvalidation, M.REGISTERED),
    Step(M.REGISTERED, r.Invalidate, M.INVALIDATED),
    Step(M.UNDER_CONTROL, r.RecordControl, M.CONTROL_DECIDED, ControlDecision.SATISFACTORY),
    Step(M.UNDER_CONTROL, r.RecordControl, M.CONTROL_FAILED, ControlDecision.UNSATISFACTORY),
    Step(M.UNDER_CONTROL, r.RequestInvalidation, M.UNDER_CONTROL),
    Step(M.UNDER_CONTROL, r.RefuseInvalidation, M.UNDER_CONTROL),
    Step(M.UNDER_CONTROL, r.Invalidate, M.INVALIDATED),
    Step(M.CONTROL_FAILED, r.RefuseRelease, M.RELEASE_REFUSED),
    Step(M.CONTROL_FAILED, r.Invalidate, M.INVALIDATED),
    Step(M.CONTROL_DECIDED, r.Release, M.RELEASED),
    Step(M.CONTROL_DECIDED, r.RefuseRelease, M.RELEASE_REFUSED),
    Step(M.CONTROL_DECIDED, r.AmendRegistered, M.REGISTERED),
    Step(M.CONTROL_DECIDED, r.RequestInvalidation, M.CONTROL_DECIDED),
    Step(M.CONTROL_DECIDED, r.RefuseInvalidation, M.CONTROL_DECIDED),
    Step(M.CONTROL_DECIDED, r.Invalidate, M.INVALIDATED),
)
_ON_THE_WAY = (
    Step(M.RELEASED, r.RequestInvalidation, M.RELEASED),
    Step(M.RELEASED, r.RefuseInvalidation, M.RELEASED),
    Step(M.RELEASED, r.Invalidate, M.INVALIDATED),
    Step(M.RELEASED, r.ExtendDeadline, M.RELEASED),
    Step(M.RELEASED, r.ChangeDestination, M.RELEASED),
    Step(M.RELEASED, r.TakeDiversion, M.RELEASED),
    Step(M.RELEASED, r.NoteCrossing, M.EN_ROUTE),
    Step(M.RELEASED, r.ReportIncident, M.EN_ROUTE),
    Step(M.RELEASED, r.NotifyArrival, M.ARRIVED),
    Step(M.RELEASED, d.OPEN_ENQUIRY, M.ENQUIRY),
    Step(M.EN_ROUTE, r.ExtendDeadline, M.EN_ROUTE),
    Step(M.EN_ROUTE, r.ChangeDestination, M.EN_ROUTE),
    Step(M.EN_ROUTE, r.TakeDiversion, M.EN_ROUTE),
    Step(M.EN_ROUTE, r.NoteCrossing, M.EN_ROUTE),
    Step(M.EN_ROUTE, r.ReportIncident, M.EN_ROUTE),
    Step(M.EN_ROUTE, r.EndorseIncident, M.EN_ROUTE),
    Step(M.EN_ROUTE, r.NotifyArrival, M.ARRIVED),
    Step(M.EN_ROUTE, d.OPEN_ENQUIRY, M.ENQUIRY),
)
_AT_DESTINATION = (
    Step(M.ARRIVED, r.RecordArrival, M.UNLOADING, CONTROL),
    Step(M.ARRIVED, r.RecordArrival, M.DESTINATION_CONTROLLED, NO_CONTROL),
    Step(M.ARRIVED, d.COMPLETION_OVERDUE, M.ARRIVED),
    Step(M.UNLOADING, r.DeliverPart, M.EN_ROUTE),
    Step(M.UNLOADING, r.RecordUnloading, M.DESTINATION_CONTROLLED, CONFORM),
    Step(M.UNLOADING, r.RecordUnloading, M.DISCREPANCIES, DISCREPANCIES),
    Step(M.UNLOADING, d.COMPLETION_OVERDUE, M.UNLOADING),
    Step(M.DISCREPANCIES, r.ResolveDiscrepancies, M.DESTINATION_CONTROLLED, Finding.RESOLVED),
    Step(M.DISCREPANCIES, r.ResolveDiscrepancies, M.IRREGULAR, Finding.CONFIRMED),
    Step(M.DISCREPANCIES, d.COMPLETION_OVERDUE, M.DISCREPANCIES),
    Step(M.DESTINATION_CONTROLLED, r.Complete, M.COMPLETED),
    Step(M.DESTINATION_CONTROLLED, d.COMPLETION_OVERDUE, M.DESTINATION_CONTROLLED),
    Step(M.COMPLETED, r.Discharge, M.DISCHARGED),
)
_NOT_ARRIVED = (
    Step(M.ENQUIRY, e.ReplyToEnquiry, M.ENQUIRY),
    Step(M.ENQUIRY, d.HOLDER_SILENT, M.ENQUIRY),
    Step(M.ENQUIRY, d.DESTINATION_SILENT, M.ENQUIRY),
    Step(M.ENQUIRY, r.TakeDiversion, M.ENQUIRY),
    Step(M.ENQUIRY, r.NoteCrossing, M.ENQUIRY),
    Step(M.ENQUIRY, r.ReportIncident, M.ENQUIRY),
    Step(M.ENQUIRY, r.EndorseIncident, M.ENQUIRY),
    Step(M.ENQUIRY, r.NotifyArrival, M.ARRIVED),
    Step(M.ENQUIRY, e.AcceptProof, M.DISCHARGED),
    Step(M.ENQUIRY, e.StartRecovery, M.RECOVERY),
    Step(M.ENQUIRY, d.OPEN_RECOVERY, M.RECOVERY),
    Step(M.IRREGULAR, e.StartRecovery, M.RECOVERY),
    Step(M.RECOVERY, e.NotifyDebt, M.RECOVERY),
    Step(M.RECOVERY, e.ContestClaim, M.RECOVERY),
    Step(M.RECOVERY, e.DecideContest, M.RECOVERY),
    Step(M.RECOVERY, e.RecordPayment, M.RECOVERY, IN_PART),
    Step(M.RECOVERY, e.RecordPayment, M.PAID, IN_FULL),
    Step(M.RECOVERY, e.WriteOff, M.WRITTEN_OFF),
    Step(M.RECOVERY, e.AcceptProof, M.DISCHARGED),
)
MOVEMENT_LIFE = Lifecycle(
    "movement",
    STATE_FITS,
    (*_BEFORE_RELEASE, *_ON_THE_WAY, *_AT_DESTINATION, *_NOT_ARRIVED),
)

# What settles the debt itself lifts the claims that are still open (see recovery.py).
CLAIM_LIFE = Lifecycle(
    "claim",
    STATE_FITS,
    (
        Step(None, e.NotifyDebt, C.NOTIFIED),
        Step(C.NOTIFIED, e.ContestClaim, C.CONTESTED),
        Step(C.NOTIFIED, e.RecordPayment, C.PAID),
        Step(C.NOTIFIED, d.PAYMENT_OVERDUE, C.DEFAULTED),
        Step(C.CONTESTED, e.DecideContest, C.NOTIFIED, Ruling.UPHELD),
        Step(C.CONTESTED, e.DecideContest, C.LIFTED, Ruling.LIFTED),
        Step(C.CONTESTED, e.RecordPayment, C.PAID),
        Step(C.DEFAULTED, e.RecordPayment, C.PAID),
    ),
)
