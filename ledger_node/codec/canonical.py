"""Canonical msgpack: the only way bytes that are hashed, signed or stored come about.

Rules (docs/formats.md): arrays, shortest integers, UTF-8 text, byte strings, booleans and nil;
no maps, no floats, no extension types, no trailing bytes. A decoder accepts exactly the bytes
the encoder would write: it decodes, encodes again, and refuses any difference. So a value has
one encoding, and a signature or a hash over it can mean only one thing.

Source: msgpack specification, https://github.com/msgpack/msgpack/blob/master/spec.md
"""

from functools import lru_cache
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from ledger_node.codec.wording import in_words

T = TypeVar("T")

Value: TypeAlias = "bool | int | str | bytes | list[Value] | None"
"""Every value that has a canonical encoding, in the form `decode_any` returns it."""

MAX_BYTES: Final = 4 * 1024 * 1024
"""No caller needs to decode more in one piece: a block with bodies travels in parts of 4 MiB."""

MAX_DEPTH: Final = 16
"""Arrays within arrays that `decode_any` follows. Our own formats need six."""

_NESTED_TOO_DEEP: Final = "nested deeper than %d arrays"

_encoder = msgspec.msgpack.Encoder()
encode = _encoder.encode
"""encode(value) -> bytes. Structs must be declared `array_like=True`; see module rules."""


class DecodeError(ValueError):
    """Bytes that are not the canonical encoding of what was expected.

    what: the thing being decoded, e.g. "submission"; reason: text for people; field: of the thing,
    e.g. "records[3]", which the reason names as well; "" when it is about the whole.
    """

    def __init__(self, what: str, reason: str, field: str = "") -> None:
        super().__init__(f"{what}: {reason}")
        self.what = what
        self.reason = reason
        self.field = field


@lru_cache(maxsize=256)
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)


def decode(kind: type[T], data: bytes, *, what: str | None = None, limit: int = MAX_BYTES) -> T:
    """The value of type `kind` that `data` canonically encodes.

    limit: greatest accepted length in bytes, checked before anything is parsed.
    Raises DecodeError: too long, not msgpack, not of the type, or not canonical.
    """
    name = what or kind.__name__
    value: T = _parse(kind, data, name, limit)
    if _encoder.encode(value) != data:
        raise DecodeError(name, "not in canonical form")
    return value


def decode_any(data: bytes, *, what: str, limit: int = MAX_BYTES) -> Value:
    """Like `decode` for a value whose type is not known beforehand (tools that display bytes).

    Raises DecodeError also for maps, floats, extension types and nesting beyond MAX_DEPTH:
    msgpack can carry them, the canonical encoding cannot.
    """
    value = _checked(_parse(Any, data, what, limit), what, MAX_DEPTH)
    if _encoder.encode(value) != data:
        raise DecodeError(what, "not in canonical form")
    return value


def _parse(kind: Any, data: bytes, what: str, limit: int) -> Any:
    if len(data) > limit:
        raise DecodeError(what, f"{len(data)} bytes, at most {limit} are allowed")
    try:
        return _decoder(kind).decode(data)
    except RecursionError as error:
        raise DecodeError(what, _NESTED_TOO_DEEP % MAX_DEPTH) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        found = in_words(kind, error)
        raise DecodeError(what, str(found), found.field) from error


def _checked(value: object, what: str, depth: int) -> Value:
    if value is None or isinstance(value, bool | int | str | bytes):
        return value
    if not isinstance(value, list):
        raise DecodeError(what, f"holds a {type(value).__name__}, which has no canonical form")
    if depth == 0:
        raise DecodeError(what, _NESTED_TOO_DEEP % MAX_DEPTH)
    return [_checked(item, what, depth - 1) for item in value]
