"""Who governs: every member through its registrar; and what happens by itself."""

from contracts.governance import records as r
from contracts.governance.evidence import report
from contracts.governance.life import LAPSE
from contracts.governance.voting import lapse, propose, vote, withdraw
from contracts.kernel.deadline import DeadlineAct, DeadlineActs
from contracts.registry.competence import AUDITOR, REGISTRAR, Act, Acts

_ENTITLED = "the registrar of a member with a vote"

ACTS: Acts = (
    Act(r.ProposeContractSet, propose, (REGISTRAR,), _ENTITLED),
    Act(r.ProposeEpoch, propose, (REGISTRAR,), _ENTITLED),
    Act(r.ProposeSuspension, propose, (REGISTRAR,), f"{_ENTITLED}, not the one concerned"),
    Act(r.ProposeReinstatement, propose, (REGISTRAR,), f"{_ENTITLED}, not the one concerned"),
    Act(r.ProposeCommission, propose, (REGISTRAR,), _ENTITLED),
    Act(r.ProposeDismissal, propose, (REGISTRAR,), _ENTITLED),
    Act(r.CastVote, vote, (REGISTRAR,), f"{_ENTITLED}, that has not voted"),
    Act(r.ReportEquivocation, report, (REGISTRAR, AUDITOR), "any registrar or auditor"),
    Act(r.WithdrawProposal, withdraw, (REGISTRAR,), "the registrar of the member that proposed"),
)

DEADLINES: DeadlineActs = (DeadlineAct(LAPSE, lapse),)
