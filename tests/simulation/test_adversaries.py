"""At most f liars of a kind: no safety violation, progress kept, the culprit named where it signs.

The plan of faults besides is drawn, so that each kind is met on bad and on good wires. What more
than f liars break is in test_too_many_liars.
"""

from random import Random

import pytest

from consensus.block import Member
from consensus.quorum import max_faulty
from consensus.state import VIEW_WINDOW
from tests.simulation.adversaries import ADVERSARIES, CONTRADICT_THEMSELVES
from tests.simulation.faults import CRASHES, MACHINE, WIRE, Plan
from tests.simulation.simulation import Simulation, drawn

KINDS = sorted(ADVERSARIES)
NAMED = (*CONTRADICT_THEMSELVES, "twin", "flooder")
"""Kinds that may be named: they sign contradictions at times."""
OTHER_OUTCOMES = ("wrong-outcome", "double-voter")
"""Kinds that sign outcomes that no quorum certifies."""


def with_liars(members: int, kind: str, seed: int = 1) -> Simulation:
    """f liars of one kind on a good wire."""
    liars = tuple((Member(m), kind) for m in range(max_faulty(members)))
    return Simulation(members, Plan(byzantine=liars, working_ms=3), Random(f"{kind}/{seed}"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("members", [4, 7])
def test_f_liars_break_nothing_and_stop_nothing(kind: str, members: int) -> None:
    simulation = with_liars(members, kind)
    result = simulation.run()
    assert result.height >= 5
    assert simulation.invariants.culprits <= {m for m, _ in simulation.plan.byzantine}


@pytest.mark.parametrize("kind", KINDS)
def test_nor_do_they_when_the_wire_is_bad_and_members_crash(kind: str) -> None:
    for seed in range(3):
        drawn(seed, 4, (kind, *WIRE, *MACHINE, *(c for c in CRASHES if c != "death"))).run()


@pytest.mark.parametrize("kind", CONTRADICT_THEMSELVES)
def test_who_signs_a_contradiction_is_named(kind: str) -> None:
    simulation = with_liars(7, kind)
    simulation.run()
    assert simulation.invariants.culprits == {m for m, _ in simulation.plan.byzantine}


@pytest.mark.parametrize("members", [4, 7])
def test_who_signs_another_outcome_than_a_quorum_is_named(members: int) -> None:
    simulation = with_liars(members, "wrong-outcome")
    simulation.run()
    assert simulation.invariants.dissenters == {m for m, _ in simulation.plan.byzantine}


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in OTHER_OUTCOMES])
def test_nobody_else_is_said_to_dissent(kind: str) -> None:
    simulation = with_liars(4, kind)
    simulation.run()
    assert not simulation.invariants.dissenters


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in NAMED])
def test_who_contradicts_nothing_is_not_named(kind: str) -> None:
    """Evidence is two signatures of one member: being slow, wrong or a nuisance is none."""
    simulation = with_liars(4, kind)
    simulation.run()
    assert not simulation.invariants.culprits


@pytest.mark.parametrize("kind", ["forger", "flooder"])
def test_forgeries_and_garbage_are_refused(kind: str) -> None:
    simulation = with_liars(4, kind)
    simulation.run()
    assert simulation.invariants.refusals > 20


def test_a_flooder_adds_little_to_what_others_keep() -> None:
    simulation = with_liars(4, "flooder")
    simulation.run()
    assert all(len(m.core.rounds) <= VIEW_WINDOW + 5 for m in simulation.live)
