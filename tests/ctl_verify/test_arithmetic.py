"""Signatures, encoding, trees of the stand-alone verifier, against vectors and other libraries."""

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from ctl_verify import canonical, ed25519, ics23, keys, p256
from ctl_verify.canonical import Value
from ctl_verify.merkle import check_consistency, check_inclusion
from ctl_verify.refusal import Malformed
from ledger_node.codec import DecodeError, decode_any, encode
from ledger_node.crypto.criterion import CASES, Case
from ledger_node.crypto.signatures import SoftwareSigner, Suite, verify, verify_ed25519
from tests.ledger_node.log.test_merkle import NOT_A_DIGEST, VECTORS, vectors

TESTS = Path(__file__).parents[1]

RFC_8032 = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
        "1cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
        "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
        "984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
)
"""Section 7.1, tests 1 to 3: key, message, signature."""


@pytest.mark.parametrize("vector", RFC_8032)
def test_ed25519_takes_the_vectors_of_the_rfc(vector: tuple[str, str, str]) -> None:
    public, message, signature = (bytes.fromhex(part) for part in vector)
    assert ed25519.verify(public, message, signature)
    assert not ed25519.verify(public, message + b"\0", signature)
    for at in range(64):
        spoilt = signature[:at] + bytes([signature[at] ^ 1 << at % 8]) + signature[at + 1 :]
        assert not ed25519.verify(public, message, spoilt)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_ed25519_decides_the_edge_cases_as_the_union_does(case: Case) -> None:
    public, message, signature = (bytes.fromhex(part) for part in case[2:])
    assert ed25519.verify(public, message, signature) == case.valid


SIGNERS = {suite: SoftwareSigner(suite, bytes(range(1, 33))) for suite in (Suite(1), Suite(2))}


@pytest.mark.parametrize("suite", SIGNERS)
@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 511))
def test_good_signatures_hold_and_spoilt_ones_do_not(
    suite: Suite, message: bytes, bit: int
) -> None:
    signer = SIGNERS[suite]
    signature = bytearray(signer.sign(message))
    assert keys.verify(signer.public, message, bytes(signature))
    signature[bit // 8] ^= 1 << bit % 8
    assert not keys.verify(signer.public, message, bytes(signature))


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64))
@settings(max_examples=25, deadline=None)
def test_bytes_that_are_no_key_or_signature_verify_nothing(public: bytes, noise: bytes) -> None:
    assert ed25519.verify(public, b"m", noise) == verify_ed25519(public, b"m", noise) is False
    for head in (2, 3):
        point = bytes([head]) + public
        assert p256.is_key(point) == _openssl_takes(point)
        assert not p256.verify(point, b"m", noise)


def _openssl_takes(point: bytes) -> bool:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    return True


def test_of_two_p256_signatures_that_differ_in_the_sign_of_s_the_lower_holds() -> None:
    signer, order = SIGNERS[Suite.ECDSA_P256], p256._N
    signature = signer.sign(b"m")
    s = int.from_bytes(signature[32:])
    other = signature[:32] + (order - s).to_bytes(32)
    r = int.from_bytes(signature[:32])
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), signer.public[1:])
    key.verify(encode_dss_signature(r, order - s), b"m", ec.ECDSA(hashes.SHA256()))
    assert keys.verify(signer.public, b"m", signature)
    assert keys.verify(signer.public, b"m", other) is verify(signer.public, b"m", other) is False


@pytest.mark.parametrize("public", [b"", b"\x03" + bytes(32), b"\x01" + bytes(31), bytes(33)])
def test_keys_of_no_suite_verify_nothing(public: bytes) -> None:
    assert not keys.verify(public, b"m", bytes(64))
    assert not keys.is_key(public)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=20),
    max_leaves=40,
)


def read(value: Value) -> Any:
    """As the ledger reads it."""
    match value:
        case canonical.Truth():
            return value is canonical.Truth.YES
        case list():
            return [read(each) for each in value]
        case _:
            return value


@settings(deadline=None)
@given(VALUES)
def test_values_are_decoded_and_encoded_as_by_the_ledger(value: object) -> None:
    data = encode(value)
    assert read(canonical.decode(data)) == value
    assert canonical.encode(canonical.decode(data)) == data


@pytest.mark.parametrize("data", [b"\xc2", b"\xc3"])
def test_yes_and_no_pass_for_no_number(data: bytes) -> None:
    assert not isinstance(canonical.decode(data), int)


@settings(deadline=None)
@given(st.binary(max_size=40))
def test_what_is_canonical_is_judged_alike(data: bytes) -> None:
    try:
        expected = decode_any(data, what="noise")
    except DecodeError:
        with pytest.raises(Malformed):
            canonical.decode(data)
    else:
        assert read(canonical.decode(data)) == expected


def test_golden_entries_are_read() -> None:
    golden = json.loads((TESTS / "golden/entries.json").read_text())
    assert len(golden) > 4
    for name, each in golden.items():
        if name == "leaf":
            continue
        data = bytes.fromhex(each["hex"])
        assert canonical.encode(canonical.decode(data)) == data


@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_the_public_vectors_of_the_tree_are_told_apart(kind: str) -> None:
    for path in vectors(kind):
        vector = json.loads(path.read_bytes())
        name = path.relative_to(VECTORS).as_posix()
        assert holds(vector) == (not vector["wantErr"] and name not in NOT_A_DIGEST), name


def holds(vector: dict[str, Any]) -> bool:
    path = [b64decode(each) for each in vector["proof"] or []]
    try:
        if "leafIdx" in vector:
            leaf, root = b64decode(vector["leafHash"]), b64decode(vector["root"])
            check_inclusion(vector["leafIdx"], vector["treeSize"], leaf, path, root)
        else:
            roots = b64decode(vector["root1"]), b64decode(vector["root2"])
            check_consistency(vector["size1"], vector["size2"], path, *roots)
    except Malformed:
        return False
    return True


@pytest.mark.parametrize("path", sorted((TESTS / "vectors/ics23/smt").iterdir()), ids=str)
def test_the_public_vectors_of_state_proofs_hold_and_changed_ones_do_not(path: Path) -> None:
    vector = json.loads(path.read_text())
    root, key, data = (bytes.fromhex(vector[name]) for name in ("root", "key", "proof"))
    value = bytes.fromhex(vector["value"]) or None
    shown(root, key, value, data)
    for at in range(0, len(data), 7):
        with pytest.raises(Malformed):
            shown(root, key, value, data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])
    with pytest.raises(Malformed):
        shown(root, key, b"other", data)


def shown(root: bytes, key: bytes, value: bytes | None, data: bytes) -> None:
    """The vectors name the key of an absence by its hash."""
    proof = ics23.parse_proof(data)
    path = sha256(key).digest()
    if isinstance(proof, ics23.Absence) and value is None and proof.key == path:
        ics23.check_absence(root, path, proof)
    else:
        ics23.check(root, key, value, proof)
