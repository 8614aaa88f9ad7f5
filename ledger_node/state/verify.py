"""Checking proofs against a root, by the rules of ICS-23 and the form of the state tree.

The checks are those of cosmos/ics23, go/ops.go and go/proof.go, for binary trees. On top of
them, operations must have the one form this tree produces (SHAPE) and the path must turn where
the hashed key turns (POSITION). So a proof has no part that could be changed unnoticed, and the
neighbours in a proof of absence cannot have been put elsewhere than their keys belong.

Pure functions over proof and root: no database, no node. Each failure names its step.
"""

from collections.abc import Sequence
from enum import Enum
from hashlib import sha256
from typing import Final, NoReturn

from ledger_node.codec import Digest
from ledger_node.state.errors import InvalidProof, ProofStep
from ledger_node.state.page import HASH_SIZE, INNER_PREFIX
from ledger_node.state.proof import (
    SMT_SPEC,
    CommitmentProof,
    ExistenceProof,
    HashOp,
    InnerOp,
    InnerSpec,
    LeafOp,
    LengthOp,
    NonExistenceProof,
    ProofSpec,
)

DEFAULT_MAX_DEPTH: Final = 128
"""Inner nodes allowed by a specification that states no bound (ICS-23)."""


def verify_membership(root: Digest, key: bytes, value: bytes, proof: CommitmentProof) -> None:
    """Return if `proof` shows that `key` has `value` in the tree under `root`.

    Raises InvalidProof, naming the first check that failed.
    """
    _check_root_size(root)
    if not isinstance(proof, ExistenceProof):
        raise InvalidProof(ProofStep.KIND, "a non-existence proof where existence is claimed")
    if proof.key != key:
        raise InvalidProof(ProofStep.KEY, f"the proof is for {proof.key!r}, not for {key!r}")
    if proof.value != value:
        raise InvalidProof(ProofStep.VALUE, f"the proof is for another value of {key!r}")
    _verify_existence(root, proof)


def verify_non_membership(root: Digest, key: bytes, proof: CommitmentProof) -> None:
    """Return if `proof` shows that `key` is not in the tree under `root`.

    The proof may name the key as it is or by its hash, as proofs from other SMT stores do.
    Raises InvalidProof, naming the first check that failed.
    """
    _check_root_size(root)
    if not isinstance(proof, NonExistenceProof):
        raise InvalidProof(ProofStep.KIND, "an existence proof where absence is claimed")
    if not key:
        raise InvalidProof(ProofStep.KEY, "the key is empty")
    path = _compared(key)
    if proof.key not in (key, path):
        raise InvalidProof(ProofStep.KEY, f"the proof is for {proof.key!r}, not for {key!r}")

    left, right = proof.left, proof.right
    if left is None and right is None:
        raise InvalidProof(ProofStep.NEIGHBOURS, "neither a left nor a right neighbour")
    for side, neighbour in (("left", left), ("right", right)):
        if neighbour is not None:
            _verify_existence(root, neighbour, side)
    if left is not None and path <= _compared(left.key):
        raise InvalidProof(ProofStep.LEFT_ORDER, f"{left.key!r} is not left of {key!r}")
    if right is not None and path >= _compared(right.key):
        raise InvalidProof(ProofStep.RIGHT_ORDER, f"{right.key!r} is not right of {key!r}")
    _check_adjacency(SMT_SPEC.inner, left, right)


def _check_root_size(root: bytes) -> None:
    if len(root) != HASH_SIZE:
        raise InvalidProof(ProofStep.ROOT_SIZE, f"a root of {len(root)} bytes")


def _compared(key: bytes) -> bytes:
    """What keys are ordered by (`prehash_key_before_comparison`): the path in the tree."""
    return sha256(key).digest()


def _verify_existence(root: Digest, proof: ExistenceProof, side: str | None = None) -> None:
    try:
        check_against_spec(proof, SMT_SPEC)
        _check_shape(proof)
        _check_position(proof)
        calculated = calculate_root(proof)
    except InvalidProof as error:
        raise InvalidProof(error.step, error.detail, side) from None
    if calculated != root:
        detail = f"the proof leads to {calculated.hex()}, not to {root.hex()}"
        raise InvalidProof(ProofStep.ROOT, detail, side)


