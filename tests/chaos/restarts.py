"""SIGKILL at random instants under load: `python -m tests.chaos.restarts --kills 200`.

One member after another is killed, while it opens its ledger, while it catches up or while it
leads, and started again at once; every other time the same one is hit again. The disks are real,
the load does not pause. Then the same must hold as after any other run of `tests.chaos`: see
`findings`. The last line is for machines.
"""

import asyncio
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.chaos import command
from tests.chaos.campaign import RECOVERY_S
from tests.chaos.findings import Findings
from tests.chaos.load import Acknowledged, Load
from tests.chaos.progress import Progress
from tests.chaos.trial import on_trial
from tests.chaos.union import UnionUnderFire, union_under_fire

_OPENING_S: Final = 1.5
"""Kills while a node opens come this soon after its start."""
_SERVING_S: Final = 2.0
"""Other kills come this soon after it serves."""
_TELL_EVERY: Final = 20
_SUBMITTERS: Final = 8
_PAUSE_S: Final = 0.2


@dataclass(slots=True)
class Kills:
    """What was done. opening: kills of a node that did not serve yet."""

    number: int = 0
    opening: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did and found."""

    kills: Kills
    acknowledged: Acknowledged
    findings: Findings
    torn: int
    took_s: float

    def values(self) -> dict[str, object]:
        """For machines."""
        return {
            "kills": self.kills.number,
            "while_opening": self.kills.opening,
            "torn_tails": self.torn,
            "seconds": round(self.took_s),
            **self.acknowledged.counts(),
            **self.findings.counts(),
        }


async def kill_on(
    union: UnionUnderFire, kills: int, chance: random.Random, tell: Progress
) -> Kills:
    """Kill `kills` times; at most one member at a time is down or behind."""
    done = Kills()
    member = chance.choice(list(union.members))
    while done.number < kills:
        process = union.members[member]
        if chance.random() < 0.3:
            await asyncio.sleep(chance.uniform(0, _OPENING_S))
        else:
            await process.serving()
            await asyncio.sleep(chance.uniform(0, _SERVING_S))
        ended = process.ended()
        if ended is not None:
            done.problems.append(f"{member} ended with {ended.code}: {ended.last_line}")
        done.number += 1
        done.opening += not process.serves
        await process.kill()
        await process.spawn()
        if done.number % _TELL_EVERY == 0:
            tell(f"{done.number} kills, {done.opening} of them while a node was opening")
        if chance.random() < 0.5:
            done.problems += await _caught_up(union, member)
            member = chance.choice([m for m in union.members if m != member])
    done.problems += await _caught_up(union, member)
    return done


async def _caught_up(union: UnionUnderFire, member: str) -> list[str]:
    process = union.members[member]
    if not await process.serving():
        return [f"{member} needs repair: {process.last_line()}"]
    heights = await union.heights()
    waited_s = await union.has_reached(member, max(heights.values(), default=0), RECOVERY_S)
    return [] if waited_s < RECOVERY_S else [f"{member} did not catch up in {RECOVERY_S:.0f} s"]


async def run(kills: int, seed: int, members: int, root: Path, tell: Progress) -> Outcome:
    """One run below `root`."""
    began = time.monotonic()
    findings = Findings()
    tell(f"founding a union of {members}, seed {seed}")
    async with union_under_fire(root / "union", members, relays=False) as union:
        load = Load(union, _SUBMITTERS, seed, _PAUSE_S)
        async with on_trial(union, load, root, findings, tell):
            done = await kill_on(union, kills, random.Random(seed), tell)
        torn = sum(
            "journal tail was torn" in " ".join(p.log_lines()) for p in union.members.values()
        )
    findings.problems += done.problems
    return Outcome(done, load.acknowledged, findings, torn, time.monotonic() - began)


def main() -> int:
    """The command."""
    options = command.parser("tests.chaos.restarts", __doc__)
    options.add_argument("--kills", type=int, default=200)
    arguments = options.parse_args()
    with command.room(arguments.keep) as root:
        outcome = asyncio.run(
            run(arguments.kills, arguments.seed, arguments.members, root, Progress())
        )
    return command.conclude(outcome.findings, outcome.values())


if __name__ == "__main__":
    sys.exit(main())
