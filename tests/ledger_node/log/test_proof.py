"""Proof files: built, verified, and refused when so much as a byte of them is not as it was."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ledger_node.log.checkpoint import Checkpoint
from ledger_node.log.cosignature import cosign
from ledger_node.log.merkle import leaf_hash
from ledger_node.log.note import NoteSignature
from ledger_node.log.policy import parse_policy
from ledger_node.log.proof import (
    MAX_PROOF,
    ProofFormatError,
    ProofRefused,
    ProofRule,
    ProofStep,
    build_proof,
    parse_proof,
    verify_proof,
)
from ledger_node.log.tiles import MAX_ENTRY
from ledger_node.log.verified import verify_checkpoint
from tests.ledger_node.log.sample_union import (
    ORIGIN,
    TIME,
    SampleLog,
    cosigner_key,
    log_key,
    policy,
    sign,
    signer,
)

LOG = SampleLog(11)
PROOF = LOG.proof(6)
FILE = PROOF.format()
LINES = FILE.splitlines(keepends=True)
SPEC_SHAPE = """c2sp.org/tlog-proof@v1
extra YWdl
index 3
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=

example.com/fancylog
7
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
an extension line

— example.com/fancylog Az3grlgtzPI=
"""


def refusal_of(data: bytes, quorum: int = 4) -> ProofRefused:
    with pytest.raises(ProofRefused) as refusal:
        verify_proof(data, policy(quorum))
    return refusal.value


def test_a_proof_says_what_was_logged_where_and_who_saw_it() -> None:
    verified = verify_proof(FILE, policy())
    assert verified == PROOF
    assert (verified.entry, verified.index) == (b"entry 6", 6)
    assert verified.checkpoint.checkpoint == LOG.checkpoint()
    assert verified.format() == FILE


@pytest.mark.parametrize("size", [1, 2, 3, 8, 11])
def test_every_entry_of_a_log_can_be_proven(size: int) -> None:
    log = SampleLog(size)
    for index in range(size):
        data = log.proof(index).format()
        assert verify_proof(data, policy()).entry == log.entry(index)


def test_any_file_of_the_format_parses_and_formats_back() -> None:
    for text in (SPEC_SHAPE, SPEC_SHAPE.replace("extra YWdl\n", "")):
        assert parse_proof(text.encode()).format() == text.encode()
    bare = "c2sp.org/tlog-proof@v1\nindex 0\n\no\n1\n" + SPEC_SHAPE.split("\n", 8)[8]
    assert parse_proof(bare.encode()).path == ()


def test_a_file_carries_the_quorum_and_no_more() -> None:
    for quorum in range(1, 6):
        verified = LOG.proof(6, quorum)
        names = [each.witness.name for each in verified.checkpoint.cosignatures]
        assert names == ["AM", "BY", "KZ", "KG", "RU"][:quorum]
        assert verify_proof(verified.format(), policy(quorum)) == verified


def test_groups_of_groups_leave_no_spare_cosignature_either() -> None:
    lines = [f"witness {name} {cosigner_key(name).format()}" for name in "abcde"]
    rules = parse_policy(
        "\n".join(
            [
                f"log {log_key('AM').format()}",
                *lines,
                "group one 2 a b c",
                "group two any d e",
                "group both all one two",
                "quorum both\n",
            ]
        ).encode()
    )
    head = LOG.checkpoint()
    verified = verify_checkpoint(sign(head, witnesses=("e", "d", "c", "a")), rules)
    proof = build_proof(LOG.entry(6), 6, LOG.path(6), verified, rules)
    assert [each.witness.name for each in proof.checkpoint.cosignatures] == ["a", "c", "d"]
    assert verify_proof(proof.format(), rules) == proof


def test_without_a_quorum_no_cosignature_is_carried() -> None:
    rules = parse_policy(f"log {log_key('AM').format()}\nquorum none\n".encode())
    verified = verify_checkpoint(sign(LOG.checkpoint()), rules)
    data = build_proof(LOG.entry(6), 6, LOG.path(6), verified, rules).format()
    assert data.count("—".encode()) == 1
    assert verify_proof(data, rules).index == 6
    with pytest.raises(ProofRefused):
        verify_proof(FILE, rules)


def test_every_flip_of_a_bit_is_refused() -> None:
    rules = policy()
    for at in range(len(FILE)):
        for bit in range(8):
            changed = FILE[:at] + bytes([FILE[at] ^ 1 << bit]) + FILE[at + 1 :]
            with pytest.raises(ProofRefused):
                verify_proof(changed, rules)


def test_every_other_byte_in_every_place_of_the_smallest_file_is_refused() -> None:
    rules = policy(1, ("AM",))
    log = SampleLog(2)
    verified = verify_checkpoint(sign(log.checkpoint(), witnesses=("AM",)), rules)
    data = build_proof(log.entry(1), 1, log.path(1), verified, rules).format()
    for at in range(len(data)):
        # Letters, digits, separators and the odd control character; bits are flipped above.
        for other in b"\x00\t\n\r +-/09=AZaz\x7f\xff":
            if other != data[at]:
                with pytest.raises(ProofRefused):
                    verify_proof(data[:at] + bytes([other]) + data[at + 1 :], rules)


def test_every_cut_insertion_and_removal_of_a_byte_is_refused() -> None:
    rules = policy()
    for at in range(len(FILE)):
        for changed in (
            FILE[:at],
            FILE[:at] + FILE[at + 1 :],
            FILE[:at] + b"\n" + FILE[at:],
            FILE[:at] + b" " + FILE[at:],
            FILE[:at] + FILE[at : at + 1] + FILE[at:],
        ):
            with pytest.raises(ProofRefused):
                verify_proof(changed, rules)
    for end in (b"\n", b" ", b"\x00", b"=", LINES[-1]):
        with pytest.raises(ProofRefused):
            verify_proof(FILE + end, rules)


def line_changes() -> Iterator[list[bytes]]:
    for at in range(len(LINES)):
        yield LINES[:at] + LINES[at + 1 :]
        yield [*LINES[:at], LINES[at], *LINES[at:]]
        for other in range(at):
            swapped = LINES.copy()
            swapped[at], swapped[other] = swapped[other], swapped[at]
            yield swapped
            moved = LINES[:at] + LINES[at + 1 :]
            moved.insert(other, LINES[at])
            yield moved


def test_every_line_dropped_doubled_swapped_or_moved_is_refused() -> None:
    rules = policy()
    count = 0
    for lines in line_changes():
        if lines != LINES:
            count += 1
            with pytest.raises(ProofRefused):
                verify_proof(b"".join(lines), rules)
    assert count > 200


def test_other_line_ends_and_encodings_are_refused() -> None:
    text = FILE.decode()
    for data in (
        text.replace("\n", "\r\n").encode(),
        text.replace("\n", "\r").encode(),
        text.replace("\n", "\u2028").encode(),
        text.encode("utf-16"),
        b"\xef\xbb\xbf" + FILE,
        b"",
        b"\n",
        FILE + FILE,
    ):
        assert refusal_of(data).step is ProofStep.FORMAT


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("@v1", "@v2", ProofRule.HEADER),
        ("c2sp", "\ufeffc2sp", ProofRule.HEADER),
        ("extra YWdl", "extra YWd", ProofRule.EXTRA),
        ("extra YWdl", "extra  YWdl", ProofRule.EXTRA),
        ("extra YWdl", "extra ", ProofRule.EXTRA),
        ("extra YWdl", "extra YQ=", ProofRule.EXTRA),
        ("extra YWdl", "extra YR==", ProofRule.EXTRA),
        ("extra YWdl", "extra\tYWdl", ProofRule.INDEX),
        ("extra YWdl", "extra", ProofRule.INDEX),
        ("extra YWdl", "Extra YWdl", ProofRule.INDEX),
        ("extra YWdl", "extra YWdl\nextra YWdl", ProofRule.INDEX),
        ("index 3\n", "", ProofRule.INDEX),
        ("index 3", "index 03", ProofRule.INDEX),
        ("index 3", "index -3", ProofRule.INDEX),
        ("index 3", "index  3", ProofRule.INDEX),
        ("index 3", "index 3 ", ProofRule.INDEX),
        ("index 3", "index ", ProofRule.INDEX),
        ("index 3", "index", ProofRule.INDEX),
        ("index 3", f"index {2**63}", ProofRule.INDEX),
        ("index 3", "index ٣", ProofRule.INDEX),
        ("gSKy", " gSKy", ProofRule.HASH),
        ("gSKy", "", ProofRule.HASH),
        ("PlQ=", "PlR=", ProofRule.HASH),
        ("PlQ=\n", "PlQ=\nextra YWdl\n", ProofRule.HASH),
        ("XmA=\n", "XmA=\n" + f"{b64encode(bytes(32)).decode()}\n" * 62, ProofRule.PATH_LENGTH),
        ("\n\nexample", "\nexample", ProofRule.HASH),
        ("\nexample", "\n\nexample", ProofRule.CHECKPOINT),
        ("\n7\n", "\n07\n", ProofRule.CHECKPOINT),
        ("fancylog Az", "fancylog  Az", ProofRule.CHECKPOINT),
    ],
)
def test_a_malformed_file_is_refused_with_its_rule(old: str, new: str, rule: ProofRule) -> None:
    assert old in SPEC_SHAPE
    with pytest.raises(ProofFormatError) as refusal:
        parse_proof(SPEC_SHAPE.replace(old, new, 1).encode())
    assert refusal.value.rule is rule


def test_oversized_truncated_and_wrongly_encoded_files_are_refused() -> None:
    for data, rule in [
        (b"x" * (MAX_PROOF + 1), ProofRule.TOO_LARGE),
        (b"".join(LINES[:5]), ProofRule.NO_CHECKPOINT),
        (FILE.replace(b"index", b"ind\xffx"), ProofRule.UTF8),
    ]:
        with pytest.raises(ProofFormatError) as refusal:
            parse_proof(data)
        assert refusal.value.rule is rule


def test_the_failing_step_is_named() -> None:
    parts = parse_proof(FILE)
    lines = parts.checkpoint.signatures

    def step(**changes: object) -> ProofStep:
        return refusal_of(replace(parts, **changes).format()).step  # type: ignore[arg-type] # any part

    def signed(*signatures: NoteSignature) -> ProofStep:
        return step(checkpoint=replace(parts.checkpoint, signatures=signatures))

    assert step(extra=None) is ProofStep.ENTRY
    assert step(extra=b"x" * (MAX_ENTRY + 1)) is ProofStep.ENTRY
    assert step(extra=b"entry 7") is ProofStep.INCLUSION
    assert step(index=7) is ProofStep.INCLUSION
    assert step(index=11) is ProofStep.INCLUSION
    assert step(path=parts.path[:-1]) is ProofStep.INCLUSION
    assert step(path=(*parts.path, parts.path[0])) is ProofStep.INCLUSION

    extended = Checkpoint(ORIGIN, 11, LOG.checkpoint().root, ("more",))
    assert step(checkpoint=sign(extended, witnesses=("AM",) * 4)) is ProofStep.EXTENSIONS
    assert step(checkpoint=sign(SampleLog(12).checkpoint())) is ProofStep.QUORUM
    fewer = sign(SampleLog(12).checkpoint(), witnesses=("AM", "BY", "KZ", "KG"))
    assert step(checkpoint=fewer) is ProofStep.INCLUSION

    stranger = cosign(LOG.checkpoint(), cosigner_key("UZ"), signer("cosigner UZ"), TIME)
    fifth = sign(LOG.checkpoint()).signatures[5]
    assert signed(*lines[1:]) is ProofStep.LOG_SIGNATURE
    assert signed(lines[1], lines[0], *lines[2:]) is ProofStep.LOG_SIGNATURE
    assert signed(NoteSignature(ORIGIN, lines[0].key_id, bytes(64)), *lines[1:]) is (
        ProofStep.LOG_SIGNATURE
    )
    assert signed(*lines, sign(LOG.checkpoint(), "BY").signatures[0]) is ProofStep.COSIGNATURES
    assert signed(*lines, stranger) is ProofStep.COSIGNATURES
    assert signed(*lines, lines[-1]) is ProofStep.COSIGNATURES
    assert signed(lines[0], lines[2], lines[1], *lines[3:]) is ProofStep.COSIGNATURES
    assert signed(*lines[:-1], replace(lines[-1], signature=bytes(72))) is ProofStep.COSIGNATURES
    assert signed(*lines[:-1]) is ProofStep.QUORUM
    assert signed(*lines, fifth) is ProofStep.QUORUM
    assert signed(lines[0]) is ProofStep.QUORUM


def test_a_proof_counts_only_under_a_policy_that_lists_its_signers() -> None:
    for members in (("AM", "BY", "KZ"), ("BY", "KZ", "KG", "RU")):
        with pytest.raises(ProofRefused):
            verify_proof(FILE, policy(3, members))
    assert refusal_of(FILE, quorum=3).step is ProofStep.QUORUM
    assert refusal_of(FILE, quorum=5).step is ProofStep.QUORUM


def test_nothing_is_built_that_would_not_verify() -> None:
    rules = policy()
    verified = verify_checkpoint(sign(LOG.checkpoint()), rules)
    path = LOG.path(6)

    def step(*parts: object) -> ProofStep:
        with pytest.raises(ProofRefused) as refusal:
            build_proof(*parts)  # type: ignore[arg-type] # varied by the cases below
        return refusal.value.step

    assert step(b"", 6, path, verified, rules) is ProofStep.ENTRY
    assert step(b"x" * (MAX_ENTRY + 1), 6, path, verified, rules) is ProofStep.ENTRY
    assert step(b"entry 6", 5, path, verified, rules) is ProofStep.INCLUSION
    assert step(b"entry 5", 6, path, verified, rules) is ProofStep.INCLUSION
    assert step(b"entry 6", 6, path[:-1], verified, rules) is ProofStep.INCLUSION
    few = replace(verified, cosignatures=verified.cosignatures[:3])
    assert step(b"entry 6", 6, path, few, rules) is ProofStep.QUORUM
    extended = Checkpoint(ORIGIN, 11, LOG.checkpoint().root, ("more",))
    more = verify_checkpoint(sign(extended), rules)
    assert step(b"entry 6", 6, path, more, rules) is ProofStep.EXTENSIONS


def test_the_largest_entry_fits_a_file() -> None:
    entry = b"\xff" * MAX_ENTRY
    rules = policy()
    head = Checkpoint(ORIGIN, 1, leaf_hash(entry))
    proof = build_proof(entry, 0, (), verify_checkpoint(sign(head), rules), rules)
    assert verify_proof(proof.format(), rules).entry == entry
