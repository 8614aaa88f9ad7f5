"""A founded union whose members are processes, whose wires are relays, and one client a member."""

import asyncio
import math
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger_node.client import ClientError, LedgerClient, Retries, StatusView
from ledger_node.genesis import Parameters
from ledger_node.genesis.policy import policy_text
from ledger_node.log.policy import Policy, parse_policy
from tests.chaos.disk import Disk, unmount_below
from tests.chaos.links import Links
from tests.chaos.member import MemberProcess
from tests.ports import HOST, free_ports
from tests.union.founding import PASSPHRASE, FoundedUnion, found_union, write_keys

CODES: Final = ("AM", "BY", "KG", "KZ", "RU", "TJ", "UZ", "MD", "TM", "AZ")
PARAMETERS: Final = Parameters(delta_ms=250, heartbeat_ms=2_000)
LATE_GAP: Final = 10
_PATIENCE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class UnionUnderFire:
    """Members by code, in order."""

    founded: FoundedUnion
    members: dict[str, MemberProcess]
    disks: dict[str, Disk]
    links: Links | None
    clients: dict[str, LedgerClient]

    @property
    def faulty(self) -> int:
        """f: how many members may be faulty at a time."""
        return (len(self.members) - 1) // 3

    @property
    def policy(self) -> Policy:
        """What an auditor trusts."""
        return parse_policy(policy_text(self.founded.founding.genesis).encode())

    async def status(self, member: str) -> StatusView | None:
        """What a member says of itself; None when it does not answer soon."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await self.clients[member].status()
        except (ClientError, TimeoutError):
            return None

    async def heights(self) -> dict[str, int]:
        """Heights of the members that answer."""
        statuses = await asyncio.gather(*map(self.status, self.members))
        return {s.member: s.height for s in statuses if s is not None}

    async def has_reached(self, member: str, height: int, within_s: float) -> float:
        """Seconds until a member has reached a height; infinite when it takes longer."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while loop.time() - began < within_s:
            status = await self.status(member)
            if status is not None and status.height >= height:
                return loop.time() - began
            await asyncio.sleep(0.1)
        return math.inf


@asynccontextmanager
async def union_under_fire(
    root: Path,
    number: int,
    *,
    parameters: Parameters = PARAMETERS,
    relays: bool = True,
    small_disks: int = 0,
    late: Collection[str] = (),
) -> AsyncIterator[UnionUnderFire]:
    """Found and start a union of `number` members below `root`; end its processes at the end.

    relays: whether members reach each other through `links`; small_disks: how many members get a
    disk that can be filled for real, where that is possible; late: members that are not started
    yet, and when they are take a snapshot if they are more than LATE_GAP blocks behind.
    """
    codes = CODES[:number]
    founded = found_union(root, *codes, parameters=parameters)
    ports = free_ports(2 * number)
    members: dict[str, MemberProcess] = {}
    wires: dict[str, tuple[int, int]] = {}
    for index, (code, one) in enumerate(founded.members.items()):
        api_port, listen = ports[2 * index], ports[2 * index + 1]
        lines = [f'member = "{code}"', f'api_listen = "{HOST}:{api_port}"']
        if relays:
            lines.append(f'peer_listen = "{HOST}:{listen}"')
            wires[code] = (one.card.peer_port, listen)
        if code in late:
            lines.append(f"snapshot_gap = {LATE_GAP}")
        one.directory.settings.write_text("\n".join(lines) + "\n")
        write_keys(one)
        beside = root / f"{code}-process"
        beside.mkdir()
        passphrase = beside / "passphrase"
        passphrase.touch(mode=0o600)
        passphrase.write_bytes(PASSPHRASE)
        members[code] = MemberProcess(
            code, one.directory.root, passphrase, f"http://{HOST}:{api_port}"
        )
    disks = {code: Disk(process) for code, process in members.items()}
    async with AsyncExitStack() as stack:
        stack.callback(unmount_below, root)
        for disk in list(disks.values())[:small_disks]:
            disk.mount_small()
        links = Links(members, wires) if relays else None
        if links is not None:
            stack.push_async_callback(links.close)
            await links.open()
        for process in members.values():
            stack.push_async_callback(_end, process)
        clients = {
            code: await stack.enter_async_context(
                LedgerClient(process.url, founded.members[code].token, retries=Retries(0))
            )
            for code, process in members.items()
        }
        await asyncio.gather(*(p.start() for code, p in members.items() if code not in late))
        yield UnionUnderFire(founded, members, disks, links, clients)


async def _end(process: MemberProcess) -> None:
    if process.alive:
        await process.kill()
