"""How messages of earlier NCTS phases differ from the bundled phase 6 schemas.

A message states its phase in PhaseID. What a later phase dropped is accepted from a message of the
earlier phase and reported in a notice; the same element in a phase 6 message is an error. Every
difference is named here: anything else that does not fit the schema is refused.
"""

from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from ledger_node.interop.ncts.element import line_of, local_name
from ledger_node.interop.refusal import PHASE, Problem, shown

SCHEMA_PHASE = "NCTS6"
"""The phase of the bundled schemas, and of a message that states none."""


@dataclass(frozen=True, slots=True)
class DroppedElement:
    """An element that a message of an earlier phase may carry and phase 6 no longer knows.

    parent: path of its parent below the root; values: what it may say, with what that means; none
    for a group of elements, of which there may be up to `most`, and what becomes of it: `fate`.
    """

    kind: str
    phases: frozenset[str]
    parent: str
    name: str
    values: tuple[tuple[str, str], ...]
    most: int = 1
    fate: str = ""

    @property
    def path(self) -> str:
        return f"{self.kind}/{self.parent}/{self.name}"


DIFFERENCES = (
    DroppedElement(
        kind="CC007C",
        phases=frozenset({"NCTS5.0", "NCTS5.1"}),
        parent="TransitOperation",
        name="incidentFlag",
        values=(
            ("0", "no incident on the way"),
            ("1", "incidents on the way; each is to be reported as a record of its own"),
        ),
    ),
    DroppedElement(
        kind="CC007C",
        phases=frozenset({"NCTS5.0", "NCTS5.1"}),
        parent="Consignment",
        name="Incident",
        values=(),
        most=9,
        fate="each is to be reported as a record of its own, by the carrier",
    ),
)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something accepted that its sender should know about. path: the element."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


def to_schema_phase(
    root: etree._Element, kind: str, phase: str
) -> tuple[etree._Element, tuple[Notice, ...], tuple[Problem, ...]]:
    """A copy of the message without what its phase may have and the schema does not know.

    Returns the copy to validate, a notice for each difference, and a problem for each element of
    an earlier phase whose value is not one that phase allowed.
    """
    adapted = deepcopy(root)
    notices: list[Notice] = []
    problems: list[Problem] = []
    for difference in DIFFERENCES:
        if difference.kind != kind or phase not in difference.phases:
            continue
        # So many are taken out as there may be: one more stays for the schema to refuse.
        nodes = adapted.findall(f"{difference.parent}/{difference.name}")[: difference.most]
        if not nodes or any((each.tail or "").strip() for each in nodes):
            continue
        node = nodes[0]
        if not difference.values:
            for each in nodes:
                _take_out(each)
            text = f"dropped in phase 6, accepted from a {phase} message: {len(nodes)} of them, "
            notices.append(Notice(difference.path, text + difference.fate))
            continue
        meaning = dict(difference.values).get((node.text or "").strip())
        if meaning is None or len(node):
            allowed = " or ".join(value for value, _ in difference.values)
            reason = f"is {shown(node.text or '')}; phase {phase} allows {allowed}"
            problems.append(Problem(difference.path, line_of(node), reason, PHASE))
        else:
            text = f"dropped in phase 6, accepted from a {phase} message ({meaning})"
            notices.append(Notice(difference.path, text))
        _take_out(node)
    return adapted, tuple(notices), tuple(problems)


def _take_out(node: etree._Element) -> None:
    parent = node.getparent()
    if parent is None:
        raise AssertionError(f"{local_name(node)} was found below the root")
    parent.remove(node)
