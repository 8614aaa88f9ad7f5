"""The shape of a sample act."""

from dataclasses import dataclass

from contracts import Record
from tests.contracts.sample_union import Stage


@dataclass(frozen=True)
class SampleAct:
    """stage: where the record fits; author: who may make it there.

    namesake: someone of the same role and function who is not the one; namesake_rule: the rule
    that says so, None where anyone of the role may act.
    """

    stage: Stage
    author: str
    record: Record
    namesake: str
    namesake_rule: str | None
