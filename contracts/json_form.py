"""Records as JSON: objects with field names, bytes in hex, for people and for HTTP.

Reading gathers every problem, each with the path of its field, so that a form can show them all at
once. What passes here has the form of a record; whether the state allows it is for `apply`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from contracts.catalogue import RECORD_KINDS
from contracts.kernel.form import problems
from contracts.kernel.record import Record
from contracts.kernel.rules import UNDECODABLE

KIND_FIELD = "kind"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """path: JSON path, e.g. "$.guarantees[0].amount"; rule: id; reason: text for people."""

    path: str
    rule: str
    reason: str


class RecordFormError(ValueError):
    """JSON that is not the form of a record. problems: all that were found, at least one."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        super().__init__("; ".join(f"{p.path}: {p.reason} ({p.rule})" for p in problems))
        self.problems = problems


def record_to_json(record: Record) -> dict[str, Any]:
    """The record as a JSON object: its kind, then its fields by name."""
    return {KIND_FIELD: record.kind(), **_fields_to_json(record)}


def object_to_json(value: msgspec.Struct) -> dict[str, Any]:
    """A state object as a JSON object, for display."""
    return _fields_to_json(value)


def record_from_json(value: object) -> Record:
    """The record a JSON value describes. Raises RecordFormError."""
    found: list[FieldProblem] = []
    record = _read_record(value, found)
    if record is not None and not found:
        found.extend(
            FieldProblem(
                f"$.{problem.path}",
                problem.form.rule.id,
                f"{problem.shown!r} is no {problem.form.name}: {problem.form.text}",
            )
            for problem in problems(record)
        )
    if found or record is None:
        raise RecordFormError(tuple(found))
    return record


def _fields_to_json(value: msgspec.Struct) -> dict[str, Any]:
    return {name: _to_json(getattr(value, name)) for name in value.__struct_fields__}


def _to_json(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return _fields_to_json(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_to_json(item) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    return value


class _Missing:
    """Stands for a field that could not be read; its problem is noted."""


_MISSING = _Missing()


def _problem(path: str, reason: str, found: list[FieldProblem]) -> _Missing:
    found.append(FieldProblem(path, UNDECODABLE.id, reason))
    return _MISSING


def _read_record(value: object, found: list[FieldProblem]) -> Record | None:
    if not isinstance(value, Mapping):
        _problem("$", f"a record is an object, not {_kind_of(value)}", found)
        return None
    kind = value.get(KIND_FIELD)
    record_type = RECORD_KINDS.get(kind) if isinstance(kind, str) else None
    if record_type is None:
        known = ", ".join(RECORD_KINDS)
        _problem(f"$.{KIND_FIELD}", f"no record kind; known are {known}", found)
        return None
    fields = {name: item for name, item in value.items() if name != KIND_FIELD}
    record = _read_struct(record_type, fields, "$", found)
    return record if isinstance(record, Record) else None


def _read_struct(
    declared: type[msgspec.Struct], value: object, path: str, found: list[FieldProblem]
) -> Any:
    if not isinstance(value, Mapping):
        return _problem(path, f"an object is asked for, not {_kind_of(value)}", found)
    hints = get_type_hints(declared, include_extras=True)
    for name in value:
        if name not in declared.__struct_fields__:
            _problem(f"{path}.{name}", "unknown field", found)
    read: dict[str, Any] = {}
    for name in declared.__struct_fields__:
        if name in value:
            read[name] = _read(hints[name], value[name], f"{path}.{name}", found)
        else:
            read[name] = _problem(f"{path}.{name}", "the field is missing", found)
    if any(item is _MISSING for item in read.values()):
        return _MISSING
    return declared(**read)


def _read(declared: Any, value: object, path: str, found: list[FieldProblem]) -> Any:
    if get_origin(declared) is Annotated:
        declared = get_args(declared)[0]
    if get_origin(declared) in (Union, UnionType):
        if value is None:
            return None
        (inner,) = (kind for kind in get_args(declared) if kind is not NoneType)
        return _read(inner, value, path, found)
    if get_origin(declared) is tuple:
        return _read_list(get_args(declared)[0], value, path, found)
    if issubclass(declared, msgspec.Struct):
        return _read_struct(declared, value, path, found)
    return _read_scalar(declared, value, path, found)


def _read_list(element: Any, value: object, path: str, found: list[FieldProblem]) -> Any:
    if not isinstance(value, list):
        return _problem(path, f"a list is asked for, not {_kind_of(value)}", found)
    items = [_read(element, item, f"{path}[{index}]", found) for index, item in enumerate(value)]
    return _MISSING if any(item is _MISSING for item in items) else tuple(items)


def _read_scalar(declared: Any, value: object, path: str, found: list[FieldProblem]) -> Any:
    if declared is bytes:
        return _read_hex(value, path, found)
    if issubclass(declared, StrEnum):
        if isinstance(value, str) and value in tuple(member.value for member in declared):
            return declared(value)
        choices = ", ".join(member.value for member in declared)
        return _problem(path, f"one of {choices} is asked for", found)
    fits = isinstance(value, declared) and not (declared is int and isinstance(value, bool))
    if not fits:
        asked = {str: "text", int: "a whole number", bool: "true or false"}[declared]
        return _problem(path, f"{asked} is asked for, not {_kind_of(value)}", found)
    return value


def _read_hex(value: object, path: str, found: list[FieldProblem]) -> Any:
    if isinstance(value, str):
        try:
            octets = bytes.fromhex(value)
        except ValueError:
            return _problem(path, "bytes in hex are asked for", found)
        if octets.hex() == value.lower():  # fromhex also skips spaces
            return octets
    return _problem(path, "bytes in hex are asked for", found)


def _kind_of(value: object) -> str:
    """What JSON calls a value of this type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, list):
        return "a list"
    return "an object" if isinstance(value, Mapping) else "a number"
