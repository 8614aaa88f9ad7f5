"""Ledger values as the API's forms, and forms as responses."""

import json
from typing import Any

import msgspec
from aiohttp import web

from consensus.block import SubmissionId
from contracts import (
    RULES,
    RuleViolation,
    decode_object,
    decode_record,
    object_to_json,
    record_to_json,
)
from ledger_node.api.forms import (
    ChangeView,
    EntryView,
    Judgement,
    ObjectView,
    RecordView,
    SubmissionView,
)
from ledger_node.codec import decode
from ledger_node.genesis.document import Genesis
from ledger_node.genesis.readable import write_json
from ledger_node.ledger.entries import (
    BlockEntry,
    DeadlineEntry,
    GenesisEntry,
    RecordEntry,
    SubmissionEntry,
    decode_entry,
)
from ledger_node.ledger.outcome import Outcome, RecordRejected
from ledger_node.ledger.submission import SubmissionHeader, decode_header, submission_id
from ledger_node.log.merkle import leaf_hash
from ledger_node.node.receipts import Receipt, Stage
from ledger_node.storage.snapshot import Snapshot


def answer(form: msgspec.Struct, status: int = 200, **headers: str) -> web.Response:
    """A form as JSON."""
    return web.Response(
        status=status,
        body=msgspec.json.encode(form),
        content_type="application/json",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def plain_text(text: str, **headers: str) -> web.Response:
    """Text of one of the C2SP formats, or for people."""
    return web.Response(
        text=text,
        content_type="text/plain",
        charset="utf-8",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def submission_view(receipt: Receipt) -> SubmissionView:
    """A submission that is pending or final."""
    if receipt.stage is not Stage.FINAL:
        return SubmissionView(receipt.id.hex(), "pending")
    assert receipt.log_index is not None, "a final submission has its place in the log"
    return SubmissionView(
        id=receipt.id.hex(),
        stage="final",
        height=receipt.height,
        time_ms=receipt.time_ms,
        log_index=receipt.log_index,
        records=tuple(
            record_view(index, outcome)
            for index, outcome in enumerate(receipt.outcomes, receipt.log_index + 1)
        ),
    )


def record_view(log_index: int, outcome: Outcome) -> RecordView:
    """What became of the record at a log index."""
    if not isinstance(outcome, RecordRejected):
        return RecordView(log_index, "accepted")
    # A rule of contracts that have since been replaced may be gone; its id still stands.
    rule = RULES.get(outcome.rule)
    return RecordView(
        log_index,
        "rejected",
        outcome.rule,
        None if rule is None else rule.text,
        None if rule is None else rule.source,
        dict(outcome.values),
    )


def object_view(key: str, raw: bytes, log_size: int) -> ObjectView:
    """An object of the state."""
    return ObjectView(key, object_to_json(decode_object(key, raw)), raw.hex(), log_size)


def change_view(snapshot: Snapshot, index: int) -> ChangeView:
    """The entry at an index of an object's history."""
    data = snapshot.log_entry(index)
    assert data is not None, "histories name entries of the log"
    entry = decode_entry(data)
    if isinstance(entry, DeadlineEntry):
        at = snapshot.block_of(index).block.header
        return ChangeView(index, entry.act, None, at.time_ms, at.height, "accepted", None)
    if not isinstance(entry, RecordEntry):
        first = snapshot.block(0)
        assert first is not None, "only genesis changes objects without a record"
        return ChangeView(index, "genesis", None, first.block.header.time_ms, 0, "accepted", None)
    header_index = index - 1 - entry.index
    header_data = snapshot.log_entry(header_index)
    assert header_data is not None, "records follow their submission"
    header_entry = decode_entry(header_data)
    assert isinstance(header_entry, SubmissionEntry), "records follow their submission"
    header = decode_header(header_entry.header)
    location = snapshot.location(SubmissionId(entry.submission))
    assert location is not None, "entries are of final submissions"
    block = snapshot.block(location.height)
    assert block is not None, "submissions are in final blocks"
    return ChangeView(
        log_index=index,
        kind=_kind_of(entry.record) or "unknown",
        author=header.author,
        time_ms=block.block.header.time_ms,
        height=location.height,
        outcome=_judgement(entry.outcome),
        submission=entry.submission.hex(),
    )


def entry_view(index: int, data: bytes) -> EntryView:
    """A log entry."""
    entry = decode_entry(data)
    raw, leaf = data.hex(), leaf_hash(data).hex()
    match entry:
        case GenesisEntry():
            document = write_json(decode(Genesis, entry.document))
            return EntryView(index, "genesis", json.loads(document), raw, leaf)
        case SubmissionEntry():
            return EntryView(index, "submission", _submission_content(entry), raw, leaf)
        case RecordEntry():
            return EntryView(index, "record", _record_content(index, entry), raw, leaf)
        case BlockEntry():
            return EntryView(index, "block", _fields(entry), raw, leaf)
        case DeadlineEntry():
            return EntryView(index, "deadline", _fields(entry), raw, leaf)


def _submission_content(entry: SubmissionEntry) -> dict[str, Any]:
    header: SubmissionHeader = decode_header(entry.header)
    return {
        "id": submission_id(entry.header, entry.signature).hex(),
        "header": _fields(header),
        "signature": entry.signature.hex(),
    }


def _record_content(index: int, entry: RecordEntry) -> dict[str, Any]:
    judged = msgspec.to_builtins(record_view(index, entry.outcome))
    del judged["log_index"]
    return {
        "submission": entry.submission.hex(),
        "index": entry.index,
        "record": _record_json(entry.record),
        "keys": list(entry.keys),
        **judged,
    }


def _fields(value: msgspec.Struct) -> dict[str, Any]:
    plain = {name: getattr(value, name) for name in value.__struct_fields__}
    return {n: v.hex() if isinstance(v, bytes) else v for n, v in plain.items()}


def _record_json(record: bytes) -> dict[str, Any] | None:
    """None for bytes that are no record of these contracts: they were rejected for that."""
    try:
        return record_to_json(decode_record(record))
    except RuleViolation:
        return None


def _kind_of(record: bytes) -> str | None:
    try:
        return decode_record(record).kind()
    except RuleViolation:
        return None


def _judgement(outcome: Outcome) -> Judgement:
    return "rejected" if isinstance(outcome, RecordRejected) else "accepted"
