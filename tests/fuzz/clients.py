"""What clients send: submissions, records as JSON, queries; and what a client reads of a node."""

import json
from collections.abc import Iterable
from functools import cache

import msgspec
from aiohttp.test_utils import make_mocked_request

import contracts
from contracts import RecordFormError
from ledger_node.api.forms import SubmissionView
from ledger_node.api.problems import Problem
from ledger_node.api.requests import Query, key_text, unhex
from ledger_node.api.tokens import is_token
from ledger_node.codec import DecodeError, decode_any
from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.ledger.submission import open_submission, verify_submission
from tests.contracts.sample_acts import SAMPLE_ACTS
from tests.fuzz.target import Target
from tests.ledger_node.audit.bundle.audited_union import AuditedUnion

_PARAMETERS = ("wait", "epoch", "limit", "after", "prefix")


@cache
def _union() -> AuditedUnion:
    return AuditedUnion()


def _submissions() -> list[bytes]:
    record = SAMPLE_ACTS[0].record
    made = (_union().send("AM", record), _union().send("BY", record, b"\x00", b"\x90"))
    return [each.to_bytes() for each in made]


def _submission(data: bytes) -> None:
    opened = open_submission(data, _union().union)
    assert opened.to_bytes() == data
    verify_submission(opened)


def _query(data: bytes) -> None:
    """The query string of a request, read for every parameter there is."""
    text = data.decode("latin-1")
    request = make_mocked_request("GET", "/v1/objects?" + "".join(c for c in text if c > " "))
    query = Query(request, *_PARAMETERS)
    for read in (query.wait_s, query.epoch, query.limit, query.after_index, query.prefix):
        read()
    query.after_key(query.prefix())


def _texts(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    assert not is_token(text, "0" * 43)
    unhex(text)
    key_text("key", text)


def _record_json(data: bytes) -> None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DecodeError("record", str(error)) from error
    record = contracts.record_from_json(value)
    assert contracts.decode_record(contracts.encode_record(record)) == record


def _records_as_json() -> Iterable[bytes]:
    for act in SAMPLE_ACTS:
        yield json.dumps(contracts.record_to_json(act.record)).encode()


def _answer(data: bytes) -> None:
    try:
        msgspec.json.decode(data, type=SubmissionView)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError("answer", str(error)) from error


TARGETS = (
    Target(
        "value",
        lambda data: decode_any(data, what="value"),
        (DecodeError,),
        lambda: [b"\x93\x01\xa1a\xc0"],
    ),
    Target("submission", _submission, (SubmissionRefused,), _submissions),
    Target("query", _query, (Problem,), lambda: [b"wait=1.5&limit=20", b"after=7&prefix=a"], 300),
    Target("text", _texts, (Problem,), lambda: [b"movement/26KZ", b"00ff"], 300),
    Target(
        "record-json",
        _record_json,
        (DecodeError, RecordFormError, contracts.RuleViolation),
        _records_as_json,
    ),
    Target("answer", _answer, (DecodeError,), lambda: [b'{"id":"00","stage":"final"}']),
)
