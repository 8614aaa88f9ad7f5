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
    encode_compressed,
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


@given(st.builds(NonExistenceProof, contents, *[st.none() | existence_proofs] * 2))
def test_a_proof_of_absence_has_a_short_form_as_well(proof: NonExistenceProof) -> None:
    assert decode_proof(encode_compressed(proof)) == proof


def test_the_short_form_holds_each_inner_node_once() -> None:
    shared = tuple(InnerOp(HashOp.SHA256, b"\x01", bytes([at]) * 32) for at in range(20))
    one = ExistenceProof(b"k", b"v", SMT_SPEC.leaf, shared)
    proof = NonExistenceProof(b"absent", one, one)
    long, short = encode_proof(proof), encode_compressed(proof)
    assert len(short) < 0.6 * len(long)
    assert short.count(shared[7].suffix) == 1


NEIGHBOUR = "0a016b 120176 1a090801100118012a0100"
LOOKUP = "1208 08011201011a0173"


def short(entry: str, lookup: str = LOOKUP) -> bytes:
    body = bytes.fromhex(entry)
    inner = b"\x12" + bytes([len(body)]) + body
    whole = b"\x0a" + bytes([len(inner)]) + inner + bytes.fromhex(lookup)
    return b"\x22" + bytes([len(whole)]) + whole


def test_the_short_form_is_pinned_and_has_one_spelling() -> None:
    body = "0a0161 1214" + NEIGHBOUR + "220100"
    neighbour = ExistenceProof(b"k", b"v", SMT_SPEC.leaf, (InnerOp(HashOp.SHA256, b"\x01", b"s"),))
    proof = NonExistenceProof(b"a", neighbour, None)
    assert encode_compressed(proof) == short(body)
    assert decode_proof(short(body)) == proof


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        (b"\x22\x00", "compressed.entries", "0 proofs"),
        (b"\x22\x04\x0a\x00\x0a\x00", "compressed.entries", "2 proofs"),
        (b"\x22\x02\x0a\x00", "compressed.entries", "0 fields"),
        (b"\x22\x04\x0a\x02\x0a\x00", "compressed.entries", "only a proof of absence"),
        (b"\x22\x02\x1a\x00", "compressed", "unknown field 3"),
        (b"\x22\x02\x08\x00", "compressed", "an integer where bytes belong"),
        (short("0a0161 1214" + NEIGHBOUR + "220101"), "nonexist.left.path", "the number 1"),
        (short("0a0161 1214" + NEIGHBOUR + "220180"), "nonexist.left.path", "cut short"),
        (short("0a0161 1215" + NEIGHBOUR + "22028000"), "proof", "canonical"),
        (short("0a0161 1214" + NEIGHBOUR + "220100", LOOKUP * 2), "proof", "canonical"),
        (short("0a0161 1211" + NEIGHBOUR), "proof", "canonical"),
    ],
)
def test_departures_from_the_short_form_are_refused(data: bytes, field: str, reason: str) -> None:
    with pytest.raises(MalformedProof, match=reason) as refused:
        decode_proof(data)
    assert refused.value.field == field


def test_the_encoding_is_pinned() -> None:
    expected = "0a1b0a016b1201761a090801100118012a0100220808011201011a0173"
    assert encode_proof(SIMPLE).hex() == expected


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_or_canonical(data: bytes) -> None:
    try:
        proof = decode_proof(data)
    except MalformedProof:
        return
    short_form = isinstance(proof, NonExistenceProof) and encode_compressed(proof) == data
    assert short_form or encode_proof(proof) == data


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
        (b"\x28\x00", "proof", "kind 5"),
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
