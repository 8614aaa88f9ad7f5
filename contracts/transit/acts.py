"""Who may do what in transit."""

from contracts.registry.competence import (
    CARRIER,
    DECLARANT,
    GUARANTOR,
    OFFICE,
    OFFICE_OF_DEPARTURE,
    OFFICE_OF_DESTINATION,
    OFFICE_OF_EXIT,
    OFFICE_OF_TRANSIT,
    Act,
    Acts,
)
from contracts.transit import departure, destination, diversion, enquiry, journey, lodging, recovery
from contracts.transit import enquiry_records as e
from contracts.transit import records as r

_DECLARANT = "the declarant, who is the holder of the procedure"
_DEPARTURE = "the office of departure of the declaration or movement"
_DESTINATION = "the office of destination of the movement"
_CREDITOR = "an office of the member the debt is owed to"
_AT_DEPARTURE = (OFFICE_OF_DEPARTURE,)
_AT_DESTINATION = (OFFICE_OF_DESTINATION,)

_LODGING: Acts = (
    Act(r.Lodge, lodging.lodge, (DECLARANT,), _DECLARANT),
    Act(r.Amend, lodging.amend, (DECLARANT,), _DECLARANT),
    Act(r.Present, lodging.present, (DECLARANT,), _DECLARANT),
    Act(r.Withdraw, lodging.withdraw, (DECLARANT,), _DECLARANT, winds_up=True),
    Act(r.RejectDeclaration, lodging.reject, _AT_DEPARTURE, _DEPARTURE, winds_up=True),
    Act(r.Register, lodging.register, _AT_DEPARTURE, _DEPARTURE),
    Act(r.AmendRegistered, lodging.amend_registered, (DECLARANT,), _DECLARANT),
)
_DEPARTING: Acts = (
    Act(r.RecordControl, departure.record_control, _AT_DEPARTURE, _DEPARTURE),
    Act(
        r.RequestInvalidation,
        departure.request_invalidation,
        (DECLARANT,),
        _DECLARANT,
        winds_up=True,
    ),
    Act(
        r.RefuseInvalidation,
        departure.refuse_invalidation,
        _AT_DEPARTURE,
        _DEPARTURE,
        winds_up=True,
    ),
    Act(r.Invalidate, departure.invalidate, _AT_DEPARTURE, _DEPARTURE, winds_up=True),
    Act(r.Release, departure.release, _AT_DEPARTURE, _DEPARTURE),
    Act(r.RefuseRelease, departure.refuse_release, _AT_DEPARTURE, _DEPARTURE, winds_up=True),
)
_TRAVELLING: Acts = (
    Act(r.ExtendDeadline, departure.extend_deadline, _AT_DEPARTURE, _DEPARTURE, winds_up=True),
    Act(
        r.ChangeDestination, diversion.change_destination, _AT_DEPARTURE, _DEPARTURE, winds_up=True
    ),
    Act(
        r.TakeDiversion,
        diversion.take_diversion,
        (OFFICE_OF_TRANSIT, OFFICE_OF_EXIT, OFFICE_OF_DESTINATION),
        "an office that can stand in for the one declared",
    ),
    Act(
        r.NoteCrossing,
        journey.note_crossing,
        (OFFICE_OF_TRANSIT, OFFICE_OF_EXIT),
        "the next office of transit of the itinerary",
        winds_up=True,
    ),
    Act(
        r.ReportIncident,
        journey.report_incident,
        (CARRIER,),
        "the carrier of the movement",
        winds_up=True,
    ),
    Act(
        r.EndorseIncident,
        journey.endorse_incident,
        (OFFICE,),
        "an office of the member where the incident happened",
        winds_up=True,
    ),
)
_ARRIVING: Acts = (
    Act(
        r.NotifyArrival,
        destination.notify_arrival,
        (CARRIER, DECLARANT),
        "the carrier or the declarant of the movement",
        winds_up=True,
    ),
    Act(r.RecordArrival, destination.record_arrival, _AT_DESTINATION, _DESTINATION, winds_up=True),
    Act(r.DeliverPart, destination.deliver_part, _AT_DESTINATION, _DESTINATION, winds_up=True),
    Act(
        r.RecordUnloading,
        destination.record_unloading,
        _AT_DESTINATION,
        _DESTINATION,
        winds_up=True,
    ),
    Act(
        r.ResolveDiscrepancies,
        destination.resolve_discrepancies,
        _AT_DESTINATION,
        _DESTINATION,
        winds_up=True,
    ),
    Act(r.Complete, destination.complete, _AT_DESTINATION, _DESTINATION, winds_up=True),
    Act(r.Discharge, destination.discharge, _AT_DEPARTURE, _DEPARTURE, winds_up=True),
)
_NOT_ARRIVING: Acts = (
    Act(
        e.ReplyToEnquiry,
        enquiry.reply_to_enquiry,
        (DECLARANT, OFFICE_OF_DESTINATION),
        "the holder of the procedure or the office of destination: whoever was asked",
        winds_up=True,
    ),
    Act(e.AcceptProof, enquiry.accept_proof, _AT_DEPARTURE, _DEPARTURE, winds_up=True),
    Act(e.StartRecovery, enquiry.start_recovery, _AT_DEPARTURE, _DEPARTURE, winds_up=True),
    Act(e.NotifyDebt, recovery.notify_debt, _AT_DEPARTURE, _DEPARTURE, winds_up=True),
    Act(
        e.ContestClaim,
        recovery.contest_claim,
        (GUARANTOR,),
        "the guarantor it is made on",
        winds_up=True,
    ),
    Act(e.DecideContest, recovery.decide_contest, (OFFICE,), _CREDITOR, winds_up=True),
    Act(e.RecordPayment, recovery.record_payment, (OFFICE,), _CREDITOR, winds_up=True),
    Act(e.WriteOff, recovery.write_off, (OFFICE,), _CREDITOR, winds_up=True),
)

ACTS: Acts = (*_LODGING, *_DEPARTING, *_TRAVELLING, *_ARRIVING, *_NOT_ARRIVING)
