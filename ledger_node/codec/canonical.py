"""Canonical msgpack: the only way bytes that are hashed, signed or stored come about.

Rules (docs/formats.md): arrays, shortest integers, UTF-8 text, byte strings, booleans and nil;
no maps, no floats, no extension types, no trailing bytes. A decoder accepts exactly the bytes
the encoder would write: it decodes, encodes again, and refuses any difference. So a value has
one encoding, and a signature or a hash over it can mean only one thing.

Source: msgpack specification, https://github.com/msgpack/msgpack/blob/master/spec.md
"""

from functools import lru_cache
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

MAX_BYTES = 4 * 1024 * 1024
"""No caller needs to decode more in one piece: a block with bodies travels in parts of 4 MiB."""

_encoder = msgspec.msgpack.Encoder()
encode = _encoder.encode
"""encode(value) -> bytes. Structs must be declared `array_like=True`; see module rules."""


class DecodeError(ValueError):
    """Bytes that are not the canonical encoding of what was expected.

    what: the thing being decoded, e.g. "submission"; reason: text for people.
    """

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what}: {reason}")
        self.what = what
        self.reason = reason


@lru_cache(maxsize=256)
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)


def decode(kind: type[T], data: bytes, *, what: str | None = None, limit: int = MAX_BYTES) -> T:
    """The value of type `kind` that `data` canonically encodes.

    limit: greatest accepted length in bytes, checked before anything is parsed.
    Raises DecodeError: too long, not msgpack, not of the type, or not canonical.
    """
    name = what or getattr(kind, "__name__", str(kind))
    if len(data) > limit:
        raise DecodeError(name, f"{len(data)} bytes, at most {limit} are allowed")
    try:
        value: T = _decoder(kind).decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise DecodeError(name, str(error)) from error
    if _encoder.encode(value) != data:
        raise DecodeError(name, "not in canonical form")
    return value


def decode_any(data: bytes, *, what: str, limit: int = MAX_BYTES) -> Any:
    """Like `decode` for a value whose type is not known beforehand (tools that display bytes)."""
    return decode(Any, data, what=what, limit=limit)
