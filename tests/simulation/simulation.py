"""One run: a union, submissions, a plan of faults, healing, and the wait until all is well again.

Liveness: once healed, every submission stored by a live correct member is final at all of them,
and they have the same head, within `bound_ms`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random

from consensus.block import Member
from consensus.committee import Committee
from tests.simulation.adversaries import ADVERSARIES
from tests.simulation.clocks import EXACT, MOST_DRIFT_PPM, MOST_WALL_ERROR_MS, Clock
from tests.simulation.faults import (
    CALM,
    CALM_SYNC_MS,
    CALM_WORKING_MS,
    HEALED_AT,
    Crash,
    Partition,
    Plan,
    draw,
)
from tests.simulation.invariants import Invariants, Violation
from tests.simulation.ledger import LedgerKind, Toy
from tests.simulation.member import SimulatedMember, World
from tests.simulation.network import Address, Conditions, Network, Packet
from tests.simulation.parameters import PARAMETERS
from tests.simulation.real_ledger import Real
from tests.simulation.schedule import Schedule
from tests.simulation.signing import committee_of
from tests.simulation.trace import Trace

LEDGERS: dict[str, type[Toy] | type[Real]] = {"toy": Toy, "real": Real}
EXACT_ONE_IN = 8
"""In so many runs, messages and log records are the bytes they encode to."""
BOUNDS_EVERY = 1000
"""Events between two looks at how much members keep."""
MOST_EVENTS = 200_000
"""A run that takes more is a busy loop."""


class NotLive(AssertionError):
    """The union did not recover in time."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run that went well amounts to."""

    events: int
    views: int
    epochs: int
    height: int
    recovery_ms: int
    """From healing until all submissions were final everywhere."""


def drawn(
    seed: int,
    members: int,
    kinds: tuple[str, ...],
    *,
    ledger: str = "toy",
    liars: int | None = None,
    strict: bool = True,
    trace: bool = False,
) -> "Simulation":
    """The run that a seed stands for."""
    random = Random(f"{seed}/{members}/{','.join(kinds)}")
    plan = draw(random, members, kinds, liars)
    exact = random.randrange(EXACT_ONE_IN) == 0
    kind = LEDGERS[ledger](epochs_end=plan.epochs_end)
    return Simulation(members, plan, random, kind, exact=exact, strict=strict, trace=trace)


