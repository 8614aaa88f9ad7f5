"""A submission is opened only when every byte of it is what its format says."""

from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.codec import encode
from ledger_node.crypto.signatures import SoftwareSigner, Suite
from ledger_node.ledger.refusal import SubmissionRefused, SubmissionRule
from ledger_node.ledger.submission import (
    MAX_RECORD_BYTES,
    MAX_SUBMISSION_BYTES,
    Submission,
    VerifiedSubmission,
    build_submission,
    open_submission,
    records_root,
    stored_submission,
    submission_id,
    verify_submission,
)
from tests.ledger_node.ledger.builders import HOUR_MS, SIGNER, START_MS, UNION, submission

GOOD = submission(b"first", b"second")


def fields() -> dict[str, Any]:
    """The header of GOOD as a list of fields that a test may spoil."""
    names = ("union", "author", "public_key", "nonce", "expiry_ms", "record_count", "root")
    return dict(zip(names, msgpack.unpackb(GOOD.header_bytes), strict=True))


def envelope(header: dict[str, Any], records: list[bytes] | None = None) -> bytes:
    header_bytes = encode(list(header.values()))
    records = [b"first", b"second"] if records is None else records
    return encode([header_bytes, records, bytes(64)])


def refusal(data: bytes) -> SubmissionRefused:
    with pytest.raises(SubmissionRefused) as caught:
        open_submission(data, UNION)
    return caught.value


def test_what_was_built_opens_and_verifies() -> None:
    opened = open_submission(GOOD.to_bytes(), UNION)
    assert type(opened) is Submission
    verified = verify_submission(opened)
    assert verified == GOOD
    assert type(verified) is VerifiedSubmission
    assert opened.records == (b"first", b"second")
    assert opened.size == len(GOOD.to_bytes())


@pytest.mark.parametrize("suite", [Suite.ED25519, Suite.ECDSA_P256])
def test_both_suites_sign_submissions(suite: Suite) -> None:
    signer = SoftwareSigner.generate(suite)
    built = build_submission(UNION, "KZ-7", signer, [b"record"], START_MS + HOUR_MS)
    assert verify_submission(open_submission(built.to_bytes(), UNION)) == built


def test_the_id_is_that_of_the_header_alone() -> None:
    assert GOOD.id == submission_id(GOOD.header_bytes, GOOD.signature)
    assert submission(b"first", b"second") == GOOD
    assert submission(b"first", b"second", nonce=1).id != GOOD.id


def test_a_nonce_is_drawn_when_none_is_given() -> None:
    ids = {build_submission(UNION, "A", SIGNER, [b"r"], START_MS).id for _ in range(3)}
    assert len(ids) == 3


def test_a_submission_for_another_union_is_refused() -> None:
    with pytest.raises(SubmissionRefused) as caught:
        open_submission(GOOD.to_bytes(), bytes(32))
    assert caught.value.rule is SubmissionRule.UNION


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("union", b"short", SubmissionRule.UNION),
        ("author", "", SubmissionRule.AUTHOR),
        ("author", "a" * 65, SubmissionRule.AUTHOR),
        ("author", "two words", SubmissionRule.AUTHOR),
        ("author", "Ереван", SubmissionRule.AUTHOR),
        ("author", "a\x00", SubmissionRule.AUTHOR),
        ("public_key", b"", SubmissionRule.KEY),
        ("public_key", b"\x01" + bytes(31), SubmissionRule.KEY),
        ("public_key", b"\x01" + bytes(33), SubmissionRule.KEY),
        ("public_key", b"\x02" + bytes(33), SubmissionRule.KEY),
        ("public_key", b"\x03" + bytes(32), SubmissionRule.KEY),
        ("nonce", bytes(15), SubmissionRule.FORM),
        ("expiry_ms", 0, SubmissionRule.EXPIRY),
        ("expiry_ms", -1, SubmissionRule.EXPIRY),
        ("expiry_ms", 2**53, SubmissionRule.EXPIRY),
        ("expiry_ms", 2**64 - 1, SubmissionRule.EXPIRY),
        ("expiry_ms", 1.5, SubmissionRule.FORM),
        ("expiry_ms", "soon", SubmissionRule.FORM),
        ("record_count", 3, SubmissionRule.COUNT),
        ("root", bytes(32), SubmissionRule.ROOT),
        ("root", bytes(31), SubmissionRule.FORM),
        ("root", None, SubmissionRule.FORM),
    ],
)
def test_each_header_field_is_checked(field: str, value: object, rule: SubmissionRule) -> None:
    header = fields()
    header[field] = value
    error = refusal(envelope(header))
    assert error.rule is rule
    if rule is not SubmissionRule.FORM:
        assert error.field in (field, "records_root")


