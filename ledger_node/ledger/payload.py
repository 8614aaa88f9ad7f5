"""What a voter asks of a block's payload before it votes for it.

Each member checks this for itself: a quorum of votes is a quorum of members that hold the bodies
and found them in order, so a final block never holds a replay or an expired submission. The same
rules tell a proposer what it may pick (`check_orderable`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from consensus.block import Block, SubmissionId, payload_root
from ledger_node.ledger.chain import Ordering
from ledger_node.ledger.refusal import (
    MAX_LIFETIME_MS,
    BlockInvalid,
    SubmissionRefused,
    SubmissionRule,
)
from ledger_node.ledger.submission import Submission, VerifiedSubmission


@dataclass(frozen=True, slots=True)
class PayloadLimits:
    """What a union's genesis allows in a block.

    submissions: their number; body_bytes: the sum of their sizes, as they travel.
    """

    submissions: int
    body_bytes: int


def check_payload(
    block: Block,
    submissions: Sequence[VerifiedSubmission],
    parent: Ordering,
    limits: PayloadLimits,
) -> None:
    """Check the payload of `block` against the chain up to its parent.

    Ordering does not wait for execution, so `parent` need not be executed. submissions: the
    bodies, in order, their signatures verified. Raises BlockInvalid.
    """
    header = block.header
    if len(block.payload) > limits.submissions:
        raise BlockInvalid("payload", f"{len(block.payload)} ids, at most {limits.submissions}")
    if header.payload_root != payload_root(block.payload):
        raise BlockInvalid("payload_root", "is not that of the payload")
    if block.payload != tuple(submission.id for submission in submissions):
        raise BlockInvalid("payload", "the bodies at hand are not those it names")
    size = sum(submission.size for submission in submissions)
    if size > limits.body_bytes:
        raise BlockInvalid("payload", f"{size} bytes of bodies, at most {limits.body_bytes}")
    seen: set[SubmissionId] = set()
    for position, submission in enumerate(submissions):
        try:
            check_orderable(submission, header.union, header.time_ms, parent)
            if submission.id in seen:
                raise SubmissionRefused(SubmissionRule.REPLAY, "id", "twice in this block")
        except SubmissionRefused as error:
            field = f"payload[{position}].{error.field}"
            raise BlockInvalid(field, error.reason, error.rule) from error
        seen.add(submission.id)


def check_orderable(submission: Submission, union: bytes, time_ms: int, parent: Ordering) -> None:
    """Check that a block of `union` at `time_ms` upon `parent` may order the submission.

    Raises SubmissionRefused: another union, expired, expiring too late, or ordered before.
    """
    header = submission.header
    if header.union != union:
        raise SubmissionRefused(SubmissionRule.UNION, "union", header.union.hex())
    check_expiry(header.expiry_ms, time_ms)
    if parent.ordered(submission.id):
        raise SubmissionRefused(SubmissionRule.REPLAY, "id", submission.id.hex())


def check_expiry(expiry_ms: int, time_ms: int) -> None:
    """Check an expiry against a block's time, or the clock on arrival. Raises SubmissionRefused."""
    if expiry_ms <= time_ms:
        reason = f"{expiry_ms}, the time is {time_ms}: expired"
        raise SubmissionRefused(SubmissionRule.EXPIRY, "expiry_ms", reason)
    if expiry_ms > time_ms + MAX_LIFETIME_MS:
        reason = f"{expiry_ms}, the time is {time_ms}: more than 24 hours ahead"
        raise SubmissionRefused(SubmissionRule.EXPIRY, "expiry_ms", reason)
