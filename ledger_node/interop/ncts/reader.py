"""Read an NCTS message: bytes in, a message that is valid against its schema out.

`read` is the only way to get a `Message`, so whoever holds one need not check its form again.
"""

from dataclasses import dataclass

from lxml import etree

from ledger_node.interop.ncts import document, phases, schema
from ledger_node.interop.ncts.element import Element, from_xml, line_of, local_name, path_of
from ledger_node.interop.ncts.explanations import NAMESPACE
from ledger_node.interop.ncts.kinds import why_unknown
from ledger_node.interop.ncts.phases import Notice
from ledger_node.interop.refusal import (
    ATTRIBUTES,
    KIND,
    SCHEMA,
    ImportRefused,
    Problem,
    refuse,
    shown,
)

_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_ROOT_ATTRIBUTES = frozenset(
    {
        "PhaseID",
        f"{{{_INSTANCE}}}schemaLocation",
        f"{{{_INSTANCE}}}noNamespaceSchemaLocation",
    }
)


@dataclass(frozen=True, slots=True)
class Message:
    """A message that is well formed, bounded and valid.

    kind: "CC015C"; phase: "NCTS5.1"; root: everything in it, known differences included.
    """

    kind: str
    phase: str
    root: Element
    notices: tuple[Notice, ...]


def read(data: bytes) -> Message:
    """The message in `data`. Raises ImportRefused, with every problem the schema finds."""
    root = document.parse(data)
    kind = _kind(root)
    _refuse_attributes(root, kind)
    renamed = _without_namespace(root, kind)
    stated = root.get("PhaseID")
    phase = phases.SCHEMA_PHASE if stated is None else str(stated)
    adapted, notices, problems = phases.to_schema_phase(root, kind, phase)
    problems += schema.validate(adapted, kind)
    if problems:
        raise ImportRefused(kind, problems)
    message = from_xml(root)
    stated_kind = message.value("messageType")
    if stated_kind != kind:
        line = message.find("messageType")
        reason = f"is {shown(stated_kind)}, but the root element is {kind}"
        problem = Problem(f"{kind}/messageType", line.line if line else 0, reason, SCHEMA)
        raise ImportRefused(kind, (problem,))
    if stated is None:
        notices = (Notice(kind, f"states no PhaseID, read as {phase}"), *notices)
    return Message(kind, phase, message, (*renamed, *notices))


def _kind(root: etree._Element) -> str:
    name, namespace = local_name(root), etree.QName(root).namespace
    line = line_of(root)
    if name not in schema.message_kinds():
        reason = why_unknown(name)
        inside = _message_inside(root)
        if inside:
            reason += f"; it holds a {inside}: give that alone, without what is around it"
        raise refuse(KIND, reason, line=line)
    if namespace != NAMESPACE:
        actual = f"in the namespace {shown(namespace)}" if namespace else "in no namespace"
        reason = f"is {actual}; the root element must be in {NAMESPACE!r}"
        raise refuse(KIND, reason, kind=name, line=line)
    return name


def _message_inside(root: etree._Element) -> str:
    """The message that an envelope holds, "" if there is none."""
    names = (local_name(node) for node in root.iter())
    return next((name for name in names if name in schema.message_kinds()), "")


def _without_namespace(root: etree._Element, kind: str) -> tuple[Notice, ...]:
    """Where every element is in the namespace of the root, take it off those below, and say so.

    NCTS has only the root in a namespace; senders that declare it as the default put all in it.
    """
    below = [node for node in root.iter() if node is not root]
    if not below or any(etree.QName(node).namespace != NAMESPACE for node in below):
        return ()
    for node in below:
        node.tag = local_name(node)
    text = "every element is in the namespace of the message; only the root should be: read as if"
    return (Notice(kind, text),)


def _refuse_attributes(root: etree._Element, kind: str) -> None:
    """No attribute carries meaning below the root; xsi:type could even change what is checked."""
    for node in root.iter():
        for attribute in node.attrib:
            if node is root and attribute in _ROOT_ATTRIBUTES:
                continue
            name = shown(etree.QName(str(attribute)).localname)
            reason = f"must not have the attribute {name}"
            problem = Problem(path_of(node, kind), line_of(node), reason, ATTRIBUTES)
            raise ImportRefused(kind, (problem,))
