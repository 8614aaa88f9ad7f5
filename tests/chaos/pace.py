"""What a dead leader and a missing member cost, on a union of real processes.

    python -m tests.chaos.pace [--seconds S] [--deaths N]

Two things are measured and held against what the protocol promises. A submission that meets the
view of a leader that has just died is final later by no more than the timeouts of one view
(rule 5: 2Δ without a proposal, 3Δ without a certificate). Under load, a union that lost one member
finalises at no less than half its healthy rate. The last line is for machines.
"""

import argparse
import asyncio
import itertools
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contracts.registry.objects import Role
from contracts.registry.records import RegisterParticipant
from ledger_node.client import Participant
from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.genesis import Parameters
from tests.chaos import command
from tests.chaos.progress import Progress
from tests.chaos.union import UnionUnderFire, union_under_fire

PARAMETERS: Final = Parameters(delta_ms=500, heartbeat_ms=10_000)
MEMBERS: Final = 4
CLIENTS: Final = 24
_CATCH_UP_S: Final = 60.0
_AFTER_DEATH_S: Final = 4.0


@dataclass(frozen=True, slots=True)
class Pace:
    """What was measured. Times in ms, rates in submissions a second.

    healthy_ms: from submission to finality, one at a time; first_ms: the longest such time after
    each death; later_ms: the longest from two seconds after a death on.
    """

    delta_ms: int
    healthy_ms: tuple[float, ...]
    first_ms: tuple[float, ...]
    later_ms: tuple[float, ...]
    healthy_rate: float
    reduced_rate: float

    @property
    def dead_view_ms(self) -> float:
        """What the worst death cost, above what any healthy submission took."""
        return max(self.first_ms) - statistics.median(self.healthy_ms)

    @property
    def allowed_ms(self) -> float:
        """The timeouts of one view, and what healthy submissions differ by on this machine."""
        return 3 * self.delta_ms + max(self.healthy_ms)

    @property
    def kept(self) -> float:
        """The share of the healthy rate that is left without one member."""
        return self.reduced_rate / self.healthy_rate

    @property
    def promised(self) -> bool:
        """Whether all is as the protocol promises."""
        return self.dead_view_ms <= self.allowed_ms and self.kept >= 0.5

    def values(self) -> dict[str, object]:
        """For machines."""
        return {
            "members": MEMBERS,
            "delta_ms": self.delta_ms,
            "healthy_p50_ms": round(statistics.median(self.healthy_ms)),
            "healthy_max_ms": round(max(self.healthy_ms)),
            "dead_leader_max_ms": round(max(self.first_ms)),
            "dead_leader_p50_ms": round(statistics.median(self.first_ms)),
            "later_max_ms": round(max(self.later_ms)),
            "cost_ms": round(self.dead_view_ms),
            "allowed_ms": round(self.allowed_ms),
            "healthy_per_s": round(self.healthy_rate, 1),
            "one_down_per_s": round(self.reduced_rate, 1),
            "kept": round(self.kept, 2),
        }


class Submitters:
    """Acts through chosen members, each timed."""

    def __init__(self, union: UnionUnderFire) -> None:
        self._union = union
        self._numbers = itertools.count()
        self._key = SoftwareSigner.generate().public

    async def act(self, member: str) -> float:
        """One submission of one record at a member; ms until it is final."""
        speaker = Participant(
            self._union.clients[member],
            self._union.founded.id,
            member,
            self._union.founded.registrar(member),
        )
        record = RegisterParticipant(
            id=f"{member}-{next(self._numbers):08d}",
            member=member,
            name="Trading company on a clock",
            roles=(Role.DECLARANT,),
            functions=(),
            keys=(self._key,),
        )
        began = time.perf_counter()
        view = await speaker.act(record)
        assert view.accepted, view.rejections
        return (time.perf_counter() - began) * 1000

    async def one_at_a_time(self, member: str, seconds: float) -> list[tuple[float, float]]:
        """(seconds since the beginning, ms it took) of one act after another."""
        began = time.perf_counter()
        taken = []
        while (at := time.perf_counter() - began) < seconds:
            taken.append((at, await self.act(member)))
        return taken

    async def rate(self, members: Sequence[str], seconds: float) -> float:
        """Acts a second of many clients at these members."""
        began, done = time.perf_counter(), 0

        async def keep_on(member: str) -> None:
            nonlocal done
            while time.perf_counter() - began < seconds:
                await self.act(member)
                done += 1

        await asyncio.gather(*(keep_on(members[i % len(members)]) for i in range(CLIENTS)))
        return done / (time.perf_counter() - began)


async def measure(root: Path, seconds: float, deaths: int, seed: int, tell: Progress) -> Pace:
    """On a union below `root`."""
    chance = random.Random(seed)
    async with union_under_fire(root, MEMBERS, parameters=PARAMETERS, relays=False) as union:
        submitters = Submitters(union)
        codes = list(union.members)
        await submitters.rate(codes, 2)  # warm up
        healthy = [ms for _, ms in await submitters.one_at_a_time(codes[0], seconds)]
        first, later = [], []
        for number in range(1, deaths + 1):
            victim = codes[1 + number % (len(codes) - 1)]
            submitting = asyncio.create_task(submitters.one_at_a_time(codes[0], _AFTER_DEATH_S))
            await asyncio.sleep(chance.uniform(0, 0.3))
            await union.members[victim].kill()
            taken = await submitting
            first.append(max(ms for _, ms in taken))
            later.append(max(ms for at, ms in taken if at > _AFTER_DEATH_S / 2))
            tell(f"death {number} of {victim}: {first[-1]:.0f} ms, then {later[-1]:.0f} ms")
            await _back(union, victim)
        survivors = codes[:-1]
        healthy_rate = await submitters.rate(survivors, seconds)
        tell(f"healthy: {healthy_rate:.0f} submissions a second")
        await union.members[codes[-1]].kill()
        await submitters.rate(survivors, 2)
        reduced_rate = await submitters.rate(survivors, seconds)
        tell(f"one member down: {reduced_rate:.0f} submissions a second")
    return Pace(
        PARAMETERS.delta_ms,
        tuple(healthy),
        tuple(first),
        tuple(later),
        healthy_rate,
        reduced_rate,
    )


async def _back(union: UnionUnderFire, member: str) -> None:
    await union.members[member].start()
    heights = await union.heights()
    waited_s = await union.has_reached(member, max(heights.values()), _CATCH_UP_S)
    assert waited_s < _CATCH_UP_S, f"{member} did not catch up"
    await asyncio.sleep(1)  # links of the others to it come up as well


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.pace", description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0, help="length of each measurement")
    parser.add_argument("--deaths", type=int, default=9)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with command.room(None) as root:
        pace = asyncio.run(
            measure(root / "union", arguments.seconds, arguments.deaths, arguments.seed, Progress())
        )
    print(command.line_of(pace.values()))
    return 0 if pace.promised else 1


if __name__ == "__main__":
    sys.exit(main())
