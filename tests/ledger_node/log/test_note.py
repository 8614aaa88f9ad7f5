"""Keys, notes, checkpoints and cosignatures: the specs' own examples, and bad input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.codec.digests import Digest
from ledger_node.log.checkpoint import (
    Checkpoint,
    CheckpointError,
    CheckpointRule,
    parse_checkpoint_text,
    parse_signed_checkpoint,
    sign_checkpoint,
)
from ledger_node.log.cosignature import cosign, cosigned_message, verify_cosignature
from ledger_node.log.merkle import EMPTY_ROOT, leaf_hash
from ledger_node.log.note import (
    MAX_NOTE,
    MAX_SIGNATURES,
    Note,
    NoteError,
    NoteRule,
    NoteSignature,
    SignatureType,
    VerifierKey,
    encode_base64,
    parse_note,
    parse_vkey,
    sign_note,
    verify_note_signature,
)
from tests.ledger_node.log.sample_union import (
    ORIGIN,
    TIME,
    SampleLog,
    cosigner_key,
    log_key,
    sign,
    signer,
)

SPEC_NOTE = """Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
"""  # noqa: E501 - one line of the note
SPEC_CHECKPOINT = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""  # noqa: E501 - long lines of the note
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""  # noqa: E501 - the example of Go's sumdb/note package

LOG_KEY = log_key("AM")
LOG_SIGNER = signer("log AM")
TEXT = "one\ntwo\n"


def note_rule(data: bytes) -> NoteRule:
    with pytest.raises(NoteError) as refusal:
        parse_note(data)
    return refusal.value.rule


def test_a_published_key_and_note_of_another_implementation_verify() -> None:
    key = parse_vkey(GO_VKEY)
    assert (key.name, key.type, key.format()) == ("PeterNeumann", SignatureType.ED25519, GO_VKEY)
    note = parse_note(GO_NOTE.encode())
    verify_note_signature(note.text, key, note.signatures[0])
    with pytest.raises(NoteError) as refusal:
        verify_note_signature(note.text + "!\n", key, note.signatures[0])
    assert refusal.value.rule is NoteRule.INVALID


@pytest.mark.parametrize("text", [SPEC_NOTE, SPEC_CHECKPOINT, GO_NOTE])
def test_a_note_formats_back_to_its_bytes(text: str) -> None:
    assert parse_note(text.encode()).format() == text.encode()


def test_the_text_ends_at_the_last_blank_line() -> None:
    note = parse_note(SPEC_NOTE.encode())
    assert note.text.endswith("ed è subito sera.\n")
    assert [each.name for each in note.signatures] == ["quasimodo.example/salvatore"]


def test_the_checkpoint_of_the_spec_reads_as_the_spec_says() -> None:
    signed = parse_signed_checkpoint(SPEC_CHECKPOINT.encode())
    assert signed.checkpoint.origin == "example.com/behind-the-sofa"
    assert signed.checkpoint.size == 20852163
    assert signed.format() == SPEC_CHECKPOINT.encode()
    message = cosigned_message(signed.checkpoint, 1679315147).decode()
    text = SPEC_CHECKPOINT.partition("\n\n")[0] + "\n"
    assert message == f"cosignature/v1\ntime 1679315147\n{text}"
    # The example's witness line states that very time in its first eight bytes.
    assert int.from_bytes(signed.signatures[1].signature[:8]) == 1679315147


@given(st.text(min_size=1), st.sampled_from(SignatureType), st.binary(min_size=32, max_size=32))
def test_every_valid_key_reads_back(name: str, kind: SignatureType, raw: bytes) -> None:
    try:
        key = VerifierKey(name, kind, raw)
    except NoteError as error:
        assert error.rule in (NoteRule.KEY_NAME, NoteRule.UTF8)  # noqa: PT017 - some are good
        return
    assert parse_vkey(key.format()) == key


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u2003", "a\nb", "a\x01b"])
def test_a_bad_key_name_is_refused(name: str) -> None:
    with pytest.raises(NoteError) as refusal:
        VerifierKey(name, SignatureType.ED25519, bytes(32))
    assert refusal.value.rule is NoteRule.KEY_NAME


NAME, KEY_ID, MATERIAL = LOG_KEY.format().split("+", 2)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", NoteRule.VKEY),
        (f"{NAME}+{KEY_ID}", NoteRule.VKEY),
        (f"{NAME}+{KEY_ID.upper()}0+{MATERIAL}", NoteRule.VKEY),
        (f"{NAME}+{KEY_ID[:-1]}+{MATERIAL}", NoteRule.VKEY),
        (f"{NAME}+0000000g+{MATERIAL}", NoteRule.VKEY),
        (f"{NAME}+00000000+{MATERIAL}", NoteRule.KEY_ID),
        (f"{NAME}x+{KEY_ID}+{MATERIAL}", NoteRule.KEY_ID),
        (f"+{KEY_ID}+{MATERIAL}", NoteRule.KEY_NAME),
        (f"{NAME}+{KEY_ID}+{MATERIAL}=", NoteRule.BASE64),
        (f"{NAME}+{KEY_ID}+{MATERIAL[:-1]}", NoteRule.BASE64),
        (f"{NAME}+{KEY_ID}+{MATERIAL}\n", NoteRule.BASE64),
        (f"{NAME}+{KEY_ID}+", NoteRule.KEY_TYPE),
        (f"{NAME}+{KEY_ID}+{encode_base64(bytes([6]) + bytes(32))}", NoteRule.KEY_TYPE),
        (f"{NAME}+{KEY_ID}+{encode_base64(bytes([1]) + bytes(31))}", NoteRule.KEY_LENGTH),
        (f"{NAME}+{KEY_ID}+{encode_base64(bytes([1]) + bytes(33))}", NoteRule.KEY_LENGTH),
    ],
)
def test_a_malformed_vkey_is_refused(text: str, rule: NoteRule) -> None:
    with pytest.raises(NoteError) as refusal:
        parse_vkey(text)
    assert refusal.value.rule is rule


def test_a_signature_holds_for_its_text_and_key_only() -> None:
    line = sign_note(TEXT, LOG_KEY, LOG_SIGNER)
    verify_note_signature(TEXT, LOG_KEY, line)
    for text, key, signature, rule in [
        (TEXT + "\n", LOG_KEY, line, NoteRule.INVALID),
        (TEXT, log_key("BY"), line, NoteRule.OTHER_KEY),
        (TEXT, cosigner_key("AM"), line, NoteRule.KEY_TYPE),
        (TEXT, LOG_KEY, NoteSignature(line.name, line.key_id, bytes(64)), NoteRule.INVALID),
        (
            TEXT,
            LOG_KEY,
            NoteSignature(line.name, line.key_id, line.signature + b"\0"),
            NoteRule.SIGNATURE_LENGTH,
        ),
    ]:
        with pytest.raises(NoteError) as refusal:
            verify_note_signature(text, key, signature)
        assert refusal.value.rule is rule


def test_a_signer_that_lacks_the_key_hands_out_nothing() -> None:
    with pytest.raises(NoteError) as refusal:
        sign_note(TEXT, LOG_KEY, signer("log BY"))
    assert refusal.value.rule is NoteRule.INVALID
    checkpoint = SampleLog(3).checkpoint()
    with pytest.raises(NoteError):
        cosign(checkpoint, cosigner_key("AM"), signer("cosigner BY"), TIME)
    with pytest.raises(NoteError):
        sign_checkpoint(checkpoint, cosigner_key("AM"), signer("cosigner AM"))
    with pytest.raises(NoteError) as refusal:
        sign_checkpoint(Checkpoint("elsewhere", 0, EMPTY_ROOT), LOG_KEY, LOG_SIGNER)
    assert refusal.value.rule is NoteRule.ORIGIN


GOOD = Note(TEXT, (sign_note(TEXT, LOG_KEY, LOG_SIGNER),)).format()
LINE = GOOD.splitlines(keepends=True)[-1]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", NoteRule.NO_SIGNATURES),
        (TEXT.encode(), NoteRule.NO_SIGNATURES),
        (TEXT.encode() + b"\n", NoteRule.FINAL_NEWLINE),
        (TEXT.encode() + LINE, NoteRule.NO_SIGNATURES),
        (GOOD[:-1], NoteRule.FINAL_NEWLINE),
        (GOOD + b"\n", NoteRule.FINAL_NEWLINE),
        (GOOD.replace(b"\n", b"\r\n"), NoteRule.CONTROL),
        (GOOD.replace(b"one", b"o\x00e"), NoteRule.CONTROL),
        (GOOD.replace(b"one", b"o\te"), NoteRule.CONTROL),
        (GOOD.replace(b"one", b"o\xffe"), NoteRule.UTF8),
        (GOOD.replace("—".encode(), b"-"), NoteRule.SIGNATURE_LINE),
        (GOOD.replace("— ".encode(), "—  ".encode()), NoteRule.SIGNATURE_LINE),
        (GOOD[:-1] + b" \n", NoteRule.SIGNATURE_LINE),
        (GOOD[:-1] + b" x\n", NoteRule.SIGNATURE_LINE),
        (GOOD[:-1] + b"=\n", NoteRule.BASE64),
        (GOOD[:-1].rstrip(b"=") + b"\n", NoteRule.BASE64),
        (GOOD.replace(ORIGIN.encode(), b"a+b"), NoteRule.KEY_NAME),
        (GOOD.replace(ORIGIN.encode(), "a\u2003b".encode()), NoteRule.KEY_NAME),
        (GOOD.replace(LINE, "— a AAAAAA==\n".encode()), NoteRule.SIGNATURE_LENGTH),
        (GOOD.replace(LINE, LINE * (MAX_SIGNATURES + 1)), NoteRule.TOO_MANY_SIGNATURES),
        (b"x" * MAX_NOTE + GOOD, NoteRule.TOO_LARGE),
    ],
    ids=lambda value: value.name if isinstance(value, NoteRule) else "",
)
def test_a_malformed_note_is_refused(data: bytes, rule: NoteRule) -> None:
    assert note_rule(data) is rule


def test_base64_has_one_spelling() -> None:
    """The last character of a padded group has bits that decode to nothing: they must be 0."""
    stem = GOOD[: GOOD.rindex(b"=") - 1]
    tail = GOOD[len(stem) + 1 :]
    accepted = []
    for char in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/":
        try:
            accepted.append(parse_note(stem + bytes([char]) + tail))
        except NoteError as error:
            assert error.rule is NoteRule.BASE64  # noqa: PT017 - some spellings are good
    assert len(set(accepted)) == len(accepted) == 16


def test_sixteen_and_more_signatures_are_accepted() -> None:
    assert len(parse_note(GOOD.replace(LINE, LINE * MAX_SIGNATURES)).signatures) == MAX_SIGNATURES


ROOT_LINE = encode_base64(leaf_hash(b"root"))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", CheckpointRule.LINES),
        ("o\n7\n", CheckpointRule.LINES),
        (f"o\n7\n{ROOT_LINE}", CheckpointRule.LINES),
        (f"\n7\n{ROOT_LINE}\n", CheckpointRule.EMPTY_LINE),
        (f"o\n7\n{ROOT_LINE}\n\n", CheckpointRule.EMPTY_LINE),
        (f"o\n07\n{ROOT_LINE}\n", CheckpointRule.SIZE),
        (f"o\n+7\n{ROOT_LINE}\n", CheckpointRule.SIZE),
        (f"o\n-7\n{ROOT_LINE}\n", CheckpointRule.SIZE),
        (f"o\n7 \n{ROOT_LINE}\n", CheckpointRule.SIZE),
        (f"o\n٧\n{ROOT_LINE}\n", CheckpointRule.SIZE),
        (f"o\n\n{ROOT_LINE}\n", CheckpointRule.SIZE),
        (f"o\n{2**63}\n{ROOT_LINE}\n", CheckpointRule.SIZE),
        (f"o\n{'9' * 5000}\n{ROOT_LINE}\n", CheckpointRule.SIZE),
        (f"o\n7\n{ROOT_LINE[4:]}\n", CheckpointRule.ROOT),
        (f"o\n7\n {ROOT_LINE}\n", CheckpointRule.ROOT),
        (f"o\n7\n{ROOT_LINE[:-1]}\n", CheckpointRule.ROOT),
        (f"o\n0\n{ROOT_LINE}\n", CheckpointRule.EMPTY_TREE),
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str, rule: CheckpointRule) -> None:
    with pytest.raises(CheckpointError) as refusal:
        parse_checkpoint_text(text)
    assert refusal.value.rule is rule


@given(
    st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1),
    st.integers(1, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1)),
)
def test_a_checkpoint_reads_back(origin: str, size: int, root: bytes, more: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, Digest(root), tuple(more))
    assert parse_checkpoint_text(checkpoint.text()) == checkpoint


@pytest.mark.parametrize("origin", ["", "a\nb", "a\x00", "\ud800"])
def test_an_impossible_origin_is_refused(origin: str) -> None:
    with pytest.raises(CheckpointError):
        Checkpoint(origin, 1, EMPTY_ROOT)


def test_a_cosignature_holds_for_its_checkpoint_time_and_witness_only() -> None:
    checkpoint = SampleLog(5).checkpoint()
    key = cosigner_key("KZ")
    line = cosign(checkpoint, key, signer("cosigner KZ"), TIME)
    assert verify_cosignature(checkpoint, key, line) == TIME

    later = (TIME + 1).to_bytes(8) + line.signature[8:]
    beyond = (2**63).to_bytes(8) + line.signature[8:]
    for head, by, raw, rule in [
        (SampleLog(6).checkpoint(), key, line.signature, NoteRule.INVALID),
        (checkpoint, key, later, NoteRule.INVALID),
        (checkpoint, key, beyond, NoteRule.TIMESTAMP),
        (checkpoint, key, line.signature[8:], NoteRule.SIGNATURE_LENGTH),
        (checkpoint, cosigner_key("KG"), line.signature, NoteRule.OTHER_KEY),
        (checkpoint, log_key("KZ"), line.signature, NoteRule.KEY_TYPE),
    ]:
        with pytest.raises(NoteError) as refusal:
            verify_cosignature(head, by, NoteSignature(line.name, line.key_id, raw))
        assert refusal.value.rule is rule


@pytest.mark.parametrize("timestamp", [-1, 2**63])
def test_no_witness_signs_an_impossible_time(timestamp: int) -> None:
    with pytest.raises(NoteError) as refusal:
        cosign(SampleLog(1).checkpoint(), cosigner_key("AM"), signer("cosigner AM"), timestamp)
    assert refusal.value.rule is NoteRule.TIMESTAMP


def test_a_log_signature_is_no_cosignature_even_by_the_same_pair() -> None:
    """Signing a checkpoint as a log can never be passed off as witnessing it."""
    checkpoint = SampleLog(5).checkpoint()
    pair = signer("log AM")
    witness = VerifierKey(ORIGIN, SignatureType.COSIGNATURE_V1, pair.public[1:])
    as_log = sign(checkpoint, witnesses=()).signatures[0]
    forged = NoteSignature(ORIGIN, witness.key_id, TIME.to_bytes(8) + as_log.signature)
    with pytest.raises(NoteError) as refusal:
        verify_cosignature(checkpoint, witness, forged)
    assert refusal.value.rule is NoteRule.INVALID
