"""The tree against RFC 6962 itself, against public vectors, and against bad input."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.codec.canonical import DecodeError, encode
from ledger_node.codec.digests import Digest
from ledger_node.log.errors import LogError
from ledger_node.log.merkle import (
    EMPTY_ROOT,
    MAX_TREE_SIZE,
    ConsistencyError,
    Frontier,
    InclusionError,
    InMemoryHashes,
    MerkleRule,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_of,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from tests.ledger_node.log import rfc6962

VECTORS = Path(__file__).parents[2] / "vectors" / "rfc6962"

NOT_A_DIGEST = {
    "consistency/additional/sizes-are-equal-one-and-proof-is-empty.json",
    "subtreeconsistency/additional/sizes-are-equal-one-and-proof-is-empty.json",
}
"""Vectors that want success for roots that are not 32 bytes long; we refuse such roots."""

OF_NO_LEAVES = "subtree is empty"
"""How vectors about no leaves at all are described. Some want success: there is nothing to tell
apart. We say that nothing is proven."""


def leaves(count: int) -> list[Digest]:
    return [leaf_hash(index.to_bytes(4)) for index in range(count)]


COUNTS = {"inclusion": 98, "consistency": 98, "subtreeinclusion": 204, "subtreeconsistency": 118}


def vectors(kind: str) -> list[Path]:
    found = sorted((VECTORS / kind).rglob("*.json"))
    assert len(found) == COUNTS[kind]
    return found


def holds(path: Path) -> bool:
    """Whether our verifier accepts the proof of a vector."""
    vector = json.loads(path.read_bytes())
    proof = [b64decode(each) for each in vector["proof"] or []]
    try:
        if "leafIdx" in vector:
            leaf, root = b64decode(vector["leafHash"]), b64decode(vector["root"])
            verify_inclusion(vector["leafIdx"], vector["treeSize"], leaf, proof, root)
        else:
            roots = b64decode(vector["root1"]), b64decode(vector["root2"])
            verify_consistency(vector["size1"], vector["size2"], proof, *roots)
    except LogError:
        return False
    return True


@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_public_vectors_good_and_corrupted_are_told_apart(kind: str) -> None:
    for path in vectors(kind):
        name = path.relative_to(VECTORS).as_posix()
        want = not json.loads(path.read_bytes())["wantErr"] and name not in NOT_A_DIGEST
        assert holds(path) == want, name


def subtree_holds(vector: dict[str, Any]) -> bool:
    """Whether our verifier accepts a proof about leaves [start, end) of a larger tree."""
    proof = [b64decode(each) for each in vector["proof"] or []]
    start, end, root = vector["start"], vector["end"], vector.get("root")
    try:
        if root is not None:
            # A subtree begins at a multiple of the power of two that it fits.
            width = end - start
            if width < 1 or start % (1 << (width - 1).bit_length()) or vector["leafIdx"] < start:
                return False
            leaf = b64decode(vector["leafHash"])
            verify_inclusion(vector["leafIdx"] - start, width, leaf, proof, b64decode(root))
        else:
            roots = b64decode(vector["root1"]), b64decode(vector["root2"])
            verify_consistency(end, vector["size"], proof, *roots)
    except LogError:
        return False
    return True


@pytest.mark.parametrize("kind", ["subtreeinclusion", "subtreeconsistency"])
def test_public_vectors_of_subtrees_are_told_apart_where_they_are_trees(kind: str) -> None:
    skipped = 0
    for path in vectors(kind):
        vector = json.loads(path.read_bytes())
        if kind == "subtreeconsistency" and vector["start"] > 0:
            skipped += 1
            continue
        name = path.relative_to(VECTORS).as_posix()
        want = not vector["wantErr"] and name not in NOT_A_DIGEST
        if vector["desc"].startswith(OF_NO_LEAVES):
            assert vector["start"] == vector["end"] or vector["wantErr"], name
            want = False
        assert subtree_holds(vector) == want, name
    assert skipped == (16 if kind == "subtreeconsistency" else 0)


def test_known_hashes_of_rfc_6962() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    empty_leaf = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"").hex() == empty_leaf
    assert root_of([]) == EMPTY_ROOT
    assert root_of(leaves(2)) == node_hash(*leaves(2))


@pytest.mark.parametrize("size", [*range(35), 63, 64, 65, 127, 128, 129])
def test_every_proof_of_a_small_tree_is_that_of_the_rfc_and_verifies(size: int) -> None:
    hashes = leaves(size)
    reader = InMemoryHashes(hashes)
    root = root_of(hashes)
    assert root == rfc6962.mth(list(hashes)) == tree_root(size, reader)
    for index in range(0, size, 1 + size // 40):
        path = inclusion_path(index, size, reader)
        assert list(path) == rfc6962.path(index, list(hashes))
        verify_inclusion(index, size, hashes[index], path, root)
    for old in range(1, size + 1):
        proof = consistency_path(old, size, reader)
        assert list(proof) == rfc6962.proof(old, list(hashes))
        verify_consistency(old, size, proof, root_of(hashes[:old]), root)


@given(st.lists(st.integers(0, 70), max_size=6))
def test_a_frontier_grows_the_same_in_any_steps(steps: list[int]) -> None:
    hashes = leaves(sum(steps))
    frontier, at = Frontier.empty(), 0
    for step in steps:
        frontier = frontier.extend(hashes[at : at + step])
        at += step
        assert frontier.root() == rfc6962.mth(list(hashes[:at]))
    assert frontier == Frontier.empty().extend(hashes)
    assert frontier.size == len(hashes)
    assert Frontier.decode(frontier.encode()) == frontier


@given(st.integers(1, 80), st.data())
def test_a_proof_for_another_index_leaf_or_root_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    root = root_of(hashes)
    path = inclusion_path(index, size, InMemoryHashes(hashes))
    for other in range(size):
        if other != index:
            with pytest.raises(InclusionError):
                verify_inclusion(other, size, hashes[index], path, root)
            with pytest.raises(InclusionError):
                verify_inclusion(index, size, hashes[other], path, root)
    with pytest.raises(InclusionError) as refusal:
        verify_inclusion(index, size, hashes[index], path, EMPTY_ROOT)
    assert refusal.value.rule is MerkleRule.ROOT


def test_the_failing_step_of_an_inclusion_proof_is_named() -> None:
    hashes = leaves(7)
    root, path = root_of(hashes), inclusion_path(2, 7, InMemoryHashes(hashes))

    def rule(index: int, size: int, leaf: bytes, proof: list[bytes]) -> MerkleRule:
        with pytest.raises(InclusionError) as refusal:
            verify_inclusion(index, size, leaf, proof, root)
        return refusal.value.rule

    assert rule(7, 7, hashes[2], [*path]) is MerkleRule.INDEX
    assert rule(-1, 7, hashes[2], [*path]) is MerkleRule.INDEX
    assert rule(0, 0, hashes[2], []) is MerkleRule.SIZE
    assert rule(2, MAX_TREE_SIZE + 1, hashes[2], [*path]) is MerkleRule.SIZE
    assert rule(2, 7, hashes[2][:31], [*path]) is MerkleRule.HASH_LENGTH
    assert rule(2, 7, hashes[2], [*path[:-1], b""]) is MerkleRule.HASH_LENGTH
    assert rule(2, 7, hashes[2], [*path, root]) is MerkleRule.PATH_TOO_LONG
    assert rule(2, 7, hashes[2], [*path[:-1]]) is MerkleRule.PATH_TOO_SHORT
    assert rule(2, 7, hashes[3], [*path]) is MerkleRule.ROOT


def test_the_failing_step_of_a_consistency_proof_is_named() -> None:
    hashes = leaves(7)
    old_root, root = root_of(hashes[:5]), root_of(hashes)
    path = consistency_path(5, 7, InMemoryHashes(hashes))

    def rule(old: int, new: int, proof: list[bytes], first: bytes, last: bytes) -> MerkleRule:
        with pytest.raises(ConsistencyError) as refusal:
            verify_consistency(old, new, proof, first, last)
        return refusal.value.rule

    assert rule(7, 5, [*path], old_root, root) is MerkleRule.ORDER
    assert rule(0, 7, [], EMPTY_ROOT, root) is MerkleRule.EMPTY_OLD_TREE
    assert rule(-1, 7, [], EMPTY_ROOT, root) is MerkleRule.SIZE
    assert rule(5, 7, [*path], old_root[1:], root) is MerkleRule.HASH_LENGTH
    assert rule(5, 7, [], old_root, root) is MerkleRule.PATH_TOO_SHORT
    assert rule(5, 7, [*path[:-1]], old_root, root) is MerkleRule.PATH_TOO_SHORT
    assert rule(5, 7, [*path, root], old_root, root) is MerkleRule.PATH_TOO_LONG
    assert rule(7, 7, [root], root, root) is MerkleRule.PATH_TOO_LONG
    assert rule(7, 7, [], old_root, root) is MerkleRule.ROOT
    assert rule(5, 7, [*path], root, root) is MerkleRule.OLD_ROOT
    assert rule(5, 7, [*path], old_root, old_root) is MerkleRule.ROOT


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_no_path_is_made_for_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(InclusionError):
        inclusion_path(index, size, InMemoryHashes(leaves(3)))


@pytest.mark.parametrize(("old", "new"), [(0, 3), (3, 2), (-1, 3)])
def test_no_path_is_made_between_trees_that_are_not_prefixes(old: int, new: int) -> None:
    with pytest.raises(ConsistencyError):
        consistency_path(old, new, InMemoryHashes(leaves(3)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x92",
        encode((3, (EMPTY_ROOT,))),
        encode((1, (EMPTY_ROOT, EMPTY_ROOT))),
        encode((1, (b"short",))),
        encode((-1, ())),
        encode((2**63, (EMPTY_ROOT,))),
        encode((1, (EMPTY_ROOT,))) + b"\x00",
        encode((1, (EMPTY_ROOT,), 0)),
        encode(("1", (EMPTY_ROOT,))),
        b"\x92\xcc\x01" + encode((EMPTY_ROOT,)),
        encode((1, (b"\x00" * 10_000,))),
    ],
    ids=lambda data: data[:12].hex(),
)
def test_a_malformed_frontier_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        Frontier.decode(data)
