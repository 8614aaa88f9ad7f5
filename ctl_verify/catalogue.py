"""Names of what the ledger holds: records and objects with their fields, and rules.

catalogue.json is generated from the contracts (`make docs`). It only words what is proven, it
proves nothing: an entry of a kind that it lacks is shown as bytes.
"""

import json
from functools import cache
from pkgutil import get_data
from typing import Any, TypeAlias

from ctl_verify.canonical import Truth, Value, decode
from ctl_verify.refusal import Malformed

Named: TypeAlias = dict[str, Any]
"""Fields by name; bytes in hex, lists as lists."""


@cache
def _catalogue() -> dict[str, Any]:
    data = get_data("ctl_verify", "catalogue.json")
    assert data is not None, "the catalogue is part of the package"
    loaded: dict[str, Any] = json.loads(data)
    return loaded


def rule(rule_id: str) -> tuple[str, str] | None:
    """(text, source) of a rule."""
    found = _catalogue()["rules"].get(rule_id)
    return None if found is None else (found[0], found[1])


def knows_object(kind: str) -> bool:
    """Whether there are objects whose keys open with this."""
    return kind in _catalogue()["objects"]


def read_record(data: bytes) -> tuple[str, str, Named] | None:
    """(kind, what it means, fields) of a record; None for bytes that are none of a known kind."""
    try:
        match decode(data):
            case [str(kind), *values] if (known := _catalogue()["records"].get(kind)) is not None:
                return kind, known["says"], _named(known["fields"], values)
            case _:
                return None
    except Malformed:
        return None


def read_object(key: str, data: bytes) -> Named | None:
    """The fields of a state object; None for one of no known kind or another form."""
    fields = _catalogue()["objects"].get(key.partition("/")[0])
    try:
        match decode(data):
            case list(values) if fields is not None:
                return _named(fields, values)
            case _:
                return None
    except Malformed:
        return None


def _named(fields: list[list[Any]], values: list[Value]) -> Named:
    if len(fields) != len(values):
        raise Malformed("another number of fields")
    return {
        name: _shaped(shape, value) for (name, shape), value in zip(fields, values, strict=True)
    }


def _shaped(shape: Any, value: Value) -> Any:
    match shape, value:
        case "yes_no", Truth():
            return value is Truth.YES
        case ("text", str()) | ("number", int()):
            return value
        case "bytes", bytes():
            return value.hex()
        case {"maybe": _}, None:
            return None
        case {"maybe": inner}, _:
            return _shaped(inner, value)
        case {"one_of": choices}, str() if value in choices:
            return value
        case {"list": inner}, list():
            return [_shaped(inner, each) for each in value]
        case {"part": name}, list():
            return _named(_catalogue()["parts"][name], value)
        case {"tagged": parts}, [str(tag), *values] if tag in parts:
            return _named(_catalogue()["parts"][parts[tag]], values)
        case _:
            raise Malformed("a field of another type")
