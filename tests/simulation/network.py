"""The wire: delays, loss, duplication, reordering and partitions, all drawn from one seed.

A member is reached at its address; a member that runs twice under one key (a twin) has two, and
what is sent to it reaches both. A packet between two islands of a partition is lost, also one
that was on its way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import NewType, TypeAlias

from consensus.block import Member
from consensus.messages import Message
from tests.simulation.schedule import Schedule

Address = NewType("Address", int)
"""A running process. The first copy of member m has address m."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """Bodies of submissions, each by its id: what a body holds is the ledger's business."""

    ids: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class BodiesWanted:
    """Request for bodies."""

    ids: tuple[bytes, ...]


Packet: TypeAlias = bytes | Message | Bodies | BodiesWanted
"""Consensus messages travel as bytes or, in runs that save the time, as themselves."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """How the wire behaves. Delays in ms; unequal delays reorder."""

    least_delay: int = 1
    most_delay: int = 15
    loss: float = 0.0
    duplication: float = 0.0


class Network:
    """Links between all members. `deliver(sender, address, packet)` is called on arrival."""

    def __init__(
        self,
        schedule: Schedule,
        random: Random,
        conditions: Conditions,
        deliver: Callable[[Member, Address, Packet], None],
    ) -> None:
        self.conditions = conditions
        self.sent = 0
        self._schedule = schedule
        self._random = random.random
        self._deliver = deliver
        self._island: dict[Address, int] = {}
        self._at: dict[Member, tuple[Address, ...]] = {}

    def host(self, member: Member, address: Address) -> None:
        """`member` runs at `address`, beside where it runs already."""
        self._at[member] = (*self._at.get(member, ()), address)

    def partition(self, islands: Sequence[Sequence[int]]) -> None:
        """Cut every link between addresses of different islands; who is on none is alone."""
        self._island = {Address(a): i for i, island in enumerate(islands) for a in island}

    def heal(self) -> None:
        """Restore every link."""
        self._island = {}

    def connected(self, one: Address, other: Address) -> bool:
        """Whether packets pass between the two."""
        return self._island.get(one) == self._island.get(other)

    def send(
        self, sender: Member, source: Address, receivers: Sequence[Member], packet: Packet
    ) -> None:
        """Put a packet on the wire, from `sender` at `source`, to each of some members."""
        for receiver in receivers:
            for address in self._at[receiver]:
                if address != source:
                    self._post(sender, source, address, packet)

    def _post(self, sender: Member, source: Address, address: Address, packet: Packet) -> None:
        self.sent += 1
        conditions, random, after = self.conditions, self._random, self._schedule.after
        if conditions.loss and random() < conditions.loss:
            return
        least = conditions.least_delay
        spread = conditions.most_delay - least + 1
        if conditions.duplication and random() < conditions.duplication:
            after(least + int(random() * spread), self._arrive, sender, source, address, packet)
        after(least + int(random() * spread), self._arrive, sender, source, address, packet)

    def _arrive(self, sender: Member, source: Address, address: Address, packet: Packet) -> None:
        if not self._island or self.connected(source, address):
            self._deliver(sender, address, packet)
