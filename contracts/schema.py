"""JSON Schema of record kinds, from the one definition that decoding and checking use.

Draft 2020-12, for the JSON form of json_form.py: objects with field names, bytes in hex. A schema
accepts whatever the form of a record accepts; it cannot say everything a form asks (check digits,
normal form C), so what it lets through is still checked. `x-wco` names the element of the WCO Data
Model where it is known, `x-rule` the rule cited when a field does not have its form.
"""

from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from contracts.catalogue import RECORD_KINDS
from contracts.json_form import KIND_FIELD
from contracts.kernel.form import Form, form_of
from contracts.wco_names import WCO_ELEMENTS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HEX = "^(?:[0-9A-Fa-f]{2})*$"

Schema = dict[str, Any]


def json_schema(kind: str) -> Schema:
    """The schema of a record kind, e.g. "transit.release". Raises KeyError for another kind."""
    record = RECORD_KINDS[kind]
    parts: dict[str, Schema] = {}
    described = _object(record, parts)
    described["properties"] = {KIND_FIELD: {"const": kind}, **described["properties"]}
    described["required"] = [KIND_FIELD, *described["required"]]
    schema: Schema = {"$schema": DIALECT, "title": kind, **described}
    if parts:
        schema["$defs"] = dict(sorted(parts.items()))
    return schema


def _object(kind: type[msgspec.Struct], parts: dict[str, Schema]) -> Schema:
    hints = get_type_hints(kind, include_extras=True)
    assert kind.__doc__, f"{kind.__name__} says nothing about itself"
    return {
        "description": " ".join(kind.__doc__.split()),
        "type": "object",
        "properties": {name: _value(hints[name], parts) for name in kind.__struct_fields__},
        "required": list(kind.__struct_fields__),
        "additionalProperties": False,
    }


def _value(declared: Any, parts: dict[str, Schema]) -> Schema:
    form = form_of(declared)
    if get_origin(declared) is Annotated:
        declared = get_args(declared)[0]
    if get_origin(declared) in (Union, UnionType):
        (inner,) = (kind for kind in get_args(declared) if kind is not NoneType)
        return {"anyOf": [_value(inner, parts), {"type": "null"}]}
    if get_origin(declared) is tuple:
        described: Schema = {"type": "array", "items": _value(get_args(declared)[0], parts)}
    elif issubclass(declared, msgspec.Struct):
        return _part(declared, parts)
    else:
        described = _scalar(declared)
    return described if form is None else {**described, **_of_form(form)}


def _part(kind: type[msgspec.Struct], parts: dict[str, Schema]) -> Schema:
    """A reference to a group of fields, which is described once."""
    if kind.__name__ not in parts:
        parts[kind.__name__] = {}  # stands while its fields are described
        parts[kind.__name__] = _object(kind, parts)
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _scalar(declared: type) -> Schema:
    if issubclass(declared, StrEnum):
        return {"type": "string", "enum": [member.value for member in declared]}
    if declared is bytes:
        return {"type": "string", "pattern": _HEX, "contentEncoding": "base16"}
    return {"type": {str: "string", int: "integer", bool: "boolean"}[declared]}


def _of_form(form: Form) -> Schema:
    described: Schema = {"description": f"{form.name}: {form.text}", **dict(form.constraints)}
    element = WCO_ELEMENTS.get(form.name)
    if element is not None:
        described["x-wco"] = {"path": element.path, "id": element.id}
    described["x-rule"] = form.rule.id
    return described
