"""The wire: delays, loss, duplication, reordering and partitions, all drawn from one seed.

Packets are consensus messages as bytes, or what the shell says about bodies of submissions.
A packet between two islands of a partition is lost, also one that was on its way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from consensus.block import Member
from tests.simulation.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Bodies:
    """Bodies of submissions. In the simulation a body is nothing but its id."""

    ids: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class BodiesWanted:
    """Request for bodies."""

    ids: tuple[bytes, ...]


Packet: TypeAlias = bytes | Bodies | BodiesWanted


@dataclass(frozen=True, slots=True)
class Conditions:
    """How the wire behaves. Delays in ms; unequal delays reorder."""

    least_delay: int = 1
    most_delay: int = 15
    loss: float = 0.0
    duplication: float = 0.0


class Network:
    """Links between all members. `deliver(sender, receiver, packet)` is called on arrival."""

    def __init__(
        self,
        schedule: Schedule,
        random: Random,
        conditions: Conditions,
        deliver: Callable[[Member, Member, Packet], None],
    ) -> None:
        self.conditions = conditions
        self.sent = 0
        self._schedule = schedule
        self._random = random
        self._deliver = deliver
        self._island: dict[Member, int] = {}

    def partition(self, islands: Sequence[Sequence[Member]]) -> None:
        """Cut every link between members of different islands."""
        self._island = {m: i for i, island in enumerate(islands) for m in island}

    def heal(self) -> None:
        """Restore every link."""
        self._island = {}

    def connected(self, one: Member, other: Member) -> bool:
        """Whether packets pass between the two."""
        return self._island.get(one) == self._island.get(other)

    def send(self, sender: Member, receiver: Member, packet: Packet) -> None:
        """Put a packet on the wire."""
        self.sent += 1
        if self._random.random() < self.conditions.loss:
            return
        copies = 2 if self._random.random() < self.conditions.duplication else 1
        for _ in range(copies):
            delay = self._random.randint(self.conditions.least_delay, self.conditions.most_delay)
            self._schedule.after(delay, lambda: self._arrive(sender, receiver, packet))

    def _arrive(self, sender: Member, receiver: Member, packet: Packet) -> None:
        if self.connected(sender, receiver):
            self._deliver(sender, receiver, packet)
