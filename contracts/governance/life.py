"""Which record fits which state of a proposal."""

from contracts.governance import records as r
from contracts.governance.objects import ProposalState as P
from contracts.governance.rules import STATE_FITS
from contracts.kernel.deadline import Deadline
from contracts.kernel.lifecycle import Lifecycle, Step
from contracts.kernel.sources import LEDGER

PASSES = "passes"
FAILS = "cannot pass"
GOES_ON = ""

_PROPOSING = (
    r.ProposeContractSet,
    r.ProposeEpoch,
    r.ProposeSuspension,
    r.ProposeReinstatement,
    r.ProposeCommission,
    r.ProposeDismissal,
)

LAPSE = Deadline(
    "governance.lapse",
    "A proposal whose voting ended without a result lapses.",
    f"{LEDGER} (governance: one vote a member)",
)

PROPOSAL_LIFE = Lifecycle(
    "proposal",
    STATE_FITS,
    (
        *(Step(None, kind, P.OPEN) for kind in _PROPOSING),
        *(Step(None, kind, P.PASSED, PASSES) for kind in _PROPOSING),
        Step(P.OPEN, r.CastVote, P.OPEN, GOES_ON),
        Step(P.OPEN, r.CastVote, P.PASSED, PASSES),
        Step(P.OPEN, r.CastVote, P.REJECTED, FAILS),
        Step(P.OPEN, r.WithdrawProposal, P.WITHDRAWN),
        Step(P.OPEN, LAPSE, P.LAPSED),
    ),
)
