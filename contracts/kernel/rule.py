"""Rules as objects: every check names the rule it upholds, and a refusal carries it.

A refusal goes on the ledger and is hashed, so the values it shows are rendered here, in one way,
to bounded text that depends on nothing but the record, the context and the state.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType

from contracts.kernel.text import is_plain_text

MAX_VALUE_TEXT = 160
"""Longest text of one refused value; enough for a sentence, too short to smuggle a document."""

Value = str | int | bytes | bool | StrEnum | tuple[str, ...] | None


class Severity(StrEnum):
    """What a refusal under a rule says about who was refused. Every breach is refused alike."""

    FORMAL = "formal"
    """A slip: a field, a reference, the order of acts. Mend the record and send it again."""
    MATERIAL = "material"
    """What was asked is not allowed as things stand: first the facts must change."""
    GRAVE = "grave"
    """A power, a guarantee or a decision that is not the author's, or goods without the safeguards
    of the law: a fact for auditors, even once."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing the law asks.

    id: stable, e.g. "TR-012"; text, text_ru: what is asked, in English and Russian;
    source: the article it comes from, or the practice it follows where the law is silent;
    severity: of a breach.
    """

    id: str
    text: str
    source: str
    text_ru: str
    severity: Severity = Severity.MATERIAL


class RuleViolation(Exception):
    """A record broke `rule`; `values` are the facts that did, as bounded text."""

    def __init__(self, rule: Rule, values: tuple[tuple[str, str], ...]) -> None:
        super().__init__(rule.id)
        self.rule = rule
        self.values = values


def require(condition: bool, rule: Rule, /, **values: Value) -> None:
    """Go on if `condition` holds, else refuse the record under `rule`, showing `values`."""
    if not condition:
        raise violation(rule, **values)


def violation(rule: Rule, /, **values: Value) -> RuleViolation:
    """The refusal itself, for callers that found out in another way than by a condition."""
    return RuleViolation(rule, tuple((name, rendered(value)) for name, value in values.items()))


def rendered(value: Value) -> str:
    """`value` as bounded, deterministic text: bytes in hex, doubtful characters escaped."""
    if value is None:
        text = "none"
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, int):
        text = str(value)
    elif isinstance(value, bytes):
        text = value[:MAX_VALUE_TEXT].hex()
    elif isinstance(value, tuple):
        text = ", ".join(value)
    elif isinstance(value, StrEnum):
        text = value.value
    else:
        text = value
    if not is_plain_text(text):
        text = text[:MAX_VALUE_TEXT].encode("unicode_escape").decode("ascii")
    return text if len(text) <= MAX_VALUE_TEXT else text[: MAX_VALUE_TEXT - 1] + "…"


def rules_of(module: ModuleType) -> tuple[Rule, ...]:
    """The rules a module defines, in the order it defines them."""
    return tuple(value for value in vars(module).values() if isinstance(value, Rule))


def rulebook(groups: Iterable[tuple[Rule, ...]]) -> dict[str, Rule]:
    """All rules by id, in order of id. An id used twice is a mistake in the code."""
    rules = sorted((rule for group in groups for rule in group), key=lambda rule: rule.id)
    book = {rule.id: rule for rule in rules}
    assert len(book) == len(rules), "two rules share an id"
    return book
