"""Two copies of a member under one key break nothing, whatever the schedule of the first views."""

from consensus.block import Member
from tests.simulation.twins import Scenario, TwinRun, enumerated, partitions, sampled


def test_partitions_are_counted_as_in_the_books() -> None:
    """Stirling numbers of the second kind: 5 elements into 1, 2 or 3 non-empty parts."""
    assert len(partitions(5, 1)) == 1
    assert len(partitions(5, 2)) == 1 + 15
    assert len(partitions(5, 3)) == 1 + 15 + 25


def test_every_schedule_of_two_views_for_four_members() -> None:
    named = 0
    scenarios = list(enumerated(views=2))
    assert len(scenarios) == 510
    for scenario in scenarios:
        run = TwinRun(scenario)
        assert run.run_scenario() >= 1
        assert run.invariants.culprits <= {Member(3)}
        named += bool(run.invariants.culprits)
    assert named > 100, "copies that contradict each other are found out"


def test_sampled_schedules_of_four_views_for_seven_members() -> None:
    for scenario in sampled(60, views=4):
        assert TwinRun(scenario).run_scenario() >= 1


def test_the_schedule_is_kept() -> None:
    """Alone on its island, the leader's copy is not heard, and its view gives no block."""
    everyone_else = (0, 0, 0, 1, 1)
    run = TwinRun(Scenario(4, (Member(3),), ((Member(3), everyone_else),)))
    run.run_scenario()
    assert all(block.header.view != 1 for block, _ in run.members[0].disk.final[1:])
