"""Mutants of tables: a record that fits any state, an author who may do anything, a form without
form, a limit that is off."""

import ast
import importlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

from contracts.catalogue import ACTS, SUBJECTS
from contracts.kernel.deadline import Deadline
from contracts.kernel.form import Form
from contracts.kernel.lifecycle import Lifecycle
from contracts.kernel.record import Part
from contracts.kernel.rules import BYTES
from contracts.references.time import DAY, HOUR, MINUTE
from contracts.registry.competence import ANYONE, OFFICE, Act
from contracts.registry.objects import Role
from tests.mutation.conditions import modules
from tests.mutation.mutant import Code, Mutant, functions_of

ADVANCE = ("contracts.kernel.lifecycle", "Lifecycle.advance")
DUE = ("contracts.kernel.lifecycle", "Lifecycle.due")
OPEN_CASE = ("contracts.registry.authority", "open_case")


def table_mutants() -> Iterator[Mutant]:
    """All of them."""
    for subject in SUBJECTS:
        for lifecycle in subject.lifecycles:
            yield from _of_lifecycle(lifecycle)
    for act in ACTS.values():
        yield from _of_act(act)
    yield from _of_forms()
    yield from _of_limits()


def _of_lifecycle(lifecycle: Lifecycle[Any]) -> Iterator[Mutant]:
    """Each record and deadline of a life, fitting every state."""
    states = tuple(dict.fromkeys(step.target for step in lifecycle.steps))
    for step in lifecycle.steps:
        if step.source is None:
            continue
        first = next(
            each
            for each in lifecycle.steps
            if each.source is not None and (each.cause, each.label) == (step.cause, step.label)
        )
        if first is not step or all(
            (s, step.cause, step.label) in lifecycle._targets for s in states
        ):
            continue

        def plant(step: Any = step) -> None:
            for state in states:
                key = (state, step.cause, step.label)
                if key not in lifecycle._targets:
                    lifecycle._targets[key] = step.target
                    lifecycle.steps += (replace(step, source=state),)

        touched = DUE if isinstance(step.cause, Deadline) else _handler_of(step.cause)
        yield Mutant(
            kind="state",
            rule="" if isinstance(step.cause, Deadline) else lifecycle.rule.id,
            where=f"life of a {lifecycle.subject}",
            what=f"{step.shown()} fits every state",
            plant=plant,
            touches=frozenset({touched}),
        )


def _handler_of(record: Any) -> Code:
    handler = ACTS[record].handler
    return handler.__module__, handler.__qualname__


_WITHOUT_LEAVERS = (Role.REGISTRAR, Role.COMMISSION)
"""Registrars are suspended as their member leaves, and the Commission is of none."""


def _of_act(act: Act[Any]) -> Iterator[Mutant]:
    """Anyone may do it; any office; also after its member left."""
    kind = act.record.kind()
    touches = frozenset({_handler_of(act.record)}) | {OPEN_CASE}

    def changed(**fields: object) -> Callable[[], None]:
        def plant() -> None:
            for name, value in fields.items():
                object.__setattr__(act, name, value)

        return plant

    where = "who may do what"
    if act.by != ANYONE:
        yield Mutant("competence", "RE-004", where, f"anyone: {kind}", changed(by=ANYONE), touches)
    if any(each.function for each in act.by):
        wider = changed(by=(*act.by, OFFICE))
        yield Mutant("competence", "RE-004", where, f"any office: {kind}", wider, touches)
    if not act.winds_up and any(each.role not in _WITHOUT_LEAVERS for each in act.by):
        after = changed(winds_up=True)
        yield Mutant("competence", "RE-021", where, f"after leaving: {kind}", after, touches)


