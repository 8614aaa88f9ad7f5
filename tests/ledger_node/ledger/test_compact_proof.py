"""Compact state proofs: what they prove, their bytes, and that none of these can be changed."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from random import Random

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_node.ledger.code_text import (
    MAX_CODE_BYTES,
    MAX_CODE_CHARACTERS,
    MAX_CODES,
    PIECE_BYTES,
    CodeStep,
    CodeTextError,
    code_count,
    decode_code,
    decode_codes,
    encode_code,
    encode_codes,
)
from ledger_node.ledger.compact_proof import (
    MAX_COMPACT,
    CompactRefused,
    CompactStep,
    block_proof,
    compact,
    is_compact_proof,
    verify_compact_proof,
)
from ledger_node.log.proof import ProofStep
from ledger_node.state import ExistenceProof, InvalidProof
from ledger_node.state.short_path import ShortPath, root_of, shorten
from tests.ledger_node.ledger.sample_state import ABSENT_KEY, GUARANTEE_KEY, SampleState
from tests.ledger_node.log.sample_union import policy

GOLDEN = Path(__file__).parents[2] / "golden" / "compact_proof.json"
STATE = SampleState()
RULES = policy()
PRESENT = compact(STATE.proof(GUARANTEE_KEY))
ABSENT = compact(STATE.proof(ABSENT_KEY))
BOTH = pytest.mark.parametrize("file", [PRESENT, ABSENT], ids=["present", "absent"])


def refusal_of(file: bytes) -> CompactRefused:
    with pytest.raises(CompactRefused) as refusal:
        verify_compact_proof(file, RULES)
    return refusal.value


def resealed(file: bytes, place: int, value: object) -> bytes:
    fields = msgpack.unpackb(msgpack.unpackb(file)[1])
    fields[place] = value
    body = msgpack.packb(fields)
    return bytes(msgpack.packb(["ctlproof1", body, sha256(body).digest()[:4]]))


def test_every_key_is_proven_present_and_others_absent() -> None:
    for key in (*STATE.entries, *(f"seal/NS-{at}" for at in range(200))):
        file = compact(STATE.proof(key))
        proof = verify_compact_proof(file, RULES)
        assert (proof.key, proof.value) == (key, STATE.entries.get(key))
        assert (proof.block.height, proof.newest, is_compact_proof(file)) == (7, True, True)


@given(st.sets(st.integers(0, 999), min_size=1, max_size=60), st.integers(0, 999))
def test_absences_of_every_shape_lead_to_the_root(held: set[int], asked: int) -> None:
    state = SampleState({f"key/{at}": b"value" for at in held})
    key = f"key/{asked}"
    way = shorten(key.encode(), state.commitment(key))
    value = state.entries.get(key)
    assert root_of(key.encode(), value, way) == state.root
    assert root_of(key.encode(), None if value else b"value", ShortPath(way.siblings, None)) != (
        state.root
    )


def test_a_neighbour_that_is_the_key_or_stands_elsewhere_is_refused() -> None:
    way = shorten(GUARANTEE_KEY.encode(), STATE.commitment(GUARANTEE_KEY))
    assert isinstance(STATE.commitment(GUARANTEE_KEY), ExistenceProof)
    path = sha256(GUARANTEE_KEY.encode()).digest()
    value = sha256(STATE.entries[GUARANTEE_KEY]).digest()
    with pytest.raises(InvalidProof, match="the key itself"):
        root_of(GUARANTEE_KEY.encode(), None, ShortPath(way.siblings, path + value))
    elsewhere = bytes([path[0] ^ 0x80]) + path[1:]
    with pytest.raises(InvalidProof, match="elsewhere"):
        root_of(GUARANTEE_KEY.encode(), None, ShortPath(way.siblings, elsewhere + value))


def test_the_second_half_is_the_proof_file_of_the_block() -> None:
    assert block_proof(PRESENT) == STATE.block_proof().format()


def test_a_compact_proof_is_shorter_than_the_text() -> None:
    for key, file in ((GUARANTEE_KEY, PRESENT), (ABSENT_KEY, ABSENT)):
        assert len(file) < 0.65 * len(STATE.proof(key).format())


def test_with_ten_million_objects_and_entries_a_movement_still_fits_one_code() -> None:
    """30 levels of the state, a whole path in the log, and an object of 450 bytes."""
    file = resealed(PRESENT, 2, bytes(32 * 30))
    file = resealed(resealed(file, 6, bytes(32 * 24)), 1, bytes(450))
    assert len(file) <= MAX_CODE_BYTES


@BOTH
def test_every_flip_of_a_bit_is_refused(file: bytes) -> None:
    for at in range(len(file)):
        for bit in range(8):
            refusal_of(file[:at] + bytes([file[at] ^ 1 << bit]) + file[at + 1 :])


@BOTH
def test_every_cut_insertion_and_removal_of_a_byte_is_refused(file: bytes) -> None:
    for at in range(len(file)):
        for changed in (file[:at], file[:at] + file[at + 1 :], file[:at] + b"\x00" + file[at:]):
            refusal_of(changed)
    refusal_of(file + b"\x00")


def test_the_failing_step_is_named() -> None:
    fields = msgpack.unpackb(msgpack.unpackb(PRESENT)[1])

    def step(place: int, value: object) -> str:
        return refusal_of(resealed(PRESENT, place, value)).step

    assert refusal_of(b"x" * (MAX_COMPACT + 1)).step == CompactStep.FORMAT
    assert refusal_of(PRESENT[:-1] + b"\x00").step == CompactStep.CHECK
    assert refusal_of(PRESENT.replace(b"ctlproof1", b"ctlproof2")).step == CompactStep.FORMAT
    assert step(0, "a b") == step(0, "") == CompactStep.FIELDS
    assert step(1, b"") == step(2, b"short") == step(9, b"short") == CompactStep.FIELDS
    assert step(10, b"key") == step(7, "") == CompactStep.FIELDS
    assert step(0, "guarantee/OTHER") == step(1, b"other") == CompactStep.STATE
    assert step(2, bytes(32 * len(fields[2]))[: len(fields[2])]) == CompactStep.STATE
    assert step(3, bytes(64)) == step(2, bytes(32 * 256)) == CompactStep.STATE
    assert step(5, 0) == step(6, fields[6][32:]) == ProofStep.INCLUSION
    assert step(8, 7) == step(9, bytes(32)) == step(11, bytes(64)) == ProofStep.LOG_SIGNATURE
    assert step(12, fields[12][::-1]) == ProofStep.COSIGNATURES
    assert step(12, fields[12][1:]) == ProofStep.QUORUM
    long_form = [["ledger.example/union/AM", *fields[12][0][1:]], *fields[12][1:]]
    assert step(12, long_form) == CompactStep.FIELDS
    two_lines = [["/AM\n\u2014 x", *fields[12][0][1:]], *fields[12][1:]]
    assert step(12, two_lines) == CompactStep.FIELDS
    assert step(1, 5) == step(5, -1) == step(5, 2**63) == CompactStep.FORMAT


def test_an_entry_that_closes_no_block_states_no_root() -> None:
    other = STATE.block_proof(b"\x93\x00")
    signed = other.checkpoint.signed()
    file = resealed(PRESENT, 4, other.entry)
    file = resealed(file, 9, signed.checkpoint.root)
    file = resealed(file, 11, signed.signatures[0].signature)
    lines = msgpack.unpackb(msgpack.unpackb(file)[1])[12]
    cosigned = [
        [*line[:3], each.signature[8:]]
        for line, each in zip(lines, signed.signatures[1:], strict=True)
    ]
    assert refusal_of(resealed(file, 12, cosigned)).step == CompactStep.BLOCK


@pytest.mark.parametrize("name", ["present", "absent"])
def test_the_bytes_are_those_of_the_golden_file(name: str, regenerate_golden: bool) -> None:
    """Seen by an independent msgpack library as the array that docs/formats.md describes."""
    file = {"present": PRESENT, "absent": ABSENT}[name]
    if regenerate_golden:
        content = {
            "present": PRESENT.hex(),
            "absent": ABSENT.hex(),
            "policy": RULES.format().decode(),
        }
        GOLDEN.write_text(json.dumps(content, indent=1) + "\n")
    assert json.loads(GOLDEN.read_text())[name] == file.hex()
    magic, body, check = msgpack.unpackb(file)
    assert (magic, check) == ("ctlproof1", sha256(body).digest()[:4])
    fields = msgpack.unpackb(body)
    assert len(fields) == 13
    assert msgpack.packb(fields) == body
    assert [line[0] for line in fields[12]] == ["/AM", "/BY", "/KZ", "/KG"]


# ------------------------------------------------------------ the text of a code


@given(st.binary(max_size=300))
def test_every_file_has_a_text_and_comes_back(file: bytes) -> None:
    assert decode_code(encode_code(file)) == file


def test_the_text_is_that_of_the_rfc() -> None:
    """RFC 9285, section 4.3."""
    examples = ((b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"))
    for data, text in examples:
        assert encode_code(data) == f"CTL1:{text}"


def test_the_longest_file_fills_one_code() -> None:
    assert MAX_CODE_CHARACTERS - 2 <= len(encode_code(bytes(MAX_CODE_BYTES))) <= MAX_CODE_CHARACTERS


@pytest.mark.parametrize("text", ["", "BB8", "ctl1:BB8", "CTL1:b", "CTL1:A", "CTL1:GGW", "CTL1:::"])
def test_text_that_is_no_code_is_refused(text: str) -> None:
    for data in (text, "CTL1:" + "0" * (MAX_CODE_CHARACTERS + 3)):
        with pytest.raises(CodeTextError) as refused:
            decode_code(data)
        assert refused.value.step is CodeStep.TEXT


# ------------------------------------------------------------ several codes


@settings(deadline=None)
@given(st.integers(1, MAX_CODES * PIECE_BYTES), st.randoms(use_true_random=False))
def test_every_file_has_codes_and_comes_back_from_them_in_any_order(
    size: int, order: Random
) -> None:
    file = order.randbytes(size)
    texts = list(encode_codes(file))
    assert len(texts) == code_count(size) <= MAX_CODES
    assert all(len(text) <= MAX_CODE_CHARACTERS for text in texts)
    order.shuffle(texts)
    assert decode_codes(texts) == file


def test_a_file_that_fits_one_code_takes_one() -> None:
    assert encode_codes(bytes(MAX_CODE_BYTES)) == (encode_code(bytes(MAX_CODE_BYTES)),)
    several = encode_codes(bytes(MAX_CODE_BYTES + 1))
    assert len(several) == 3
    assert all(text.startswith("CTLP:") for text in several)


LONG = bytes(range(256)) * 20
PARTS = encode_codes(LONG)


def part(*fields: object) -> str:
    """A code's text, of any fields."""
    return "CTLP:" + encode_code(msgpack.packb(fields)).removeprefix("CTL1:")


