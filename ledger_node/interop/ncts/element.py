"""A checked message as plain values: a tree of named elements with text, and its leaves.

The rest of the importer works on these and never sees an XML library.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

_XML_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Element:
    """One element: local name, line of its start tag, text (leaf) or children (group).

    text: surrounding white space removed, NFC; empty for an element that has children.
    """

    name: str
    line: int
    text: str
    children: "tuple[Element, ...]"

    def find(self, path: str) -> "Element | None":
        """The first element at "A/B/C" below this one."""
        found: Element | None = self
        for name in path.split("/"):
            if found is None:
                return None
            found = next((child for child in found.children if child.name == name), None)
        return found

    def all(self, path: str) -> "tuple[Element, ...]":
        """Every element at "A/B/C" below this one, in document order."""
        found: tuple[Element, ...] = (self,)
        for name in path.split("/"):
            found = tuple(child for el in found for child in el.children if child.name == name)
        return found

    def value(self, path: str) -> str:
        """The text at `path`, "" when there is no such element."""
        found = self.find(path)
        return found.text if found else ""

    def leaves(self, prefix: str = "") -> Iterator[tuple[str, str]]:
        """(path below this element, text) of every leaf, in document order.

        A step carries its 1-based position, as in XPath, when siblings share its name:
        "HouseConsignment/ConsignmentItem[2]/Commodity/descriptionOfGoods".
        """
        for step, child in self.steps():
            path = f"{prefix}/{step}" if prefix else step
            if child.children:
                yield from child.leaves(path)
            else:
                yield path, child.text

    def steps(self) -> "Iterator[tuple[str, Element]]":
        """(path step, child) of every child, in document order."""
        total = Counter(child.name for child in self.children)
        seen: Counter[str] = Counter()
        for child in self.children:
            seen[child.name] += 1
            repeats = total[child.name] > 1
            yield (f"{child.name}[{seen[child.name]}]" if repeats else child.name), child


def from_xml(node: etree._Element) -> Element:
    """The element and all below it. Depth is bounded by `document`, so recursion is."""
    children = tuple(from_xml(child) for child in node)
    text = "" if children else unicodedata.normalize("NFC", (node.text or "").strip(_XML_SPACE))
    return Element(local_name(node), line_of(node), text, children)


def local_name(node: etree._Element) -> str:
    """The name of an XML element without its namespace."""
    return etree.QName(node).localname


def line_of(node: etree._Element) -> int:
    """The 1-based line of its start tag, 0 when the parser does not know."""
    line: object = node.sourceline
    return line if isinstance(line, int) else 0


def path_of(node: etree._Element, kind: str) -> str:
    """Where the element is, e.g. "CC015C/Consignment/HouseConsignment[2]/grossMass".

    A step carries its position when siblings share its name.
    """
    steps: list[str] = []
    while (parent := node.getparent()) is not None:
        name = local_name(node)
        same = [child for child in parent if child.tag == node.tag]
        steps.append(f"{name}[{same.index(node) + 1}]" if len(same) > 1 else name)
        node = parent
    return "/".join([kind, *reversed(steps)])
