"""Short runs of the programs of this package: enough to notice when something breaks."""

from pathlib import Path

from tests.chaos import newcomer, restarts
from tests.chaos.__main__ import Plan, run
from tests.chaos.pace import Pace, measure
from tests.chaos.progress import Progress

QUIET = Progress(quiet=True)
SOME = ("kill", "pause", "cut", "full-disk", "clock")


async def test_a_union_under_fire_loses_nothing(tmp_path: Path) -> None:
    plan = Plan(None, seed=11, members=4, kinds=SOME, longest_s=1.0, submitters=6)
    outcome = await run(plan, tmp_path, QUIET)
    assert outcome.findings.all() == []
    assert outcome.campaign.struck == dict.fromkeys((*SOME, "power-failure"), 1)
    assert outcome.acknowledged.records > 0
    assert outcome.findings.verified == plan.members


async def test_a_member_killed_at_random_instants_needs_no_repair(tmp_path: Path) -> None:
    outcome = await restarts.run(3, seed=5, members=4, root=tmp_path, tell=QUIET)
    assert outcome.findings.all() == []
    assert outcome.acknowledged.records > 0


async def test_a_newcomer_killed_while_it_takes_a_snapshot_goes_on_where_it_was(
    tmp_path: Path,
) -> None:
    outcome = await newcomer.run(2, records=100, seed=3, root=tmp_path, tell=QUIET)
    assert outcome.findings.all() == []
    assert len(outcome.lives.came) == 2
    assert outcome.lives.came_last > 0


async def test_a_dead_leader_costs_its_timeouts_and_half_the_rate_is_kept(tmp_path: Path) -> None:
    paces: list[Pace] = []
    # What else a machine does can only make the union slower: once in three is enough.
    while len(paces) < 3 and not (paces and paces[-1].promised):
        root = tmp_path / str(len(paces))
        paces.append(await measure(root, seconds=2, deaths=1, seed=1, tell=QUIET))
    assert paces[-1].promised, [pace.values() for pace in paces]
