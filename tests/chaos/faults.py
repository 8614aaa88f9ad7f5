"""What befalls a member. Each fault strikes, lasts a while, and is healed without repair.

There is one class for each thing that can be bad: the process, its wires, its conditions, its disk.
`heal` returns when a node process runs again, which may still have to catch up. Whatever a member
does on the way that it must not is noted in `problems`.
"""

import asyncio
import random
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from tests.chaos.links import WireState
from tests.chaos.union import UnionUnderFire

_DISK_NOTICED_S: Final = 60.0
_LOCAL: Final = 4
"""The exit code of `ledger-node` for trouble on its own machine."""


@dataclass(slots=True)
class Fault(ABC):
    """Trouble for one member. kind: of KINDS; detail: its particulars, for people."""

    member: str
    kind: str
    detail: str
    problems: list[str] = field(default_factory=list, init=False)

    @abstractmethod
    async def strike(self, union: UnionUnderFire) -> None:
        """Begin."""

    @abstractmethod
    async def heal(self, union: UnionUnderFire) -> None:
        """End it."""

    async def _start(self, union: UnionUnderFire) -> None:
        try:
            await union.members[self.member].start()
        except (RuntimeError, TimeoutError) as error:
            self.problems.append(f"after its fault {self.member} needs repair: {error}")


class Killed(Fault):
    """SIGKILL, and a new start later."""

    async def strike(self, union: UnionUnderFire) -> None:
        await union.members[self.member].kill()

    async def heal(self, union: UnionUnderFire) -> None:
        await self._start(union)


class Stopped(Fault):
    """SIGTERM in the middle of everything, and again while catching up: a clean end in time."""

    async def strike(self, union: UnionUnderFire) -> None:
        code = await union.members[self.member].stop()
        if code != 0:
            self.problems.append(f"{self.member} stopped with code {code}, not 0")

    async def heal(self, union: UnionUnderFire) -> None:
        await self._start(union)
        if union.members[self.member].alive:
            await self.strike(union)
            await self._start(union)


class Paused(Fault):
    """SIGSTOP, and SIGCONT: the process believes that no time has passed."""

    async def strike(self, union: UnionUnderFire) -> None:
        union.members[self.member].signal(signal.SIGSTOP)

    async def heal(self, union: UnionUnderFire) -> None:
        union.members[self.member].signal(signal.SIGCONT)


@dataclass(slots=True)
class BadWires(Fault):
    """Some of the member's wires are cut, silent or slow. bad: which, by dialler and listener."""

    bad: Callable[[str, str], bool]
    state: WireState = WireState.WHOLE
    delay_s: float = 0.0

    async def strike(self, union: UnionUnderFire) -> None:
        assert union.links is not None, "wires are bent in relays"
        for ends, wire in union.links.wires.items():
            if self.bad(*ends):
                wire.set(self.state, self.delay_s)

    async def heal(self, union: UnionUnderFire) -> None:
        assert union.links is not None, "wires are mended in relays"
        for wire in union.links.of(self.member):
            wire.set(WireState.WHOLE)


@dataclass(slots=True)
class BadConditions(Fault):
    """The member's clock or disk is off by an amount, until it is not."""

    condition: Literal["clock_off_ms", "sync_ms"]
    amount: int

    async def strike(self, union: UnionUnderFire) -> None:
        setattr(union.members[self.member].conditions, self.condition, self.amount)

    async def heal(self, union: UnionUnderFire) -> None:
        setattr(union.members[self.member].conditions, self.condition, 0)


