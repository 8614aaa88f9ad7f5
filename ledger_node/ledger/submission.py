"""Submissions: signed envelopes of 1 to 256 records, and the checks they pass on arrival.

The signature covers the header, the header commits to the records by their RFC 6962 root: one
signature carries a batch, and each record can still be proven by itself. The id is the digest of
header and signature: a signer can make two signatures of one header, and two members that hold
different ones under one id would write different logs (docs/decisions/0006). Two types keep
unchecked apart from checked: `Submission` has the right structure, root and union;
`VerifiedSubmission` also a signature that holds under the key its header names. Whether that key
speaks for the author is the contracts' question, answered at execution.
Format: docs/formats.md, "Submission".
"""

import secrets
from collections.abc import Sequence
from typing import Final

import msgspec

from consensus.block import ID_SIZE, SubmissionId
from ledger_node.codec import DecodeError, decode, encode, tagged_digest
from ledger_node.crypto.signatures import (
    MAX_PUBLIC_SIZE,
    SIGNATURE_SIZE,
    SignatureError,
    Signer,
    public_key,
    verify,
)
from ledger_node.ledger.refusal import SubmissionRefused, SubmissionRule
from ledger_node.log.merkle import leaf_hash, root_of

MAX_RECORDS: Final = 256
MAX_RECORD_BYTES: Final = 60 * 1024
"""Leaves a log entry (65,535 bytes) room for the record's outcome and keys."""
MAX_SUBMISSION_BYTES: Final = 1024 * 1024
MAX_AUTHOR_BYTES: Final = 64
MAX_HEADER_BYTES: Final = 512
NONCE_SIZE: Final = 16
MAX_TIME_MS: Final = 2**53 - 1
"""The year 287396: times stay exact in every language a reader may use."""

_SIGNED_PREFIX: Final = b"ctl/submission-signature/v1\x00"