class Simulation:
    """A run of `members` under `plan`; whatever else is by chance is drawn from `random`."""

    def __init__(
        self,
        members: int,
        plan: Plan,
        random: Random,
        ledger: LedgerKind | None = None,
        *,
        exact: bool = True,
        strict: bool = True,
        trace: bool = False,
    ) -> None:
        self.plan = plan
        self.schedule = Schedule()
        self.trace = Trace(lambda: self.schedule.now, on=trace)
        self.random = random
        committees = self.committees(members)
        committee = committees(1)
        self.network = self.network_of(plan.conditions)
        self.invariants = Invariants(committees, strict=strict)
        ledger = ledger or Toy()
        self.world = World(
            self.schedule,
            self.network,
            committees,
            {},
            self.invariants,
            self.trace,
            random,
            ledger,
            self.plan.working_ms,
            self.plan.sync_ms,
            exact,
        )
        self.members: list[SimulatedMember] = []
        """By address."""
        self._lies = dict(plan.byzantine)
        for m in range(members):
            self._add(Member(m))
        for m, kind in self._lies.items():
            if kind == "twin":
                self._add(m)
        self.live = [m for m in self.members if m.correct and m.index not in self.plan.dead]
        self.invariants.correct = {m.index for m in self.members if m.correct}
        self.events = 0
        self.submissions = ledger.submissions(committee, random)

    def committees(self, members: int) -> Callable[[int], Committee]:
        """Who votes, by epoch."""
        seed = self.random.getrandbits(32)
        return cache(lambda epoch: committee_of(members, seed, epoch))

    def network_of(self, conditions: Conditions) -> Network:
        """What is between them."""
        return Network(self.schedule, self.random, conditions, self._deliver)

    def bound_ms(self) -> int:
        """How long recovery may take: docs/consensus/protocol.md derives it."""
        pacing = PARAMETERS.pacing
        delta = max(pacing.delta_ms << m.core._pacer.backoff for m in self.live)
        bound = pacing.heartbeat_ms + 4 * delta * (len(self.world.committee) + 2)
        if self.plan.clocks_drift:
            # Slow clocks take longer to show the bound, and slow wall clocks to accept a block.
            bound += bound * MOST_DRIFT_PPM // 1_000_000 + 2 * MOST_WALL_ERROR_MS
        return bound

    def run(self) -> Result:
        """Raises Violation, NotLive, or whatever assertion of the core fails."""
        self.begin()
        self._schedule_faults()
        self.run_until(HEALED_AT)
        self._heal()
        deadline = HEALED_AT + self.bound_ms()
        while not self._all_is_well():
            if not self._run(deadline, 1):
                raise NotLive(f"not well again {deadline - HEALED_AT} ms after healing")
        self._check_replay()
        return Result(
            self.events,
            sum(self.invariants.views.values()),
            max(m.core.committee.epoch for m in self.live),
            max(self.invariants.heights.get(m.index, 0) for m in self.live),
            self.schedule.now - HEALED_AT,
        )

    def _add(self, index: Member) -> None:
        address = Address(len(self.members))
        clock = Clock.drawn(self.world.random) if self.plan.clocks_drift else EXACT
        kind = self._lies.get(index)
        if kind is None:
            member = SimulatedMember(self.world, index, address, clock)
        else:
            self.trace.note(index, f"is a liar: {kind}")
            member = ADVERSARIES[kind](self.world, index, address, clock, correct=False)
        self.network.host(index, address)
        self.members.append(member)

    def _deliver(self, sender: Member, address: Address, packet: Packet) -> None:
        member = self.members[address]
        if member.running:
            member.receive(sender, packet)

    def begin(self) -> None:
        """Schedule the start of every member."""
        for member in self.members:
            self.schedule.at(self.random.randint(0, 20), member.start)
        self.schedule.at(30, self._connect_all)

    def _schedule_faults(self) -> None:
        at = self.schedule.at
        for submission in self.submissions:
            at(self.random.randint(50, HEALED_AT), self._submit, submission)
        for partition in self.plan.partitions:
            at(partition.start, self._cut, partition)
            at(partition.end, self._reconnect)
        for crash in self.plan.crashes:
            at(crash.time, self._kill, crash)
            if crash.back is not None:
                at(crash.back, self._boot, crash.member)

    def run_until(self, time: int) -> None:
        """Let everything up to `time` happen."""
        while self._run(time, BOUNDS_EVERY):
            pass

    def _run(self, until: int, most: int) -> int:
        """Let at most `most` things happen, up to a time. Returns how many did."""
        before = self.events // BOUNDS_EVERY
        happened = self.schedule.run(until, most)
        self.events += happened
        if self.events // BOUNDS_EVERY > before:
            self._check_bounds()
        if self.events > MOST_EVENTS:
            raise NotLive("a busy loop")
        return happened

    def _submit(self, submission: bytes) -> None:
        """To a live member; to a liar now and then."""
        candidates = [m for m in self.live if m.running]
        if self.random.random() < 0.1:
            candidates = [m for m in self.members if m.running]
        if candidates:
            member = self.random.choice(candidates)
            self.trace.note(member.index, f"is given submission {submission.hex()[-6:]}")
            member.submit(submission)

    def _cut(self, partition: Partition) -> None:
        addresses = range(len(self.members))
        islands = [[a for a in island if a in addresses] for island in partition.islands]
        self.trace.note(None, f"partition into {islands}")
        self.network.partition(islands)

    def _reconnect(self) -> None:
        self.trace.note(None, "the partition ends")
        self.network.heal()
        self._connect_all()

    def _connect_all(self) -> None:
        for member in self.members:
            self._connect(member)

    def _connect(self, member: SimulatedMember) -> None:
        """Tell `member` of its links."""
        for other in self.members:
            if self._linked(member, other):
                member.link_up(other.index)

    def _linked(self, one: SimulatedMember, other: SimulatedMember) -> bool:
        up = one.running and other.running and one.index != other.index
        return up and self.network.connected(one.address, other.address)

    def _kill(self, crash: Crash) -> None:
        for member in self.members:
            if member.index == crash.member and member.running:
                member.crash_in = crash.effects

    def _boot(self, index: Member) -> None:
        for member in self.members:
            if member.index != index:
                continue
            if member.running:
                member.crash_in = None
                continue
            member.start()
            self._connect(member)
            for other in self.members:
                if self._linked(other, member):
                    other.link_up(index)

    def _heal(self) -> None:
        self.trace.note(None, "all heals")
        self.network.conditions = CALM
        self.world.working_ms = CALM_WORKING_MS
        self.world.sync_ms = min(self.world.sync_ms, CALM_SYNC_MS)
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
        heights, live = self.invariants.heights, self.live
        height = heights.get(live[0].index, 0)
        for member in live:
            if member.work.pending or heights.get(member.index, 0) != height:
                return False
        return True

    def _check_bounds(self) -> None:
        for member in self.live:
            if member.running:
                self.invariants.bounded(member.index, member.core)

    def _check_replay(self) -> None:
        """What a member has on disk, executed anew, gives the state it holds."""
        self._check_bounds()
        member = self.random.choice(self.live)
        replayed = self.world.ledger.open([block for block, _ in member.disk.final])
        if replayed.outcome != member.work.ledger.outcome:
            raise Violation(f"M{member.index} holds another state than its blocks give")
