"""`python -m tests.chaos`: torment a union, then see whether anything was lost.

Prints what is done to whom, how the load goes, and in the last line, for machines, what was found.
Exit code 1 if anything that must hold does not.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.chaos.campaign import Campaign
from tests.chaos.faults import KINDS
from tests.chaos.findings import Findings, agree, audit, close_and_inspect
from tests.chaos.load import Acknowledged, Load
from tests.chaos.progress import Progress
from tests.chaos.union import union_under_fire
from tests.chaos.watch import Watch

_TELL_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do. seconds: of faults; pause_s: see Load."""

    seconds: float
    seed: int
    members: int
    kinds: tuple[str, ...] = KINDS
    submitters: int = 12
    pause_s: float = 0.3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did and found."""

    plan: Plan
    campaign: Campaign
    acknowledged: Acknowledged
    findings: Findings
    took_s: float

    def summary(self) -> str:
        """One line for machines."""
        given, findings = self.acknowledged, self.findings
        struck = ",".join(f"{kind}:{n}" for kind, n in sorted(self.campaign.struck.items()))
        gaps = [b - a for a, b in pairwise(sorted(given.at))]
        recoveries = self.campaign.recoveries_s or [0.0]
        values = {
            "members": self.plan.members,
            "seed": self.plan.seed,
            "seconds": round(self.took_s),
            "faults": sum(self.campaign.struck.values()),
            "struck": struck,
            "acknowledged": len(given.views),
            "records": given.records,
            "attempts": given.attempts,
            "unresolved": given.unresolved,
            "finality_p50_ms": round(1000 * statistics.median(given.finality_s or [0.0])),
            "longest_silence_s": round(max(gaps, default=0.0), 1),
            "recovery_max_s": round(max(recoveries), 1),
            "blocks": findings.blocks,
            "entries": findings.entries,
            "verified": f"{findings.verified}/{self.plan.members}",
            "lost": len(findings.lost),
            "duplicated": len(findings.duplicated),
            "forks": len(findings.forks),
            "evidence": len(findings.evidence),
            "problems": len(findings.problems),
        }
        return " ".join(f"{name}={value}" for name, value in values.items())


async def run(plan: Plan, root: Path, tell: Progress) -> Outcome:
    """One run below `root`."""
    began = time.monotonic()
    findings = Findings()
    tell(f"founding a union of {plan.members}, seed {plan.seed}")
    async with union_under_fire(root / "union", plan.members, small_disks=1) as union:
        watch = Watch(union)
        watching = asyncio.create_task(watch.run())
        load = Load(union, plan.submitters, plan.seed, plan.pause_s)
        campaign = Campaign(union, random.Random(plan.seed), plan.kinds, tell)
        telling = asyncio.create_task(_tell_load(load, tell))
        try:
            await campaign.run(plan.seconds)
            await campaign.power_failure()
            tell("healed; clients finish what they have under way")
            await load.rest()
            await agree(union, findings)
        finally:
            load.cancel()
            watching.cancel()
            telling.cancel()
            await asyncio.gather(watching, telling, return_exceptions=True)
        tell("verifying every member's log offline")
        await audit(union, load.acknowledged, watch, root, findings)
        await close_and_inspect(union, findings)
        for disk in union.disks.values():
            disk.unmount()
    findings.problems += campaign.problems
    return Outcome(plan, campaign, load.acknowledged, findings, time.monotonic() - began)


async def _tell_load(load: Load, tell: Progress) -> None:
    while True:
        await asyncio.sleep(_TELL_EVERY_S)
        given = load.acknowledged
        tell(f"acknowledged {len(given.views)} submissions, {given.records} records")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0, help="of faults (default 3)")
    parser.add_argument("--seed", type=int, default=None, help="default: by chance")
    parser.add_argument("--members", type=int, default=4, help="4 to 10 (default 4)")
    parser.add_argument("--faults", default=",".join(KINDS), help="kinds, separated by commas")
    parser.add_argument("--keep", type=Path, default=None, help="keep data and logs here")
    arguments = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if arguments.seed is None else arguments.seed
    kinds = tuple(arguments.faults.split(","))
    if not set(kinds) <= set(KINDS):
        parser.error(f"--faults: choose of {', '.join(KINDS)}")
    plan = Plan(arguments.minutes * 60, seed, arguments.members, kinds)
    with tempfile.TemporaryDirectory(prefix="union-chaos-") as directory:
        root = Path(directory) if arguments.keep is None else arguments.keep
        root.mkdir(parents=True, exist_ok=True)
        outcome = asyncio.run(run(plan, root, Progress()))
    for line in outcome.findings.all():
        print(line)
    print(outcome.summary())
    return 0 if outcome.findings.clean else 1


if __name__ == "__main__":
    sys.exit(main())
