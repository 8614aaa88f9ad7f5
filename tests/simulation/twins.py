"""Twins: members that run twice under one key, through every schedule of a few views.

After Bano et al., "Twins: BFT Systems Made Robust" (2020): two honest copies that do not know of
each other can do what an equivocator, a double voter or an amnesiac can. A scenario gives each of
the first views a leader and a partition of all copies. What a copy sends passes or not by the view
it is in, for the first HOLD_MS that it is there: long enough for everyone to give up, and from then
on what is repeated gets through, so that the later views are reached. For four members, one of them
twice, `enumerated` makes every scenario up to renaming; for seven with two twice, `sampled` draws.

    python -m tests.simulation.twins --views 3
"""

import argparse
import itertools
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from random import Random
from typing import TypeAlias

from consensus.block import Member, View
from consensus.committee import Committee
from tests.simulation.clocks import Clock
from tests.simulation.faults import Plan
from tests.simulation.member import SimulatedMember
from tests.simulation.network import Address, Conditions, Network, Packet
from tests.simulation.parameters import PARAMETERS
from tests.simulation.simulation import NotLive, Simulation

Islands: TypeAlias = tuple[int, ...]
"""For each address, the island it is on; islands are numbered in order of first appearance."""

DELAY_MS = 10
HOLD_MS = 6 * PARAMETERS.pacing.delta_ms
SUBMITTED = 3
BOUND_MS = 8000
"""From the start: all scenarios keep the union apart for a few views only."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """members: of the committee; twins: those who run twice; views: (leader, islands) from 1 on."""

    members: int
    twins: tuple[Member, ...]
    views: tuple[tuple[Member, Islands], ...]


@dataclass(frozen=True)
class ScheduledCommittee(Committee):
    """A committee whose first leaders are given."""

    leaders: tuple[Member, ...] = ()

    @cached_property
    def rotation(self) -> tuple[Member, ...]:
        """Seated order: nobody's name matters."""
        return tuple(Member(m) for m in range(len(self)))

    def leader(self, view: View) -> Member:
        """See Committee."""
        return self.leaders[view - 1] if view <= len(self.leaders) else super().leader(view)


def scheduled(
    committees: Callable[[int], Committee], leaders: tuple[Member, ...] = ()
) -> Callable[[int], Committee]:
    """The same committees, seated in order, with given first leaders."""

    @cache
    def of(epoch: int) -> Committee:
        seated = committees(epoch)
        return ScheduledCommittee(seated.union, epoch, seated.names, seated.keys, leaders)

    return of


class TwinRun(Simulation):
    """One scenario. Copies of a member differ in their clocks and so in the blocks they make."""

    def __init__(self, scenario: Scenario, *, trace: bool = False) -> None:
        self.scenario = scenario
        plan = Plan(
            Conditions(DELAY_MS, DELAY_MS),
            byzantine=tuple((m, "twin") for m in scenario.twins),
        )
        super().__init__(scenario.members, plan, Random(0), exact=False, trace=trace)
        for member in self.members[scenario.members :]:
            member.clock = Clock(wall_error_ms=1)

    def committees(self, members: int) -> Callable[[int], Committee]:
        """See Simulation."""
        leaders = tuple(leader for leader, _ in self.scenario.views)
        return scheduled(super().committees(members), leaders)

    def network_of(self, conditions: Conditions) -> Network:
        """See Simulation."""
        return _ScheduledNetwork(self, self.schedule, self.random, conditions, self._deliver)

    def island(self, source: Address, address: Address) -> bool:
        """Whether the scenario lets packets pass, in the view their sender is in."""
        sender = self.members[source]
        view = int(sender.core.view)
        if view > len(self.scenario.views) or self.held_ms(sender) > HOLD_MS:
            return True
        islands = self.scenario.views[view - 1][1]
        return islands[source] == islands[address]

    def held_ms(self, member: SimulatedMember) -> int:
        """How long a copy has been in its view."""
        return member.monotonic_ms() - member.core._pacer.entered

    def run_scenario(self) -> int:
        """Returns the number of views. Raises Violation, NotLive or what the core asserts."""
        for member in self.members:
            member.start()
        for number in range(SUBMITTED):
            body = self.submissions[number]
            for member in self.members:
                member.work.arrived((body,))
        while not self._all_is_well():
            if not self._run(BOUND_MS, 1):
                raise NotLive(f"not final after {BOUND_MS} ms")
        return max(int(m.core.view) for m in self.live)


