"""A commitment opens with exactly what was committed to, and tells nothing before."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.ledger.particulars import (
    MAX_PLAINTEXT,
    CommitmentMismatch,
    ParticularGroup,
    Particulars,
    ParticularsMalformed,
    check_opening,
    commit,
    commitment_of,
)

SALT = bytes(range(32))
groups = st.sampled_from(ParticularGroup)
salts = st.binary(min_size=32, max_size=32)


def test_the_commitment_is_the_documented_hash():
    canonical = b"\x93" + b"\xa5goods" + b"\xc4\x20" + SALT + b"\xc4\x04" + b"toys"
    expected = sha256(b"ctl/particulars/v1\x00" + canonical).digest()
    assert commit(ParticularGroup.GOODS, SALT, b"toys") == expected


@given(groups, salts, st.binary(max_size=200))
def test_the_right_opening_is_accepted(group: ParticularGroup, salt: bytes, plaintext: bytes):
    check_opening(commit(group, salt, plaintext), Particulars(group, salt, plaintext))


@given(groups, salts, st.binary(max_size=64), groups, salts, st.binary(max_size=64))
def test_any_other_opening_is_refused(group, salt, text, other_group, other_salt, other_text):
    other = Particulars(other_group, other_salt, other_text)
    if other == Particulars(group, salt, text):
        return
    with pytest.raises(CommitmentMismatch):
        check_opening(commit(group, salt, text), other)


@pytest.mark.parametrize("at", [0, 15, 31])
def test_one_flipped_bit_of_the_salt_is_refused(at: int):
    flipped = bytearray(SALT)
    flipped[at] ^= 1
    commitment = commit(ParticularGroup.GOODS, SALT, b"toys")
    with pytest.raises(CommitmentMismatch) as caught:
        check_opening(commitment, Particulars(ParticularGroup.GOODS, bytes(flipped), b"toys"))
    assert caught.value.group is ParticularGroup.GOODS
    assert "toys" not in str(caught.value)


def test_bytes_cannot_move_between_salt_and_plaintext():
    commitment = commit(ParticularGroup.GOODS, SALT, b"toys")
    with pytest.raises(ParticularsMalformed):
        check_opening(commitment, Particulars(ParticularGroup.GOODS, SALT + b"t", b"oys"))


@pytest.mark.parametrize("commitment", [b"", b"\x00" * 31, b"\x00" * 33])
def test_a_commitment_of_the_wrong_length_never_opens(commitment: bytes):
    with pytest.raises(CommitmentMismatch):
        check_opening(commitment, Particulars(ParticularGroup.GOODS, SALT, b"toys"))


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_salt_is_32_bytes(size: int):
    with pytest.raises(ParticularsMalformed) as caught:
        commit(ParticularGroup.GOODS, bytes(size), b"toys")
    assert caught.value.field == "salt"


def test_a_plaintext_is_bounded():
    commit(ParticularGroup.GOODS, SALT, bytes(MAX_PLAINTEXT))
    with pytest.raises(ParticularsMalformed) as caught:
        commit(ParticularGroup.GOODS, SALT, bytes(MAX_PLAINTEXT + 1))
    assert caught.value.field == "plaintext"


def test_particulars_show_neither_salt_nor_plaintext():
    particulars = Particulars(ParticularGroup.GOODS, SALT, b"toys")
    assert repr(particulars) == "Particulars(goods, 4 bytes)"
    assert commitment_of(particulars) == commit(ParticularGroup.GOODS, SALT, b"toys")
