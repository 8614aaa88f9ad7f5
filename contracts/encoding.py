"""Records and objects as bytes.

A record is decoded through one tagged union of all kinds, encoded again, and refused if the bytes
differ: one record has one encoding. What a decoding library says about bad bytes differs between
versions, so none of it reaches a refusal: outcomes are hashed.
"""

import operator
from functools import reduce
from typing import Any

import msgspec

from contracts.catalogue import OBJECT_TYPES, RECORD_KINDS
from contracts.kernel.record import MAX_RECORD_BYTES, Record
from contracts.kernel.rule import violation
from contracts.kernel.rules import NOT_CANONICAL, TOO_LONG, UNDECODABLE
from contracts.kernel.state import CorruptObjectError

_union: Any = reduce(operator.or_, RECORD_KINDS.values())
_decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(_union)
_encode = msgspec.msgpack.Encoder().encode


def encode_record(record: Record) -> bytes:
    """The canonical bytes of a record. Its fields are not checked here."""
    return _encode(record)


def decode_record(data: bytes) -> Record:
    """The record that `data` canonically encodes; its fields may still break their form.

    Raises RuleViolation: REC-003 too long, REC-001 no record of a known kind, REC-002 not
    canonical.
    """
    if len(data) > MAX_RECORD_BYTES:
        raise violation(TOO_LONG, bytes=len(data), most=MAX_RECORD_BYTES)
    try:
        record: Record = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise violation(UNDECODABLE) from None
    if _encode(record) != data:
        raise violation(NOT_CANONICAL)
    return record


def decode_object(key: str, value: bytes) -> msgspec.Struct:
    """The object stored under `key`, for display. Raises CorruptObjectError."""
    kind = OBJECT_TYPES.get(key.partition("/")[0])
    if kind is None:
        raise CorruptObjectError(key)
    found: msgspec.Struct = kind.decode(key, value)
    return found
