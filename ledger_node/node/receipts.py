"""What a node says of a submission: from the ledger, or from blocks as they become final."""

from dataclasses import dataclass
from enum import StrEnum

from consensus.block import SubmissionId
from ledger_node.ledger.chain import ExecutedBlock
from ledger_node.ledger.outcome import Outcome
from ledger_node.storage.snapshot import Snapshot


class Stage(StrEnum):
    """How far a submission has come."""

    UNKNOWN = "unknown"
    PENDING = "pending"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a node says of a submission. The rest is given once it is final.

    height: of its block; time_ms: the block's; log_index: of its submission entry, the records'
    follow; outcomes: one a record.
    """

    id: SubmissionId
    stage: Stage
    height: int | None = None
    time_ms: int | None = None
    log_index: int | None = None
    outcomes: tuple[Outcome, ...] = ()


def receipt_from(snapshot: Snapshot, name: SubmissionId) -> Receipt | None:
    """The receipt of a submission that is final on disk; None if it is not.

    Raises NotYetHere for one that was ordered before this node's snapshot.
    """
    location = snapshot.location(name)
    if location is None:
        return None
    block = snapshot.block(location.height)
    assert block is not None, "a location names a final block"
    return Receipt(
        name,
        Stage.FINAL,
        location.height,
        block.block.header.time_ms,
        location.log_index,
        snapshot.outcomes(location),
    )


def receipt_of(executed: ExecutedBlock, name: SubmissionId) -> Receipt:
    """The receipt of a submission that the block ordered, which is final. Raises KeyError."""
    index = executed.locations[name]
    header = executed.block.header
    outcomes = executed.outcomes[name]
    return Receipt(name, Stage.FINAL, header.height, header.time_ms, index, outcomes)
