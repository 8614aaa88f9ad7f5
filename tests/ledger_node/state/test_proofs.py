"""Every entry and every absence can be proven, and no altered proof proves anything."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_node.codec import Digest
from ledger_node.state import (
    EMPTY_ROOT,
    NO_TREE,
    CommitmentProof,
    EmptyEntry,
    EmptyTree,
    EntryMismatch,
    ExistenceProof,
    InvalidProof,
    NonExistenceProof,
    ProofStep,
    StateTreeError,
    decode_proof,
    encode_proof,
    path_of,
    prove,
    update,
    verify_membership,
    verify_non_membership,
)
from ledger_node.state.proof import HashOp, InnerOp
from tests.ledger_node.state.naive_tree import CLOSE_KEYS, FAR_KEYS, KEYS, Store


class State:
    """A tree and, as the storage layer keeps them, its entries by path."""

    def __init__(self, entries: dict[bytes, bytes]) -> None:
        self.store = Store()
        result = update(self.store, NO_TREE, entries)
        self.store.apply(entries, result)
        self.root: Digest = result.root
        self.by_path = {path_of(key): (key, value) for key, value in entries.items()}

    def prove(self, key: bytes) -> CommitmentProof:
        return prove(self.store, self.root, key, self.by_path.get)


STATE = State({key: b"value of " + key for key in KEYS})
PRESENT = CLOSE_KEYS[0]
ABSENT = b"movement/unknown"
MEMBER = STATE.prove(PRESENT)
GAP = STATE.prove(ABSENT)


@given(st.sets(st.sampled_from(KEYS), min_size=1, max_size=20))
@settings(max_examples=80, deadline=None)
def test_whatever_the_tree_each_key_is_proven_present_or_absent(present: set[bytes]) -> None:
    state = State({key: b"value of " + key for key in present})
    for key in KEYS:
        proof = decode_proof(encode_proof(state.prove(key)))
        if key in present:
            verify_membership(state.root, key, b"value of " + key, proof)
        else:
            verify_non_membership(state.root, key, proof)
            assert isinstance(proof, NonExistenceProof)
            paths = sorted(map(path_of, present))
            left = [path for path in paths if path < path_of(key)][-1:]
            right = [path for path in paths if path > path_of(key)][:1]
            assert [path_of(proof.left.key)] if proof.left else left == []
            assert [path_of(proof.right.key)] if proof.right else right == []


def test_absence_before_the_first_and_after_the_last_has_one_neighbour() -> None:
    in_order = sorted(KEYS, key=path_of)
    first, last, rest = in_order[0], in_order[-1], in_order[1:-1]
    state = State(dict.fromkeys(rest, b"v"))
    before, after = state.prove(first), state.prove(last)
    assert isinstance(before, NonExistenceProof)
    assert isinstance(after, NonExistenceProof)
    assert before.left is None
    assert after.right is None
    verify_non_membership(state.root, first, before)
    verify_non_membership(state.root, last, after)


def test_a_proof_speaks_of_one_root_only() -> None:
    other = State({key: b"value of " + key for key in KEYS[1:]})
    with pytest.raises(InvalidProof) as refused:
        verify_membership(other.root, PRESENT, b"value of " + PRESENT, MEMBER)
    assert refused.value.step is ProofStep.ROOT
    with pytest.raises(InvalidProof) as refused:
        verify_non_membership(other.root, ABSENT, GAP)
    assert refused.value.step is ProofStep.ROOT
    assert refused.value.side == "left"


@pytest.mark.parametrize("proof", [MEMBER, GAP], ids=["membership", "non-membership"])
def test_a_proof_with_any_byte_changed_proves_nothing(proof: CommitmentProof) -> None:
    encoded = encode_proof(proof)
    for at in range(len(encoded)):
        altered = bytearray(encoded)
        altered[at] ^= 1 << at % 8
        with pytest.raises(StateTreeError):
            check(decode_proof(bytes(altered)))


def check(proof: CommitmentProof) -> None:
    """Verify for what MEMBER and GAP claim."""
    if isinstance(proof, ExistenceProof):
        verify_membership(STATE.root, PRESENT, b"value of " + PRESENT, proof)
    else:
        verify_non_membership(STATE.root, ABSENT, proof)


def test_the_unaltered_proofs_do_prove_it() -> None:
    check(MEMBER)
    check(GAP)


def member(**changes: Any) -> ExistenceProof:
    assert isinstance(MEMBER, ExistenceProof)
    return replace(MEMBER, **changes)


def gap(**changes: Any) -> NonExistenceProof:
    assert isinstance(GAP, NonExistenceProof)
    return replace(GAP, **changes)


OP = member().path[0]
BELOW = member().path[1:]


@pytest.mark.parametrize(
    ("proof", "step"),
    [
        (gap(), ProofStep.KIND),
        (member(key=b"another"), ProofStep.KEY),
        (member(value=b"another"), ProofStep.VALUE),
        (member(leaf=replace(member().leaf, hash=HashOp.SHA512)), ProofStep.LEAF_OP),
        (member(leaf=replace(member().leaf, prehash_key=HashOp.NO_HASH)), ProofStep.LEAF_OP),
        (member(leaf=replace(member().leaf, prefix=b"\x01")), ProofStep.LEAF_OP),
        (member(leaf=replace(member().leaf, prefix=b"\x00\x00")), ProofStep.SHAPE),
        (member(path=(OP,) * 257), ProofStep.DEPTH),
        (member(path=(replace(OP, hash=HashOp.NO_HASH), *BELOW)), ProofStep.INNER_OP),
        (member(path=(replace(OP, prefix=b""), *BELOW)), ProofStep.INNER_OP),
        (member(path=(replace(OP, prefix=b"\x00" * 33), *BELOW)), ProofStep.INNER_OP),
        (member(path=(replace(OP, prefix=b"\x01" * 34), *BELOW)), ProofStep.INNER_OP),
        (member(path=(replace(OP, suffix=b"\x01" * 31), *BELOW)), ProofStep.INNER_OP),
        (member(path=(replace(OP, suffix=b"\x01" * 64), *BELOW)), ProofStep.SHAPE),
        (member(path=(replace(OP, prefix=b"\x02" * len(OP.prefix)), *BELOW)), ProofStep.SHAPE),
        (member(path=member().path[:-1]), ProofStep.POSITION),
        (member(path=BELOW), ProofStep.ROOT),
        (member(path=()), ProofStep.ROOT),
    ],
)
def test_a_bad_membership_proof_is_refused_at_its_step(
    proof: CommitmentProof, step: ProofStep
) -> None:
    with pytest.raises(InvalidProof) as refused:
        verify_membership(STATE.root, PRESENT, b"value of " + PRESENT, proof)
    assert refused.value.step is step


def existence(key: bytes) -> ExistenceProof:
    proof = STATE.prove(key)
    assert isinstance(proof, ExistenceProof)
    return proof


IN_ORDER = sorted([*KEYS, ABSENT], key=path_of)
AT = IN_ORDER.index(ABSENT)
FURTHER_LEFT, FURTHER_RIGHT = existence(IN_ORDER[AT - 2]), existence(IN_ORDER[AT + 2])
LEFTMOST, RIGHTMOST = existence(IN_ORDER[0]), existence(IN_ORDER[-1])


@pytest.mark.parametrize(
    ("proof", "step"),
    [
        (member(), ProofStep.KIND),
        (gap(key=b"another"), ProofStep.KEY),
        (gap(left=None, right=None), ProofStep.NEIGHBOURS),
        (gap(left=FURTHER_RIGHT), ProofStep.LEFT_ORDER),
        (gap(right=FURTHER_LEFT), ProofStep.RIGHT_ORDER),
        (gap(left=FURTHER_LEFT), ProofStep.ADJACENCY),
        (gap(right=FURTHER_RIGHT), ProofStep.ADJACENCY),
        (gap(left=None), ProofStep.ADJACENCY),
        (gap(right=None), ProofStep.ADJACENCY),
        (gap(left=LEFTMOST, right=None), ProofStep.ADJACENCY),
        (gap(left=None, right=RIGHTMOST), ProofStep.ADJACENCY),
        (gap(left=replace(existence(KEYS[0]), path=())), ProofStep.ROOT),
        (gap(left=replace(existence(KEYS[0]), value=b"")), ProofStep.VALUE),
        (gap(left=replace(existence(KEYS[0]), key=b"")), ProofStep.POSITION),
    ],
)
def test_a_bad_proof_of_absence_is_refused_at_its_step(
    proof: CommitmentProof, step: ProofStep
) -> None:
    with pytest.raises(InvalidProof) as refused:
        verify_non_membership(STATE.root, ABSENT, proof)
    assert refused.value.step is step


@pytest.mark.parametrize("key", KEYS)
def test_no_pair_of_neighbours_denies_a_key_that_is_there(key: bytes) -> None:
    around = sorted(KEYS, key=path_of)
    at = around.index(key)
    left = existence(around[at - 1]) if at else None
    right = existence(around[at + 1]) if at + 1 < len(around) else None
    with pytest.raises(InvalidProof) as refused:
        verify_non_membership(STATE.root, key, NonExistenceProof(key, left, right))
    assert refused.value.step is ProofStep.ADJACENCY


def test_a_leaf_hung_elsewhere_than_its_key_belongs_is_refused() -> None:
    """A root built by a cheat: the leaf of PRESENT moved to the other side of the root."""
    state = State({PRESENT: b"v"})
    proof = state.prove(PRESENT)
    assert isinstance(proof, ExistenceProof)
    is_right = path_of(PRESENT)[0] >> 7
    sibling = bytes(32)
    wrong_side = (
        InnerOp(HashOp.SHA256, b"\x01", sibling)
        if is_right
        else InnerOp(HashOp.SHA256, b"\x01" + sibling, b"")
    )
    with pytest.raises(InvalidProof) as refused:
        verify_membership(state.root, PRESENT, b"v", replace(proof, path=(wrong_side,)))
    assert refused.value.step is ProofStep.POSITION


@pytest.mark.parametrize("root", [b"", b"\x00" * 31, b"\x00" * 33])
def test_a_root_of_another_size_is_refused(root: bytes) -> None:
    with pytest.raises(InvalidProof) as refused:
        verify_membership(Digest(root), PRESENT, b"value of " + PRESENT, MEMBER)
    assert refused.value.step is ProofStep.ROOT_SIZE
    with pytest.raises(InvalidProof) as refused:
        verify_non_membership(Digest(root), ABSENT, GAP)
    assert refused.value.step is ProofStep.ROOT_SIZE


def test_an_empty_tree_has_no_proofs() -> None:
    with pytest.raises(EmptyTree):
        prove({}, EMPTY_ROOT, PRESENT, lambda _: None)


def test_an_empty_key_is_neither_proven_nor_verified() -> None:
    with pytest.raises(EmptyEntry):
        STATE.prove(b"")
    with pytest.raises(InvalidProof) as refused:
        verify_non_membership(STATE.root, b"", gap(key=b""))
    assert refused.value.step is ProofStep.KEY


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "knows nothing"),
        ((FAR_KEYS[0], b"value of " + PRESENT), "another path"),
        ((PRESENT, b"a later value"), "another value"),
    ],
)
def test_an_entry_lookup_out_of_step_with_the_tree_is_noticed(
    answer: tuple[bytes, bytes] | None, reason: str
) -> None:
    with pytest.raises(EntryMismatch, match=reason) as refused:
        prove(STATE.store, STATE.root, PRESENT, lambda _: answer)
    assert refused.value.path == path_of(PRESENT)
