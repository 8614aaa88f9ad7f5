"""The rules as documents: rulebook, roles, and a JSON Schema a record kind, from the code.

`python -m contracts.rulebook` writes docs/rulebook.md, docs/roles.md, docs/schemas/ and the names
that the stand-alone verifier uses; a test fails when they are stale. Only `main` touches the disk,
and nothing that executes records imports this module.
"""

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from contracts.catalogue import RECORD_KINDS, RULES, SUBJECTS, Subject
from contracts.kernel.form import form_of
from contracts.kernel.lifecycle import Lifecycle
from contracts.kernel.record import Part, Record
from contracts.kernel.sources import CITATIONS
from contracts.names import catalogue
from contracts.roles_page import COMPETENCE_HEADING, competence_rows, render_roles
from contracts.schema import json_schema
from contracts.wco_names import WCO_CHECKED, WCO_ELEMENTS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SCHEMAS = DOCS / "schemas"


def documents() -> dict[Path, str]:
    """Every generated document by its place."""
    return {
        DOCS / "rulebook.md": render_rulebook(),
        DOCS / "roles.md": render_roles(),
        ROOT / "ctl_verify" / "catalogue.json": catalogue(),
        **{SCHEMAS / f"{kind}.json": render_schema(kind) for kind in RECORD_KINDS},
    }


def render_schema(kind: str) -> str:
    """The JSON Schema of a record kind, as a file."""
    schema = msgspec.json.encode(json_schema(kind))
    return msgspec.json.format(schema, indent=2).decode() + "\n"


def render_rulebook() -> str:
    """The rulebook, in Markdown."""
    lines = [
        "# Rulebook",
        "",
        "Generated from `contracts/` by `python -m contracts.rulebook`; do not edit.",
        "",
        f"{len(RULES)} rules. A record that breaks one is refused with the rule's id and the "
        "values that broke it; the refusal stands on the ledger. Checks run in this order: the "
        "record's bytes and fields, the author's authority, the rules of the subject.",
        "",
        "Severity says what a refusal tells of who was refused. `formal`: a slip, to be mended and "
        "sent again; `material`: not allowed as things stand; `grave`: a power, a guarantee or a "
        "decision that is not the author's, or goods without the safeguards of the law.",
    ]
    for subject in SUBJECTS:
        lines += ["", f"## {subject.title}"]
        if subject.rules:
            lines += _rules(subject)
        if subject.acts:
            lines += _competence(subject)
        if subject.deadlines:
            lines += _deadlines(subject)
        for lifecycle in subject.lifecycles:
            lines += _diagram(lifecycle)
        if subject.acts:
            lines += _records(subject)
        if subject.objects:
            lines += _objects(subject)
    lines += ["", "## Groups of fields", *_parts(), *_sources(), *_wco()]
    return "\n".join(lines) + "\n"


def _rules(subject: Subject) -> Iterator[str]:
    yield from ("", "| rule | what is asked | по-русски | severity | source |")
    yield "|---|---|---|---|---|"
    for rule in subject.rules:
        yield f"| {rule.id} | {rule.text} | {rule.text_ru} | {rule.severity} | {rule.source} |"


def _sources() -> Iterator[str]:
    yield from ("", "## Sources", "", "| cited | checked |", "|---|---|")
    for citation, checked in CITATIONS.items():
        yield f"| {citation} | {checked} |"


def _wco() -> Iterator[str]:
    yield from ("", "## Names of the WCO Data Model", "", WCO_CHECKED, "")
    yield from ("| field | element | id |", "|---|---|---|")
    for field, element in WCO_ELEMENTS.items():
        yield f"| {field} | `{element.path}` | {element.id or 'not confirmed'} |"


def _competence(subject: Subject) -> Iterator[str]:
    yield from ("", "### Who may do what", "", COMPETENCE_HEADING, "|---|---|---|---|")
    yield from competence_rows(subject)


