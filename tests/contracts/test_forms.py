"""Every field of every record kind: what lies just outside its form is refused, and named."""

from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import pytest
from msgspec.structs import replace

from contracts import RECORD_KINDS, Record, Rejected
from contracts.kernel.form import Form, form_of
from contracts.kernel.record import Part
from contracts.kernel.rules import BYTES
from contracts.registry.objects import OfficeFunction, Role
from contracts.registry.records import AmendParticipant
from contracts.transit import records as t
from contracts.transit.content import (
    ORDINARY_GOODS,
    AdditionalType,
    Exemption,
    ExemptionGround,
    Particular,
)
from tests.contracts.sample_acts import SAMPLE_ACTS
from tests.contracts.sample_union import CONTENT, LRN, MRN, ROOT, UNDERTAKING, SampleUnion

Path = tuple[str | int, ...]
NO_CODE = "?"
"""Of no form of a code."""

FULL: tuple[tuple[str, Record], ...] = (
    (
        "BANK",
        replace(
            UNDERTAKING,
            terms=replace(UNDERTAKING.terms, offices=("BY/DEP",), commodities=("1005",)),
        ),
    ),
    (
        "TRADER",
        t.Lodge(
            LRN,
            AdditionalType.STANDARD,
            replace(
                CONTENT,
                goods=replace(ORDINARY_GOODS, commodities=("1005",)),
                exemption=Exemption(ExemptionGround.PUBLIC_BODY, "Agreement 7"),
            ),
        ),
    ),
    (
        "HAULIER",
        t.ReportIncident(
            MRN, t.IncidentCode.DEVIATION, "RU", "Flood.", (Particular("transport", ROOT),)
        ),
    ),
    (
        "RU",
        AmendParticipant("RU/DST", "RU/DST", (Role.OFFICE,), (OfficeFunction.DEPARTURE,), "Asked."),
    ),
    ("BY/DEP", t.ChangeDestination(MRN, "KZ/DST", ("RU/EXT",), "Flood.")),
    ("KZ/DST", t.RecordUnloading(MRN, False, True, (t.Discrepancy("GrossMass", "900 kg"),))),
)
"""Records with parts and elements that those of the sample acts leave out."""

RECORDS = (*((act.author, act.record) for act in SAMPLE_ACTS), *FULL)


def fields(value: Any, path: Path = ()) -> Iterator[tuple[Path, Form, Any]]:
    """Path, form and value of every field that has a form, in a record and its parts."""
    hints = get_type_hints(type(value), include_extras=True)
    for name in value.__struct_fields__:
        yield from _of(hints[name], getattr(value, name), (*path, name))


def _of(declared: Any, value: Any, path: Path) -> Iterator[tuple[Path, Form, Any]]:
    form = form_of(declared)
    if form is not None:
        yield path, form, value
    if isinstance(value, Part):
        yield from fields(value, path)
    elif isinstance(value, tuple) and value:
        bare = get_args(declared)[0] if hasattr(declared, "__metadata__") else declared
        yield from _of(get_args(bare)[0], value[0], (*path, 0))


def outside(form: Form, value: Any) -> Iterator[Any]:
    """Values that the form does not accept, the nearest first."""
    bounds = dict(form.constraints)
    if "maxItems" in bounds:
        unique = bool(bounds.get("uniqueItems"))
        yield from _lists(value, int(bounds.get("minItems", 0)), int(bounds["maxItems"]))
        if unique and value and int(bounds["maxItems"]) > 1:
            yield (value[0], value[0])
    elif "minimum" in bounds:
        yield int(bounds["minimum"]) - 1
        yield int(bounds["maximum"]) + 1
    elif form.rule is BYTES:
        yield b""
        longest = int(bounds["maxLength"]) // 2 if "maxLength" in bounds else 34
        yield bytes(longest + 1)
        if "maxLength" not in bounds:
            yield bytes(31)
    elif "maxLength" in bounds:
        if int(bounds["minLength"]) > 0:
            yield ""
        yield "x" * (int(bounds["maxLength"]) + 1)
        yield "a\u202eb"
    elif isinstance(value, int):
        yield 7  # a percentage that is none
    else:
        yield NO_CODE


def _lists(value: tuple[Any, ...], least: int, most: int) -> Iterator[Any]:
    if least > 0:
        yield ()
    if value:
        yield (value[0],) * (most + 1)


def changed(value: Any, path: Path, to: Any) -> Any:
    """The record with another value at a path."""
    step, *rest = path
    if isinstance(step, int):
        return (changed(value[step], tuple(rest), to) if rest else to, *value[step + 1 :])
    inner = changed(getattr(value, step), tuple(rest), to) if rest else to
    return replace(value, **{step: inner})


def shown(path: Path) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


@pytest.mark.parametrize(
    ("author", "record"), RECORDS, ids=lambda each: getattr(each, "kind", str)()
)
def test_what_is_just_outside_the_form_of_a_field_is_refused(author: str, record: Record) -> None:
    union = SampleUnion()
    for path, form, value in fields(record):
        for wrong in outside(form, value):
            outcome = union.apply(author, changed(record, path, wrong))
            assert isinstance(outcome, Rejected), (path, wrong)
            assert outcome.rule == form.rule.id, (path, wrong, outcome)
            assert dict(outcome.values)["field"] == shown(path), (path, wrong, outcome)


def test_every_form_of_every_record_kind_is_tried() -> None:
    tried = {
        id(form)
        for _, record in RECORDS
        for _, form, value in fields(record)
        if any(True for _ in outside(form, value))
    }
    declared = {id(form): path for kind in RECORD_KINDS.values() for path, form in _declared(kind)}
    assert {declared[form] for form in set(declared) - tried} == set()


def _declared(kind: Any, path: str = "") -> Iterator[tuple[str, Form]]:
    hints = get_type_hints(kind, include_extras=True)
    for name in kind.__struct_fields__:
        yield from _declared_in(hints[name], f"{path or kind.__name__}.{name}")


def _declared_in(declared: Any, path: str) -> Iterator[tuple[str, Form]]:
    for inner in get_args(declared):
        if isinstance(inner, Form):
            yield path, inner
        elif isinstance(inner, type) and issubclass(inner, Part):
            yield from _declared(inner, path)
        else:
            yield from _declared_in(inner, path)


def test_bounds_themselves_are_accepted() -> None:
    for _, record in RECORDS:
        for path, form, _ in fields(record):
            bounds = dict(form.constraints)
            for bound in ("minimum", "maximum"):
                if bound in bounds:
                    assert form.accepts(int(bounds[bound])), path
