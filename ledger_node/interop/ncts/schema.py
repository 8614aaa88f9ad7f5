"""Validation against the bundled NCTS schemas.

Schemas are compiled on first use (0.1 s each at most) and kept. What the validator finds becomes a
`Problem` that names the element; `explanations` puts the reason in plain words.
"""

import re
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

from ledger_node.interop.ncts.element import path_of
from ledger_node.interop.ncts.explanations import explain
from ledger_node.interop.refusal import MAX_PROBLEMS, SCHEMA, Problem

SCHEMA_VERSION = "60.4.16"
_FOLDER = Path(__file__).with_name("xsd")
_FILE = re.compile(r"cc\d{3}c\.xsd")
_validating = threading.Lock()


@lru_cache(maxsize=1)
def message_kinds() -> frozenset[str]:
    """The message types there is a schema for, e.g. "CC015C"."""
    return frozenset(f.stem.upper() for f in _FOLDER.iterdir() if _FILE.fullmatch(f.name))


@lru_cache(maxsize=64)
def _compiled(kind: str) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    return etree.XMLSchema(etree.parse(_FOLDER / f"{kind.lower()}.xsd", parser))


def validate(root: etree._Element, kind: str) -> tuple[Problem, ...]:
    """What makes `root` invalid as a message of type `kind`, one problem an element at most."""
    if kind not in message_kinds():
        raise AssertionError(f"no schema for {kind}: callers check the kind first")
    with _validating:  # a compiled schema keeps its findings in itself
        schema = _compiled(kind)
        if schema.validate(root):
            return ()
        log: Any = schema.error_log  # iterable, which the type stubs do not say
        findings = list(log)[: 5 * MAX_PROBLEMS]
    problems: dict[tuple[str, int], Problem] = {}
    for finding in findings:
        problem = _problem(root, kind, finding)
        problems.setdefault((problem.path, problem.line), problem)
    return tuple(problems.values())


def _problem(root: etree._Element, kind: str, finding: etree._LogEntry) -> Problem:
    node = _element_at(root, finding)
    path = path_of(node, kind) if node is not None else kind
    return Problem(path, finding.line, explain(node, finding.type_name, finding.message), SCHEMA)


def _element_at(root: etree._Element, finding: etree._LogEntry) -> etree._Element | None:
    path = finding.path
    if not path:
        return None
    found = root.xpath(path, namespaces={k: v for k, v in root.nsmap.items() if k})
    if isinstance(found, list) and found and isinstance(found[0], etree._Element):
        return found[0]
    return None
