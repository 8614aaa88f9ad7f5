"""A member comes late, takes a snapshot, and is killed in the middle, again and again; a peer lies.

    python -m tests.chaos.newcomer [--kills N] [--records N]

The union has run without the member, and goes on under load. Each of the member's lives but the
last is given a share of the snapshot, then its peers pause, and it gets SIGKILL. In all lives one
of the peers gives false objects. Beyond what must hold after any run (see `findings`): the member
found out who lied and nobody else, it took a snapshot, and took nothing twice in its lives.
"""

import asyncio
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ledger_node.api.forms import SnapshotView
from ledger_node.storage import schema
from ledger_node.storage.database import Database
from tests.chaos import command
from tests.chaos.campaign import RECOVERY_S
from tests.chaos.findings import Findings
from tests.chaos.load import Acknowledged, Load
from tests.chaos.member import MemberProcess
from tests.chaos.progress import Progress
from tests.chaos.trial import on_trial
from tests.chaos.union import UnionUnderFire, union_under_fire

LIAR: Final = "BY"
NEWCOMER: Final = "KZ"
_NAMES: Final = 4
"""Asked for in one question: small, so that a snapshot has many."""
_ANSWERS: Final = 8
"""That each peer gives in each life but the last."""
_LOOK_AGAIN_S: Final = 0.1
_STILL: Final = 5
"""Looks at a snapshot in which nothing new comes, after which its peers are known to pause."""
_SUBMITTERS: Final = 4
_PAUSE_S: Final = 0.3


@dataclass(slots=True)
class Lives:
    """Of the newcomer. came: objects that were seen to come in each life that ended in SIGKILL;
    came_last: in the last; objects: how many the snapshot had."""

    came: list[int] = field(default_factory=list)
    came_last: int = 0
    objects: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did and found."""

    lives: Lives
    acknowledged: Acknowledged
    findings: Findings
    took_s: float

    def values(self) -> dict[str, object]:
        """For machines."""
        return {
            "kills": len(self.lives.came),
            "came_before": sum(self.lives.came),
            "came_last": self.lives.came_last,
            "objects": self.lives.objects,
            "seconds": round(self.took_s),
            **self.acknowledged.counts(),
            **self.findings.counts(),
        }


async def run(kills: int, records: int, seed: int, root: Path, tell: Progress) -> Outcome:
    """One run below `root`. records: how many there are when the newcomer is first started."""
    began = time.monotonic()
    findings = Findings()
    tell(f"founding a union of 4, seed {seed}; {NEWCOMER} comes later")
    async with union_under_fire(root / "union", 4, relays=False, late={NEWCOMER}) as union:
        load = Load(union, _SUBMITTERS, seed, _PAUSE_S)
        async with on_trial(union, load, root, findings, tell):
            await load.until_acknowledged(records)
            lives = await _live_and_die(union, kills, tell)
            await _live_on(union, lives, tell)
        _look_back(union, lives)
    findings.problems += lives.problems
    return Outcome(lives, load.acknowledged, findings, time.monotonic() - began)


async def _live_and_die(union: UnionUnderFire, kills: int, tell: Progress) -> Lives:
    lives, newcomer = Lives(), union.members[NEWCOMER]
    union.members[LIAR].conditions.lies = 1
    newcomer.conditions.chunk_names = _NAMES
    for number in range(1, kills + 1):
        for giver in union.members.values():
            giver.conditions.chunks = number * _ANSWERS
        await newcomer.start()
        snapshot = await _comes_no_further(union)
        if snapshot is None:
            lives.problems.append(f"life {number}: no snapshot was under way")
            tell(f"life {number}: no snapshot is under way")
        else:
            lives.came.append(snapshot.objects)
            tell(f"life {number}: SIGKILL, {snapshot.objects} objects of a snapshot came")
        await newcomer.kill()
    for giver in union.members.values():
        giver.conditions.chunks = 0
    return lives


async def _comes_no_further(union: UnionUnderFire) -> SnapshotView | None:
    """The snapshot under way, once its givers pause. None when none is."""
    loop = asyncio.get_running_loop()
    began, still, before = loop.time(), 0, None
    while loop.time() - began < RECOVERY_S:
        status = await union.status(NEWCOMER)
        snapshot = None if status is None else status.snapshot
        still = still + 1 if snapshot is not None and snapshot == before else 0
        if snapshot is not None and snapshot.objects and still == _STILL:
            return snapshot
        before = snapshot
        await asyncio.sleep(_LOOK_AGAIN_S)
    return None


async def _live_on(union: UnionUnderFire, lives: Lives, tell: Progress) -> None:
    """The last life: it takes the rest, takes part, and fetches the past."""
    loop = asyncio.get_running_loop()
    await union.members[NEWCOMER].start()
    began = loop.time()
    while loop.time() - began < RECOVERY_S:
        status = await union.status(NEWCOMER)
        if status is not None and status.running and status.missing is None:
            tell(f"{NEWCOMER} has everything after {loop.time() - began:.1f} s")
            return
        await asyncio.sleep(_LOOK_AGAIN_S)
    lives.problems.append(f"{NEWCOMER} has not everything after {RECOVERY_S:.0f} s")


def _look_back(union: UnionUnderFire, lives: Lives) -> None:
    """Who lied was found out, and what came in one life was not asked for in another."""
    newcomer = union.members[NEWCOMER]
    found_out = {event["peer"] for event in newcomer.events("refused a peer's snapshot")}
    if found_out != {LIAR}:
        lives.problems.append(f"{LIAR} lied; {NEWCOMER} found out {sorted(found_out)}")
    taken = newcomer.events("snapshot taken")
    if len(taken) != 1:
        lives.problems.append(f"{NEWCOMER} took {len(taken)} snapshots to the end")
        return
    lives.came_last = int(taken[0]["objects"])
    lives.objects = _objects_at(int(taken[0]["height"]), newcomer, union)
    if lives.came_last + sum(lives.came) > lives.objects:
        lives.problems.append(
            f"{lives.came_last} objects came in the last life and {lives.came} in those before, "
            f"of {lives.objects}: some came twice"
        )


def _objects_at(height: int, process: MemberProcess, union: UnionUnderFire) -> int:
    """How many there were after a block. No object of this load ever goes."""
    ledger = union.founded.members[process.code].directory.ledger
    with Database.open(ledger, union.founded.id) as database:
        view = database.latest
        block = view.block(height)
        assert block is not None, "the log was verified"
        first = [view.history(key[1:].decode(), limit=1) for key, _ in view.rows(schema.OBJECT)]
        return sum(not indexes or indexes[0] < block.tree_size for indexes in first)


def main() -> int:
    """The command."""
    options = command.parser("tests.chaos.newcomer", __doc__)
    options.add_argument("--kills", type=int, default=10)
    options.add_argument("--records", type=int, default=3000, help="before it comes (3000)")
    arguments = options.parse_args()
    with command.room(arguments.keep) as root:
        outcome = asyncio.run(
            run(arguments.kills, arguments.records, arguments.seed, root, Progress())
        )
    return command.conclude(outcome.findings, outcome.values())


if __name__ == "__main__":
    sys.exit(main())
