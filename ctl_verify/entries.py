"""What a log entry says. Source: docs/formats.md, "Log entries", "Submission", "Outcome"."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from ctl_verify import keys
from ctl_verify.canonical import Value, decode, tagged_digest
from ctl_verify.refusal import Malformed, Refused

FORM: Final = "the entry is of a kind that this program knows"
AUTHOR: Final = "the author's signature over the submission's header holds"

MAX_HEADER: Final = 512
MAX_RECORDS: Final = 256
MAX_RECORD: Final = 60 * 1024


@dataclass(frozen=True)
class Genesis:
    """The founding document. union: the id it hashes to; members: codes."""

    document: bytes
    union: bytes
    name: str
    origin: str
    created_ms: int
    contract_set: bytes
    members: tuple[str, ...]


@dataclass(frozen=True)
class Header:
    """What an author signed."""

    union: bytes
    author: str
    public_key: bytes
    nonce: bytes
    expiry_ms: int
    record_count: int
    records_root: bytes


@dataclass(frozen=True)
class Submission:
    """A submission without its records. id: its name in the entries of its records."""

    id: bytes
    header: Header
    encoded: bytes
    signature: bytes


@dataclass(frozen=True)
class RecordEntry:
    """A record and what became of it. rule: None when accepted; submission_entry: the index of the
    entry that names the author."""

    submission: bytes
    position: int
    submission_entry: int
    record: bytes
    rule: str | None
    values: tuple[tuple[str, str], ...]
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """The last entry of a block."""

    epoch: int
    height: int
    view: int
    block: bytes
    parent: bytes
    time_ms: int
    proposer: int
    contract_set: bytes
    state_root: bytes


@dataclass(frozen=True)
class Deadline:
    """What nobody signed: time alone brought it about."""

    act: str
    reference: str
    keys: tuple[str, ...]


Entry: TypeAlias = Genesis | Submission | RecordEntry | Block | Deadline


def read_entry(data: bytes, index: int) -> Entry:
    """What the entry at `index` says; an author's signature is checked. Raises Refused."""
    try:
        entry = parse_entry(data, index)
    except Malformed as error:
        raise Refused(FORM, str(error)) from error
    if isinstance(entry, Submission) and not is_signed(entry):
        key = entry.header.public_key.hex()
        raise Refused(AUTHOR, f"it does not, under the key {key}")
    return entry


def parse_entry(data: bytes, index: int) -> Entry:
    """The same, the author's signature not looked at. Raises Malformed."""
    return _read(decode(data), index)


def is_signed(submission: Submission) -> bool:
    """Whether the author's signature holds."""
    message = b"ctl/submission-signature/v1\0" + submission.encoded
    return keys.verify(submission.header.public_key, message, submission.signature)


def _read(entry: Value, index: int) -> Entry:
    match entry:
        case [0, bytes(document)]:
            return _genesis(document)
        case [1, bytes(encoded), bytes(signature)]:
            return read_submission(encoded, signature)
        case [2, bytes(submission), int(position), bytes(record), list(outcome), list(changed)]:
            rule, values = _outcome(outcome)
            at = index - 1 - position
            if position < 0 or at < 0:
                raise Malformed(f"record {position} of a submission cannot be entry {index}")
            return RecordEntry(submission, position, at, record, rule, values, _texts(changed))
        case [3, *fields]:
            return _block(fields)
        case [4, str(act), str(reference), list(changed)]:
            return Deadline(act, reference, _texts(changed))
        case _:
            raise Malformed("it is no entry of a known kind")


def _block(fields: list[Value]) -> Block:
    match fields:
        case [
            int(epoch),
            int(height),
            int(view),
            bytes(block),
            bytes(parent),
            int(time_ms),
            int(proposer),
            bytes(contract_set),
            bytes(state_root),
        ]:
            return Block(
                epoch, height, view, block, parent, time_ms, proposer, contract_set, state_root
            )
        case _:
            raise Malformed("a block entry has other fields")


def _outcome(outcome: list[Value]) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    match outcome:
        case [0]:
            return None, ()
        case [1, str(rule), list(pairs)]:
            return rule, tuple(_pair(pair) for pair in pairs)
        case _:
            raise Malformed("an outcome is neither accepted nor rejected")


def _pair(value: Value) -> tuple[str, str]:
    match value:
        case [str(name), str(text)]:
            return name, text
        case _:
            raise Malformed("a value of a refusal is not a name and a text")


def _texts(values: list[Value]) -> tuple[str, ...]:
    found = tuple(each for each in values if isinstance(each, str))
    if len(found) != len(values):
        raise Malformed("a key is no text")
    return found


def read_submission(encoded: bytes, signature: bytes) -> Submission:
    """A submission of its header's bytes; its signature is not looked at. Raises Malformed."""
    if len(encoded) > MAX_HEADER:
        raise Malformed("a submission's header is too long")
    match decode(encoded):
        case [
            bytes(union),
            str(author),
            bytes(key),
            bytes(nonce),
            int(expiry),
            int(count),
            bytes(root),
        ]:
            header = Header(union, author, key, nonce, expiry, count, root)
        case _:
            raise Malformed("a submission's header has other fields")
    visible = 1 <= len(author) <= 64 and all("!" <= char <= "~" for char in author)
    if not visible or not keys.is_key(key) or not 1 <= count <= MAX_RECORDS:
        raise Malformed("a submission's author, key or number of records is not what it must be")
    if (len(union), len(nonce), len(root)) != (32, 16, 32) or expiry < 0:
        raise Malformed("a field of a submission's header has another size")
    return Submission(tagged_digest("submission", encoded + signature), header, encoded, signature)


def _genesis(document: bytes) -> Genesis:
    match decode(document):
        case [1, str(name), str(origin), int(created), list(), bytes(contracts), list(cards)]:
            codes = [card[1] for card in cards if isinstance(card, list) and len(card) > 1]
            members = tuple(code for code in codes if isinstance(code, str))
            union = tagged_digest("genesis", document)
            return Genesis(document, union, name, origin, created, contracts, members)
        case _:
            raise Malformed("the genesis document has another format")
