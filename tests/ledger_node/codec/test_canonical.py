"""One value, one encoding; the decoder accepts that encoding and nothing else."""

import datetime
from typing import Any

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.codec import DecodeError, decode, decode_any, encode, tagged_digest
from ledger_node.codec.canonical import MAX_DEPTH


class Point(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    name: str
    x: int
    y: int = 0


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
    | st.binary(max_size=300),
    lambda inner: st.lists(inner, max_size=20),
    max_leaves=60,
)


@given(values)
def test_an_independent_implementation_writes_the_same_bytes(value: Any) -> None:
    assert encode(value) == msgpack.packb(value, use_bin_type=True)


@given(values)
def test_what_is_encoded_decodes_to_the_same_value(value: Any) -> None:
    assert decode_any(encode(value), what="value") == value


@given(st.binary(max_size=60))
def test_bytes_that_decode_are_the_encoding_of_what_they_decode_to(data: bytes) -> None:
    try:
        value = decode_any(data, what="value")
    except DecodeError:
        return
    assert encode(value) == data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is cut short"),
        (b"\x92\x01", "is cut short"),
        (b"\x01\x01", "goes on after its end, at byte 1"),
        (b"\xcc\x01", "canonical"),
        (b"\xcd\x00\x80", "canonical"),
        (b"\xd3" + bytes(8), "canonical"),
        (b"\xd9\x01a", "canonical"),
        (b"\xc5\x00\x01a", "canonical"),
        (b"\xdc\x00\x01\xc0", "canonical"),
        (b"\xc1", "is no msgpack: 0xc1 at byte 0"),
        (b"\xa1\xff", "utf-8"),
        (b"\xa3\xed\xa0\x80", "utf-8"),
    ],
)
def test_other_spellings_and_broken_bytes_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(DecodeError, match=rf"(?i)value: .*{reason}"):
        decode_any(data, what="value")


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"a": 1},
        1.5,
        0.0,
        msgpack.ExtType(5, b"x"),
        msgpack.Timestamp(1, 0),
        datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
    ],
)
def test_maps_floats_and_extension_types_have_no_canonical_form(value: Any) -> None:
    for data in (
        msgpack.packb(value, datetime=True),
        msgpack.packb([1, [value]], datetime=True),
    ):
        with pytest.raises(DecodeError, match="no canonical form"):
            decode_any(data, what="value")


def test_maps_with_keys_that_cannot_be_hashed_are_refused() -> None:
    for data in (b"\x81\x80\x80", b"\x81\x91\x80\x80"):
        with pytest.raises(DecodeError):
            decode_any(data, what="value")


def test_nesting_is_bounded() -> None:
    assert decode_any(b"\x91" * MAX_DEPTH + b"\xc0", what="value")
    for depth in (MAX_DEPTH + 1, 100, 100_000):
        with pytest.raises(DecodeError, match="nested deeper"):
            decode_any(b"\x91" * depth + b"\xc0", what="value")


def test_an_announced_length_beyond_the_data_is_refused() -> None:
    for head in (b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff"):
        with pytest.raises(DecodeError):
            decode_any(head, what="value")


def test_the_limit_is_checked_before_anything_is_parsed() -> None:
    with pytest.raises(DecodeError, match="11 bytes, at most 10"):
        decode_any(b"\xc1" * 11, what="value", limit=10)


def test_a_typed_value_comes_back() -> None:
    assert decode(Point, encode(Point("a", 1, 2))) == Point("a", 1, 2)


@pytest.mark.parametrize(
    "value", [["a", 1], ["a", 1, 2, 3], ["a", "1", 2], ["a", 1.0, 2], [b"a", 1, 2], "a", None, []]
)
def test_a_value_of_another_shape_or_type_is_refused(value: Any) -> None:
    with pytest.raises(DecodeError, match=r"^Point: "):
        decode(Point, msgpack.packb(value))


def test_digests_of_different_things_differ() -> None:
    assert tagged_digest("submission", b"x") != tagged_digest("outcome", b"x")
    assert (
        tagged_digest("submission", b"").hex()
        == "61651ca5e9c75e7b8a1923a3b9a05f9d0984624da70f59269245969ad3feeae3"
    )
