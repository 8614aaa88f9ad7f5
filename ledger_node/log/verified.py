"""Checkpoints that satisfy a policy.

A `VerifiedCheckpoint` comes from `verify_checkpoint` (for proofs, from the stricter check in
`proof`; in the log itself, from `witnessed_checkpoint`) and from nowhere else: code that needs a
trusted tree head takes this type and cannot be handed an unchecked one by mistake.

Source: c2sp.org/tlog-policy and c2sp.org/signed-note: lines by unknown keys are ignored, one bad
line by a known key spoils the whole note.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ledger_node.log.checkpoint import Checkpoint, SignedCheckpoint
from ledger_node.log.cosignature import verify_cosignature
from ledger_node.log.errors import LogError
from ledger_node.log.note import NoteError, NoteSignature, verify_note_signature
from ledger_node.log.policy import Log, Policy, Witness


class CheckpointStep(StrEnum):
    """The checks of a checkpoint, in their order."""

    LOG_SIGNATURE = "a signature by a log of the policy, named as the origin"
    COSIGNATURE = "every cosignature by a witness of the policy holds"
    QUORUM = "the witnesses make up the policy's quorum"


class CheckpointRefused(LogError):
    """A checkpoint does not satisfy the policy. step: the failing check."""

    def __init__(self, step: CheckpointStep, detail: str) -> None:
        super().__init__(f"checkpoint refused at: {step.value}; {detail}")
        self.step = step
        self.detail = detail


@dataclass(frozen=True, slots=True)
class VerifiedCosignature:
    """A witness's valid line. timestamp: when it says it saw the checkpoint, in seconds."""

    witness: Witness
    timestamp: int
    signature: NoteSignature


@dataclass(frozen=True, slots=True)
class VerifiedCheckpoint:
    """A tree head to trust as far as the policy is trusted; cosignatures in policy order."""

    checkpoint: Checkpoint
    log: Log
    log_signature: NoteSignature
    cosignatures: tuple[VerifiedCosignature, ...]

    def signed(self) -> SignedCheckpoint:
        """The checkpoint with exactly the lines that were verified, the log's first."""
        lines = (self.log_signature, *(each.signature for each in self.cosignatures))
        return SignedCheckpoint(self.checkpoint, lines)


def verify_checkpoint(signed: SignedCheckpoint, policy: Policy) -> VerifiedCheckpoint:
    """The checkpoint, once the policy accepts it; of several lines by one key the first is kept.

    Raises CheckpointRefused naming the failing step.
    """
    checkpoint = signed.checkpoint
    log_lines: list[tuple[Log, NoteSignature]] = []
    for line in signed.signatures:
        if (log := policy.log_of(checkpoint.origin, line)) is not None:
            check_log_signature(checkpoint, log, line)
            log_lines.append((log, line))
    if not log_lines:
        raise CheckpointRefused(CheckpointStep.LOG_SIGNATURE, "there is none")
    cosignatures: dict[str, VerifiedCosignature] = {}
    for line in signed.signatures:
        if (witness := policy.witness_of(line)) is not None:
            cosignatures.setdefault(witness.name, verified_cosignature(checkpoint, witness, line))
    return witnessed_checkpoint(checkpoint, *log_lines[0], cosignatures, policy)


def witnessed_checkpoint(
    checkpoint: Checkpoint,
    log: Log,
    own_line: NoteSignature,
    cosignatures: Mapping[str, VerifiedCosignature],
    policy: Policy,
) -> VerifiedCheckpoint:
    """The checkpoint of a log that signed it in this process, and verified each cosignature of it
    as it came. cosignatures: by name of the witness. Raises CheckpointRefused: no quorum."""
    if not policy.quorum_met(cosignatures.keys()):
        found = ", ".join(cosignatures) or "none"
        raise CheckpointRefused(CheckpointStep.QUORUM, f"cosigned by: {found}")
    in_order = tuple(
        cosignatures[each.name] for each in policy.witnesses if each.name in cosignatures
    )
    return VerifiedCheckpoint(checkpoint, log, own_line, in_order)


def check_log_signature(checkpoint: Checkpoint, log: Log, line: NoteSignature) -> None:
    """Check the log's line over the checkpoint. Raises CheckpointRefused."""
    try:
        verify_note_signature(checkpoint.text(), log.key, line)
    except NoteError as error:
        raise CheckpointRefused(CheckpointStep.LOG_SIGNATURE, str(error)) from error


def verified_cosignature(
    checkpoint: Checkpoint, witness: Witness, line: NoteSignature
) -> VerifiedCosignature:
    """The witness's line, once it holds. Raises CheckpointRefused."""
    try:
        timestamp = verify_cosignature(checkpoint, witness.key, line)
    except NoteError as error:
        raise CheckpointRefused(CheckpointStep.COSIGNATURE, str(error)) from error
    return VerifiedCosignature(witness, timestamp, line)
