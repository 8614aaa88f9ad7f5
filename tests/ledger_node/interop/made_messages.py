"""A message of every type, made from the schema alone: as little as it asks, or all it allows.

Published collections differ in what they leave out, how often they repeat, and how they write
namespaces. Values are the first of a list that the type of the element accepts, so that a message
is valid and says nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from lxml import etree

from ledger_node.interop.ncts import schema

XS = "{http://www.w3.org/2001/XMLSchema}"
NAMESPACE = "http://ncts.dgtaxud.ec"
CANDIDATES = (
    "1",
    "0",
    "10",
    "A",
    "AB",
    "A1",
    "T1",
    "GBP",
    "GB",
    "token",
    "1.5",
    "GB000246",
    "123456",
    "1234",
    "2025-11-03",
    "2025-11-03T10:15:00",
    "25GB000246TK0E6WJ1",
    "23GB0000010000058",
    "a@example.org",
    "AC01",
    "+440123456789",
    "GBLON",
    "12",
    "123",
    "12345678",
    "51.5",
    "01",
    "00",
    "1234567890",
    "123456789",
    "N1",
    "N",
    "C",
    "2025",
    "+51.50000",
    "51.50000",
    "-0.12000",
    "25GB1234567890ACT1",
    "24GB12345678901231",
    "25GB123456789012A1",
    "25GB1234567890ABA1",
    "CC004C",
)


@dataclass(frozen=True)
class _Part:
    name: str
    type: str
    least: int
    most: int


@cache
def _definitions() -> dict[str, etree._Element]:
    """Complex types and groups by name."""
    found: dict[str, etree._Element] = {}
    for file in schema._FOLDER.glob("*.xsd"):
        for item in etree.parse(file).getroot():
            if item.tag in (f"{XS}complexType", f"{XS}group"):
                found[str(item.get("name"))] = item
    return found


def _parts(name: str) -> Iterator[_Part]:
    definition = _definitions()[name]
    extension = definition.find(f"{XS}complexContent/{XS}extension")
    if extension is not None:
        yield from _parts(str(extension.get("base")))
        definition = extension
    sequence = definition.find(f"{XS}sequence")
    for item in () if sequence is None else sequence:
        if item.tag == f"{XS}group":
            yield from _parts(str(item.get("ref")))
        elif item.tag == f"{XS}element":
            most = item.get("maxOccurs", "1")
            yield _Part(
                str(item.get("name")),
                str(item.get("type")),
                int(item.get("minOccurs", "1")),
                int(most) if most.isdigit() else 9999,
            )


@cache
def _accepted() -> dict[str, str]:
    """A value that each simple type accepts, found by asking the validator."""
    names = sorted(
        {
            str(item.get("name"))
            for file in schema._FOLDER.glob("*.xsd")
            for item in etree.parse(file).getroot()
            if item.tag == f"{XS}simpleType"
        }
    )
    elements = "".join(f'<xs:element name="E.{name}" type="{name}"/>' for name in names)
    includes = "".join(
        f'<xs:include schemaLocation="{schema._FOLDER / file}"/>'
        for file in ("ctypes.xsd", "htypes.xsd")
    )
    text = (
        f'<xs:schema xmlns:xs="{XS[1:-1]}" xmlns="{NAMESPACE}" targetNamespace="{NAMESPACE}">'
        f"{includes}{elements}</xs:schema>"
    )
    judge = etree.XMLSchema(etree.fromstring(text))
    accepted: dict[str, str] = {}
    for name in names:
        for candidate in CANDIDATES:
            element = etree.Element(f"{{{NAMESPACE}}}E.{name}")
            element.text = candidate
            if judge.validate(element):
                accepted[name] = candidate
                break
    return accepted


def made(kind: str, *, full: bool, prefix: str = "ncts", phase: str = "NCTS5.1") -> bytes:
    """A valid message of a type: with every element, repeated ones twice, or only what must be."""
    root = etree.Element(f"{{{NAMESPACE}}}{kind}", nsmap={prefix: NAMESPACE})
    root.set("PhaseID", phase)
    _fill(root, f"{kind}Type", kind, full=full)
    return etree.tostring(root, pretty_print=True, encoding="UTF-8")


def _fill(parent: etree._Element, name: str, kind: str, *, full: bool) -> None:
    for part in _parts(name):
        times = min(2, part.most) if full else part.least
        for number in range(1, times + 1):
            child = etree.SubElement(parent, part.name)
            if part.type in _definitions():
                _fill(child, part.type, kind, full=full)
            elif part.name == "messageType":
                child.text = kind
            elif part.name == "sequenceNumber":
                child.text = str(number)
            else:
                child.text = _accepted()[part.type]