class FullDisk(Fault):
    """No room. The node must stop by itself, say why in one line, and start once there is room."""

    async def strike(self, union: UnionUnderFire) -> None:
        process, disk = union.members[self.member], union.disks[self.member]
        self.detail = "ENOSPC on its own file system" if disk.mounted else "EFBIG by limit"
        disk.fill()
        try:
            async with asyncio.timeout(_DISK_NOTICED_S):
                code = await process.gone()
        except TimeoutError:
            self.problems.append(f"{self.member} runs on with a full disk")
            return
        said = process.last_line()
        if code != _LOCAL or not said.startswith("error: ") or str(process.data) not in said:
            self.problems.append(f"{self.member} met a full disk with code {code} and {said!r}")
        elif disk.mounted:
            await self._try_while_full(union)

    async def _try_while_full(self, union: UnionUnderFire) -> None:
        """A start without room fails as clearly, or succeeds for as long as nothing is written."""
        process = union.members[self.member]
        await process.spawn()
        if await process.serving():
            return
        code, said = await process.gone(), process.last_line()
        if code != _LOCAL or not said.startswith("error: "):
            self.problems.append(f"{self.member} started on a full disk: code {code} and {said!r}")

    async def heal(self, union: UnionUnderFire) -> None:
        process = union.members[self.member]
        union.disks[self.member].free()
        if process.alive:
            # It served without room for a while; whether it met the full disk is a race.
            await process.kill()
        elif process.pid is not None:
            await process.gone()
        await self._start(union)


# ---------------------------------------------------------------- by chance


def _cut(member: str, others: list[str], chance: random.Random) -> Fault:
    state = chance.choice((WireState.CUT, WireState.SILENT))
    direction = chance.choice(tuple(_DIRECTIONS))
    other = chance.choice(others) if chance.random() < 0.3 else ""

    def bad(dialler: str, listener: str) -> bool:
        ends = (dialler, listener)
        return member in _DIRECTIONS[direction](ends) and (not other or other in ends)

    detail = f"{direction} wires {state}" + (f", with {other}" if other else "")
    return BadWires(member, "cut", detail, bad, state)


_DIRECTIONS: Final[Mapping[str, Callable[[tuple[str, str]], tuple[str, ...]]]] = {
    "all": lambda ends: ends,
    "outgoing": lambda ends: ends[:1],
    "incoming": lambda ends: ends[1:],
}
"""At which of its ends (dialler, listener) a wire is the member's."""


def _delay(member: str, others: list[str], chance: random.Random) -> Fault:
    delay_s = chance.choice((0.05, 0.2, 0.6, 1.5))
    detail = f"{delay_s * 1000:.0f} ms on every wire"
    return BadWires(member, "delay", detail, lambda *ends: member in ends, delay_s=delay_s)


def _slow_disk(member: str, others: list[str], chance: random.Random) -> Fault:
    sync_ms = chance.choice((20, 100, 400))
    return BadConditions(member, "slow-disk", f"{sync_ms} ms a sync", "sync_ms", sync_ms)


def _clock(member: str, others: list[str], chance: random.Random) -> Fault:
    step = chance.choice((1_500, 5_000, 60_000, 3_600_000, 2 * 86_400_000))
    off_ms = chance.choice((-1, 1)) * step
    return BadConditions(member, "clock", f"{off_ms / 1000:+.1f} s", "clock_off_ms", off_ms)


_DRAWS: Final[Mapping[str, Callable[[str, list[str], random.Random], Fault]]] = {
    "kill": lambda member, _others, _chance: Killed(member, "kill", "SIGKILL"),
    "stop": lambda member, _others, _chance: Stopped(member, "stop", "SIGTERM"),
    "pause": lambda member, _others, _chance: Paused(member, "pause", "SIGSTOP"),
    "cut": _cut,
    "delay": _delay,
    "full-disk": lambda member, _others, _chance: FullDisk(member, "full-disk", "no byte left"),
    "slow-disk": _slow_disk,
    "clock": _clock,
}

KINDS: Final = tuple(_DRAWS)


def draw(kind: str, member: str, others: list[str], chance: random.Random) -> Fault:
    """A fault of one of KINDS for a member, its particulars by chance. others: all but it."""
    return _DRAWS[kind](member, others, chance)
