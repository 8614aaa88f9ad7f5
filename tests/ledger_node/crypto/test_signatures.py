"""What verifies, what does not, and that libsodium decides it as plain arithmetic does."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_node.crypto import criterion
from ledger_node.crypto.signatures import (
    PublicKeyError,
    SoftwareSigner,
    Suite,
    UnsupportedSuiteError,
    public_key,
    verify,
    verify_ed25519,
)
from tests.ledger_node.crypto import edwards

SUITES = [Suite.ED25519, Suite.ECDSA_P256]
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def scalar(seed: str) -> int:
    return int.from_bytes(hashlib.sha512(seed.encode()).digest(), "little") % edwards.ORDER


def sign_with_points(
    secret: int, key: bytes, nonce: int, commitment: bytes, message: bytes
) -> bytes:
    """A signature whose key and R are written as given, however odd."""
    s = (nonce + edwards.challenge(commitment, key, message) * secret) % edwards.ORDER
    return commitment + s.to_bytes(32, "little")


@pytest.mark.parametrize("suite", SUITES)
def test_a_signature_holds_for_its_message_and_key_only(suite: Suite) -> None:
    signer, other = SoftwareSigner.generate(suite), SoftwareSigner.generate(suite)
    signature = signer.sign(b"released")
    assert len(signature) == 64
    assert verify(public_key(signer.public), b"released", signature)
    assert not verify(signer.public, b"refused", signature)
    assert not verify(other.public, b"released", signature)


@settings(max_examples=60)
@given(data=st.data(), suite=st.sampled_from(SUITES))
def test_no_single_flipped_bit_still_verifies(data: st.DataObject, suite: Suite) -> None:
    signer = SoftwareSigner(suite, bytes(range(1, 33)))
    signature = bytearray(signer.sign(b"movement"))
    bit = data.draw(st.integers(0, 511))
    signature[bit // 8] ^= 1 << bit % 8
    assert not verify(signer.public, b"movement", bytes(signature))


@given(public=st.binary(max_size=40), message=st.binary(), signature=st.binary(max_size=70))
def test_hostile_bytes_verify_nothing_and_raise_nothing(
    public: bytes, message: bytes, signature: bytes
) -> None:
    assert not verify(public, message, signature)


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_of_another_length_is_refused(suite: Suite, length: int) -> None:
    signer = SoftwareSigner.generate(suite)
    assert not verify(signer.public, b"m", (signer.sign(b"m") + b"\x00")[:length])


def test_rfc_8032_test_2() -> None:
    signer = SoftwareSigner(
        Suite.ED25519,
        bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
    )
    assert signer.public.hex() == (
        "013d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    )
    assert signer.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_a_p256_key_and_signature_are_checked_by_an_independent_reading() -> None:
    """The compressed key and r || s, taken apart and given to OpenSSL as DER."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    signer = SoftwareSigner.generate(Suite.ECDSA_P256)
    signature = signer.sign(b"m")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), signer.public[1:])
    point.verify(encode_dss_signature(r, s), b"m", ec.ECDSA(hashes.SHA256()))


def test_the_high_s_twin_of_a_p256_signature_is_refused() -> None:
    signer = SoftwareSigner.generate(Suite.ECDSA_P256)
    signature = signer.sign(b"m")
    high = P256_ORDER - int.from_bytes(signature[32:], "big")
    assert not verify(signer.public, b"m", signature[:32] + high.to_bytes(32, "big"))


def test_zero_halves_of_a_p256_signature_are_refused() -> None:
    signer = SoftwareSigner.generate(Suite.ECDSA_P256)
    signature = signer.sign(b"m")
    assert not verify(signer.public, b"m", bytes(32) + signature[32:])
    assert not verify(signer.public, b"m", signature[:32] + bytes(32))


@pytest.mark.parametrize(
    ("suite", "name"), [(3, "ML-DSA-44"), (4, "GOST R 34.10-2012"), (9, "not assigned")]
)
def test_a_key_of_a_reserved_or_unknown_suite_is_refused_by_name(suite: int, name: str) -> None:
    with pytest.raises(UnsupportedSuiteError, match=name) as caught:
        public_key(bytes([suite]) + bytes(32))
    assert caught.value.suite == suite
    assert not verify(bytes([suite]) + bytes(32), b"m", bytes(64))


