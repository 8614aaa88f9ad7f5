"""Who may do what with navigation seals."""

from contracts.registry.competence import OFFICE, SEAL_OPERATOR, Act, Acts
from contracts.seals import records as r
from contracts.seals.alarms import judge_alarm, report_event
from contracts.seals.monitoring import accept_handover, commit_positions, offer_handover
from contracts.seals.stock import (
    activate_seal,
    deactivate_seal,
    register_seal,
    set_aside,
    take_back,
)

_IN_CHARGE = "the operator in charge of the transport"

ACTS: Acts = (
    Act(r.RegisterSeal, register_seal, (SEAL_OPERATOR,), "any operator: the seal is its own"),
    Act(
        r.ActivateSeal,
        activate_seal,
        (SEAL_OPERATOR,),
        "the operator of the seal, in charge of the transport if it is monitored already",
    ),
    Act(r.ReportSealEvent, report_event, (SEAL_OPERATOR,), _IN_CHARGE, winds_up=True),
    Act(
        r.JudgeAlarm,
        judge_alarm,
        (OFFICE,),
        "an office of the member whose operator was in charge",
        winds_up=True,
    ),
    Act(r.DeactivateSeal, deactivate_seal, (SEAL_OPERATOR,), _IN_CHARGE, winds_up=True),
    Act(
        r.SetAside,
        set_aside,
        (SEAL_OPERATOR,),
        f"{_IN_CHARGE}; of a free seal, its operator",
        winds_up=True,
    ),
    Act(r.TakeBack, take_back, (SEAL_OPERATOR,), "the operator of the seal", winds_up=True),
    Act(r.OfferHandover, offer_handover, (SEAL_OPERATOR,), _IN_CHARGE, winds_up=True),
    Act(r.AcceptHandover, accept_handover, (SEAL_OPERATOR,), "the operator it was offered to"),
    Act(r.CommitPositions, commit_positions, (SEAL_OPERATOR,), _IN_CHARGE, winds_up=True),
)
