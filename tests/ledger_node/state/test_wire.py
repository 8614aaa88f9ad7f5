"""Proof bytes: one form, bounded, and every departure from it refused by the field's name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.state import (
    MAX_PROOF_BYTES,
    ExistenceProof,
    MalformedProof,
    NonExistenceProof,
    decode_proof,
    encode_proof,
)
from ledger_node.state.proof import SMT_SPEC, HashOp, InnerOp, LeafOp, LengthOp

hash_ops = st.sampled_from(HashOp)
contents = st.binary(max_size=200)
leaf_ops = st.builds(LeafOp, hash_ops, hash_ops, hash_ops, st.sampled_from(LengthOp), contents)
inner_ops = st.builds(InnerOp, hash_ops, contents, contents)
existence_proofs = st.builds(
    ExistenceProof, contents, contents, leaf_ops, st.lists(inner_ops, max_size=4).map(tuple)
)
proofs = existence_proofs | st.builds(
    NonExistenceProof, contents, st.none() | existence_proofs, st.none() | existence_proofs
)

SIMPLE = ExistenceProof(b"k", b"v", SMT_SPEC.leaf, (InnerOp(HashOp.SHA256, b"\x01", b"s"),))


@given(proofs)
def test_what_is_encoded_is_decoded(proof: ExistenceProof | NonExistenceProof) -> None:
    assert decode_proof(encode_proof(proof)) == proof


def test_the_encoding_is_pinned() -> None:
    expected = "0a1b0a016b1201761a090801100118012a0100220808011201011a0173"
    assert encode_proof(SIMPLE).hex() == expected


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_or_canonical(data: bytes) -> None:
    try:
        proof = decode_proof(data)
    except MalformedProof:
        return
    assert encode_proof(proof) == data


def test_every_truncation_is_refused() -> None:
    whole = encode_proof(SIMPLE)
    for length in range(len(whole)):
        with pytest.raises(MalformedProof):
            decode_proof(whole[:length])


def wrapped(existence: str) -> bytes:
    body = bytes.fromhex(existence)
    return bytes((0x0A, len(body))) + body


LEAF = "1a09 080110011801 2a0100"


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        (b"", "proof", "empty"),
        (bytes(MAX_PROOF_BYTES + 1), "proof", "at most"),
        (b"\x1a\x00", "proof", "kind 3"),
        (b"\x22\x00", "proof", "kind 4"),
        (b"\x08\x01", "exist", "an integer where bytes belong"),
        (wrapped(""), "exist.leaf", "missing"),
        (wrapped(LEAF + "2a00"), "exist", "unknown field 5"),
        (wrapped(LEAF + "0a01"), "exist", "cut short"),
        (wrapped(LEAF + "0d00000000"), "exist", "wire type 5"),
        (wrapped("1a02 087f"), "exist.leaf.hash", "not a known HashOp"),
        (wrapped("1a02 2063"), "exist.leaf.length", "not a known LengthOp"),
        (wrapped("1a02 0a00"), "exist.leaf.hash", "bytes where an integer belongs"),
        (wrapped("1a02 3001"), "exist.leaf", "unknown field 6"),
        (wrapped(LEAF + "2202 2001"), "exist.path", "unknown field 4"),
        (b"\x12\x02\x20\x01", "nonexist", "unknown field 4"),
        (b"\xff\xff\xff\xff\xff\x01", "proof", "too long"),
        (wrapped("0a00" + LEAF), "proof", "canonical"),
        (wrapped("120176 0a016b" + LEAF), "proof", "canonical"),
        (wrapped(LEAF + LEAF), "proof", "canonical"),
        (wrapped(LEAF + "2204 0881 8000"), "proof", "canonical"),
        (wrapped(LEAF + "2203 088100"), "proof", "canonical"),
        (wrapped(LEAF) * 2, "proof", "canonical"),
    ],
)
def test_departures_are_refused_by_field_and_reason(data: bytes, field: str, reason: str) -> None:
    with pytest.raises(MalformedProof, match=reason) as refused:
        decode_proof(data)
    assert refused.value.field == field


def test_a_path_longer_than_the_tree_is_deep_is_refused_while_reading() -> None:
    long = ExistenceProof(b"k", b"v", SMT_SPEC.leaf, (InnerOp(),) * 257)
    with pytest.raises(MalformedProof, match="more than 256") as refused:
        decode_proof(encode_proof(long))
    assert refused.value.field == "exist.path"
