"""Deadlines: acts that nobody signs, because time alone brings them about.

A contract arms a deadline for an object; when block time reaches it, the act of that kind runs at
the start of the block. By then the object may have moved on: the act looks, and does nothing if its
time has passed, so that nothing ever needs to be disarmed.
"""

from collections.abc import Callable
from dataclasses import dataclass

from contracts.kernel.state import Ledger


@dataclass(frozen=True, slots=True)
class Deadline:
    """kind: stable, e.g. "transit.open-enquiry", stands in timers and in the log for good;
    text: what happens; source: as of a rule."""

    kind: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class DueCase:
    """One deadline that has come: the object it is about, the state, and block time, ms."""

    reference: str
    ledger: Ledger
    now: int


@dataclass(frozen=True, slots=True)
class DeadlineAct:
    """What executes a deadline. The handler never refuses."""

    deadline: Deadline
    handler: Callable[[DueCase], None]


DeadlineActs = tuple[DeadlineAct, ...]
