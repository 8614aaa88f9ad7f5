"""Frames a second and round trips between two networks on loopback, in one process, over TLS.

Both ends share one core, so a node's own share is about half. The figures of docs/decisions/0004.
Run: python benchmarks/peer_links.py
"""

import asyncio
import json
import os
import platform
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ledger_node.crypto.signatures import SoftwareSigner, Suite
from ledger_node.crypto.tls import make_certificate
from ledger_node.network import Identity, Limits, PeerAddress, PeerNetwork

OPEN = Limits(queued_urgent=1 << 30, queued_bulk=1 << 30, bytes_per_s=1e12, messages_per_s=1e12)
OnFrame = Callable[[str, bytes], Awaitable[None]]


@asynccontextmanager
async def pair(on_am: OnFrame, on_by: OnFrame) -> AsyncIterator[tuple[PeerNetwork, PeerNetwork]]:
    """Two members, connected both ways."""
    identities, members = {}, {}
    for member in ("AM", "BY"):
        signer = SoftwareSigner.generate(Suite.ECDSA_P256)
        identities[member] = Identity(member, make_certificate(signer, member), signer)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        members[member] = PeerAddress("127.0.0.1", port, identities[member].certificate)
    up = asyncio.Event()
    ready: set[tuple[str, bool]] = set()

    def on_link(member: str, now: bool) -> None:
        ready.add((member, now))
        if len(ready) == 2:
            up.set()

    am = PeerNetwork(identities["AM"], members, bytes(32), on_am, on_link=on_link, limits=OPEN)
    by = PeerNetwork(identities["BY"], members, bytes(32), on_by, on_link=on_link, limits=OPEN)
    await asyncio.gather(am.start(), by.start())
    await up.wait()
    try:
        yield am, by
    finally:
        await asyncio.gather(am.close(), by.close())


async def throughput(size: int, count: int, burst: int) -> dict[str, int]:
    """`count` frames of `size` bytes, `burst` of them put in at a time."""
    arrived = asyncio.Event()
    left = count

    async def take(_member: str, _frame: bytes) -> None:
        nonlocal left
        left -= 1
        if not left:
            arrived.set()

    frame = os.urandom(size)
    async with pair(take, take) as (am, _):
        begun = time.perf_counter()
        for number in range(count):
            am.send("BY", frame, urgent=False)
            if number % burst == burst - 1:
                await asyncio.sleep(0)
        await arrived.wait()
        seconds = time.perf_counter() - begun
    return {"frames_per_s": round(count / seconds), "mb_per_s": round(count * size / seconds / 1e6)}


async def round_trips(count: int) -> dict[str, int]:
    """A 200-byte urgent frame there and one back, one at a time, in microseconds."""
    home = asyncio.Event()
    networks: list[PeerNetwork] = []

    async def echo(_member: str, frame: bytes) -> None:
        networks[1].send("AM", frame, urgent=True)

    async def take(_member: str, _frame: bytes) -> None:
        home.set()

    took = []
    async with pair(take, echo) as both:
        networks += both
        for _ in range(count):
            home.clear()
            begun = time.perf_counter()
            both[0].send("BY", bytes(200), urgent=True)
            await home.wait()
            took.append(time.perf_counter() - begun)
    took.sort()
    return {f"p{p}_us": round(took[count * p // 100] * 1e6) for p in (50, 95, 99)}


async def main() -> None:
    """Prints all figures as JSON."""
    results: dict[str, dict[str, int]] = {}
    for size, count, burst in (
        (200, 50_000, 1),
        (200, 100_000, 16),
        (200, 200_000, 200_000),
        (8_000, 20_000, 16),
        (65_536, 5_000, 16),
        (1 << 20, 300, 300),
        (4 << 20, 80, 80),
    ):
        results[f"{size} bytes, {burst} at a time"] = await throughput(size, count, burst)
    results["round trip"] = await round_trips(3000)
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    print(json.dumps({"machine": machine, "results": results}, indent=2))


if __name__ == "__main__":
    asyncio.run(main())
