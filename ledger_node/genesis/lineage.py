"""How an epoch ended, as a proof for whoever was not there: from the genesis to any later roster.

Whoever knows the roster of an epoch can check, with a step and nothing else, who forms the union
in the next one: the last block's outcome is finalised by the committee it knows, and the state
under that outcome says what was decided. So from the genesis on, step by step, a new node, an
auditor or a holder of old proofs learns whose votes count, and asks nobody to be trusted.
Format: docs/formats.md, "Snapshots and backups" and "Policy history".
"""

from collections.abc import Callable
from typing import Final

import msgspec

from consensus.block import Block
from consensus.committee import Committee
from consensus.messages import MessageRefused
from contracts import CorruptObjectError
from ledger_node.codec import DecodeError, Digest, decode
from ledger_node.genesis.epochs import (
    charter_key,
    committee_of,
    document_key,
    following_roster,
    last_height,
)
from ledger_node.genesis.roster import Roster
from ledger_node.ledger.chain import outcome_digest
from ledger_node.ledger.finality import CheckClaims, check_final
from ledger_node.ledger.finality import checker as plain_checker
from ledger_node.state import (
    StateTreeError,
    decode_proof,
    verify_membership,
    verify_non_membership,
)
from ledger_node.state.proof import ExistenceProof

MAX_STEP_BYTES: Final = 512 * 1024
"""Two state proofs, of which one holds an epoch document; a block without bodies; signatures."""


class StepRefused(ValueError):
    """A step that does not show how the epoch ended. reason: text for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class EpochStep(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The end of an epoch.

    block: its last; certificate: what made it final; tree_size, log_root, state_root: what the
    outcome digest covers; charter, document: ICS-23 proofs under the state root, of the charter and
    of the document that the next epoch follows, or of its absence.
    """

    block: Block
    certificate: bytes
    tree_size: int
    log_root: bytes
    state_root: bytes
    charter: bytes
    document: bytes


def decode_step(data: bytes) -> EpochStep:
    """A step, unchecked. Raises StepRefused."""
    try:
        return decode(EpochStep, data, what="epoch step", limit=MAX_STEP_BYTES)
    except DecodeError as error:
        raise StepRefused(error.reason) from error


def follow_step(
    data: bytes,
    before: Roster,
    union: bytes,
    checker: Callable[[Committee], CheckClaims] = plain_checker,
) -> Roster:
    """The roster after `before`, as the end of its epoch proves it. Raises StepRefused."""
    step = decode_step(data)
    committee = committee_of(before, union)
    try:
        proof = check_final(step.block, step.certificate, committee, checker(committee))
    except MessageRefused as error:
        raise StepRefused(f"certificate: {error}") from error
    outcome = outcome_digest(step.tree_size, step.log_root, step.state_root)
    if outcome != proof.finalization.outcome:
        raise StepRefused("its roots are not those the certificate names")
    root = Digest(step.state_root)
    proven: dict[str, bytes | None] = {}
    try:
        _prove_into(proven, root, charter_key(), step.charter)
        if proven[charter_key()] is None:
            raise StepRefused("it proves that there is no charter")
        # The charter names the epoch to come, and so the document that it follows.
        _prove_into(proven, root, document_key(before.epoch + 1), step.document)
        ending = last_height(proven.__getitem__, before)
        height = step.block.header.height
        if ending != height:
            raise StepRefused(f"the epoch ends at {ending}, not at {height}")
        roster, _ = following_roster(proven.__getitem__, before, height)
    except (StateTreeError, CorruptObjectError) as error:
        raise StepRefused(str(error)) from error
    except KeyError as error:
        raise StepRefused(f"does not prove {error}") from error
    if roster.epoch != before.epoch + 1:
        raise StepRefused(f"epoch {roster.epoch} follows {before.epoch}")
    return roster


def _prove_into(proven: dict[str, bytes | None], root: Digest, key: str, data: bytes) -> None:
    proof = decode_proof(data)
    if isinstance(proof, ExistenceProof):
        verify_membership(root, key.encode(), proof.value, proof)
        proven[key] = proof.value
    else:
        verify_non_membership(root, key.encode(), proof)
        proven[key] = None
