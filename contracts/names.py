"""What someone without this code needs to name what the ledger holds, as one JSON document.

The form of every record and object, field by field, and every rule: generated like the rulebook,
and shipped with the stand-alone verifier (`ctl_verify`), which says with it in words what a proof
proves. A shape is the name of a scalar, or an object with one key:

    "text"  "number"  "yes_no"  "bytes"
    {"one_of": [text, ...]}   {"list": shape}   {"maybe": shape}   {"part": name of a part}
    {"tagged": {tag: name of a part, ...}}      a part whose array opens with its tag
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from contracts.catalogue import OBJECT_TYPES, RECORD_KINDS, RULES

_SCALARS = {str: "text", int: "number", bool: "yes_no", bytes: "bytes"}

Fields = list[list[Any]]
"""[name, shape] of each field, in order."""


def catalogue() -> str:
    """The document, a line for each entry, so that a change of one shows as one."""
    parts: dict[str, Fields] = {}
    records = {
        kind: {"says": first_sentence(record), "fields": _fields(record, parts)}
        for kind, record in sorted(RECORD_KINDS.items())
    }
    objects = {prefix: _fields(kind.form, parts) for prefix, kind in sorted(OBJECT_TYPES.items())}
    rules = {name: [rule.text, rule.source] for name, rule in sorted(RULES.items())}
    chapters: Mapping[str, Mapping[str, Any]] = {
        "records": records,
        "objects": objects,
        "parts": dict(sorted(parts.items())),
        "rules": rules,
    }
    body = ",\n".join(f'"{name}": {{\n{_lines(chapter)}\n}}' for name, chapter in chapters.items())
    return f"{{\n{body}\n}}\n"


def first_sentence(kind: type[msgspec.Struct]) -> str:
    """Of a kind's own description: what it means."""
    text = " ".join((kind.__doc__ or "").split())
    return text.partition(". ")[0].removesuffix(".")


def _lines(chapter: Mapping[str, Any]) -> str:
    return ",\n".join(f"{_json(name)}:{_json(entry)}" for name, entry in chapter.items())


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _fields(kind: type[msgspec.Struct], parts: dict[str, Fields]) -> Fields:
    hints = get_type_hints(kind, include_extras=True)
    return [[name, _shape(hints[name], parts)] for name in kind.__struct_fields__]


def _shape(declared: Any, parts: dict[str, Fields]) -> Any:
    if get_origin(declared) is Annotated:
        declared = get_args(declared)[0]
    if get_origin(declared) in (Union, UnionType):
        return _choice(get_args(declared), parts)
    if get_origin(declared) is tuple:
        assert get_args(declared)[1:] == (...,), f"no shape for {declared}"
        return {"list": _shape(get_args(declared)[0], parts)}
    if issubclass(declared, msgspec.Struct):
        return {"part": _part(declared, parts)}
    if issubclass(declared, StrEnum):
        return {"one_of": [member.value for member in declared]}
    return _SCALARS[declared]


def _choice(kinds: Sequence[Any], parts: dict[str, Fields]) -> Any:
    inner = [kind for kind in kinds if kind is not NoneType]
    if len(inner) == 1:
        return {"maybe": _shape(inner[0], parts)}
    return {"tagged": {kind.__struct_config__.tag: _part(kind, parts) for kind in inner}}


def _part(kind: type[msgspec.Struct], parts: dict[str, Fields]) -> str:
    name = kind.__name__
    if name not in parts:
        parts[name] = []  # stands while its fields are described
        parts[name] = _fields(kind, parts)
    return name
