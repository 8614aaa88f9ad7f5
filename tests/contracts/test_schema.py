"""JSON Schema of every record kind, tried with a validator of the keywords it uses."""

import re
from typing import Any

import pytest

import contracts
from contracts import RECORD_KINDS
from contracts.wco_names import WCO_ELEMENTS
from tests.contracts.sample_act import SampleAct
from tests.contracts.sample_acts import SAMPLE_ACTS, sample_act

TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
each_act = pytest.mark.parametrize("act", SAMPLE_ACTS, ids=lambda act: act.record.kind())


def valid(schema: dict[str, Any], value: Any, root: dict[str, Any]) -> bool:
    """Whether `value` fits, by the keywords of draft 2020-12 that our schemas use."""
    if "$ref" in schema:
        return valid(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], value, root)
    if "anyOf" in schema:
        return any(valid(choice, value, root) for choice in schema["anyOf"])
    if "const" in schema:
        return bool(value == schema["const"])
    if schema["type"] == "null":
        return value is None
    kind = TYPES[schema["type"]]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        return False
    return all(_keyword(name, limit, value, schema, root) for name, limit in schema.items())


def _keyword(name: str, limit: Any, value: Any, schema: Any, root: Any) -> bool:
    match name:
        case "enum":
            return value in limit
        case "pattern":
            return re.search(limit, value) is not None
        case "minLength" | "minItems":
            return len(value) >= limit
        case "maxLength" | "maxItems":
            return len(value) <= limit
        case "minimum":
            return bool(value >= limit)
        case "maximum":
            return bool(value <= limit)
        case "uniqueItems":
            return all(item not in value[:place] for place, item in enumerate(value))
        case "items":
            return all(valid(limit, item, root) for item in value)
        case "required":
            return all(field in value for field in limit)
        case "additionalProperties":
            return all(field in schema["properties"] for field in value)
        case "properties":
            return all(
                valid(limit[field], item, root) for field, item in value.items() if field in limit
            )
    assert name in ("type", "title", "description", "$schema", "$defs") or name.startswith(
        ("x-", "contentEncoding")
    ), f"the validator does not know {name}"
    return True


SCHEMAS = {kind: contracts.json_schema(kind) for kind in RECORD_KINDS}


def fits(kind: str, value: Any) -> bool:
    return valid(SCHEMAS[kind], value, SCHEMAS[kind])


@each_act
def test_a_schema_accepts_its_records_and_no_others(act: SampleAct) -> None:
    value = contracts.record_to_json(act.record)
    assert fits(act.record.kind(), value)
    for other in RECORD_KINDS:
        assert fits(other, value) == (other == act.record.kind())


@each_act
def test_missing_and_unknown_fields_are_refused(act: SampleAct) -> None:
    kind = act.record.kind()
    value = contracts.record_to_json(act.record)
    assert not fits(kind, {**value, "unknown": 1})
    for field in value:
        assert not fits(kind, {name: item for name, item in value.items() if name != field})


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("mrn", "26BY"),
        ("seals", ["A", "A"]),
        ("seals", ["bad id"]),
        ("mode", "camel"),
        ("route_km", 0),
        ("route_km", True),
        ("route_km", "12"),
        ("binding_route", 1),
        ("identification", "x" * 513),
    ],
)
def test_a_wrong_field_is_refused(field: str, wrong: object) -> None:
    value = contracts.record_to_json(sample_act("transit.release").record)
    assert not fits("transit.release", {**value, field: wrong})


def test_keys_and_digests_are_hex_of_their_length() -> None:
    value = contracts.record_to_json(sample_act("registry.add-key").record)
    assert fits("registry.add-key", {**value, "key": value["key"].upper()})
    assert not fits("registry.add-key", {**value, "key": value["key"][2:]})
    assert not fits("registry.add-key", {**value, "key": "03" + value["key"][2:]})


def test_an_unknown_kind_has_no_schema() -> None:
    with pytest.raises(KeyError):
        contracts.json_schema("transit.teleport")


def test_names_of_the_wco_data_model_are_shown_where_they_are_known() -> None:
    mrn = contracts.json_schema("transit.discharge")["properties"]["mrn"]
    assert mrn["x-wco"] == {"path": "Declaration/ID", "id": None}
    assert mrn["x-rule"] == "REC-010"
    lrn = contracts.json_schema("transit.present")["properties"]["lrn"]
    assert lrn["x-wco"] == {"path": "Declaration/FunctionalReferenceID", "id": "D026"}


def test_every_wco_name_belongs_to_a_field() -> None:
    shown = {path for kind in RECORD_KINDS for path in _wco_paths(contracts.json_schema(kind))}
    assert shown == {element.path for element in WCO_ELEMENTS.values()}


def _wco_paths(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [path for item in schema for path in _wco_paths(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema["x-wco"]["path"]] if "x-wco" in schema else []
    return own + [path for item in schema.values() for path in _wco_paths(item)]
