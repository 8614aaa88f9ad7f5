"""One run: a union, submissions, a plan of faults, healing, and the wait until all is well again.

Liveness: once healed, every submission stored by a live correct member is final at all of them,
and they have the same head, within `bound_ms`.
"""

from dataclasses import dataclass
from random import Random

from consensus.block import Member
from tests.simulation.adversaries import ADVERSARIES
from tests.simulation.faults import CALM, HEALED_AT, Crash, Partition, Plan, draw
from tests.simulation.invariants import Invariants
from tests.simulation.member import PARAMETERS, SimulatedMember, World
from tests.simulation.network import Network, Packet
from tests.simulation.schedule import Schedule
from tests.simulation.signing import Verifier, committee_of
from tests.simulation.trace import Trace

SUBMISSIONS = 24
MOST_EVENTS = 200_000
"""A run that takes more is a busy loop."""


class NotLive(AssertionError):
    """The union did not recover in time."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run that went well amounts to."""

    events: int
    views: int
    height: int
    recovery_ms: int
    """From healing until all submissions were final everywhere."""


def drawn(seed: int, members: int, kinds: tuple[str, ...], *, trace: bool = False) -> "Simulation":
    """The run that a seed stands for."""
    random = Random(f"{seed}/{members}/{','.join(kinds)}")
    return Simulation(members, draw(random, members, kinds), random, trace=trace)


class Simulation:
    """A run of `members` under `plan`; whatever else is by chance is drawn from `random`."""

    def __init__(self, members: int, plan: Plan, random: Random, *, trace: bool = False) -> None:
        self.plan = plan
        self.schedule = Schedule()
        self.trace = Trace(lambda: self.schedule.now, on=trace)
        committee = committee_of(members, random.getrandbits(32))
        self.network = Network(self.schedule, random, self.plan.conditions, self._deliver)
        self.invariants = Invariants(committee)
        self.world = World(
            self.schedule,
            self.network,
            committee,
            Verifier(committee),
            self.invariants,
            self.trace,
            random,
            self.plan.working_ms,
        )
        self.members = [self._member(Member(m)) for m in range(members)]
        self.live = [m for m in self.members if m.correct and m.index not in self.plan.dead]
        self.invariants.correct = {m.index for m in self.members if m.correct}
        self.events = 0
        self._random = random

    def bound_ms(self) -> int:
        """How long recovery may take: docs/consensus/protocol.md derives it."""
        pacing = PARAMETERS.pacing
        delta = max(pacing.delta_ms << m.core._pacer.backoff for m in self.live)
        views = len(self.members) + 2
        return pacing.heartbeat_ms + 4 * delta * views

    def run(self) -> Result:
        """Raises Violation, NotLive, or whatever assertion of the core fails."""
        self.begin()
        self._schedule_faults()
        self.run_until(HEALED_AT)
        self._heal()
        deadline = HEALED_AT + self.bound_ms()
        while not self._all_is_well():
            at = self.schedule.next_time()
            if at is None or at > deadline:
                raise NotLive(f"not well again {deadline - HEALED_AT} ms after healing")
            self._step()
        return Result(
            self.events,
            max(m.core.view for m in self.live),
            max(self.invariants.heights.get(m.index, 0) for m in self.live),
            self.schedule.now - HEALED_AT,
        )

    def _member(self, index: Member) -> SimulatedMember:
        kind = self.plan.byzantine.get(index)
        if kind is None:
            return SimulatedMember(self.world, index)
        self.trace.note(index, f"is a liar: {kind}")
        return ADVERSARIES[kind](self.world, index, correct=False)

    def _deliver(self, sender: Member, receiver: Member, packet: Packet) -> None:
        if self.members[receiver].running:
            self.members[receiver].receive(sender, packet)

    def begin(self) -> None:
        """Schedule the start of every member."""
        for member in self.members:
            self.schedule.at(self._random.randint(0, 20), member.start)
        self.schedule.at(30, self._connect_all)

    def _schedule_faults(self) -> None:
        for number in range(SUBMISSIONS):
            self.schedule.at(self._random.randint(50, HEALED_AT), lambda n=number: self._submit(n))  # type: ignore[misc]  # bound now
        for partition in self.plan.partitions:
            self.schedule.at(partition.start, lambda p=partition: self._cut(p))  # type: ignore[misc]  # bound now
            self.schedule.at(partition.end, self._reconnect)
        for crash in self.plan.crashes:
            self.schedule.at(crash.time, lambda c=crash: self._kill(c))  # type: ignore[misc]  # bound now
            if crash.back is not None:
                self.schedule.at(crash.back, lambda c=crash: self._boot(c.member))  # type: ignore[misc]  # bound now

    def run_until(self, time: int) -> None:
        """Let everything up to `time` happen."""
        while (at := self.schedule.next_time()) is not None and at <= time:
            self._step()

    def _step(self) -> None:
        self.events += 1
        if self.events > MOST_EVENTS:
            raise NotLive("a busy loop")
        self.schedule.step()

    def _submit(self, number: int) -> None:
        candidates = [m for m in self.live if m.running]
        if candidates:
            member = self._random.choice(candidates)
            self.trace.note(member.index, f"is given submission {number}")
            member.submit(number.to_bytes(32, "big"))

    def _cut(self, partition: Partition) -> None:
        self.trace.note(None, f"partition into {[list(i) for i in partition.islands]}")
        self.network.partition(partition.islands)

    def _reconnect(self) -> None:
        self.trace.note(None, "the partition ends")
        self.network.heal()
        self._connect_all()

    def _connect_all(self) -> None:
        for member in self.members:
            self._connect(member)

    def _connect(self, member: SimulatedMember) -> None:
        for other in self.members:
            connected = self.network.connected(member.index, other.index)
            if other is not member and other.running and member.running and connected:
                member.link_up(other.index)

    def _kill(self, crash: Crash) -> None:
        if self.members[crash.member].running:
            self.members[crash.member].crash_in = crash.effects

    def _boot(self, index: Member) -> None:
        member = self.members[index]
        if member.running:
            member.crash_in = None
            return
        member.start()
        self._connect(member)
        for other in self.members:
            if other is not member and other.running and self.network.connected(index, other.index):
                other.link_up(index)

    def _heal(self) -> None:
        self.trace.note(None, "all heals")
        self.network.conditions = CALM
        self.world.working_ms = 3
        self.network.heal()
        for member in self.members:
            if member.index in self.plan.dead:
                if member.running:
                    member.crash()
            else:
                member.crash_in = None
                if not member.running:
                    member.start()
        self._connect_all()

    def _all_is_well(self) -> bool:
        heights = {self.invariants.heights.get(m.index, 0) for m in self.live}
        return len(heights) == 1 and not any(m.pending for m in self.live)
