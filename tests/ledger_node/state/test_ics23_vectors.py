"""The public ICS-23 vectors: what other implementations prove, we accept; what they refuse, too.

The vectors about operations cover many kinds of trees. Ours knows SHA-256 without length
prefixes; cases that need another operation must be refused as unknown, and cases about the
binding of IAVL heights (a rule of that tree alone) are named and left out.
"""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from ledger_node.codec import Digest
from ledger_node.state import (
    ExistenceProof,
    InvalidProof,
    MalformedProof,
    decode_proof,
    encode_proof,
    verify_membership,
    verify_non_membership,
)
from ledger_node.state.proof import HashOp, InnerOp, InnerSpec, LeafOp, LengthOp, ProofSpec
from ledger_node.state.verify import (
    apply_inner,
    apply_leaf,
    calculate_root,
    check_against_spec,
    check_leaf,
    left_is_empty,
    right_is_empty,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "ics23"


def load(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


def named(name: str) -> list[Any]:
    return [pytest.param(case, id=title) for title, case in load(name).items()]


def data(text: str | None) -> bytes:
    return b64decode(text or "")


def leaf_op(op: dict[str, Any]) -> LeafOp:
    return LeafOp(
        HashOp(op.get("hash", 0)),
        HashOp(op.get("prehash_key", 0)),
        HashOp(op.get("prehash_value", 0)),
        LengthOp(op.get("length", 0)),
        data(op.get("prefix")),
    )


def inner_op(op: dict[str, Any]) -> InnerOp:
    return InnerOp(HashOp(op.get("hash", 0)), data(op.get("prefix")), data(op.get("suffix")))


def existence(proof: dict[str, Any]) -> ExistenceProof:
    return ExistenceProof(
        data(proof.get("key")),
        data(proof.get("value")),
        leaf_op(proof["leaf"]),
        tuple(inner_op(op) for op in proof.get("path", [])),
    )


def inner_spec(spec: dict[str, Any]) -> InnerSpec:
    assert spec["child_order"] == [0, 1]
    return InnerSpec(
        HashOp(spec["hash"]),
        spec["child_size"],
        spec["min_prefix_length"],
        spec["max_prefix_length"],
        data(spec.get("empty_child")),
    )


# --- Whole proofs of the `smt` kind ---


@pytest.mark.parametrize("name", ["exist_left", "exist_middle", "exist_right"])
def test_smt_membership(name: str) -> None:
    case = {field: bytes.fromhex(text) for field, text in load(f"smt/{name}.json").items()}
    proof = decode_proof(case["proof"])
    verify_membership(Digest(case["root"]), case["key"], case["value"], proof)
    assert encode_proof(proof) == case["proof"]


@pytest.mark.parametrize("name", ["nonexist_left", "nonexist_middle", "nonexist_right"])
def test_smt_non_membership(name: str) -> None:
    case = {field: bytes.fromhex(text) for field, text in load(f"smt/{name}.json").items()}
    proof = decode_proof(case["proof"])
    verify_non_membership(Digest(case["root"]), case["key"], proof)
    assert encode_proof(proof) == case["proof"]


@pytest.mark.parametrize("name", ["nonexist_left", "nonexist_middle", "nonexist_right"])
def test_smt_non_membership_says_nothing_of_other_keys(name: str) -> None:
    case = {field: bytes.fromhex(text) for field, text in load(f"smt/{name}.json").items()}
    with pytest.raises(InvalidProof):
        verify_non_membership(Digest(case["root"]), b"another", decode_proof(case["proof"]))


# --- Operations and specifications ---


def is_known(op: LeafOp) -> bool:
    hashes = {op.hash, op.prehash_key, op.prehash_value}
    return hashes <= {HashOp.NO_HASH, HashOp.SHA256} and op.length == LengthOp.NO_PREFIX


@pytest.mark.parametrize("case", named("TestLeafOpData.json"))
def test_leaf_operations(case: dict[str, Any]) -> None:
    op = leaf_op(case["Op"])
    key, value = data(case["Key"]), data(case["Value"])
    if case["IsErr"] or not is_known(op):
        with pytest.raises(InvalidProof):
            apply_leaf(op, key, value)
    else:
        assert apply_leaf(op, key, value) == data(case["Expected"])


@pytest.mark.parametrize("case", named("TestInnerOpData.json"))
def test_inner_operations(case: dict[str, Any]) -> None:
    op, child = inner_op(case["Op"]), data(case["Child"])
    if case["IsErr"]:
        with pytest.raises(InvalidProof):
            apply_inner(op, child)
    else:
        assert apply_inner(op, child) == data(case["Expected"])


@pytest.mark.parametrize("case", named("TestDoHashData.json"))
def test_hash_operations(case: dict[str, Any]) -> None:
    op = InnerOp(HashOp(case["HashOp"]))
    preimage = (case.get("Preimage") or case["PreImage"]).encode()
    if op.hash == HashOp.SHA256:
        assert apply_inner(op, preimage).hex() == case["ExpectedHash"]
    else:
        with pytest.raises(InvalidProof, match="not known"):
            apply_inner(op, preimage)


@pytest.mark.parametrize("case", named("TestExistenceProofData.json"))
def test_existence_calculation(case: dict[str, Any]) -> None:
    if case["Proof"].get("leaf") is None:
        with pytest.raises(MalformedProof, match="missing"):
            decode_proof(b"\x0a\x00")
        return
    proof = existence(case["Proof"])
    if case["IsErr"] or not is_known(proof.leaf):
        with pytest.raises(InvalidProof):
            calculate_root(proof)
    else:
        assert calculate_root(proof) == data(case["Expected"])


@pytest.mark.parametrize("case", named("TestCheckLeafData.json"))
def test_leaf_against_specification(case: dict[str, Any]) -> None:
    leaf, spec = leaf_op(case["Leaf"]), leaf_op(case["Spec"])
    if case["IsErr"]:
        with pytest.raises(InvalidProof):
            check_leaf(leaf, spec)
    else:
        check_leaf(leaf, spec)


IAVL_ONLY = "rejects leaf with invalid inner proofs"


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=title)
        for title, case in load("TestCheckAgainstSpecData.json").items()
        if title != IAVL_ONLY
    ],
)
def test_proof_against_specification(case: dict[str, Any]) -> None:
    if case["Proof"].get("leaf") is None:
        with pytest.raises(MalformedProof, match="missing"):
            decode_proof(b"\x0a\x00")
        return
    raw = case["Spec"]
    spec = ProofSpec(
        leaf_op(raw["leaf_spec"]),
        inner_spec(raw["inner_spec"]),
        raw.get("min_depth", 0),
        raw.get("max_depth", 0),
        prehash_key_before_comparison=False,
    )
    if case["Err"]:
        with pytest.raises(InvalidProof):
            check_against_spec(existence(case["Proof"]), spec)
    else:
        check_against_spec(existence(case["Proof"]), spec)


@pytest.mark.parametrize("case", load("TestEmptyBranchData.json"))
def test_empty_siblings(case: dict[str, Any]) -> None:
    spec, op = inner_spec(case["Spec"]["inner_spec"]), inner_op(case["Op"])
    assert left_is_empty(spec, op) == case["IsLeft"]
    assert right_is_empty(spec, op) == case["IsRight"]
