"""Consensus certificates: that a quorum of members finalized a block with exactly this outcome.

A finalization signs the outcome digest, which covers tree size, log root and state root after the
block; so it holds for the block and for every block below it. It stands beside the checkpoint's
cosignatures: those are by the policy's witnesses, this is by the consensus keys of the genesis.
Source: consensus/messages.py, docs/formats.md, "Outcome digest".
"""

from consensus.authentication import claims
from consensus.committee import Committee
from consensus.messages import Finalization, MessageRefused, decode_message
from ledger_node.audit.bundle.blocks import LoggedBlock
from ledger_node.audit.bundle.refusal import BundleRefused, Step
from ledger_node.crypto.signatures import verify
from ledger_node.ledger.chain import outcome_digest


def check_certificate(data: bytes, block: LoggedBlock, committee: Committee) -> tuple[str, ...]:
    """Codes of the members that signed the block's finalization. Raises BundleRefused."""
    try:
        message = decode_message(data)
        if not isinstance(message, Finalization):
            raise _refused(block, "it is no finalization")
        signed = claims(message, committee)
    except MessageRefused as error:
        raise _refused(block, str(error)) from error
    if message.block != block.closing.block or message.view != block.closing.view:
        raise _refused(block, f"it is for block {message.block.hex()} of view {message.view}")
    frontier = block.frontier
    outcome = outcome_digest(frontier.size, frontier.root(), block.closing.state_root)
    if message.outcome != outcome:
        found = f"it is for the outcome {message.outcome.hex()}, the log's is {outcome.hex()}"
        raise _refused(block, found)
    for claim in signed:
        if not verify(committee.keys[claim.member], claim.statement, claim.signature):
            raise _refused(block, f"the signature of {committee.names[claim.member]} does not hold")
    return tuple(committee.names[claim.member] for claim in signed)


def _refused(block: LoggedBlock, found: str) -> BundleRefused:
    return BundleRefused(Step.CERTIFICATE, block.place(), found)
