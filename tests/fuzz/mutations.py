"""Mutations that keep some of the structure of what they change.

Random bytes die at the first check of a canonical decoder. So most mutations of msgpack take the
value apart, change one place of it, and encode it canonically again; those of text work on lines
and tokens. A mutation is a function of its arguments alone.
"""

import random
from collections.abc import Callable
from typing import Any

import msgspec

_INTERESTING_INTS = (-1, 0, 1, 2**31, 2**32 - 1, 2**53, 2**63 - 1, 2**63, 2**64 - 1, -(2**63))
_INTERESTING_TEXT = ("", "\x00", "A" * 300, "\u0301", "٣", "\ufeff", "\U0010ffff", "../..", "-1")
_INTERESTING_BYTES = (b"", b"\x00" * 31, b"\x00" * 32, b"\xff" * 33, b"\x01" * 64, b"\x00" * 5000)
_TOKENS = (b"\n", b"\n\n", b" ", b"0", b"-", b"[", b"{", b'"', b"\\ud800", b"1e999", b"9" * 400)


def mutate(data: bytes, seed: int, max_size: int) -> bytes:
    """`data` with one to four changes, at most `max_size` bytes."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(_MUTATIONS)(data, chance)
    return data[:max_size]


def _flip(data: bytes, chance: random.Random) -> bytes:
    if not data:
        return bytes([chance.randrange(256)])
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _cut(data: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:start] + data[end:]


def _repeat(data: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:end] + data[start:end] * chance.choice((1, 2, 16)) + data[end:]


def _insert(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(_TOKENS) + data[at:]


def _structure(data: bytes, chance: random.Random) -> bytes:
    """One place of a msgpack value, after up to two bytes that stand before it."""
    for skip in (0, 1, 2):
        try:
            value = msgspec.msgpack.decode(data[skip:])
            return data[:skip] + msgspec.msgpack.encode(_changed(value, chance))
        except (msgspec.DecodeError, OverflowError, RecursionError, UnicodeDecodeError):
            continue
    return _flip(data, chance)


def _changed(value: Any, chance: random.Random) -> Any:
    if isinstance(value, list) and value and chance.random() < 0.85:
        at = chance.randrange(len(value))
        return [*value[:at], _changed(value[at], chance), *value[at + 1 :]]
    match value:
        case bool():
            return not value
        case int():
            return chance.choice((*_INTERESTING_INTS, value + 1, value - 1))
        case str():
            return chance.choice((*_INTERESTING_TEXT, value + value, value[1:], value.lower()))
        case bytes():
            inner = _structure(value, chance) if len(value) > 8 else value
            return chance.choice((*_INTERESTING_BYTES, inner, inner, inner, value[1:]))
        case list():
            return chance.choice(([], value * 2, value[1:], list(reversed(value)), None))
        case _:
            return chance.choice((None, 0, "", b"", [], True))


def _lines(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    if len(lines) < 2:
        return _repeat(data, chance)
    a, b = (chance.randrange(len(lines)) for _ in range(2))
    lines[a], lines[b] = lines[b], lines[a]
    if chance.random() < 0.3:
        lines.insert(b, lines[a])
    return b"\n".join(lines)


_MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _structure,
    _structure,
    _structure,
    _flip,
    _cut,
    _repeat,
    _insert,
    _lines,
)
