"""What befalls a member. Each fault strikes, lasts a while, and is healed without repair.

A fault knows how to undo itself and what it may lead to; `heal` returns when a node process runs
again, which may still have to catch up. What it finds wrong on the way it returns as text.
"""

import asyncio
import random
import signal
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from tests.chaos.links import WireState
from tests.chaos.union import UnionUnderFire

_DISK_NOTICED_S: Final = 20.0
_LOCAL: Final = 4
"""The exit code of `ledger-node` for trouble on its own machine."""


class Fault(Protocol):
    """One kind of trouble for one member."""

    kind: str
    member: str
    detail: str

    async def strike(self, union: UnionUnderFire) -> list[str]:
        """Begin. Returns what went wrong in a way it must not."""
        ...

    async def heal(self, union: UnionUnderFire) -> list[str]:
        """End it. Returns what went wrong in a way it must not."""
        ...


@dataclass(slots=True)
class Killed:
    """SIGKILL, and a new start later."""

    member: str
    kind: str = "kill"
    detail: str = "SIGKILL"

    async def strike(self, union: UnionUnderFire) -> list[str]:
        await union.members[self.member].kill()
        return []

    async def heal(self, union: UnionUnderFire) -> list[str]:
        return await _start(union, self.member)


@dataclass(slots=True)
class Stopped:
    """SIGTERM in the middle of everything, and again while catching up: a clean end in time."""

    member: str
    kind: str = "stop"
    detail: str = "SIGTERM"

    async def strike(self, union: UnionUnderFire) -> list[str]:
        return await self._stop(union)

    async def heal(self, union: UnionUnderFire) -> list[str]:
        problems = await _start(union, self.member)
        if not problems:
            problems += await self._stop(union)
            problems += await _start(union, self.member)
        return problems

    async def _stop(self, union: UnionUnderFire) -> list[str]:
        code = await union.members[self.member].stop()
        return [] if code == 0 else [f"{self.member} stopped with code {code}, not 0"]


@dataclass(slots=True)
class Paused:
    """SIGSTOP, and SIGCONT: the process believes that no time has passed."""

    member: str
    kind: str = "pause"
    detail: str = "SIGSTOP"

    async def strike(self, union: UnionUnderFire) -> list[str]:
        union.members[self.member].signal(signal.SIGSTOP)
        return []

    async def heal(self, union: UnionUnderFire) -> list[str]:
        union.members[self.member].signal(signal.SIGCONT)
        return []


@dataclass(slots=True)
class CutOff:
    """Some wires of the member are cut or silent: all, one direction, or those with one other."""

    member: str
    state: WireState
    direction: str
    other: str
    kind: str = "cut"

    @property
    def detail(self) -> str:
        return f"{self.direction} wires {self.state}" + (f", with {self.other}" * bool(self.other))

    async def strike(self, union: UnionUnderFire) -> list[str]:
        assert union.links is not None, "wires are cut in relays"
        for (a, b), wire in union.links.wires.items():
            concerned = {
                "all": self.member in (a, b),
                "outgoing": a == self.member,
                "incoming": b == self.member,
            }[self.direction]
            if concerned and (not self.other or self.other in (a, b)):
                wire.set(self.state)
        return []

    async def heal(self, union: UnionUnderFire) -> list[str]:
        return _mend(union, self.member)


@dataclass(slots=True)
class SlowWires:
    """Everything to and from the member takes longer."""

    member: str
    delay_s: float
    kind: str = "delay"

    @property
    def detail(self) -> str:
        return f"{self.delay_s * 1000:.0f} ms on every wire"

    async def strike(self, union: UnionUnderFire) -> list[str]:
        assert union.links is not None, "wires are delayed in relays"
        for wire in union.links.of(self.member):
            wire.set(WireState.WHOLE, self.delay_s)
        return []

    async def heal(self, union: UnionUnderFire) -> list[str]:
        return _mend(union, self.member)


