"""Faults at random, never for more members at a time than the model allows, each then healed.

A member counts as faulty until it has caught up with what the others had when it was healed; that
it does so by itself and soon is part of what is checked. At the very end all are killed at once,
as when the power fails everywhere: nothing may be lost then either, though nobody could go on.
"""

import asyncio
import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tests.chaos.faults import Fault, draw
from tests.chaos.union import UnionUnderFire

RECOVERY_S: Final = 60.0
"""A healed member that is further behind after this long needs somebody's help: a finding."""
_SHORTEST_S: Final = 0.5


@dataclass(slots=True)
class Campaign:
    """Mutable: what was done and found so far. longest_s: that a fault lasts, from 0.5 s on; tell:
    is given a line of progress at a time."""

    union: UnionUnderFire
    chance: random.Random
    kinds: tuple[str, ...]
    longest_s: float
    tell: Callable[[str], None]
    struck: Counter[str] = field(default_factory=Counter)
    recoveries_s: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _unused: list[str] = field(default_factory=list)
    _faulty: set[str] = field(default_factory=set)

    async def run(self, seconds: float) -> None:
        """As many side by side as members may be faulty; returns when all are healed."""
        loop = asyncio.get_running_loop()
        over = loop.time() + seconds
        lanes = max(1, self.union.faulty)
        await asyncio.gather(*(self._one_after_another(over) for _ in range(lanes)))

    async def one_of_each(self) -> None:
        """Every kind once, one after another; returns when all are healed."""
        for _ in self.kinds:
            await self._befall(self._next_fault(), self.chance.uniform(_SHORTEST_S, self.longest_s))

    async def power_failure(self) -> None:
        """Every member is killed at the same instant, then all start again."""
        self.struck["power-failure"] += 1
        self.tell("power fails everywhere")
        heights = await self.union.heights()
        members = self.union.members
        await asyncio.gather(*(process.kill() for process in members.values()))
        started = await asyncio.gather(
            *(process.start() for process in members.values()), return_exceptions=True
        )
        self.problems += [
            f"after the power failure: {each}" for each in started if isinstance(each, Exception)
        ]
        await self._await_recovery("everyone", list(members), max(heights.values()) + 1)

    async def _one_after_another(self, over: float) -> None:
        loop = asyncio.get_running_loop()
        while (left := over - loop.time()) > 0:
            lasts_s = self.chance.uniform(_SHORTEST_S, self.longest_s)
            await self._befall(self._next_fault(), min(left, lasts_s))
            await asyncio.sleep(min(1.0, max(0.0, over - loop.time())))

    def _next_fault(self) -> Fault:
        """Every kind comes once before any comes again, in an order of chance."""
        if not self._unused:
            self._unused = self.chance.sample(self.kinds, len(self.kinds))
        kind = self._unused.pop()
        candidates = sorted(set(self.union.members) - self._faulty)
        with_disk = [m for m in candidates if self.union.disks[m].mounted]
        member = self.chance.choice(with_disk if kind == "full-disk" and with_disk else candidates)
        others = sorted(set(self.union.members) - {member})
        return draw(kind, member, others, self.chance)

    async def _befall(self, fault: Fault, lasts_s: float) -> None:
        self.struck[fault.kind] += 1
        self._faulty.add(fault.member)
        try:
            await self._live_through(fault, lasts_s)
        finally:
            self._faulty.discard(fault.member)

    async def _live_through(self, fault: Fault, lasts_s: float) -> None:
        await fault.strike(self.union)
        self.tell(f"{fault.member}: {fault.kind} ({fault.detail}) for {lasts_s:.1f} s")
        await asyncio.sleep(lasts_s)
        heights = await self.union.heights()
        await fault.heal(self.union)
        self.problems += fault.problems
        others = [h for member, h in heights.items() if member != fault.member]
        await self._await_recovery(fault.kind, [fault.member], max(others, default=0))

    async def _await_recovery(self, after: str, members: list[str], height: int) -> None:
        waits = await asyncio.gather(
            *(self.union.has_reached(member, height, RECOVERY_S) for member in members)
        )
        for member, waited_s in zip(members, waits, strict=True):
            if math.isinf(waited_s):
                at = (await self.union.heights()).get(member)
                self.problems.append(
                    f"{member} did not reach height {height} in {RECOVERY_S:.0f} s after "
                    f"{after}: it is at {at}"
                )
            else:
                self.recoveries_s.append(waited_s)