class SubmissionHeader(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The signed part. expiry_ms: block time from which the submission may no longer be ordered."""

    union: bytes
    author: str
    public_key: bytes
    nonce: bytes
    expiry_ms: int
    record_count: int
    records_root: bytes


class _Envelope(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    header: bytes
    records: tuple[bytes, ...]
    signature: bytes


class Submission(msgspec.Struct, frozen=True):
    """A submission of the right structure, for our union, whose root matches its records.

    Its signature has not been checked. Made by `open_submission`.
    """

    id: SubmissionId
    header: SubmissionHeader
    header_bytes: bytes
    records: tuple[bytes, ...]
    signature: bytes

    size: int
    """Of the canonical bytes."""

    def to_bytes(self) -> bytes:
        """The canonical bytes, as they travel."""
        return encode(_Envelope(self.header_bytes, self.records, self.signature))


class VerifiedSubmission(Submission, frozen=True):
    """A submission whose signature holds. Made by `verify_submission` or read from own storage."""


def submission_id(header_bytes: bytes, signature: bytes) -> SubmissionId:
    """32 bytes: the digest of the canonical header and its signature, 64 bytes."""
    return SubmissionId(tagged_digest("submission", header_bytes + signature))


def records_root(records: Sequence[bytes]) -> bytes:
    """32 bytes: the RFC 6962 tree head over the records as leaves."""
    return root_of([leaf_hash(record) for record in records])


def signed_bytes(header_bytes: bytes) -> bytes:
    """What the author signs."""
    return _SIGNED_PREFIX + header_bytes


def open_submission(data: bytes, union: bytes) -> Submission:
    """The submission in `data`, all but its signature checked.

    union: the 32-byte identity of ours. Raises SubmissionRefused naming rule and field.
    Cost: one hash of the records; the signature, the dear part, is left to `verify_submission`.
    """
    if len(data) > MAX_SUBMISSION_BYTES:
        raise SubmissionRefused(SubmissionRule.SIZE, "submission", f"{len(data)} bytes")
    try:
        envelope = decode(_Envelope, data, what="submission", limit=MAX_SUBMISSION_BYTES)
    except DecodeError as error:
        field = error.field or "submission"
        raise SubmissionRefused(SubmissionRule.FORM, field, error.reason) from error
    header = decode_header(envelope.header)
    _check_header(header, union)
    _check_records(header, envelope.records)
    if len(envelope.signature) != SIGNATURE_SIZE:
        raise SubmissionRefused(
            SubmissionRule.FORM, "signature", f"{len(envelope.signature)} bytes, not 64"
        )
    return Submission(
        id=submission_id(envelope.header, envelope.signature),
        header=header,
        header_bytes=envelope.header,
        records=envelope.records,
        signature=envelope.signature,
        size=len(data),
    )


def verify_submission(submission: Submission) -> VerifiedSubmission:
    """The same submission, its signature checked.

    Raises SubmissionRefused. Reads nothing but its argument, so it may run in any thread; nearly
    all its time is spent in the signature library.
    """
    header = submission.header
    if not verify(header.public_key, signed_bytes(submission.header_bytes), submission.signature):
        raise SubmissionRefused(
            SubmissionRule.SIGNATURE, "signature", f"does not hold under {header.public_key.hex()}"
        )
    return _as_verified(submission)


def build_submission(
    union: bytes,
    author: str,
    signer: Signer,
    records: Sequence[bytes],
    expiry_ms: int,
    nonce: bytes | None = None,
) -> VerifiedSubmission:
    """A new signed submission.

    author: participant id; expiry_ms: last block time (exclusive), at most 24 h ahead; nonce: 16
    bytes, random when None (give one to make a retry the same submission).
    Raises SubmissionRefused for what a node would refuse.
    """
    header = SubmissionHeader(
        union=union,
        author=author,
        public_key=signer.public,
        nonce=secrets.token_bytes(NONCE_SIZE) if nonce is None else nonce,
        expiry_ms=expiry_ms,
        record_count=len(records),
        records_root=records_root(records),
    )
    header_bytes = encode(header)
    envelope = _Envelope(header_bytes, tuple(records), signer.sign(signed_bytes(header_bytes)))
    return _as_verified(open_submission(encode(envelope), union))


def restored_submission(
    header_bytes: bytes, records: Sequence[bytes], signature: bytes
) -> VerifiedSubmission:
    """A submission put together again from bytes this node verified before it stored them."""
    envelope = _Envelope(header_bytes, tuple(records), signature)
    return VerifiedSubmission(
        id=submission_id(header_bytes, signature),
        header=decode_header(header_bytes),
        header_bytes=header_bytes,
        records=envelope.records,
        signature=signature,
        size=len(encode(envelope)),
    )


def stored_submission(data: bytes, union: bytes) -> VerifiedSubmission:
    """A submission from the bytes this node kept of it after it verified the signature.

    Raises SubmissionRefused: the bytes are not what was kept.
    """
    return _as_verified(open_submission(data, union))


def decode_header(header_bytes: bytes) -> SubmissionHeader:
    """The header in its canonical bytes. Raises SubmissionRefused (form only is checked)."""
    try:
        return decode(
            SubmissionHeader, header_bytes, what="submission header", limit=MAX_HEADER_BYTES
        )
    except DecodeError as error:
        field = f"header.{error.field}" if error.field else "header"
        raise SubmissionRefused(SubmissionRule.FORM, field, error.reason) from error


def _as_verified(submission: Submission) -> VerifiedSubmission:
    return VerifiedSubmission(
        id=submission.id,
        header=submission.header,
        header_bytes=submission.header_bytes,
        records=submission.records,
        signature=submission.signature,
        size=submission.size,
    )


def _check_header(header: SubmissionHeader, union: bytes) -> None:
    if header.union != union:
        raise SubmissionRefused(
            SubmissionRule.UNION, "union", f"{header.union.hex()}, this node serves {union.hex()}"
        )
    # Visible ASCII: what Unicode counts as printable differs between versions of Python, and
    # every node must judge alike.
    author = header.author
    if not 1 <= len(author) <= MAX_AUTHOR_BYTES or not all("!" <= c <= "~" for c in author):
        raise SubmissionRefused(SubmissionRule.AUTHOR, "author", repr(author[:80]))
    try:
        public_key(header.public_key[: MAX_PUBLIC_SIZE + 1])
    except SignatureError as error:
        raise SubmissionRefused(SubmissionRule.KEY, "public_key", str(error)) from error
    if len(header.nonce) != NONCE_SIZE:
        raise SubmissionRefused(SubmissionRule.FORM, "nonce", f"{len(header.nonce)} bytes, not 16")
    if not 0 < header.expiry_ms <= MAX_TIME_MS:
        raise SubmissionRefused(SubmissionRule.EXPIRY, "expiry_ms", str(header.expiry_ms))
    if len(header.records_root) != ID_SIZE:
        raise SubmissionRefused(
            SubmissionRule.FORM, "records_root", f"{len(header.records_root)} bytes, not 32"
        )


def _check_records(header: SubmissionHeader, records: tuple[bytes, ...]) -> None:
    if not 1 <= len(records) <= MAX_RECORDS:
        raise SubmissionRefused(SubmissionRule.COUNT, "records", str(len(records)))
    if header.record_count != len(records):
        raise SubmissionRefused(
            SubmissionRule.COUNT,
            "record_count",
            f"{header.record_count}, the submission holds {len(records)}",
        )
    for index, record in enumerate(records):
        if not 1 <= len(record) <= MAX_RECORD_BYTES:
            raise SubmissionRefused(
                SubmissionRule.RECORD_SIZE, f"records[{index}]", f"{len(record)} bytes"
            )
    if header.records_root != records_root(records):
        raise SubmissionRefused(SubmissionRule.ROOT, "records_root", header.records_root.hex())
