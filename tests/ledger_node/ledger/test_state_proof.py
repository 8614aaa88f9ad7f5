"""State proof files: what they prove, and that no byte of one can be changed."""

import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.codec import encode
from ledger_node.ledger.entries import SubmissionEntry
from ledger_node.ledger.state_proof import (
    MAX_STATE_PROOF,
    StateProofRefused,
    StateProofStep,
    build_state_proof,
    is_state_proof,
    verify_state_proof,
)
from ledger_node.log.proof import ProofStep
from ledger_node.state import (
    ExistenceProof,
    NonExistenceProof,
    encode_compressed,
    encode_proof,
)
from ledger_node.state.proof import SMT_SPEC, HashOp, InnerOp
from tests.ledger_node.ledger.sample_state import (
    ABSENT_KEY,
    GUARANTEE_KEY,
    RESERVATION_KEY,
    SampleState,
)
from tests.ledger_node.log.sample_union import policy

STATE = SampleState()
RULES = policy()
PRESENT = STATE.proof(GUARANTEE_KEY).format()
ABSENT = STATE.proof(ABSENT_KEY).format()
BOTH = pytest.mark.parametrize("data", [PRESENT, ABSENT], ids=["present", "absent"])


def refusal_of(data: bytes) -> StateProofRefused:
    with pytest.raises(StateProofRefused) as refusal:
        verify_state_proof(data, RULES)
    return refusal.value


def test_a_file_says_what_the_state_held_and_when() -> None:
    proof = verify_state_proof(PRESENT, RULES)
    assert (proof.key, proof.value) == (GUARANTEE_KEY, STATE.entries[GUARANTEE_KEY])
    assert (proof.block.height, proof.newest) == (7, True)
    assert proof.format() == PRESENT


def test_a_file_says_that_the_state_held_nothing() -> None:
    proof = verify_state_proof(ABSENT, RULES)
    assert (proof.key, proof.value) == (ABSENT_KEY, None)
    assert proof.format() == ABSENT


def test_every_key_is_proven_present_and_others_absent() -> None:
    for key in (*STATE.entries, "a", "offence/1", "~" * 256):
        found = verify_state_proof(STATE.proof(key).format(), RULES)
        assert found.value == STATE.entries.get(key)


def test_a_block_that_is_not_the_last_is_said_to_be_older() -> None:
    older = SampleState(after=3).proof(GUARANTEE_KEY).format()
    assert not verify_state_proof(older, RULES).newest


def test_what_follows_the_first_empty_line_is_a_proof_file_of_its_own() -> None:
    assert PRESENT.partition(b"\n\n")[2] == STATE.block_proof().format()
    assert is_state_proof(PRESENT)
    assert not is_state_proof(PRESENT.partition(b"\n\n")[2])


@BOTH
def test_every_flip_of_a_bit_is_refused(data: bytes) -> None:
    """One bit a byte in the proof file inside, whose own tests flip them all."""
    inside = data.index(b"\n\n")
    for at in range(len(data)):
        for bit in range(8) if at < inside else (at % 8,):
            refusal_of(data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :])


@BOTH
def test_every_cut_insertion_and_removal_of_a_byte_is_refused(data: bytes) -> None:
    for at in range(len(data)):
        for changed in (
            data[:at],
            data[:at] + data[at + 1 :],
            data[:at] + b"\n" + data[at:],
            data[:at] + b" " + data[at:],
            data[:at] + data[at : at + 1] + data[at:],
        ):
            refusal_of(changed)
    for end in (b"\n", b" ", b"\x00", b"="):
        refusal_of(data + end)


def line_changes(data: bytes) -> Iterator[list[bytes]]:
    lines = data.splitlines(keepends=True)
    for at in range(len(lines)):
        yield lines[:at] + lines[at + 1 :]
        yield [*lines[:at], lines[at], *lines[at:]]
        for other in range(at):
            swapped = lines.copy()
            swapped[at], swapped[other] = swapped[other], swapped[at]
            yield swapped
            moved = lines[:at] + lines[at + 1 :]
            moved.insert(other, lines[at])
            yield moved


@BOTH
def test_every_line_dropped_doubled_swapped_or_moved_is_refused(data: bytes) -> None:
    count = 0
    for lines in line_changes(data):
        if (changed := b"".join(lines)) != data:
            count += 1
            refusal_of(changed)
    assert count > 200


def test_lines_of_two_files_cannot_be_mixed() -> None:
    ours, theirs = (each.splitlines(keepends=True) for each in (PRESENT, ABSENT))
    other = SampleState(before=6).proof(GUARANTEE_KEY).format().splitlines(keepends=True)
    for strange in (theirs, other):
        for at in range(len(ours)):
            mixed = [*ours[:at], strange[at], *ours[at + 1 :]]
            if mixed != ours:
                refusal_of(b"".join(mixed))


