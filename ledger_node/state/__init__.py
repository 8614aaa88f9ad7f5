"""The authenticated state: a sparse Merkle tree with proofs that ICS-23 verifiers accept.

`update` makes a block's changes in one batch and returns the new root with the pages to write;
`prove` shows a third party that an entry is, or is not, under a root; `verify_membership` and
`verify_non_membership` need nothing but the proof. Everything here is pure over a `NodeReader`.
"""

from ledger_node.state.errors import (
    CorruptPage,
    EmptyEntry,
    EmptyTree,
    EntryMismatch,
    InvalidProof,
    MalformedProof,
    ProofStep,
    StateTreeError,
)
from ledger_node.state.page import NodeReader
from ledger_node.state.proof import CommitmentProof, ExistenceProof, NonExistenceProof
from ledger_node.state.prove import EntryLookup, prove
from ledger_node.state.tree import EMPTY_ROOT, Overlay, Update, path_of, update
from ledger_node.state.verify import verify_membership, verify_non_membership
from ledger_node.state.wire import MAX_PROOF_BYTES, decode_proof, encode_compressed, encode_proof

__all__ = [
    "EMPTY_ROOT",
    "MAX_PROOF_BYTES",
    "CommitmentProof",
    "CorruptPage",
    "EmptyEntry",
    "EmptyTree",
    "EntryLookup",
    "EntryMismatch",
    "ExistenceProof",
    "InvalidProof",
    "MalformedProof",
    "NodeReader",
    "NonExistenceProof",
    "Overlay",
    "ProofStep",
    "StateTreeError",
    "Update",
    "decode_proof",
    "encode_compressed",
    "encode_proof",
    "path_of",
    "prove",
    "update",
    "verify_membership",
    "verify_non_membership",
]
