"""What differs between two log entries, in words."""

from collections.abc import Iterator
from typing import Any

import msgspec

from ledger_node.audit.display import bounded
from ledger_node.codec import DecodeError
from ledger_node.ledger.entries import LogEntry, RecordEntry, decode_entry
from ledger_node.ledger.outcome import RecordRejected


def difference(first: bytes, second: bytes, first_name: str, second_name: str) -> str:
    """The first field in which two different entries differ, with both values.

    first_name, second_name: whose entries they are, e.g. "the log" and "execution".
    """
    one, other = _decoded(first), _decoded(second)
    if one is None or other is None or type(one) is not type(other):
        return f"{first_name} has {described(first)}, {second_name} has {described(second)}"
    for name in one.__struct_fields__:
        mine, theirs = getattr(one, name), getattr(other, name)
        if mine != theirs:
            what = f"{name} of {described(first)}"
            return f"{what}: {first_name} has {_shown(mine)}, {second_name} has {_shown(theirs)}"
    return f"{first_name} and {second_name} spell {described(first)} differently"


def described(entry: bytes) -> str:
    """What an entry is, in a few words."""
    decoded = _decoded(entry)
    if decoded is None:
        return f"{len(entry)} bytes that are no entry"
    if isinstance(decoded, RecordEntry):
        return f"record {decoded.index} of submission {decoded.submission.hex()}"
    return f"a {type(decoded).__name__.removesuffix('Entry').lower()} entry"


def _decoded(entry: bytes) -> LogEntry | None:
    try:
        return decode_entry(entry)
    except DecodeError:
        return None


def _shown(value: Any) -> str:
    if isinstance(value, RecordRejected):
        values = ", ".join(f"{name} {text}" for name, text in value.values)
        return bounded(f"refused under {value.rule} ({values})")
    if isinstance(value, msgspec.Struct):
        return "accepted"
    if isinstance(value, bytes):
        return bounded(value.hex())
    if isinstance(value, tuple):
        return bounded("[" + ", ".join(_items(value)) + "]")
    return bounded(str(value))


def _items(values: tuple[Any, ...]) -> Iterator[str]:
    for value in values:
        yield _shown(value)
