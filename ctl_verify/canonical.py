"""The ledger's encoding: msgpack in which each value has one form. docs/formats.md, "Encoding".

Decoding is strict where it reads, so what it accepts needs not be encoded again to be compared.
"""

from collections.abc import Sequence
from enum import Enum
from hashlib import sha256
from typing import Final, TypeAlias

from ctl_verify.refusal import Malformed


class Truth(Enum):
    """Yes or no. Python's own would pass for the integers 1 and 0."""

    NO = b"\xc2"
    YES = b"\xc3"


Value: TypeAlias = "Truth | int | str | bytes | list[Value] | None"

MAX_DEPTH: Final = 16

_TEXT: Final = {0xD9: (1, 32), 0xDA: (2, 1 << 8), 0xDB: (4, 1 << 16)}
_BYTES: Final = {0xC4: (1, 0), 0xC5: (2, 1 << 8), 0xC6: (4, 1 << 16)}
_ARRAY: Final = {0xDC: (2, 16), 0xDD: (4, 1 << 16)}
_UNSIGNED: Final = {0xCC: (1, 1 << 7), 0xCD: (2, 1 << 8), 0xCE: (4, 1 << 16), 0xCF: (8, 1 << 32)}
_SIGNED: Final = {
    0xD0: (1, -(1 << 5)),
    0xD1: (2, -(1 << 7)),
    0xD2: (4, -(1 << 15)),
    0xD3: (8, -(1 << 31)),
}
"""First byte → bytes of the number after it, and the bound from which this form is the shortest."""


def decode(data: bytes) -> Value:
    """The value that `data` encodes, all of it. Raises Malformed."""
    reader = _Reader(data)
    value = reader.value(0)
    if reader.at != len(data):
        raise Malformed(f"{len(data) - reader.at} bytes after the end")
    return value


def encode(value: "Value | Sequence[Value]") -> bytes:
    """The one encoding of a value."""
    match value:
        case None:
            return b"\xc0"
        case Truth():
            return value.value
        case int():
            return _number(value)
        case str():
            raw = value.encode()
            head = bytes([0xA0 | len(raw)]) if len(raw) < 32 else _head(_TEXT, len(raw))
            return head + raw
        case bytes():
            return _head(_BYTES, len(value)) + value
        case _:
            count = len(value)
            head = bytes([0x90 | count]) if count < 16 else _head(_ARRAY, count)
            return head + b"".join(encode(each) for each in value)


def tagged_digest(thing: str, data: bytes) -> bytes:
    """SHA-256("ctl/thing/v1" || 0x00 || data). docs/formats.md, "Digests"."""
    return sha256(f"ctl/{thing}/v1\0".encode() + data).digest()


def _number(value: int) -> bytes:
    if not -(1 << 63) <= value < 1 << 64:
        raise Malformed(f"{value} is out of range")
    if -(1 << 5) <= value < 1 << 7:
        return bytes([value & 0xFF])
    if value > 0:
        return _head(_UNSIGNED, value)
    first, (size, _) = next(each for each in _SIGNED.items() if -value <= 1 << 8 * each[1][0] - 1)
    return bytes([first]) + value.to_bytes(size, signed=True)


def _head(forms: dict[int, tuple[int, int]], number: int) -> bytes:
    first, (size, _) = next(each for each in forms.items() if number < 1 << 8 * each[1][0])
    return bytes([first]) + number.to_bytes(size)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def value(self, depth: int) -> Value:
        first = self._take(1)[0]
        if first < 0x80:
            return first
        if first >= 0xE0:
            return first - 256
        if 0x90 <= first < 0xA0:
            return self._array(first - 0x90, depth)
        if 0xA0 <= first < 0xC0:
            return self._text(first - 0xA0)
        if first in (0xC0, 0xC2, 0xC3):
            return None if first == 0xC0 else Truth(bytes([first]))
        if first in _TEXT:
            return self._text(self._length(*_TEXT[first]))
        if first in _BYTES:
            return self._take(self._length(*_BYTES[first]))
        if first in _ARRAY:
            return self._array(self._length(*_ARRAY[first]), depth)
        if first in _UNSIGNED:
            return self._length(*_UNSIGNED[first])
        if first in _SIGNED:
            size, bound = _SIGNED[first]
            number = int.from_bytes(self._take(size), signed=True)
            if number >= bound:
                raise Malformed("not in canonical form")
            return number
        raise Malformed(f"a byte 0x{first:02x} that has no place here")

    def _length(self, size: int, least: int) -> int:
        number = int.from_bytes(self._take(size))
        if number < least:
            raise Malformed("not in canonical form")
        return number

    def _take(self, count: int) -> bytes:
        taken = self._data[self.at : self.at + count]
        if len(taken) != count:
            raise Malformed("cut short")
        self.at += count
        return taken

    def _text(self, length: int) -> str:
        try:
            return self._take(length).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed("text that is not UTF-8") from error

    def _array(self, count: int, depth: int) -> list[Value]:
        if depth == MAX_DEPTH:
            raise Malformed(f"nested deeper than {MAX_DEPTH} arrays")
        if count > len(self._data) - self.at:
            raise Malformed("cut short")
        return [self.value(depth + 1) for _ in range(count)]