def test_the_failing_step_is_named() -> None:
    lines = PRESENT.split(b"\n")

    def step(at: int, line: bytes) -> str:
        return refusal_of(b"\n".join([*lines[:at], line, *lines[at + 1 :]])).step

    absent_state = encode_proof(STATE.commitment(ABSENT_KEY))
    assert refusal_of(b"x" * (MAX_STATE_PROOF + 1)).step == StateProofStep.SIZE
    assert step(0, lines[0].replace(b"v1", b"v2")) == StateProofStep.FORMAT
    assert step(0, lines[0] + b"\n") == StateProofStep.FORMAT
    for key in (b"key", b"key ", b"key a b", b"key \xd0\x96", b"Key a", b"key " + b"a" * 257):
        assert step(1, key) == StateProofStep.KEY
    for value in (b"value ", b"value x", b"absent ", b"value", b"value QQ", b"value QR=="):
        assert step(2, value) == StateProofStep.VALUE
    assert step(3, b"ics23 AAAA") == StateProofStep.ICS23
    assert step(3, lines[3] + b"AAAA") == StateProofStep.ICS23
    assert step(3, b"ics23 " + b64encode(absent_state)) == StateProofStep.ICS23
    assert step(1, b"key " + RESERVATION_KEY.encode()) == StateProofStep.STATE
    assert step(2, b"value " + b64encode(b"more")) == StateProofStep.STATE
    assert step(2, b"absent") == StateProofStep.STATE
    assert step(7, b"index 4") == ProofStep.INCLUSION
    assert step(5, b"extra") == ProofStep.FORMAT


def test_nothing_is_built_that_would_not_verify() -> None:
    value, state = STATE.entries[GUARANTEE_KEY], STATE.commitment(GUARANTEE_KEY)
    block = STATE.block_proof()

    def step(*parts: object) -> str:
        with pytest.raises(StateProofRefused) as refusal:
            build_state_proof(*parts)  # type: ignore[arg-type] # varied by the cases below
        return refusal.value.step

    record = STATE.block_proof(encode(SubmissionEntry(b"h", b"s")))
    assert step("a b", value, state, block) == StateProofStep.KEY
    assert step(GUARANTEE_KEY, value, state, record) == StateProofStep.BLOCK
    assert step(GUARANTEE_KEY, value, state, STATE.block_proof(b"x")) == StateProofStep.BLOCK
    assert step(GUARANTEE_KEY, b"other", state, block) == StateProofStep.STATE
    assert step(GUARANTEE_KEY, None, state, block) == StateProofStep.STATE
    other = SampleState({"only/one": b"here"})
    assert step(GUARANTEE_KEY, value, state, other.block_proof()) == StateProofStep.STATE


def test_a_proof_of_absence_that_hides_its_key_behind_a_hash_is_refused() -> None:
    gap = STATE.commitment(ABSENT_KEY)
    assert isinstance(gap, NonExistenceProof)
    hashed = replace(gap, key=sha256(ABSENT_KEY.encode()).digest())
    with pytest.raises(StateProofRefused, match="by its hash"):
        build_state_proof(ABSENT_KEY, None, hashed, STATE.block_proof())


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_make_it_raise_anything_else(noise: bytes, headed: bool) -> None:
    start = PRESENT[: PRESENT.index(b"\n") + 1] if headed else b""
    refusal_of(start + noise)


def existence(depth: int, key: bytes, value: bytes, seed: int) -> ExistenceProof:
    """As deep as asked, with made-up siblings: only its size is looked at."""
    ops = tuple(
        InnerOp(HashOp.SHA256, b"\x01", bytes([seed, level]) * 16) for level in range(depth)
    )
    return ExistenceProof(key, value, SMT_SPEC.leaf, ops)


def test_with_ten_million_objects_a_state_proof_stays_below_two_kilobytes() -> None:
    """Paths are log2(10^7) + 1.3 nodes on average; neighbours part near the end of theirs."""
    key, value = GUARANTEE_KEY.encode(), STATE.entries[GUARANTEE_KEY]
    left, right = existence(27, key, value, 1), existence(27, key, value, 1)
    own = tuple(InnerOp(HashOp.SHA256, bytes([1, 9]) * 16, b"") for _ in range(3))
    right = replace(right, path=(*own, *right.path[3:]))
    present, absent = encode_proof(left), encode_compressed(NonExistenceProof(key, left, right))
    assert len(present) < 1_500
    assert len(absent) < 2_000


def test_verifying_a_file_takes_little_time() -> None:
    """Five milliseconds are asked for; the fastest of some runs says what the code takes."""
    times = []
    for _ in range(7):
        began = time.process_time()
        verify_state_proof(ABSENT, RULES)
        times.append(time.process_time() - began)
    assert min(times) < 0.005