class _ScheduledNetwork(Network):
    def __init__(self, run: TwinRun, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # passed on as they came
        self._run = run

    def send(
        self, sender: Member, source: Address, receivers: Sequence[Member], packet: Packet
    ) -> None:
        for receiver in receivers:
            for address in self._at[receiver]:
                if address != source and self._run.island(source, address):
                    self._post(sender, source, address, packet)


# ---------------------------------------------------------------- scenarios


def partitions(size: int, most: int) -> list[Islands]:
    """Every way to put `size` addresses on up to `most` islands."""
    found: list[Islands] = [()]
    for _ in range(size):
        found = [
            (*islands, island)
            for islands in found
            for island in range(min(max(islands, default=-1) + 2, most))
        ]
    return found


def enumerated(views: int, islands: int = 2) -> Iterator[Scenario]:
    """Every scenario of four members, the last of them twice, up to renaming the honest."""
    members, twin = 4, Member(3)
    steps = list(itertools.product(map(Member, range(members)), partitions(members + 1, islands)))
    renamings = [
        (*honest, *copies)
        for honest in itertools.permutations(range(3))
        for copies in ((3, 4), (4, 3))
    ]
    seen: set[tuple[tuple[Member, Islands], ...]] = set()
    for scenario in itertools.product(steps, repeat=views):
        if scenario in seen:
            continue
        seen.update(tuple(_renamed(step, names) for step in scenario) for names in renamings)
        yield Scenario(members, (twin,), scenario)


def _renamed(step: tuple[Member, Islands], names: Sequence[int]) -> tuple[Member, Islands]:
    leader, islands = step
    moved = [islands[names.index(address)] for address in range(len(islands))]
    order: dict[int, int] = {}
    for island in moved:
        order.setdefault(island, len(order))
    # Both copies of the twin lead where it leads.
    return Member(min(names[leader], 3)), tuple(order[island] for island in moved)


def sampled(count: int, views: int, seed: int = 0) -> Iterator[Scenario]:
    """Scenarios of seven members, two of them twice, drawn at random."""
    random = Random(seed)
    members = 7
    for _ in range(count):
        twins = tuple(sorted(random.sample([Member(m) for m in range(members)], 2)))
        yield Scenario(
            members, twins, tuple(_drawn_step(random, members, twins) for _ in range(views))
        )


def _drawn_step(random: Random, members: int, twins: Sequence[Member]) -> tuple[Member, Islands]:
    """Leaders are twins more often than not: what the honest propose is one block."""
    leader = random.choice(twins) if random.random() < 0.6 else Member(random.randrange(members))
    most = random.choice((1, 2, 2, 3))
    return leader, tuple(random.randrange(most) for _ in range(members + len(twins)))


def main(arguments: Sequence[str]) -> int:
    """Exit status 0 if no scenario breaks anything."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.twins", description=__doc__)
    parser.add_argument("--views", type=int, default=2, help="views that are scheduled")
    parser.add_argument("--islands", type=int, default=2, help="most islands in a view")
    parser.add_argument("--sample", type=int, help="so many of seven members, instead")
    options = parser.parse_args(arguments)
    scenarios = (
        enumerated(options.views, options.islands)
        if options.sample is None
        else sampled(options.sample, options.views)
    )
    started = time.monotonic()
    count = views = named = failures = 0
    for scenario in scenarios:
        run = TwinRun(scenario)
        count += 1
        try:
            views += run.run_scenario()
        except Exception as error:  # noqa: BLE001  # whatever breaks the core is a finding
            failures += 1
            print(f"{type(error).__name__}: {error}\n  {scenario}")
        named += bool(run.invariants.culprits)
    seconds = time.monotonic() - started
    print(f"{seconds:.1f} s, {time.process_time():.1f} s of processor time")
    print(f"scenarios={count} failures={failures} views={views} twins_named={named}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
