"""That an object did not change where blocks are left out: it is in the state after them what it
was before.

A bundle about one subject shows whole blocks and leaves out what is between them. The state roots
at both ends of each gap are in the log, so two state proofs show that the subject's own object is
the same there: nothing left out changed it for good. What was refused, and what changed it and then
changed it back, leaves no trace in the state, and may be missing.
Source: state/verify.py (ICS-23).
"""

import msgspec

from ledger_node.audit.bundle.form import Frame, read_form
from ledger_node.audit.bundle.refusal import BundleRefused, Place, Step
from ledger_node.audit.bundle.selection import Concerning
from ledger_node.codec import Digest
from ledger_node.ledger.entries import BlockEntry
from ledger_node.state import (
    ExistenceProof,
    StateTreeError,
    decode_proof,
    verify_membership,
    verify_non_membership,
)


class ProofFrame(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """[before, after]: ICS-23 proofs of one key under the state roots at both ends of a gap."""

    before: bytes
    after: bytes


def object_key(selection: Concerning) -> str:
    """The key of the subject's own object."""
    return f"{selection.subject}/{selection.reference}"


def check_unchanged(frame: Frame, key: str, before: BlockEntry, after: BlockEntry) -> None:
    """The object is the same after both blocks, or missing after both. Raises BundleRefused."""
    given = read_form(ProofFrame, frame, Step.UNCHANGED)
    values: list[bytes | None] = []
    for entry, data in ((before, given.before), (after, given.after)):
        try:
            values.append(_proven(key.encode(), Digest(entry.state_root), data))
        except StateTreeError as error:
            found = f"{key} after block {entry.height}: {error}"
            raise BundleRefused(
                Step.UNCHANGED, Place(height=entry.height, byte=frame.offset), found
            ) from error
    if values[0] != values[1]:
        found = f"{key} changed in one of the blocks {before.height + 1} to {after.height}"
        place = Place(height=before.height + 1, byte=frame.offset)
        raise BundleRefused(Step.UNCHANGED, place, f"{found}, which are left out")


def _proven(key: bytes, root: Digest, data: bytes) -> bytes | None:
    proof = decode_proof(data)
    if isinstance(proof, ExistenceProof):
        verify_membership(root, key, proof.value, proof)
        return proof.value
    verify_non_membership(root, key, proof)
    return None
