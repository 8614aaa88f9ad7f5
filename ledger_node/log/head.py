"""A tree head with signature lines in one order, so that none can be changed or moved unnoticed.

The specs let lines stand in any order and have verifiers pass over those of unknown keys. What this
ledger writes is stricter: the log's signature first, then cosignatures of witnesses of the policy
in the order of its lines. Proofs, fork evidence and checkpoint files are all held to it.

A checkpoint file, as a node publishes it, may have two things more: cosignatures beyond the quorum,
and after all others lines by keys that the policy does not list, such as those of witnesses that
only a stricter policy asks for. Nothing rests on either: whoever takes one away is left with a
checkpoint that says less.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger_node.log.checkpoint import (
    CheckpointError,
    SignedCheckpoint,
    parse_signed_checkpoint,
)
from ledger_node.log.errors import LogError
from ledger_node.log.note import NoteError, NoteSignature
from ledger_node.log.policy import Policy
from ledger_node.log.verified import (
    CheckpointRefused,
    CheckpointStep,
    VerifiedCheckpoint,
    VerifiedCosignature,
    check_log_signature,
    verified_cosignature,
)

_SIGNATURES_BEGIN: Final = "\n\n— ".encode()


class HeadStep(StrEnum):
    """The checks of a tree head, in their order."""

    FORMAT = "the file is a checkpoint, a signed note"
    EXTENSIONS = "the checkpoint has no extension lines"
    LOG_SIGNATURE = "the first signature is by a log of the policy"
    COSIGNATURES = "each further signature is by a witness of the policy, in its order"
    QUORUM = "the cosignatures meet the quorum"


class HeadRefused(LogError):
    """A head that counts for nothing under the policy. step: the failing check; reason: text."""

    def __init__(self, step: HeadStep, reason: str) -> None:
        super().__init__(f"checkpoint refused at: {step.value}; {reason}")
        self.step = step
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PublishedHead:
    """A checkpoint file that the policy accepts. others: lines by keys it does not list."""

    head: VerifiedCheckpoint
    others: tuple[NoteSignature, ...]

    def format(self) -> bytes:
        """The file's bytes."""
        return self.head.signed().with_signatures(*self.others).format()


def is_checkpoint(data: bytes) -> bool:
    """Whether a file has the look of one: no empty line before its signatures."""
    return data.find(b"\n\n") == data.find(_SIGNATURES_BEGIN) != -1


def verify_head(data: bytes, policy: Policy) -> PublishedHead:
    """What a checkpoint file says under `policy`. Raises HeadRefused, and nothing else."""
    try:
        signed = parse_signed_checkpoint(data)
    except (NoteError, CheckpointError) as error:
        raise HeadRefused(HeadStep.FORMAT, str(error)) from error
    known = len(signed.signatures)
    while known > 1 and policy.witness_of(signed.signatures[known - 1]) is None:
        known -= 1
    ours = SignedCheckpoint(signed.checkpoint, signed.signatures[:known])
    head = signatures_in_order(ours, policy)
    if not policy.quorum_met({each.witness.name for each in head.cosignatures}):
        raise HeadRefused(HeadStep.QUORUM, f"{len(head.cosignatures)} do not meet it")
    return PublishedHead(head, signed.signatures[known:])


def signatures_in_order(signed: SignedCheckpoint, policy: Policy) -> VerifiedCheckpoint:
    """The head with every line verified, the log's first. Whether they are enough is not asked.

    Raises HeadRefused naming the failing step.
    """
    checkpoint = signed.checkpoint
    if checkpoint.extensions:
        raise HeadRefused(HeadStep.EXTENSIONS, f"there are {len(checkpoint.extensions)}")
    first, *rest = signed.signatures
    log = policy.log_of(checkpoint.origin, first)
    if log is None:
        raise HeadRefused(HeadStep.LOG_SIGNATURE, f"it is by an unlisted key {first.name}")
    try:
        check_log_signature(checkpoint, log, first)
        cosignatures: list[VerifiedCosignature] = []
        last = -1
        for line in rest:
            witness = policy.witness_of(line)
            if witness is None:
                reason = f"there is one by an unlisted key {line.name}"
                raise HeadRefused(HeadStep.COSIGNATURES, reason)
            place = policy.witnesses.index(witness)
            if place <= last:
                reason = f"{line.name} is out of order or twice"
                raise HeadRefused(HeadStep.COSIGNATURES, reason)
            last = place
            cosignatures.append(verified_cosignature(checkpoint, witness, line))
    except CheckpointRefused as error:
        in_log = error.step is CheckpointStep.LOG_SIGNATURE
        step = HeadStep.LOG_SIGNATURE if in_log else HeadStep.COSIGNATURES
        raise HeadRefused(step, error.detail) from error
    return VerifiedCheckpoint(checkpoint, log, first, tuple(cosignatures))