# --- ICS-23, `CheckAgainstSpec` ---


def check_against_spec(proof: ExistenceProof, spec: ProofSpec) -> None:
    """Check that the operations of `proof` are such as `spec` allows."""
    check_leaf(proof.leaf, spec.leaf)
    depth = len(proof.path)
    if depth < spec.min_depth:
        raise InvalidProof(ProofStep.DEPTH, f"{depth} inner nodes, at least {spec.min_depth}")
    max_depth = spec.max_depth or DEFAULT_MAX_DEPTH
    if depth > max_depth:
        raise InvalidProof(ProofStep.DEPTH, f"{depth} inner nodes, at most {max_depth}")
    for op in proof.path:
        _check_inner(op, spec)


def check_leaf(leaf: LeafOp, spec: LeafOp) -> None:
    """Check that a leaf is hashed as in `spec`; its prefix may go on where that of `spec` ends."""
    for field in ("hash", "prehash_key", "prehash_value", "length"):
        found, wanted = getattr(leaf, field), getattr(spec, field)
        if found != wanted:
            raise InvalidProof(
                ProofStep.LEAF_OP, f"leaf {field} is {found.name}, not {wanted.name}"
            )
    if not leaf.prefix.startswith(spec.prefix):
        raise InvalidProof(ProofStep.LEAF_OP, f"leaf prefix is {leaf.prefix.hex()!r}")


def _check_inner(op: InnerOp, spec: ProofSpec) -> None:
    def refuse(detail: str) -> NoReturn:
        raise InvalidProof(ProofStep.INNER_OP, detail)

    if op.hash != spec.inner.hash:
        refuse(f"inner hash is {op.hash.name}, not {spec.inner.hash.name}")
    if op.prefix.startswith(spec.leaf.prefix):
        refuse("inner prefix starts like a leaf's")
    if len(op.prefix) < spec.inner.min_prefix_length:
        refuse(f"inner prefix of {len(op.prefix)} bytes is too short")
    if len(op.prefix) > spec.inner.max_prefix_length + spec.inner.child_size:
        refuse(f"inner prefix of {len(op.prefix)} bytes is too long")
    if len(op.suffix) % spec.inner.child_size:
        refuse(f"inner suffix of {len(op.suffix)} bytes is not a number of children")


# --- The only form and place that state tree operations have ---


def _check_shape(proof: ExistenceProof) -> None:
    if proof.leaf != SMT_SPEC.leaf:
        raise InvalidProof(ProofStep.SHAPE, "leaf prefix has extra bytes")
    for op in proof.path:
        if child_of(SMT_SPEC.inner, op) is None or not op.prefix.startswith(INNER_PREFIX):
            raise InvalidProof(ProofStep.SHAPE, "inner node is not 0x01 and two children")


def _check_position(proof: ExistenceProof) -> None:
    path = int.from_bytes(_compared(proof.key), "big")
    top_bit = HASH_SIZE * 8 - 1
    for depth, op in enumerate(reversed(proof.path)):
        is_right = path >> (top_bit - depth) & 1
        if (child_of(SMT_SPEC.inner, op) is Child.RIGHT) != is_right:
            detail = f"the path turns away from {proof.key!r} at depth {depth}"
            raise InvalidProof(ProofStep.POSITION, detail)


# --- ICS-23, `Calculate` ---


def calculate_root(proof: ExistenceProof) -> bytes:
    """The root that the operations of `proof` lead to from its key and value."""
    node = apply_leaf(proof.leaf, proof.key, proof.value)
    for op in proof.path:
        node = apply_inner(op, node)
    return node


