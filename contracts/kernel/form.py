"""Forms: what a field may hold, declared with its type and checked before any handler runs.

    Mrn = Annotated[str, Form("MRN", "18 characters …", RULE, is_mrn)]

A record's fields are checked in the order they are declared. On the ledger the first field that
fails is the reason of the refusal; tools that help people fill in records ask for all of them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from contracts.kernel.rule import Rule, Value, rendered
from contracts.kernel.rules import BYTES, CODE, LIST, NUMBER, TEXT
from contracts.kernel.text import is_plain_text

Constraints = tuple[tuple[str, str | int | bool], ...]
"""Keywords of JSON Schema and their values, as far as it can say what a form accepts."""


@dataclass(frozen=True, slots=True)
class Form:
    """name: what it is called; text: what is accepted; rule: cited when it is not; accepts: true or
    false of a value.

    constraints: for JSON Schema; they may accept more than the form does, never less.
    """

    name: str
    text: str
    rule: Rule
    accepts: Callable[[Any], object]
    constraints: Constraints = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One field that does not have its form. path: e.g. "guarantees[0].amount"."""

    path: str
    form: Form
    shown: str


def code(name: str, pattern: str, text: str, rule: Rule = CODE) -> Form:
    """An identifier or code: ASCII text that a pattern describes in full."""
    return Form(name, text, rule, re.compile(pattern, re.ASCII).fullmatch, whole(pattern))


def whole(pattern: str) -> Constraints:
    """The constraint that all of a text matches a pattern; JSON Schema's are not anchored."""
    return (("pattern", f"^(?:{pattern})$"),)


def words(name: str, most: int, least: int = 1) -> Form:
    """Free text of `least` to `most` characters, without outer spaces."""

    def accepts(value: str) -> bool:
        return least <= len(value) <= most and value.strip(" ") == value and is_plain_text(value)

    constraints = (("minLength", least), ("maxLength", most))
    return Form(name, f"text of {least} to {most} characters", TEXT, accepts, constraints)


def number(name: str, least: int, most: int) -> Form:
    """A whole number within bounds, both included."""
    return Form(
        name,
        f"{least} to {most}",
        NUMBER,
        lambda value: least <= value <= most,
        (("minimum", least), ("maximum", most)),
    )


def octets(name: str, size: int) -> Form:
    """Exactly `size` bytes."""
    constraints = whole(f"[0-9A-Fa-f]{{{2 * size}}}")
    return Form(name, f"{size} bytes", BYTES, lambda value: len(value) == size, constraints)


def listed(name: str, least: int, most: int) -> Form:
    """A list of `least` to `most` elements, none of them twice."""

    def accepts(value: tuple[Any, ...]) -> bool:
        # Compared pairwise: lists are short, and elements need not be hashable.
        return least <= len(value) <= most and not any(
            value[i] == value[j] for i in range(len(value)) for j in range(i)
        )

    constraints = (("minItems", least), ("maxItems", most), ("uniqueItems", True))
    return Form(name, f"{least} to {most}, none twice", LIST, accepts, constraints)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How to check one value: its own form, then its elements or fields."""

    form: Form | None
    element: "_Plan | None"
    fields: tuple[tuple[str, "_Plan"], ...]

    def needed(self) -> bool:
        return self.form is not None or self.element is not None or bool(self.fields)


@cache
def _plan(declared: Any) -> _Plan:
    form: Form | None = None
    if get_origin(declared) is Annotated:
        declared, *marks = get_args(declared)
        form = next((mark for mark in marks if isinstance(mark, Form)), None)
    if get_origin(declared) in (Union, UnionType):
        (inner,) = (kind for kind in get_args(declared) if kind is not NoneType)
        plan = _plan(inner)
        return plan if form is None else _Plan(form, plan.element, plan.fields)
    if get_origin(declared) is tuple:
        element = _plan(get_args(declared)[0])
        return _Plan(form, element if element.needed() else None, ())
    if isinstance(declared, type) and issubclass(declared, msgspec.Struct):
        hints = get_type_hints(declared, include_extras=True)
        plans = ((name, _plan(hints[name])) for name in declared.__struct_fields__)
        return _Plan(form, None, tuple((name, plan) for name, plan in plans if plan.needed()))
    return _Plan(form, None, ())


@cache
def _sound(kind: type[msgspec.Struct]) -> Callable[[Any], bool]:
    """What says whether a value of that type has all its forms: every record goes through it, so
    the plan is read once and not once a record."""
    return _soundness(_plan(kind))


def _soundness(plan: _Plan) -> Callable[[Any], bool]:
    """The same for a value, not None, of a plan."""
    accepts = None if plan.form is None else plan.form.accepts
    element = None if plan.element is None else _soundness(plan.element)
    fields = tuple(
        (
            name,
            None if field.form is None else field.form.accepts,
            _soundness(field) if field.element is not None or field.fields else None,
        )
        for name, field in plan.fields
    )

    def sound(value: Any) -> bool:
        if accepts is not None and not accepts(value):
            return False
        if element is not None:
            for item in value:
                if not element(item):
                    return False
        for name, accepts_field, sound_field in fields:
            part = getattr(value, name)
            if part is None:
                continue
            if sound_field is not None:
                if not sound_field(part):
                    return False
            elif accepts_field is not None and not accepts_field(part):
                return False
        return True

    return sound


def _problems(plan: _Plan, value: Any, path: str) -> Iterator[Problem]:
    if value is None:
        return
    if plan.form is not None and not plan.form.accepts(value):
        yield Problem(path, plan.form, _shown(value))
    if plan.element is not None:
        for index, item in enumerate(value):
            yield from _problems(plan.element, item, f"{path}[{index}]")
    for name, field in plan.fields:
        yield from _problems(field, getattr(value, name), f"{path}.{name}" if path else name)


def _shown(value: Any) -> str:
    shown: Value = f"{len(value)} elements" if isinstance(value, tuple) else value
    return rendered(shown)


def problems(value: msgspec.Struct) -> tuple[Problem, ...]:
    """Every field of `value` that does not have its form, in order; none if all is well."""
    kind = type(value)
    return () if _sound(kind)(value) else tuple(_problems(_plan(kind), value, ""))


def form_of(declared: Any) -> Form | None:
    """The form declared on a field's type, for documentation."""
    return _plan(declared).form
