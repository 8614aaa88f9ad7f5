"""`python -m tests.chaos`: torment a union, then see whether anything was lost.

Prints what is done to whom, how the load goes, and in the last line, for machines, what was found.
Exit code 1 if anything that must hold does not.
"""

import asyncio
import random
import statistics
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.chaos import command
from tests.chaos.campaign import Campaign
from tests.chaos.faults import KINDS
from tests.chaos.findings import Findings
from tests.chaos.load import Acknowledged, Load
from tests.chaos.progress import Progress
from tests.chaos.trial import on_trial
from tests.chaos.union import union_under_fire


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do. seconds: of faults, None for one of each kind; longest_s: that one
    lasts; pause_s: see Load."""

    seconds: float | None
    seed: int
    members: int
    kinds: tuple[str, ...] = KINDS
    longest_s: float = 8.0
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

    def values(self) -> dict[str, object]:
        """For machines."""
        given, struck = self.acknowledged, self.campaign.struck
        gaps = [b - a for a, b in pairwise(sorted(given.at))]
        return {
            "members": self.plan.members,
            "seed": self.plan.seed,
            "seconds": round(self.took_s),
            "faults": sum(struck.values()),
            "struck": ",".join(f"{kind}:{n}" for kind, n in sorted(struck.items())),
            **given.counts(),
            "finality_p50_ms": round(1000 * statistics.median(given.finality_s or [0.0])),
            "longest_silence_s": round(max(gaps, default=0.0), 1),
            "recovery_max_s": round(max(self.campaign.recoveries_s, default=0.0), 1),
            **self.findings.counts(),
        }


async def run(plan: Plan, root: Path, tell: Progress) -> Outcome:
    """One run below `root`."""
    began = time.monotonic()
    findings = Findings()
    tell(f"founding a union of {plan.members}, seed {plan.seed}")
    async with union_under_fire(root / "union", plan.members, small_disks=1) as union:
        load = Load(union, plan.submitters, plan.seed, plan.pause_s)
        campaign = Campaign(union, random.Random(plan.seed), plan.kinds, plan.longest_s, tell)
        async with on_trial(union, load, root, findings, tell):
            if plan.seconds is None:
                await campaign.one_of_each()
            else:
                await campaign.run(plan.seconds)
            await campaign.power_failure()
        for disk in union.disks.values():
            disk.unmount()
    findings.problems += campaign.problems
    return Outcome(plan, campaign, load.acknowledged, findings, time.monotonic() - began)


def main() -> int:
    """The command."""
    options = command.parser("tests.chaos", __doc__)
    options.add_argument("--minutes", type=float, default=3.0, help="of faults (default 3)")
    options.add_argument("--faults", default=",".join(KINDS), help="kinds, separated by commas")
    arguments = options.parse_args()
    kinds = tuple(arguments.faults.split(","))
    if not set(kinds) <= set(KINDS):
        options.error(f"--faults: choose of {', '.join(KINDS)}")
    plan = Plan(arguments.minutes * 60, arguments.seed, arguments.members, kinds)
    with command.room(arguments.keep) as root:
        outcome = asyncio.run(run(plan, root, Progress()))
    return command.conclude(outcome.findings, outcome.values())


if __name__ == "__main__":
    sys.exit(main())
