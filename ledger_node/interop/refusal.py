"""Why a foreign message is refused, in words its sender can act on.

A refusal lists every problem found at once, each with the element, the line, the reason and the
import rule. Import rules say what the importer asks before a record exists; the rules of the
union itself are in `contracts` and judge the record afterwards.
"""

from dataclasses import dataclass

MAX_PROBLEMS = 20
"""Problems listed in one refusal: more help nobody, and a hostile message could cause thousands."""

MAX_SHOWN = 60
"""Characters of a value quoted back to its sender."""


@dataclass(frozen=True, slots=True)
class ImportRule:
    """One thing asked of every imported message. source: where it comes from."""

    id: str
    text: str
    source: str


_OURS = "docs/import.md"
_SCHEMA = "NCTS phase 6 schemas 60.4.16 (DDNTA 6.4.1)"

SIZE = ImportRule("IM-001", "A message is not empty and not over 1 MiB.", _OURS)
ENCODING = ImportRule("IM-002", "A message is text in UTF-8, or in UTF-16 with its mark.", _OURS)
NO_DTD = ImportRule("IM-003", "A message has no DOCTYPE and declares no entities.", _OURS)
WELL_FORMED = ImportRule("IM-004", "A message is well-formed XML.", "XML 1.0 §2.1")
BOUNDED = ImportRule("IM-005", "Depth and number of elements are bounded.", _OURS)
KIND = ImportRule("IM-006", "The root element names a known NCTS message.", _SCHEMA)
SCHEMA = ImportRule("IM-007", "A message is valid against the schema of its type.", _SCHEMA)
PHASE = ImportRule("IM-008", "Differences to earlier phases are known ones.", _OURS)
ATTRIBUTES = ImportRule(
    "IM-009", "The root has PhaseID and no other element an attribute.", _SCHEMA
)
CODE_LIST = ImportRule("IM-010", "Coded values are on their code list.", "NCTS code lists (CS/RD2)")
HOLDER = ImportRule("IM-011", "The holder of the procedure has an identification number.", _OURS)
SEQUENCE = ImportRule("IM-012", "Sequence numbers count 1, 2, 3, …", "NCTS rule R0987")
SEALS = ImportRule("IM-013", "The number of seals is the number of seals listed.", _OURS)
AMOUNT = ImportRule("IM-014", "Amounts fit the minor unit of their currency.", "ISO 4217")
REFERENCE = ImportRule("IM-015", "GRN and MRN carry the right check digit.", "NCTS DDNTA, GRN/MRN")
RECORD = ImportRule("IM-016", "The public part fits a ledger record.", _OURS)
DATE = ImportRule("IM-017", "Dates are in the calendar.", "ISO 8601")
GUARANTEE_ONCE = ImportRule("IM-018", "Each guarantee is named once.", "Transit rule TR-009")
ONE_NAME = ImportRule(
    "IM-020", "A message names what it is about by LRN or by MRN, not by both.", "NCTS rule C0467"
)
TRANSLATION = ImportRule("IM-019", "A translation table is well formed.", _OURS)


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason for a refusal.

    path: the element, e.g. "CC170C/TransitOperation/LRN", or "" for the message as a whole;
    line: 1-based line of the message, 0 when no line can be named; reason: what is wrong with
    the element, to be read after its name.
    """

    path: str
    line: int
    reason: str
    rule: ImportRule

    def __str__(self) -> str:
        where = self.path or "message"
        at = f" (line {self.line})" if self.line else ""
        return f"{where}{at}: {self.reason} [{self.rule.id}]"


class InteropError(ValueError):
    """Base of what importing raises."""


class ImportRefused(InteropError):
    """A message that is not imported. Nothing was changed by trying.

    kind: the message type as far as it is known, e.g. "CC015C", else "message".
    """

    def __init__(self, kind: str, problems: tuple[Problem, ...]) -> None:
        if not problems:
            raise AssertionError("a refusal needs a reason")
        self.kind = kind
        self.problems = problems[:MAX_PROBLEMS]
        self.omitted = len(problems) - len(self.problems)
        lines = [f"{kind} refused", *(f"  {problem}" for problem in self.problems)]
        if self.omitted:
            lines.append(f"  and {self.omitted} more")
        super().__init__("\n".join(lines))


def refuse(rule: ImportRule, reason: str, *, kind: str = "message", line: int = 0) -> ImportRefused:
    """A refusal of the message as a whole, for one reason."""
    path = "" if kind == "message" else kind
    return ImportRefused(kind, (Problem(path, line, reason, rule),))


def shown(value: str) -> str:
    """A foreign value as it may be printed: quoted, control characters escaped, shortened.

    `repr` escapes all that a terminal would obey instead of print, C1 controls included.
    """
    if len(value) > MAX_SHOWN:
        return f"{value[:MAX_SHOWN]!r}… ({len(value)} characters)"
    return repr(value)
