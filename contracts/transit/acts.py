"""Who may do what in transit."""

from contracts.registry.competence import (
    CARRIER,
    DECLARANT,
    OFFICE,
    OFFICE_OF_DEPARTURE,
    OFFICE_OF_DESTINATION,
    OFFICE_OF_EXIT,
    OFFICE_OF_TRANSIT,
    Act,
    Acts,
)
from contracts.transit import departure, destination, journey, lodging
from contracts.transit import records as r

_DECLARANT = "the declarant, who is the holder of the procedure"
_DEPARTURE = "the office of departure of the declaration or movement"
_DESTINATION = "the office of destination of the movement"

ACTS: Acts = (
    Act(r.Lodge, lodging.lodge, (DECLARANT,), _DECLARANT),
    Act(r.Amend, lodging.amend, (DECLARANT,), _DECLARANT),
    Act(r.Present, lodging.present, (DECLARANT,), _DECLARANT),
    Act(r.Withdraw, lodging.withdraw, (DECLARANT,), _DECLARANT),
    Act(r.RejectDeclaration, lodging.reject, (OFFICE_OF_DEPARTURE,), _DEPARTURE),
    Act(r.Register, lodging.register, (OFFICE_OF_DEPARTURE,), _DEPARTURE),
    Act(r.RecordControl, departure.record_control, (OFFICE_OF_DEPARTURE,), _DEPARTURE),
    Act(r.RequestInvalidation, departure.request_invalidation, (DECLARANT,), _DECLARANT),
    Act(r.Invalidate, departure.invalidate, (OFFICE_OF_DEPARTURE,), _DEPARTURE),
    Act(r.Release, departure.release, (OFFICE_OF_DEPARTURE,), _DEPARTURE),
    Act(r.RefuseRelease, departure.refuse_release, (OFFICE_OF_DEPARTURE,), _DEPARTURE),
    Act(
        r.NoteCrossing,
        journey.note_crossing,
        (OFFICE_OF_TRANSIT, OFFICE_OF_EXIT),
        "the next office of transit of the itinerary",
    ),
    Act(r.ReportIncident, journey.report_incident, (CARRIER,), "the carrier of the movement"),
    Act(
        r.EndorseIncident,
        journey.endorse_incident,
        (OFFICE,),
        "an office of the member where the incident happened",
    ),
    Act(
        r.NotifyArrival,
        destination.notify_arrival,
        (CARRIER, DECLARANT),
        "the carrier or the declarant of the movement",
    ),
    Act(r.RecordArrival, destination.record_arrival, (OFFICE_OF_DESTINATION,), _DESTINATION),
    Act(r.RecordUnloading, destination.record_unloading, (OFFICE_OF_DESTINATION,), _DESTINATION),
    Act(r.Complete, destination.complete, (OFFICE_OF_DESTINATION,), _DESTINATION),
    Act(r.Discharge, destination.discharge, (OFFICE_OF_DEPARTURE,), _DEPARTURE),
)
