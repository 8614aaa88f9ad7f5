"""The part of ABCI's protobuf messages that the application reads and writes.

A message on the socket is its length as a varint and its bytes. Requests and responses are a oneof;
its field number says which. Source: proto/tendermint/abci/types.proto of CometBFT 0.38. Values that
are zero are left out, as proto3 does.
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import Final

from msgspec import Struct

VARINT: Final = 0
FIXED64: Final = 1
BYTES: Final = 2
FIXED32: Final = 5


class Call(IntEnum):
    """What is asked: the field of Request. The response has the field after it."""

    ECHO = 1
    FLUSH = 2
    INFO = 3
    INIT_CHAIN = 5
    QUERY = 6
    CHECK_TX = 8
    COMMIT = 11
    LIST_SNAPSHOTS = 12
    OFFER_SNAPSHOT = 13
    LOAD_SNAPSHOT_CHUNK = 14
    APPLY_SNAPSHOT_CHUNK = 15
    PREPARE_PROPOSAL = 16
    PROCESS_PROPOSAL = 17
    EXTEND_VOTE = 18
    VERIFY_VOTE_EXTENSION = 19
    FINALIZE_BLOCK = 20


class Malformed(ValueError):
    """Bytes that are no protobuf message."""


class TxResult(Struct, frozen=True):
    """What became of a transaction. code: 0 when it was executed; data: what its sender reads."""

    code: int
    data: bytes = b""


def varint(value: int) -> bytes:
    """A number of 0 or more."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    """A varint field."""
    return varint(field << 3 | VARINT) + varint(value) if value else b""


def chunk(field: int, value: bytes) -> bytes:
    """A field of bytes, a string or a message; written also when it is empty."""
    return varint(field << 3 | BYTES) + varint(len(value)) + value


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field numbers and values, in order. Raises Malformed."""
    at = 0
    while at < len(message):
        tag, at = read_varint(message, at)
        kind = tag & 7
        if kind == VARINT:
            value, at = read_varint(message, at)
            yield tag >> 3, value
            continue
        size, at = {FIXED64: (8, at), FIXED32: (4, at)}.get(kind) or read_varint(message, at)
        if at + size > len(message):
            raise Malformed(f"field {tag >> 3} ends beyond its message")
        yield tag >> 3, message[at : at + size]
        at += size


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at a position, and the position after it. Raises Malformed."""
    value = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise Malformed("a varint without an end")


def all_of(message: bytes, field: int) -> list[bytes]:
    """Every value of a repeated field of bytes."""
    return [value for name, value in fields(message) if name == field and isinstance(value, bytes)]


def one_of(message: bytes, field: int) -> bytes:
    """The last value of a field of bytes, empty when there is none."""
    return next(iter(reversed(all_of(message, field))), b"")


def int_of(message: bytes, field: int) -> int:
    """The last value of a varint field, 0 when there is none."""
    found = [value for name, value in fields(message) if name == field]
    return found[-1] if found and isinstance(found[-1], int) else 0


def tx_result(result: TxResult) -> bytes:
    """ExecTxResult, ResponseCheckTx."""
    return number(1, result.code) + (chunk(2, result.data) if result.data else b"")


def response(call: Call, body: bytes) -> bytes:
    """A response as it travels, its length before it."""
    message = chunk(call + 1, body)
    return varint(len(message)) + message
