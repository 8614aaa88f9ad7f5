"""Bytes on the wire: golden files, and everything that is not canonical is refused."""

import json
from pathlib import Path

import msgpack  # type: ignore[import-untyped]  # ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.block import block_id, genesis_block
from consensus.messages import (
    BlockReply,
    Fetch,
    FinalisedRun,
    Message,
    MessageRefused,
    decode_message,
    encode_message,
    finalize_bytes,
    notarize_bytes,
    nullify_bytes,
)
from tests.consensus.builders import Sayings, submission
from tests.simulation.signing import committee_of

GOLDEN = Path(__file__).parent.parent / "golden" / "consensus_messages.json"

SAY = Sayings(committee_of(4, 7))
BLOCK = SAY.block(1, payload=[submission(1), submission(2)])
EXAMPLES: dict[str, Message] = {
    "notarize": SAY.notarize(1, BLOCK),
    "nullify": SAY.nullify(2, 300),
    "finalize": SAY.finalize(3, BLOCK),
    "notarization": SAY.notarization(BLOCK),
    "nullification": SAY.nullification(70_000),
    "finalization": SAY.finalization(BLOCK),
    "proposal": SAY.proposal(BLOCK),
    "fetch": Fetch(-1, (bytes(32),), (1, 200)),
    "block reply": BlockReply(BLOCK),
    "finalised run": FinalisedRun((BLOCK,), SAY.finalization(BLOCK)),
}
NAMES = sorted(EXAMPLES)


def test_bytes_are_those_of_the_golden_file(regenerate_golden: bool) -> None:
    """A change of these bytes breaks every union that exists: it needs a new version."""
    written = {name: encode_message(EXAMPLES[name]).hex() for name in NAMES}
    if regenerate_golden:
        GOLDEN.write_text(json.dumps(written, indent=1) + "\n")
    assert written == json.loads(GOLDEN.read_text())


@pytest.mark.parametrize("name", NAMES)
def test_another_msgpack_library_writes_the_same_bytes(name: str) -> None:
    data = encode_message(EXAMPLES[name])
    assert msgpack.packb(msgpack.unpackb(data, use_list=False), use_bin_type=True) == data


@pytest.mark.parametrize("name", NAMES)
def test_what_is_decoded_is_what_was_said(name: str) -> None:
    assert decode_message(encode_message(EXAMPLES[name])) == EXAMPLES[name]


@pytest.mark.parametrize("name", NAMES)
def test_truncated_bytes_are_refused(name: str) -> None:
    data = encode_message(EXAMPLES[name])
    for length in range(len(data)):
        with pytest.raises(MessageRefused):
            decode_message(data[:length])


@pytest.mark.parametrize("name", NAMES)
def test_trailing_bytes_are_refused(name: str) -> None:
    with pytest.raises(MessageRefused):
        decode_message(encode_message(EXAMPLES[name]) + b"\x00")


@pytest.mark.parametrize(
    "value",
    [
        [2, 1, 300, 2],
        [2, 1, 300, 2, bytes(64), 0],
        [99, 1, 300, 2, bytes(64)],
        [2, "1", 300, 2, bytes(64)],
        [2, 1.0, 300, 2, bytes(64)],
        [2, 1, 300, 2, "text"],
        [2, 1, 300, None, bytes(64)],
        {"type": 2},
        [],
        7,
        None,
    ],
    ids=str,
)
def test_a_wrong_kind_or_shape_is_refused(value: object) -> None:
    with pytest.raises(MessageRefused):
        decode_message(msgpack.packb(value))


def test_a_longer_integer_than_needed_is_refused() -> None:
    data = encode_message(SAY.nullify(2, 3))
    assert data[:4] == bytes([0x95, 2, 1, 3])
    with pytest.raises(MessageRefused, match="canonical"):
        decode_message(bytes([0x95, 2, 0xCC, 1, 3]) + data[4:])


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(MessageRefused):
        decode_message(b"\x91" * 100_000 + b"\xc0")


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_canonical(data: bytes) -> None:
    try:
        message = decode_message(data)
    except MessageRefused:
        return
    assert encode_message(message) == data


def test_signed_bytes_differ_by_kind_union_epoch_and_view() -> None:
    union, other = bytes(32), b"\x01" * 32
    block = bytes(block_id(genesis_block(union, 0).header))
    texts = [
        notarize_bytes(union, 1, 2, 1, block),
        notarize_bytes(other, 1, 2, 1, block),
        notarize_bytes(union, 2, 2, 1, block),
        notarize_bytes(union, 1, 3, 1, block),
        notarize_bytes(union, 1, 2, 0, block),
        nullify_bytes(union, 1, 2),
        nullify_bytes(other, 1, 2),
        nullify_bytes(union, 2, 2),
        finalize_bytes(union, 1, 2, block, block),
        finalize_bytes(union, 1, 2, block, other),
    ]
    assert len(set(texts)) == len(texts)
