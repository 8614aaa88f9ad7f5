"""Records as JSON: readable both ways, with every problem named by its path."""

import json
from typing import Any

import pytest

import contracts
from contracts import RecordFormError
from tests.contracts.sample_act import SampleAct
from tests.contracts.sample_acts import SAMPLE_ACTS, sample_act
from tests.contracts.sample_union import CONTENT, GRN, LRN, RELEASE, SampleUnion

each_act = pytest.mark.parametrize("act", SAMPLE_ACTS, ids=lambda act: act.record.kind())


def problems(value: object) -> dict[str, str]:
    with pytest.raises(RecordFormError) as caught:
        contracts.record_from_json(value)
    assert all(problem.reason for problem in caught.value.problems)
    return {problem.path: problem.rule for problem in caught.value.problems}


def release(**changes: Any) -> dict[str, Any]:
    return {**contracts.record_to_json(RELEASE), **changes}


@each_act
def test_a_record_comes_back_from_json_text(act: SampleAct) -> None:
    text = json.dumps(contracts.record_to_json(act.record))
    assert contracts.record_from_json(json.loads(text)) == act.record


def test_the_json_has_field_names_and_hex() -> None:
    shown = contracts.record_to_json(sample_act("transit.lodge").record)
    assert shown["kind"] == "transit.lodge"
    assert shown["lrn"] == LRN
    assert shown["content"]["particulars"] == [
        {"group": "goods", "commitment": bytes(range(32)).hex()}
    ]
    assert shown["content"]["guarantees"] == [{"grn": GRN, "amount": 40000, "currency": "EUR"}]


@pytest.mark.parametrize("value", [None, 7, 1.5, "x", [], True])
def test_what_is_no_object_is_no_record(value: object) -> None:
    assert problems(value) == {"$": "REC-001"}


@pytest.mark.parametrize("kind", [None, 3, "transit.teleport", []])
def test_an_unknown_kind_is_named(kind: object) -> None:
    assert problems({"kind": kind}) == {"$.kind": "REC-001"}


def test_all_shape_problems_are_told_at_once() -> None:
    value = release(route_km="far", binding_route=1, seals="BY1", mode="camel", extra=0)
    del value["mrn"]
    assert problems(value) == {
        "$.extra": "REC-001",
        "$.mrn": "REC-001",
        "$.seals": "REC-001",
        "$.mode": "REC-001",
        "$.route_km": "REC-001",
        "$.binding_route": "REC-001",
    }


def test_true_is_no_number_and_null_no_value() -> None:
    assert problems(release(route_km=True, mrn=None)) == {
        "$.route_km": "REC-001",
        "$.mrn": "REC-001",
    }


def test_all_form_problems_are_told_at_once() -> None:
    value = release(route_km=0, mrn="26BY", seals=["OK", "no", "OK"], deadline_ms=10**30)
    assert problems(value) == {
        "$.mrn": "REC-010",
        "$.seals": "REC-013",
        "$.seals[1]": "REC-010",
        "$.route_km": "REC-012",
        "$.deadline_ms": "REC-012",
    }


@pytest.mark.parametrize("commitment", ["xyz", "0", "00 11", 7, None, "Ω"])
def test_bytes_are_strict_hex(commitment: object) -> None:
    value = contracts.record_to_json(sample_act("transit.lodge").record)
    value["content"]["particulars"][0]["commitment"] = commitment
    assert problems(value) == {"$.content.particulars[0].commitment": "REC-001"}


def test_a_lone_surrogate_is_refused_as_text() -> None:
    assert problems(release(identification="\ud800")) == {"$.identification": "REC-011"}


def test_objects_are_shown_as_json() -> None:
    union = SampleUnion().released()
    shown = contracts.object_to_json(union.show(f"movement/{RELEASE.mrn}"))
    assert shown["state"] == "released"
    assert shown["content"]["gross_mass_grams"] == CONTENT.gross_mass_grams
    json.dumps(shown)
