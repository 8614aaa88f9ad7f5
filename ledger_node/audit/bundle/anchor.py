"""What an auditor trusts beforehand, and what of a bundle's head it makes trustworthy.

Either a policy: then the checkpoint it accepts vouches for the log, and the log for its genesis.
Or the genesis itself, which all founders signed: then the steps in the bundle prove who formed the
union in each epoch, and the checkpoint must satisfy the policy of the epoch it was made in.
"""

from dataclasses import dataclass
from typing import TypeAlias

from ledger_node.audit.bundle.founding import Founding
from ledger_node.audit.bundle.succession import Succession
from ledger_node.genesis.ceremony import VerifiedGenesis
from ledger_node.log.checkpoint import SignedCheckpoint, parse_signed_checkpoint
from ledger_node.log.errors import LogError
from ledger_node.log.policy import Policy
from ledger_node.log.verified import CheckpointRefused, VerifiedCheckpoint, verify_checkpoint

Anchor: TypeAlias = Policy | VerifiedGenesis


class HeadRefused(ValueError):
    """A checkpoint that the auditor's trust does not extend to. reason: text for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class AcceptedHead:
    """A checkpoint and the policy that accepts it. epoch: whose policy it is, None for one given
    by the auditor."""

    checkpoint: VerifiedCheckpoint
    policy: Policy
    epoch: int | None


def accept_head(
    note: bytes, anchor: Anchor, founding: Founding, succession: Succession
) -> AcceptedHead:
    """The checkpoint in a signed note, once it is accepted. Raises HeadRefused."""
    try:
        signed = parse_signed_checkpoint(note)
    except LogError as error:
        raise HeadRefused(str(error)) from error
    head = signed.checkpoint
    if head.extensions:
        raise HeadRefused("it has extension lines")
    if not head.size:
        raise HeadRefused("the log is empty")
    if head.origin != founding.genesis.origin:
        origin = founding.genesis.origin
        raise HeadRefused(f"it is of the log {head.origin}, the document founds {origin}")
    if isinstance(anchor, Policy):
        return AcceptedHead(_verified(signed, anchor), anchor, None)
    return _of_an_epoch(signed, succession)


def _of_an_epoch(signed: SignedCheckpoint, succession: Succession) -> AcceptedHead:
    refusals: list[str] = []
    for epoch, policy in succession.policies(signed.checkpoint.size):
        try:
            return AcceptedHead(_verified(signed, policy), policy, epoch)
        except HeadRefused as error:
            refusals.append(f"by the policy of epoch {epoch}: {error.reason}")
    raise HeadRefused("; ".join(refusals))


def _verified(signed: SignedCheckpoint, policy: Policy) -> VerifiedCheckpoint:
    try:
        return verify_checkpoint(signed, policy)
    except CheckpointRefused as error:
        raise HeadRefused(f"{error.step.value}; {error.detail}") from error
