"""More than f liars: what breaks, and how it is found out.

No protocol stands that. These tests say what goes first for each kind, so that an operator who
sees it knows: members that contradict themselves can fork the chain, and leave proofs against more
than f of them; silence and wrong outcomes stop the union and fork nothing; the other lies would
need a quorum, and break nothing.
"""

from random import Random

import pytest

from consensus.block import Member, block_id
from tests.simulation.faults import HEALED_AT, Partition, Plan
from tests.simulation.member import SimulatedMember
from tests.simulation.simulation import NotLive, Simulation

STUCK = "stuck"
TOO_MANY = (Member(0), Member(1))
"""Of four members: f is 1."""


def outnumbered(
    kind: str,
    seed: int = 0,
    *,
    liars: tuple[Member, ...] = TOO_MANY,
    partitions: tuple[Partition, ...] = (),
) -> Simulation:
    """Four members, too many of which lie. What breaks is collected, and the run goes on."""
    plan = Plan(partitions=partitions, byzantine=tuple((m, kind) for m in liars))
    return Simulation(4, plan, Random(f"{kind}/{seed}"), strict=False)


def what_broke(simulation: Simulation) -> list[str]:
    """Broken invariants in order; STUCK at the end of a run that did not recover."""
    broken = simulation.invariants.broken
    try:
        simulation.run()
    except NotLive:
        return [*broken, STUCK]
    except AssertionError as assertion:  # of the core or the ledger, on a chain that forked
        return [*broken, str(assertion)]
    return broken


def test_two_members_that_run_twice_can_fork_the_chain_and_are_named() -> None:
    """Each half of a partition holds a copy of both and so a quorum: two chains become final."""
    halves = Partition(40, HEALED_AT - 400, ((0, 1, 2), (3, 4, 5)))
    simulation = outnumbered("twin", partitions=(halves,))
    broken = what_broke(simulation)
    assert any("two blocks final at height" in each for each in broken)
    assert simulation.invariants.culprits == set(TOO_MANY)


def test_both_sides_of_a_fork_see_it_once_the_wire_is_whole_and_stop() -> None:
    """Each of the two correct members shows a certificate of either side, and votes no more."""
    halves = Partition(40, HEALED_AT - 400, ((0, 1, 2), (3, 4, 5)))
    for seed in range(5):
        simulation = outnumbered("twin", seed, partitions=(halves,))
        assert what_broke(simulation)[-1] == STUCK
        correct = [m for m in simulation.members if m.correct]
        assert len(correct) == 2
        for member in correct:
            fork = member.disk.fork
            assert fork is not None
            assert fork.ours is not None
            ours, theirs = (names_on(other) for other in in_order(member, correct))
            assert (fork.ours.block in ours, fork.theirs.block in theirs) == (True, True)
            assert fork.theirs.block not in ours
            assert member.core.halted


def in_order(member: SimulatedMember, both: list[SimulatedMember]) -> list[SimulatedMember]:
    """The member, then the other."""
    return sorted(both, key=lambda each: each is not member)


def names_on(member: SimulatedMember) -> set[bytes]:
    """Blocks that a member made final."""
    return {block_id(block.header) for block, _ in member.disk.final}


def test_two_members_that_nullify_and_finalize_break_the_argument_and_are_named() -> None:
    """Step 2 of the argument goes first; a fork would need a leader that builds on it."""
    broken: list[str] = []
    for seed in range(4):
        simulation = outnumbered("nullify-and-finalize", seed)
        broken += what_broke(simulation)
        assert simulation.invariants.culprits == set(TOO_MANY)
    assert any("is finalised and nullified" in each for each in broken)


@pytest.mark.parametrize("kind", ["equivocator", "double-voter"])
def test_uncoordinated_contradictions_break_nothing_and_are_named(kind: str) -> None:
    """Twice f + 1 votes for one thing still need a correct one to make a quorum for another."""
    simulation = outnumbered(kind)
    assert not what_broke(simulation)
    assert simulation.invariants.culprits == set(TOO_MANY)


@pytest.mark.parametrize("kind", ["silent", "wrong-outcome"])
def test_two_members_that_withhold_their_votes_stop_the_union_and_fork_nothing(kind: str) -> None:
    simulation = outnumbered(kind)
    assert what_broke(simulation) == [STUCK]
    assert not any(simulation.invariants.heights.values())


def test_a_quorum_that_agrees_on_a_wrong_outcome_makes_the_correct_member_halt() -> None:
    """It keeps its data and says so: divergent execution does not go unseen."""
    simulation = outnumbered("wrong-outcome", liars=(Member(0), Member(1), Member(2)))
    broken = what_broke(simulation)
    assert broken[0] == "M3 halts at height 1"
    assert simulation.members[3].core.halted
    assert 3 not in simulation.invariants.heights


@pytest.mark.parametrize(
    "kind",
    [
        "forger",
        "forker",
        "selective-sender",
        "silent-leader",
        "stale-replay",
        "time-liar",
        "withheld-bodies",
    ],
)
def test_lies_that_need_a_quorum_to_believe_them_break_nothing(kind: str) -> None:
    simulation = outnumbered(kind)
    assert not what_broke(simulation)
    assert min(simulation.invariants.heights.values()) >= 3