@pytest.mark.parametrize(
    "public",
    [
        b"",
        b"\x01",
        b"\x01" + bytes(31),
        b"\x01" + bytes(33),
        b"\x02" + bytes(32),
        b"\x02\x04" + bytes(32),
        b"\x02\x02" + b"\xff" * 32,
    ],
)
def test_a_key_that_cannot_be_one_of_its_suite_is_refused(public: bytes) -> None:
    with pytest.raises(PublicKeyError):
        public_key(public)


@pytest.mark.parametrize("private", [bytes(31), bytes(33)])
def test_a_private_half_of_another_length_is_refused(private: bytes) -> None:
    with pytest.raises(PublicKeyError):
        SoftwareSigner(Suite.ED25519, private)


@pytest.mark.parametrize("number", [0, P256_ORDER])
def test_a_p256_private_half_outside_the_group_is_refused(number: int) -> None:
    with pytest.raises(PublicKeyError):
        SoftwareSigner(Suite.ECDSA_P256, number.to_bytes(32, "big"))


def test_a_signer_shows_its_public_half_only() -> None:
    signer = SoftwareSigner.generate()
    assert signer.private_bytes().hex() not in repr(signer)


def test_the_start_up_check_passes_here() -> None:
    criterion.check()


def test_the_start_up_check_names_a_case_decided_differently(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(criterion, "verify_ed25519", lambda *_: True)
    with pytest.raises(criterion.CriterionError, match="S plus the group order"):
        criterion.check()


@pytest.mark.parametrize("case", criterion.CASES, ids=lambda case: case.name)
def test_the_written_out_criterion_agrees_on_each_case(case: criterion.Case) -> None:
    public, message, signature = (bytes.fromhex(part) for part in case[2:])
    assert edwards.verifies(public, message, signature) == case.valid


@pytest.mark.parametrize("index", range(8))
def test_a_key_of_small_order_verifies_nothing(index: int) -> None:
    """S·B - k·A = R is easy for such a key whenever 8 divides k; it must not count."""
    key = edwards.compress(edwards.torsion()[index])
    nonce = scalar("nonce")
    commitment = edwards.compress(edwards.multiply(nonce, edwards.BASE))
    message = next(
        m
        for m in (b"%d" % i for i in range(10_000))
        if edwards.challenge(commitment, key, m) % 8 == 0
    )
    assert not verify_ed25519(key, message, commitment + nonce.to_bytes(32, "little"))


@pytest.mark.parametrize("y", range(edwards.P, edwards.P + 19))
@pytest.mark.parametrize("sign", [0, 1])
def test_a_key_with_a_coordinate_past_the_field_verifies_nothing(y: int, sign: int) -> None:
    key = (y | sign << 255).to_bytes(32, "little")
    nonce = scalar("nonce")
    commitment = edwards.compress(edwards.multiply(nonce, edwards.BASE))
    for i in range(16):
        signature = sign_with_points(0, key, nonce, commitment, b"%d" % i)
        assert not verify_ed25519(key, b"%d" % i, signature)


@settings(max_examples=25, deadline=None)
@given(
    key_torsion=st.integers(0, 7),
    r_torsion=st.integers(0, 7),
    extra=st.sampled_from([0, edwards.ORDER]),
    message=st.binary(max_size=8),
)
def test_libsodium_and_the_written_out_criterion_agree(
    key_torsion: int, r_torsion: int, extra: int, message: bytes
) -> None:
    """Over keys and commitments with every torsion part, and S beyond the group order."""
    small = edwards.torsion()
    secret, nonce = scalar("secret"), scalar("nonce")
    key = edwards.compress(edwards.add(edwards.multiply(secret, edwards.BASE), small[key_torsion]))
    commitment = edwards.compress(
        edwards.add(edwards.multiply(nonce, edwards.BASE), small[r_torsion])
    )
    made = sign_with_points(secret, key, nonce, commitment, message)
    s = int.from_bytes(made[32:], "little") + extra
    signature = commitment + s.to_bytes(32, "little")
    assert verify_ed25519(key, message, signature) == edwards.verifies(key, message, signature)
