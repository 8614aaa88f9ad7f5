"""The charter, contract sets, epochs and proposals as the state keeps them."""

from enum import StrEnum

from contracts.governance.changes import Change
from contracts.kernel.record import Part
from contracts.kernel.state import ObjectType, StateObject

UNION = "union"


class Charter(StateObject, frozen=True):
    """Who forms the union now.

    members: codes, sorted; suspended: those without vote and seat in the committee;
    epoch: from 1; epoch_from: height of the block that closed the epoch before, 0 for the first;
    proposals: made so far, the number of the latest.
    """

    members: tuple[str, ...]
    suspended: tuple[str, ...]
    epoch: int
    epoch_from: int
    proposals: int

    @property
    def committee(self) -> tuple[str, ...]:
        """Members that vote, here and in consensus."""
        return tuple(member for member in self.members if member not in self.suspended)


class ContractSet(StateObject, frozen=True):
    """Which contract set judges records, by digest of its sources.

    digest: in force from height `from_height`, empty for that of the genesis; next_digest: judges
    from `next_height` on, which may lie behind; None if no change was voted since.
    """

    digest: bytes
    from_height: int
    next_digest: bytes | None
    next_height: int

    def at(self, height: int) -> bytes:
        """The digest in force at a height not before `from_height`."""
        return self.digest if self.pending(height) or self.next_digest is None else self.next_digest

    def pending(self, height: int) -> bool:
        """True if a voted set still waits for its height."""
        return self.next_digest is not None and height < self.next_height


class EpochDocument(StateObject, frozen=True):
    """What members voted for an epoch: cards, keys and parameters, as nodes encode them."""

    epoch: int
    proposal: int
    document: bytes


class ProposalState(StrEnum):
    OPEN = "open"
    PASSED = "passed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """The voting ended without a result."""


class Vote(Part, frozen=True):
    """A member's vote, and when it was cast."""

    member: str
    yes: bool
    cast_ms: int


class Proposal(StateObject, frozen=True):
    """A change put to the vote. member: who proposes; decided_height: where the vote ended it."""

    number: int
    member: str
    change: Change
    grounds: str
    opened_ms: int
    closes_ms: int
    state: ProposalState
    votes: tuple[Vote, ...]
    decided_height: int | None


class Equivocation(StateObject, frozen=True):
    """Two signed votes that contradict each other, as reported. first, second: canonical votes."""

    member: str
    epoch: int
    view: int
    first: bytes
    second: bytes
    reported_by: str
    reported_ms: int


def equivocation_reference(member: str, epoch: int, view: int) -> str:
    return f"{member}/{epoch}/{view}"


CHARTER = ObjectType("charter", Charter, lambda _: UNION, "charter/union")
CONTRACT_SET = ObjectType("contract-set", ContractSet, lambda _: UNION, "contract-set/union")
EPOCH_DOCUMENT = ObjectType(
    "epoch-document", EpochDocument, lambda item: str(item.epoch), "epoch-document/<epoch>"
)
PROPOSAL = ObjectType("proposal", Proposal, lambda item: str(item.number), "proposal/<number>")
EQUIVOCATION = ObjectType(
    "equivocation",
    Equivocation,
    lambda item: equivocation_reference(item.member, item.epoch, item.view),
    "equivocation/<member>/<epoch>/<view>",
)
