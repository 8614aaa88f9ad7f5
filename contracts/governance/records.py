"""Records of governance. Every proposal gives its grounds and says when its vote ends."""

from typing import Annotated

from contracts.governance.changes import (
    CommissionChange,
    ContractSetChange,
    DismissalChange,
    EpochChange,
    ReinstatementChange,
    SuspensionChange,
)
from contracts.kernel.form import Form, number
from contracts.kernel.record import Record
from contracts.kernel.rules import BYTES
from contracts.references.fields import MemberCode, Reason, Time

MAX_VOTE = 512

SignedVote = Annotated[
    bytes,
    Form(
        "signed vote",
        f"1 to {MAX_VOTE} bytes",
        BYTES,
        lambda value: 1 <= len(value) <= MAX_VOTE,
        (("minLength", 2), ("maxLength", 2 * MAX_VOTE)),
    ),
]
ProposalNumber = Annotated[int, number("proposal", 1, 10**9)]


class ProposeContractSet(Record, frozen=True, tag="governance.propose-contract-set"):
    """A member proposes that another contract set takes effect at a height."""

    change: ContractSetChange
    grounds: Reason
    closes_ms: Time


class ProposeEpoch(Record, frozen=True, tag="governance.propose-epoch"):
    """A member proposes a new epoch: other members, keys or parameters."""

    change: EpochChange
    grounds: Reason
    closes_ms: Time


class ProposeSuspension(Record, frozen=True, tag="governance.propose-suspension"):
    """A member proposes to suspend another on evidence."""

    change: SuspensionChange
    grounds: Reason
    closes_ms: Time


class ProposeReinstatement(Record, frozen=True, tag="governance.propose-reinstatement"):
    """A member proposes to give a suspended member its vote and seat back."""

    change: ReinstatementChange
    grounds: Reason
    closes_ms: Time


class ProposeCommission(Record, frozen=True, tag="governance.propose-commission"):
    """A member proposes who acts as the Commission, and with which keys."""

    change: CommissionChange
    grounds: Reason
    closes_ms: Time


class ProposeDismissal(Record, frozen=True, tag="governance.propose-dismissal"):
    """A member proposes that the Commission's participant may act no more."""

    change: DismissalChange
    grounds: Reason
    closes_ms: Time


Proposing = (
    ProposeContractSet
    | ProposeEpoch
    | ProposeSuspension
    | ProposeReinstatement
    | ProposeCommission
    | ProposeDismissal
)


class CastVote(Record, frozen=True, tag="governance.vote"):
    """A member votes on a proposal, once."""

    proposal: ProposalNumber
    yes: bool


class ReportEquivocation(Record, frozen=True, tag="governance.report-equivocation"):
    """A member reports that another signed two votes of consensus that contradict each other.

    first, second: the votes, canonical, with their signatures (docs/formats.md).
    """

    member: MemberCode
    epoch: Annotated[int, number("epoch", 1, 2**53 - 1)]
    view: Annotated[int, number("view", 1, 2**53 - 1)]
    first: SignedVote
    second: SignedVote


class WithdrawProposal(Record, frozen=True, tag="governance.withdraw"):
    """The member that proposed takes its proposal back."""

    proposal: ProposalNumber