def with_records(records: list[bytes]) -> bytes:
    header = fields()
    header["record_count"] = len(records)
    header["root"] = records_root(records)
    return envelope(header, records)


def test_a_submission_without_records_is_refused() -> None:
    assert refusal(with_records([])).rule is SubmissionRule.COUNT


def test_a_submission_of_256_records_is_the_largest() -> None:
    assert len(open_submission(with_records([b"r"] * 256), UNION).records) == 256
    assert refusal(with_records([b"r"] * 257)).rule is SubmissionRule.COUNT


def test_records_have_1_byte_to_60_kib() -> None:
    open_submission(with_records([b"r", bytes(MAX_RECORD_BYTES)]), UNION)
    for spoiled in (b"", bytes(MAX_RECORD_BYTES + 1)):
        error = refusal(with_records([b"r", spoiled]))
        assert error.rule is SubmissionRule.RECORD_SIZE
        assert error.field == "records[1]"


def test_a_submission_beyond_1_mib_is_refused_before_it_is_parsed() -> None:
    error = refusal(bytes(MAX_SUBMISSION_BYTES + 1))
    assert error.rule is SubmissionRule.SIZE
    assert refusal(with_records([bytes(60_000)] * 18)).rule is SubmissionRule.SIZE


def test_a_header_of_unbounded_length_is_refused() -> None:
    header = fields()
    header["author"] = "a" * 1000
    assert refusal(envelope(header)).rule is SubmissionRule.FORM


def test_truncation_at_every_byte_is_refused() -> None:
    data = GOOD.to_bytes()
    for length in range(len(data)):
        assert refusal(data[:length]).rule is SubmissionRule.FORM


def test_trailing_bytes_are_refused() -> None:
    assert refusal(GOOD.to_bytes() + b"\x00").rule is SubmissionRule.FORM


def test_no_flipped_bit_survives() -> None:
    data = GOOD.to_bytes()
    for position in range(len(data)):
        spoiled = bytearray(data)
        spoiled[position] ^= 1 << position % 8
        with pytest.raises(SubmissionRefused):
            verify_submission(open_submission(bytes(spoiled), UNION))


def test_a_signature_by_another_key_is_refused_with_its_rule() -> None:
    other = SoftwareSigner.generate()
    header, records, _ = msgpack.unpackb(GOOD.to_bytes())
    data = encode([header, records, other.sign(header)])
    with pytest.raises(SubmissionRefused) as caught:
        verify_submission(open_submission(data, UNION))
    assert caught.value.rule is SubmissionRule.SIGNATURE


def test_a_signature_over_the_header_without_its_domain_is_refused() -> None:
    header, records, _ = msgpack.unpackb(GOOD.to_bytes())
    data = encode([header, records, SIGNER.sign(header)])
    with pytest.raises(SubmissionRefused):
        verify_submission(open_submission(data, UNION))


def test_what_a_node_kept_comes_back_verified() -> None:
    assert stored_submission(GOOD.to_bytes(), UNION) == GOOD


def test_a_builder_cannot_make_what_a_node_refuses() -> None:
    with pytest.raises(SubmissionRefused):
        build_submission(UNION, "", SIGNER, [b"r"], START_MS)
    with pytest.raises(SubmissionRefused):
        build_submission(UNION, "A", SIGNER, [], START_MS)


def test_rule_ids_are_distinct_and_carry_text() -> None:
    assert len({rule.id for rule in SubmissionRule}) == len(SubmissionRule)
    assert all(rule.id.startswith("SUB-") and rule.text for rule in SubmissionRule)


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_refused_and_nothing_else_happens(data: bytes) -> None:
    refusal(data)


@given(st.recursive(st.none() | st.integers(0, 2**63) | st.text() | st.binary(), st.lists))
def test_arbitrary_values_are_refused(value: object) -> None:
    refusal(encode(value))
    refusal(encode([encode(value), [b"r"], bytes(64)]))
