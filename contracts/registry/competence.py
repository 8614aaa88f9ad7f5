"""Who may do what: the terms in which every subject writes its table of acts.

The table answers by role and function. What it cannot see, that the author is *the* office or
*the* carrier of this movement, is written in `standing` for people and checked by the handler.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from contracts.kernel.outcome import Context
from contracts.kernel.record import Record
from contracts.kernel.state import Ledger
from contracts.registry.objects import OfficeFunction, Participant, Role

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Competence:
    """A role, for offices with one function (None: any function)."""

    role: Role
    function: OfficeFunction | None = None

    def held_by(self, participant: Participant) -> bool:
        return self.role in participant.roles and (
            self.function is None or self.function in participant.functions
        )

    def shown(self) -> str:
        return f"office of {self.function}" if self.function else self.role.value


def held_by(participant: Participant, capacities: tuple[Competence, ...]) -> bool:
    """Whether a participant has one of some competences."""
    for capacity in capacities:  # noqa: SIM110 - every record comes by, and a generator is dearer
        if capacity.held_by(participant):
            return True
    return False


REGISTRAR = Competence(Role.REGISTRAR)
AUDITOR = Competence(Role.AUDITOR)
OFFICE = Competence(Role.OFFICE)
OFFICE_OF_DEPARTURE = Competence(Role.OFFICE, OfficeFunction.DEPARTURE)
OFFICE_OF_TRANSIT = Competence(Role.OFFICE, OfficeFunction.TRANSIT)
OFFICE_OF_EXIT = Competence(Role.OFFICE, OfficeFunction.EXIT)
OFFICE_OF_DESTINATION = Competence(Role.OFFICE, OfficeFunction.DESTINATION)
OFFICE_OF_GUARANTEE = Competence(Role.OFFICE, OfficeFunction.GUARANTEE)
GUARANTOR = Competence(Role.GUARANTOR)
DECLARANT = Competence(Role.DECLARANT)
CARRIER = Competence(Role.CARRIER)
SEAL_OPERATOR = Competence(Role.SEAL_OPERATOR)
ECOMMERCE_OPERATOR = Competence(Role.ECOMMERCE_OPERATOR)
COMMISSION = Competence(Role.COMMISSION)
ANYONE = tuple(Competence(role) for role in Role)


class Case(msgspec.Struct, frozen=True):
    """One record before the contract: the state, the block, and who acts."""

    ledger: Ledger
    context: Context
    author: Participant

    @property
    def now(self) -> int:
        """Block time, ms."""
        return self.context.time_ms


@dataclass(frozen=True, slots=True)
class Act(Generic[R]):
    """A row of the table: this record is executed by `handler` if the author is one of `by`.

    standing: what else the author must be, for people; checked by the handler; winds_up: True if
    participants of a member that left may still do it, to finish what is open.
    """

    record: type[R]
    handler: Callable[[R, Case], None]
    by: tuple[Competence, ...]
    standing: str
    winds_up: bool = False


Acts = tuple[Act[Any], ...]