def _deadlines(subject: Subject) -> Iterator[str]:
    yield from ("", "### What happens by itself", "", "| act | what happens | source |")
    yield "|---|---|---|"
    for act in subject.deadlines:
        yield f"| `{act.deadline.kind}` | {act.deadline.text} | {act.deadline.source} |"


def _diagram(lifecycle: Lifecycle[Any]) -> Iterator[str]:
    yield from ("", f"### Life of a {lifecycle.subject}", "", "```mermaid", "stateDiagram-v2")
    for step in lifecycle.steps:
        yield f"    {step.source or '[*]'} --> {step.target}: {step.shown()}"
    left = dict.fromkeys(step.source for step in lifecycle.steps)
    for state in dict.fromkeys(step.target for step in lifecycle.steps):
        if state not in left:
            yield f"    {state} --> [*]"
    yield "```"


def _records(subject: Subject) -> Iterator[str]:
    yield from ("", "### Records")
    for act in subject.acts:
        yield from _struct(f"`{act.record.kind()}`", act.record)


def _objects(subject: Subject) -> Iterator[str]:
    yield from ("", "### State objects", "", "| key | fields |", "|---|---|")
    for kind in subject.objects:
        fields = ", ".join(f"`{name}`" for name in kind.form.__struct_fields__)
        yield f"| `{kind.key_text}` | {fields} |"


def _parts() -> Iterator[str]:
    kinds: dict[type[msgspec.Struct], None] = {}
    for subject in SUBJECTS:
        for act in subject.acts:
            _collect_parts(act.record, kinds)
    for kind in kinds:
        yield from _struct(kind.__name__, kind)


def _collect_parts(kind: type[msgspec.Struct], found: dict[type[msgspec.Struct], None]) -> None:
    for declared in get_type_hints(kind).values():
        for inner in (declared, *get_args(declared)):
            if isinstance(inner, type) and issubclass(inner, Part) and inner not in found:
                found[inner] = None
                _collect_parts(inner, found)


def _struct(title: str, kind: type[msgspec.Struct]) -> Iterator[str]:
    assert kind.__doc__, f"{kind.__name__} says nothing about itself"
    yield from ("", f"#### {title}", "", " ".join(kind.__doc__.split()), "")
    if not issubclass(kind, Record | Part):
        return
    yield from ("| field | type | form |", "|---|---|---|")
    hints = get_type_hints(kind, include_extras=True)
    for name in kind.__struct_fields__:
        yield f"| `{name}` | {_type_text(hints[name])} | {_form_text(hints[name])} |"


def _type_text(declared: Any) -> str:
    if get_origin(declared) is Annotated:
        return _type_text(get_args(declared)[0])
    if get_origin(declared) in (Union, UnionType):
        (inner,) = (kind for kind in get_args(declared) if kind is not NoneType)
        return f"{_type_text(inner)} or none"
    if get_origin(declared) is tuple:
        return f"list of {_type_text(get_args(declared)[0])}"
    names: dict[type, str] = {str: "text", int: "integer", bool: "boolean", bytes: "bytes"}
    if issubclass(declared, StrEnum):
        return "code"
    name: str = names.get(declared, declared.__name__)
    return name


def _form_text(declared: Any) -> str:
    """The forms of a field and of the elements of a list, and the values of a code."""
    texts: list[str] = []
    form = form_of(declared)
    if form is not None:
        texts.append(f"{form.name}: {form.text}")
        wco = WCO_ELEMENTS.get(form.name)
        texts += [] if wco is None else [wco.shown()]
    bare = get_args(declared)[0] if get_origin(declared) is Annotated else declared
    if get_origin(bare) is tuple:
        element = _form_text(get_args(bare)[0])
        texts += [f"each {element}"] if element else []
    elif isinstance(bare, type) and issubclass(bare, StrEnum):
        texts.append(" ".join(f"`{member}`" for member in bare))
    return "; ".join(texts)


def main() -> int:
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    written = documents()
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    for path in sorted(SCHEMAS.iterdir()):
        if path not in written:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
