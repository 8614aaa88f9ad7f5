"""Lifecycles as tables, from which both the check and the diagram come.

A row says: in state `source`, record kind `record` (with outcome `label`, where a kind has more
than one) leads to `target`; or a deadline does, by itself. What has no row does not fit: the record
is refused with the state and the records that would fit, as NCTS does with functional error 92; a
deadline that does not fit has been overtaken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from contracts.kernel.deadline import Deadline
from contracts.kernel.record import Record
from contracts.kernel.rule import Rule, violation

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    """One arrow. source None: the object does not exist before."""

    source: S | None
    cause: type[Record] | Deadline
    target: S
    label: str = ""

    def shown(self) -> str:
        if isinstance(self.cause, Deadline):
            return f"{self.cause.kind} (by itself)"
        kind = self.cause.kind()
        return f"{kind} ({self.label})" if self.label else kind


class Lifecycle(Generic[S]):
    """The states of one kind of object and what moves it between them."""

    def __init__(self, subject: str, rule: Rule, steps: Sequence[Step[S]]) -> None:
        self.subject = subject
        self.rule = rule
        self.steps = tuple(steps)
        self._targets = {(step.source, step.cause, step.label): step.target for step in steps}
        assert len(self._targets) == len(self.steps), f"two arrows of {subject} are the same"

    def advance(self, state: S, record: Record, label: str = "") -> S:
        """The state after `record`, or a refusal that lists what would fit."""
        target = self._targets.get((state, type(record), label))
        if target is None:
            raise violation(
                self.rule,
                state=state,
                record=f"{record.kind()} ({label})" if label else record.kind(),
                fits=self.fitting(state) or ("nothing: this state is final",),
            )
        return target

    def due(self, state: S, deadline: Deadline) -> S | None:
        """The state after `deadline` acted, None if it does not fit `state` any more."""
        return self._targets.get((state, deadline, ""))

    def fitting(self, state: S) -> tuple[str, ...]:
        """The records that fit `state`, in the order of the table."""
        return tuple(
            step.shown()
            for step in self.steps
            if step.source == state and not isinstance(step.cause, Deadline)
        )
