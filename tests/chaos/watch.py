"""What members show of themselves while things happen: heads, evidence, and ends of processes."""

import asyncio
from dataclasses import dataclass, field

from ledger_node.client import StatusView
from tests.chaos.union import UnionUnderFire


@dataclass(frozen=True, slots=True)
class Head:
    """A ledger head that a member served as final."""

    member: str
    height: int
    log_size: int
    log_root: str
    state_root: str


@dataclass(slots=True)
class Watch:
    """Polls every member. heads: all different ones seen; retreats: heights that went backwards."""

    union: UnionUnderFire
    heads: set[Head] = field(default_factory=set)
    retreats: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    halts: list[str] = field(default_factory=list)
    _highest: dict[str, int] = field(default_factory=dict)

    async def run(self, every_s: float = 0.5) -> None:
        """Until cancelled."""
        await asyncio.gather(*(self._follow(member, every_s) for member in self.union.members))

    async def _follow(self, member: str, every_s: float) -> None:
        while True:
            status = await self.union.status(member)
            if status is not None:
                self._see(status)
            await asyncio.sleep(every_s)

    def _see(self, status: StatusView) -> None:
        member, before = status.member, self._highest.get(status.member, -1)
        if status.height < before:
            self.retreats.append(f"{member} went from height {before} to {status.height}")
        self._highest[member] = max(before, status.height)
        self.heads.add(
            Head(member, status.height, status.log_size, status.log_root, status.state_root)
        )
        if status.evidence:
            self.evidence.append(f"{member} holds {status.evidence} proofs of equivocation")
        if status.halted is not None:
            self.halts.append(f"{member} halted at height {status.halted.height}")
