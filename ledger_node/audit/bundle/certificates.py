"""Consensus certificates: that a quorum of members made a block final, with exactly this outcome.

A finalization signs the outcome digest, which covers tree size, log root and state root after the
block; so it holds for the block and for every block below it. It stands beside the checkpoint's
cosignatures: those are by the policy's witnesses, this is by the consensus keys of the epoch.
Source: ledger/finality.py, docs/formats.md, "Outcome digest".
"""

from dataclasses import dataclass

from consensus.block import Block
from consensus.messages import Finalization, MessageRefused
from ledger_node.audit.bundle.refusal import BundleRefused, Place, Step
from ledger_node.audit.bundle.succession import Epoch
from ledger_node.codec import Digest
from ledger_node.ledger.chain import outcome_digest
from ledger_node.ledger.finality import check_final, checker
from ledger_node.log.merkle import Frontier


@dataclass(frozen=True, slots=True)
class BlockInLog:
    """A block and what the log says after it. entry: index of its block entry."""

    block: Block
    frontier: Frontier
    state_root: Digest
    entry: int

    @property
    def place(self) -> Place:
        """Of its block entry."""
        return Place(entry=self.entry, height=self.block.header.height)


@dataclass(frozen=True, slots=True)
class FinalBlock:
    """A block of which a certificate was checked. certificate: as it stands in the bundle; signers:
    codes of the members, in the order of their signatures."""

    block: Block
    certificate: bytes
    finalization: Finalization
    signers: tuple[str, ...]


def check_certificate(data: bytes, logged: BlockInLog, epoch: Epoch) -> FinalBlock:
    """The block as a quorum of its epoch's committee made it final. Raises BundleRefused."""
    committee = epoch.committee
    try:
        proof = check_final(logged.block, data, committee, checker(committee))
    except MessageRefused as error:
        raise BundleRefused(Step.CERTIFICATE, logged.place, str(error)) from error
    frontier, signed = logged.frontier, proof.finalization
    outcome = outcome_digest(frontier.size, frontier.root(), logged.state_root)
    if signed.outcome != outcome:
        found = f"it is for the outcome {signed.outcome.hex()}, the log's is {outcome.hex()}"
        raise BundleRefused(Step.CERTIFICATE, logged.place, found)
    signers = tuple(committee.names[member] for member, _ in signed.signatures)
    return FinalBlock(logged.block, data, signed, signers)