def apply_leaf(op: LeafOp, key: bytes, value: bytes) -> bytes:
    """Hash of a leaf. Only operations of state trees are known: SHA-256 and no lengths."""
    if not key:
        raise InvalidProof(ProofStep.KEY, "the key is empty")
    if not value:
        raise InvalidProof(ProofStep.VALUE, "the value is empty")
    if op.length != LengthOp.NO_PREFIX:
        raise InvalidProof(ProofStep.LEAF_OP, f"length operation {op.length.name} is not known")
    data = op.prefix + _prehash(op.prehash_key, key) + _prehash(op.prehash_value, value)
    return _hash(op.hash, data, ProofStep.LEAF_OP)


def apply_inner(op: InnerOp, child: bytes) -> bytes:
    """Hash of the inner node above `child`."""
    if not child:
        raise InvalidProof(ProofStep.INNER_OP, "an inner node needs a child")
    return _hash(op.hash, op.prefix + child + op.suffix, ProofStep.INNER_OP)


def _prehash(op: HashOp, data: bytes) -> bytes:
    return data if op == HashOp.NO_HASH else _hash(op, data, ProofStep.LEAF_OP)


def _hash(op: HashOp, data: bytes, step: ProofStep) -> bytes:
    if op != HashOp.SHA256:
        raise InvalidProof(step, f"hash operation {op.name} is not known")
    return sha256(data).digest()


# --- ICS-23, neighbours ---


class Child(Enum):
    """Which child of its parent a node is."""

    LEFT = "left"
    RIGHT = "right"


def child_of(spec: InnerSpec, op: InnerOp) -> Child | None:
    """Which child `op` is applied to, told by the bytes around it; None if neither fits."""
    prefix, suffix = len(op.prefix), len(op.suffix)
    if suffix == 0:
        prefix -= spec.child_size
    elif suffix != spec.child_size:
        return None
    if not spec.min_prefix_length <= prefix <= spec.max_prefix_length:
        return None
    return Child.RIGHT if suffix == 0 else Child.LEFT


def left_is_empty(spec: InnerSpec, op: InnerOp) -> bool:
    """Whether `op` has an empty sibling on its left."""
    return child_of(spec, op) is Child.RIGHT and op.prefix[-spec.child_size :] == spec.empty_child


def right_is_empty(spec: InnerSpec, op: InnerOp) -> bool:
    """Whether `op` has an empty sibling on its right."""
    return child_of(spec, op) is Child.LEFT and op.suffix == spec.empty_child


def _is_leftmost(spec: InnerSpec, path: Sequence[InnerOp]) -> bool:
    return all(child_of(spec, op) is Child.LEFT or left_is_empty(spec, op) for op in path)


def _is_rightmost(spec: InnerSpec, path: Sequence[InnerOp]) -> bool:
    return all(child_of(spec, op) is Child.RIGHT or right_is_empty(spec, op) for op in path)


def _check_adjacency(
    spec: InnerSpec, left: ExistenceProof | None, right: ExistenceProof | None
) -> None:
    if left is None:
        assert right is not None
        if not _is_leftmost(spec, right.path):
            raise InvalidProof(ProofStep.ADJACENCY, "no left neighbour, yet something lies left")
    elif right is None:
        if not _is_rightmost(spec, left.path):
            raise InvalidProof(ProofStep.ADJACENCY, "no right neighbour, yet something lies right")
    elif not _are_adjacent(spec, left.path, right.path):
        raise InvalidProof(ProofStep.ADJACENCY, "something may lie between the neighbours")


def _are_adjacent(spec: InnerSpec, left: Sequence[InnerOp], right: Sequence[InnerOp]) -> bool:
    """Whether two paths part as left and right child of one node, and nothing lies between."""
    shared = 0
    while shared < min(len(left), len(right)) and left[-1 - shared] == right[-1 - shared]:
        shared += 1
    if shared in (len(left), len(right)):
        return False
    left_end, right_end = len(left) - 1 - shared, len(right) - 1 - shared
    return (
        child_of(spec, left[left_end]) is Child.LEFT
        and child_of(spec, right[right_end]) is Child.RIGHT
        and _is_rightmost(spec, left[:left_end])
        and _is_leftmost(spec, right[:right_end])
    )
