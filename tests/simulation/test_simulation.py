"""A few thousand seeds of everything, and what a healthy union must look like."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from consensus.block import Member, View
from tests.simulation.faults import Plan
from tests.simulation.ledger import Toy
from tests.simulation.network import Conditions
from tests.simulation.parameters import PARAMETERS
from tests.simulation.runner import Campaign, Tally, run_all
from tests.simulation.simulation import Simulation

ROOT = Path(__file__).parent.parent.parent


def assert_all_well(campaign: Campaign, seeds: range) -> Tally:
    """Run the seeds on all cores: nothing breaks, and everyone recovers in time."""
    total = Tally()
    for tally in run_all(campaign, seeds, os.cpu_count() or 1):
        total.merge(tally)
    print(total.line())
    assert not total.failures, "\n".join(
        f"{f.what}\n  {campaign.command(f.seed)}" for f in total.failures
    )
    assert total.seeds == len(seeds)
    return total


def test_no_seed_breaks_safety_or_liveness() -> None:
    """The first of those that the long run goes through: see docs/consensus/assurance.md."""
    tally = assert_all_well(Campaign((4, 5, 7)), range(3000))
    assert tally.views > 10 * tally.seeds
    assert tally.epochs > tally.seeds


@pytest.mark.parametrize(("seed", "members"), [(732, 4), (10523, 7), (53264, 7)])
def test_no_seed_that_once_broke_something_breaks_it_again(seed: int, members: int) -> None:
    """What each showed is told in docs/consensus/assurance.md."""
    assert Campaign((members,)).run(seed).recovery_ms < 1000


def test_no_seed_breaks_a_union_that_tolerates_nobody() -> None:
    assert_all_well(Campaign((1, 2, 3)), range(150))


def test_no_seed_breaks_the_real_ledger() -> None:
    """Contracts, state tree and log of a node, executed ahead of finality, skipped, replayed."""
    tally = assert_all_well(Campaign((4, 5), ledger="real"), range(60))
    assert tally.views > tally.seeds


def test_several_processes_find_what_one_finds() -> None:
    campaign = Campaign((4,))
    alone, shared = (
        [tally.line() for tally in run_all(campaign, range(60), jobs)] for jobs in (1, 2)
    )
    assert alone == shared


def test_a_seed_is_the_same_run_everywhere() -> None:
    """Whatever Python's hash seed, so that a failing run can be replayed on another machine."""
    command = [sys.executable, "-m", "tests.simulation", "--seeds", "5", "--members", "4"]
    traces = [
        subprocess.run(
            [*command, "--trace"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    first, second = (
        [line for line in t.splitlines() if " seeds a second" not in line] for t in traces
    )
    assert first == second
    assert len(first) > 1000


# ---------------------------------------------------------------- the good case


def calm(members: int, delay: int, dead: tuple[int, ...] = ()) -> Simulation:
    """A union that is up, on a wire with constant delay; `dead` members never start."""
    plan = Plan(Conditions(delay, delay))
    simulation = Simulation(members, plan, Random(1))
    simulation.begin()
    simulation.run_until(25)
    for member in dead:
        simulation.members[member].crash()
    simulation.run_until(200)
    return simulation


def leader_now(simulation: Simulation) -> Member:
    core = simulation.members[0].core
    return core.committee.leader(View(core.view))


@pytest.mark.parametrize("members", [1, 2, 3, 4, 5, 7])
def test_what_reaches_the_leader_is_final_everywhere_three_hops_later(members: int) -> None:
    delay = 20
    simulation = calm(members, delay)
    begun = simulation.schedule.now
    simulation.members[leader_now(simulation)].submit(bytes(32))
    simulation.run_until(begun + 3 * delay)
    assert set(simulation.invariants.heights.values()) == {1}
    assert len(simulation.invariants.heights) == members


def test_what_reaches_a_follower_takes_one_hop_more() -> None:
    delay = 20
    simulation = calm(4, delay)
    begun = simulation.schedule.now
    follower = next(m for m in simulation.members if m.index != leader_now(simulation))
    follower.submit(bytes(32))
    simulation.run_until(begun + 4 * delay)
    assert set(simulation.invariants.heights.values()) == {1}


def test_blocks_follow_each_other_every_two_hops_under_load() -> None:
    delay, blocks = 20, 15
    simulation = calm(4, delay)
    begun = simulation.schedule.now
    for time in range(0, 2 * delay * blocks, 2):
        member = simulation.members[time % 4]
        body = time.to_bytes(32, "big")
        simulation.schedule.at(begun + time, member.submit, body)
    simulation.run_until(begun + 2 * delay * blocks)
    assert min(simulation.invariants.heights.values()) >= blocks - 3


def test_an_idle_union_is_silent_between_heartbeats() -> None:
    heartbeat = PARAMETERS.pacing.heartbeat_ms
    simulation = calm(4, 10)
    begun = simulation.network.sent
    simulation.run_until(heartbeat - 10)
    assert simulation.network.sent == begun
    simulation.run_until(10 * heartbeat + 500)
    assert set(simulation.invariants.heights.values()) == {10}
    assert {m.core.view for m in simulation.members} == {11}
    a_block_costs = 3 * (4 - 1) * 4 * 2
    assert simulation.network.sent - begun <= 10 * a_block_costs


def test_an_idle_union_with_a_dead_member_is_nearly_as_silent() -> None:
    heartbeat = PARAMETERS.pacing.heartbeat_ms
    simulation = calm(4, 10, dead=(2,))
    begun = simulation.network.sent
    simulation.run_until(12 * heartbeat)
    heights = {simulation.invariants.heights[m.index] for m in simulation.live if m.running}
    assert heights == {11}
    assert simulation.network.sent - begun <= 12 * 3 * 60


def test_a_burst_in_an_idle_union_loses_no_view() -> None:
    """What is in flight but not final is no reason to give up a leader with nothing to add."""
    simulation = calm(4, 10)
    for number in range(20):
        simulation.members[number % 4].submit(number.to_bytes(32, "big"))
        simulation.run_until(simulation.schedule.now + 150)
    heights = {m.core.chain.head.height for m in simulation.members}
    assert {m.core.view for m in simulation.members} == {heights.pop() + 1}
    assert not heights


# ---------------------------------------------------------------- epochs


def test_a_union_goes_through_epochs_with_other_keys() -> None:
    """In calm weather; the drawn seeds do it among faults and liars."""
    simulation = Simulation(4, Plan(epochs_end=True), Random(2), Toy(epochs_end=True))
    result = simulation.run()
    assert result.epochs >= 3
    assert len({m.core.committee.epoch for m in simulation.members}) == 1
    first, last = (simulation.world.committees(epoch) for epoch in (1, result.epochs))
    assert first.keys != last.keys


def test_a_member_that_slept_through_epochs_comes_back() -> None:
    simulation = Simulation(4, Plan(epochs_end=True), Random(2), Toy(epochs_end=True))
    simulation.begin()
    simulation.run_until(100)
    simulation.members[0].crash()
    for number in range(16):
        simulation.members[1].submit(number.to_bytes(32, "big"))
        simulation.run_until(simulation.schedule.now + 300)
    assert simulation.members[1].core.committee.epoch >= 3
    simulation.members[0].start()
    simulation.run_until(simulation.schedule.now + 4000)
    assert simulation.members[0].core.committee.epoch == simulation.members[1].core.committee.epoch
    assert len({m.core.chain.head.height for m in simulation.members}) == 1
