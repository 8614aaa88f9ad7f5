"""The authenticated state: a sparse Merkle tree with proofs that ICS-23 verifiers accept.

`update` makes a block's changes in one batch and returns the new tree with the rows to write;
`prove` shows a third party that an entry is, or is not, under a root; `verify_membership` and
`verify_non_membership` need nothing but the proof. Everything here is pure: updates over the
`TreeRows` of the store, proofs over the pages (`NodeReader`) that `stored_page` makes of them.
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
from ledger_node.state.stored import NoRows, TreeRows, stored_page
from ledger_node.state.tree import EMPTY_ROOT, NO_TREE, Tree, Update, path_of, update
from ledger_node.state.verify import verify_membership, verify_non_membership
from ledger_node.state.wire import MAX_PROOF_BYTES, decode_proof, encode_compressed, encode_proof

__all__ = [
    "EMPTY_ROOT",
    "MAX_PROOF_BYTES",
    "NO_TREE",
    "CommitmentProof",
    "CorruptPage",
    "EmptyEntry",
    "EmptyTree",
    "EntryLookup",
    "EntryMismatch",
    "ExistenceProof",
    "InvalidProof",
    "MalformedProof",
    "NoRows",
    "NodeReader",
    "NonExistenceProof",
    "ProofStep",
    "StateTreeError",
    "Tree",
    "TreeRows",
    "Update",
    "decode_proof",
    "encode_compressed",
    "encode_proof",
    "path_of",
    "prove",
    "stored_page",
    "update",
    "verify_membership",
    "verify_non_membership",
]
