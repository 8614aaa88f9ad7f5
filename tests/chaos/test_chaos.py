"""Short runs of the three programs of this package: enough to notice when something breaks."""

from pathlib import Path

from tests.chaos import restarts
from tests.chaos.__main__ import Plan, run
from tests.chaos.pace import measure
from tests.chaos.progress import Progress

QUIET = Progress(quiet=True)


async def test_a_union_under_fire_loses_nothing(tmp_path: Path) -> None:
    plan = Plan(seconds=8, seed=11, members=4, kinds=("kill", "cut", "full-disk"), submitters=6)
    outcome = await run(plan, tmp_path, QUIET)
    assert outcome.findings.all() == []
    assert outcome.campaign.struck["power-failure"] == 1
    assert outcome.acknowledged.records > 0
    assert outcome.findings.verified == plan.members


async def test_a_member_killed_at_random_instants_needs_no_repair(tmp_path: Path) -> None:
    outcome = await restarts.run(3, seed=5, members=4, root=tmp_path, tell=QUIET)
    assert outcome.findings.all() == []
    assert outcome.acknowledged.records > 0


async def test_a_dead_leader_costs_its_timeouts_and_half_the_rate_is_kept(tmp_path: Path) -> None:
    pace = await measure(tmp_path / "union", seconds=2, deaths=1, seed=1, tell=QUIET)
    # This machine may be busy with something else: a second of grace.
    assert pace.dead_view_ms <= pace.allowed_ms + 1_000
    assert pace.kept >= 0.5