NAME = sha256(LONG).digest()[:4]


@pytest.mark.parametrize(
    "texts",
    [
        [],
        PARTS[:-1],
        PARTS[1:],
        (*PARTS, PARTS[0]),
        (*PARTS[:-1], PARTS[0]),
        (*PARTS[:-1], encode_codes(LONG + b"x")[-1]),
        (*PARTS[:-1], part(len(PARTS), len(PARTS), NAME, b"other")),
        (*PARTS, part(len(PARTS) + 1, len(PARTS) + 1, NAME, b"more")),
        [part(1, 1, NAME, b"a")],
        [part(0, 2, NAME, b"a"), part(1, 2, NAME, b"b")],
        [part(1, 17, NAME, b"a")],
        [part(1, 2, NAME[:3], b"a"), part(2, 2, NAME[:3], b"b")],
        [part(1, 2, NAME, b""), part(2, 2, NAME, b"a")],
        [part(1, 2, NAME, b"a", 0), part(2, 2, NAME, b"b")],
        [part("1", 2, NAME, b"a"), part(2, 2, NAME, b"b")],
    ],
)
def test_codes_that_are_not_all_of_one_file_are_refused(texts: Sequence[str]) -> None:
    with pytest.raises(CodeTextError) as refused:
        decode_codes(texts)
    assert refused.value.step is CodeStep.PARTS


def test_it_is_told_which_codes_are_missing() -> None:
    with pytest.raises(CodeTextError, match="of 4 codes these are missing: 1, 3"):
        decode_codes([PARTS[3], PARTS[1]])


def test_a_changed_character_of_a_code_is_refused() -> None:
    text = PARTS[2]
    for at in range(0, len(text), 3):
        changed = text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]
        with pytest.raises(CodeTextError):
            decode_codes((*PARTS[:2], changed, PARTS[3]))


def test_parts_are_arrays_that_another_library_reads() -> None:
    for number, text in enumerate(PARTS, start=1):
        content = decode_code(text.replace("CTLP:", "CTL1:"))
        found = msgpack.unpackb(content)
        assert found[:3] == [number, 4, NAME]
        assert msgpack.packb(found) == content
    assert b"".join(msgpack.unpackb(decode_code("CTL1:" + t[5:]))[3] for t in PARTS) == LONG