@dataclass(slots=True)
class FullDisk:
    """No room. The node must stop by itself, say why in one line, and start once there is room."""

    member: str
    kind: str = "full-disk"
    detail: str = "no byte left"

    async def strike(self, union: UnionUnderFire) -> list[str]:
        process, disk = union.members[self.member], union.disks[self.member]
        self.detail = "ENOSPC on its own file system" if disk.mounted else "EFBIG by limit"
        disk.fill()
        try:
            async with asyncio.timeout(_DISK_NOTICED_S):
                code = await process.gone()
        except TimeoutError:
            return [f"{self.member} runs on with a full disk"]
        said = process.last_line()
        if code != _LOCAL or not said.startswith("error: ") or str(process.data) not in said:
            return [f"{self.member} met a full disk with code {code} and {said!r}"]
        if disk.mounted:
            return await self._try_while_full(union)
        return []

    async def _try_while_full(self, union: UnionUnderFire) -> list[str]:
        """A start without room fails as clearly, or succeeds for as long as nothing is written."""
        process = union.members[self.member]
        await process.spawn()
        if await process.serving():
            return []
        code, said = await process.gone(), process.last_line()
        if code == _LOCAL and said.startswith("error: "):
            return []
        return [f"{self.member} started on a full disk: code {code} and {said!r}"]

    async def heal(self, union: UnionUnderFire) -> list[str]:
        process = union.members[self.member]
        union.disks[self.member].free()
        if process.alive:
            # It served without room for a while; whether it met the full disk is a race.
            await process.kill()
        elif process.pid is not None:
            await process.gone()
        return await _start(union, self.member)


@dataclass(slots=True)
class SlowDisk:
    """Every sync takes longer."""

    member: str
    sync_ms: int
    kind: str = "slow-disk"

    @property
    def detail(self) -> str:
        return f"{self.sync_ms} ms a sync"

    async def strike(self, union: UnionUnderFire) -> list[str]:
        union.members[self.member].conditions.sync_ms = self.sync_ms
        return []

    async def heal(self, union: UnionUnderFire) -> list[str]:
        union.members[self.member].conditions.sync_ms = 0
        return []


@dataclass(slots=True)
class ClockStep:
    """The wall clock jumps, and later jumps back."""

    member: str
    off_ms: int
    kind: str = "clock"

    @property
    def detail(self) -> str:
        return f"{self.off_ms / 1000:+.1f} s"

    async def strike(self, union: UnionUnderFire) -> list[str]:
        union.members[self.member].conditions.clock_off_ms = self.off_ms
        return []

    async def heal(self, union: UnionUnderFire) -> list[str]:
        union.members[self.member].conditions.clock_off_ms = 0
        return []


KINDS: Final = ("kill", "stop", "pause", "cut", "delay", "full-disk", "slow-disk", "clock")

AnyFault: TypeAlias = (
    Killed | Stopped | Paused | CutOff | SlowWires | FullDisk | SlowDisk | ClockStep
)


def draw(kind: str, member: str, others: list[str], chance: random.Random) -> AnyFault:
    """A fault of a kind for a member, its particulars by chance."""
    match kind:
        case "kill":
            return Killed(member)
        case "stop":
            return Stopped(member)
        case "pause":
            return Paused(member)
        case "cut":
            return CutOff(
                member,
                chance.choice((WireState.CUT, WireState.SILENT)),
                chance.choice(("all", "outgoing", "incoming")),
                chance.choice(others) if chance.random() < 0.3 else "",
            )
        case "delay":
            return SlowWires(member, chance.choice((0.05, 0.2, 0.6, 1.5)))
        case "full-disk":
            return FullDisk(member)
        case "slow-disk":
            return SlowDisk(member, chance.choice((20, 100, 400)))
        case "clock":
            step = chance.choice((1_500, 5_000, 60_000, 3_600_000, 2 * 86_400_000))
            return ClockStep(member, chance.choice((-1, 1)) * step)
    raise ValueError(f"{kind} is none of {', '.join(KINDS)}")


def _mend(union: UnionUnderFire, member: str) -> list[str]:
    assert union.links is not None, "wires are mended in relays"
    for wire in union.links.of(member):
        wire.set(WireState.WHOLE)
    return []


async def _start(union: UnionUnderFire, member: str) -> list[str]:
    try:
        await union.members[member].start()
    except (RuntimeError, TimeoutError) as error:
        return [f"after its fault {member} needs repair: {error}"]
    return []
