"""What a decoder found wrong, in plain words: which field, what it must be, what it is.

msgspec says it in terms of Python and of positions (``Expected `int`, got `str` - at `$[0][4]` ``).
People who send us something know the fields of our formats, by the names docs/formats.md has.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar

from msgspec import inspect

T = TypeVar("T")

_PLACE: Final = re.compile(r"(.*) - at (?:`key` in )?`\$([^`]*)`", re.DOTALL)
_STEP: Final = re.compile(r"\[(\d+|\.\.\.)\]|\.([^.\[]+)")

_TYPES: Final = {
    "array": "a list",
    "bool": "true or false",
    "bytes": "bytes",
    "ext": "an extension type",
    "float": "a number with a fraction",
    "int": "a whole number",
    "None": "nothing",
    "null": "nothing",
    "object": "a map",
    "str": "text",
}

_PHRASES: Final = (
    (r"Expected `array` of at least length (\d+), got (\d+)", "has {1} of its {0} parts"),
    (r"Expected `array` of at most length (\d+), got (\d+)", "has {1} parts, {0} are known"),
    (r"Expected `array` of length (\d+), got (\d+)", "has {1} parts, not {0}"),
    (r"Expected `([^`]*)`, got `([^`]*)`", "is {1}, not {0}"),
    (r"Expected `([^`]*)` (of length )?([<>]=?) (-?\d+)", "must be {0} {1}{2} {3}"),
    (r"Invalid (?:enum )?value (.*)", "is {0}, which is none of the known kinds"),
    (r"Object missing required field `(.*)`", "lacks {0}"),
    (r"Object contains unknown field `(.*)`", "has {0}, which is no field of it"),
    (r"Input data was truncated", "is cut short"),
    (r"[^:]*: trailing characters \(byte (\d+)\)", "goes on after its end, at byte {0}"),
    (
        r"MessagePack[^:]*: invalid opcode '\\x(..)' \(byte (\d+)\)",
        "is no msgpack: 0x{0} at byte {1}",
    ),
    (r"JSON[^:]*: (.*) \(byte (\d+)\)", "is no JSON: {0}, at byte {1}"),
)
_COMPILED: Final = tuple((re.compile(pattern, re.DOTALL), words) for pattern, words in _PHRASES)


@dataclass(frozen=True, slots=True)
class Found:
    """field: the place within what was decoded, e.g. "records[3]", "" for the whole of it; reason:
    goes on a sentence that begins with it, e.g. "is cut short"."""

    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field} {self.reason}" if self.field else self.reason


def in_words(kind: Any, error: Exception) -> Found:
    """What a decoder of `kind` found: its DecodeError, UnicodeDecodeError or RecursionError."""
    if isinstance(error, RecursionError):
        return Found("", "is nested too deep")
    if isinstance(error, UnicodeDecodeError):
        return Found("", f"holds text that is not UTF-8, at byte {error.start} of the text")
    placed = _PLACE.fullmatch(str(error))
    said, place = (str(error), "") if placed is None else placed.groups()
    field = "".join(_named(_type(kind), _STEP.findall(place)))
    for pattern, words in _COMPILED:
        match = pattern.fullmatch(said)
        if match is not None:
            return Found(field, words.format(*(_plain(group or "") for group in match.groups())))
    return Found(field, said)


@lru_cache(maxsize=256)
def _type(kind: Any) -> inspect.Type:
    return inspect.type_info(kind)


def _plain(group: str) -> str:
    """Names of types as people say them: `str | null` is text or nothing."""
    names = group.split(" | ")
    known = [_TYPES[name] for name in names if name in _TYPES]
    return " or ".join(known) if len(known) == len(names) else group


def _named(kind: inspect.Type | None, steps: list[tuple[str, str]]) -> Iterator[str]:
    """The steps from the whole to the place, as text to be put together."""
    separator = ""
    for position, name in steps:
        if name:
            kind = None
            yield f"{separator}{name}"
        else:
            field, kind = _part(kind, position)
            yield f"{separator}{field}" if field else f"[{position}]"
        separator = "."


def _part(kind: inspect.Type | None, position: str) -> tuple[str, inspect.Type | None]:
    """The name of what stands at a position, "" if it has none, and its type, if it is known."""
    if isinstance(kind, inspect.UnionType):
        arrays = [each for each in kind.types if not isinstance(each, _NO_PARTS)]
        kind = arrays[0] if len(arrays) == 1 else None
    if isinstance(kind, inspect.StructType):
        tagged = kind.tag is not None
        if tagged and position == "0":
            return "kind", None
        field = _at(kind.fields, position, tagged)
        return ("", None) if field is None else (field.name, field.type)
    if isinstance(kind, inspect.TupleType):
        return "", _at(kind.item_types, position)
    if isinstance(kind, inspect.CollectionType):
        return "", kind.item_type
    return "", None


def _at(parts: Sequence[T], position: str, before: int = 0) -> T | None:
    """One of the parts. before: how many positions there are before the first."""
    index = int(position) - before if position.isdigit() else -1
    return parts[index] if 0 <= index < len(parts) else None


_NO_PARTS: Final = (
    inspect.NoneType,
    inspect.BoolType,
    inspect.IntType,
    inspect.StrType,
    inspect.BytesType,
)