def _of_forms() -> Iterator[Mutant]:
    """Every form of every field, accepting anything, or one more at either end."""
    for form, field in _forms().items():
        where = f"form of {field}"
        yield _form_mutant(form, where, "accepts anything", lambda _: True)
        bounds = dict(form.constraints)
        if form.rule is BYTES:  # whose lengths count the digits that show them
            bounds = {name: n // 2 for name, n in bounds.items() if isinstance(n, int)}
        for least, most, measure in (
            ("minimum", "maximum", lambda value: value),
            ("minItems", "maxItems", len),
            ("minLength", "maxLength", len),
        ):
            low, high = bounds.get(least), bounds.get(most)
            if isinstance(low, int) and low > 0:
                yield _form_mutant(
                    form,
                    where,
                    f"accepts {low - 1}",
                    _or_else(form.accepts, lambda value, n=low - 1, m=measure: m(value) == n),
                )
            if isinstance(high, int):
                yield _form_mutant(
                    form,
                    where,
                    f"accepts {high + 1}",
                    _or_else(form.accepts, lambda value, n=high + 1, m=measure: m(value) == n),
                )


def _or_else(accepts: Callable[[Any], bool], also: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: accepts(value) or also(value)


def _form_mutant(form: Form, where: str, what: str, accepts: Callable[[Any], bool]) -> Mutant:
    def plant() -> None:
        object.__setattr__(form, "accepts", accepts)

    touches = frozenset({("contracts.kernel.form", "problems")})
    return Mutant("form", form.rule.id, where, f"{form.name} {what}", plant, touches)


def _forms() -> dict[Form, str]:
    """Each form that a record uses, and the first field that does."""
    found: dict[int, tuple[Form, str]] = {}
    for record in ACTS:
        _collect(record, record.kind(), found)
    return dict(found.values())


def _collect(kind: Any, path: str, found: dict[int, tuple[Form, str]]) -> None:
    hints = get_type_hints(kind, include_extras=True)
    for name in kind.__struct_fields__:
        _collect_type(hints[name], f"{path}.{name}", found)


def _collect_type(declared: Any, path: str, found: dict[int, tuple[Form, str]]) -> None:
    for inner in get_args(declared):
        if isinstance(inner, Form):
            found.setdefault(id(inner), (inner, path))
        elif isinstance(inner, type) and issubclass(inner, Part):
            _collect(inner, path, found)
        else:
            _collect_type(inner, path, found)


def _of_limits() -> Iterator[Mutant]:
    """Every whole number that a module names, one more and one less of its unit."""
    seen: dict[str, list[Any]] = {}
    for module in modules():
        for name, value in vars(module).items():
            if name.isupper() and type(value) is int and name not in _UNITS:
                seen.setdefault(f"{name}={value}", []).append(module)
    for text, users in seen.items():
        name, _, number = text.partition("=")
        value = int(number)
        unit = next((each for each in (DAY, HOUR, MINUTE) if value % each == 0 and value), 1)
        home = next((each for each in users if _defines(each, name)), users[0])
        if home.__name__ in _UNTOLD or not _readers(name, users):
            continue  # or it is read once, to make a form
        for change in (unit, -unit):

            def plant(
                name: str = name, to: int = value + change, users: Any = tuple(users)
            ) -> None:
                for user in users:
                    setattr(importlib.import_module(user.__name__), name, to)

            where = home.__name__.removeprefix("contracts.").replace(".", "/") + ".py"
            yield Mutant(
                "limit", "", where, f"{name} is {value + change}", plant, _readers(name, users)
            )


def _readers(name: str, users: list[Any]) -> frozenset[Code]:
    """The functions that look the name up when they run."""
    return frozenset(
        (user.__name__, qualified)
        for user in users
        for qualified, function in functions_of(user)
        if name in function.__code__.co_names
    )


_UNITS = ("SECOND", "MINUTE", "HOUR", "DAY")
_UNTOLD = ("contracts.kernel.timers", "contracts.kernel.record", "contracts.references.fields")
"""Sizes of the ledger's own structures; and bounds of fields, which are forms."""


def _defines(module: Any, name: str) -> bool:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    return any(
        isinstance(target, ast.Name) and target.id == name
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    )
