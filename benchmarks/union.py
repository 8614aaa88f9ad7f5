"""Accepted records a second and time to finality of a five-member union on this machine.

    python -m benchmarks.union [--seconds S] [--clients N]

Five node processes on loopback with real TLS, real disk syncs and all rules on, the clients in this
process: everything shares the machine, so the figures are what the machine does in all. Three
loads, one after another on one union: one submission at a time (finality at low load), many clients
with one record a submission, many clients with 256 records a submission. A figure counts records
that a client saw final and accepted. Prints JSON with machine and command.
"""

import argparse
import asyncio
import itertools
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.registry.objects import Role
from contracts.registry.records import RegisterParticipant
from ledger_node.client import LedgerClient, Participant
from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.demo.founding import HOST, MEMBERS, Ceremony
from ledger_node.demo.nodes import NodeProcess
from ledger_node.demo.ports import HeldPorts

RECORDS_A_BATCH = 256
WARM_UP = 10


@dataclass(slots=True)
class Load:
    """What one load measured."""

    records: int = 0
    seconds: float = 0.0
    finality_ms: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """For the JSON."""
        cuts = statistics.quantiles(self.finality_ms, n=100)
        return {
            "records": self.records,
            "submissions": len(self.finality_ms),
            "seconds": round(self.seconds, 2),
            "records_per_s": round(self.records / self.seconds, 1),
            "finality_ms": {
                "p50": round(statistics.median(self.finality_ms), 1),
                "p95": round(cuts[94], 1),
                "p99": round(cuts[98], 1),
            },
        }


class Registrar:
    """A registrar that enters declarants, as many a submission as it is asked."""

    def __init__(self, participant: Participant, numbers: Iterator[int]) -> None:
        self._participant = participant
        self._numbers = numbers
        # One key for all: making keys is the participants' cost, not the union's.
        self._key = SoftwareSigner.generate().public

    def _record(self) -> RegisterParticipant:
        member = self._participant.author
        return RegisterParticipant(
            id=f"{member}-{next(self._numbers):08d}",
            member=member,
            name="Benchmark Trading Company Limited",
            roles=(Role.DECLARANT,),
            functions=(),
            keys=(self._key,),
        )

    async def enter(self, records: int, load: Load) -> None:
        """One submission, timed from before it is signed until it is known to be final."""
        batch = [self._record() for _ in range(records)]
        began = time.perf_counter()
        view = await self._participant.act(*batch)
        load.finality_ms.append((time.perf_counter() - began) * 1000)
        assert view.accepted, view.rejections[:1]
        load.records += records


async def run_load(registrars: list[Registrar], seconds: float, records: int) -> Load:
    """Every registrar enters one submission after another for a time."""
    load = Load()
    began = time.perf_counter()

    async def keep_on(registrar: Registrar) -> None:
        while time.perf_counter() - began < seconds:
            await registrar.enter(records, load)

    await asyncio.gather(*(keep_on(registrar) for registrar in registrars))
    load.seconds = time.perf_counter() - began
    return load


async def measure(root: Path, seconds: float, clients: int) -> dict[str, Any]:
    """Found a union, load it, stop it."""
    ceremony = Ceremony.begin(root)
    held = HeldPorts(HOST, 2 * len(MEMBERS))
    for member, api, peer in zip(MEMBERS, held.ports[::2], held.ports[1::2], strict=True):
        ceremony.make_member(member, api, peer)
    ceremony.draft()
    for member in MEMBERS:
        ceremony.sign(member)
    union = ceremony.conclude().union
    homes = ceremony.in_order()
    nodes = [NodeProcess(household) for household in homes]
    try:
        await asyncio.gather(*(node.start() for node in nodes))
        async with AsyncExitStack() as stack:
            registrars = []
            numbers = itertools.count()
            for home in homes:
                client = LedgerClient(home.api_url, home.token)
                await stack.enter_async_context(client)
                who = Participant(client, union, home.member, home.registrar)
                registrars.append(Registrar(who, numbers))
            # Several submitters may share a registrar: each submission is independent.
            submitters = [registrars[i % len(registrars)] for i in range(clients)]
            for _ in range(WARM_UP):
                await registrars[0].enter(1, Load())
            one = await run_load(submitters[:1], seconds, 1)
            single = await run_load(submitters, seconds, 1)
            batch = await run_load(submitters[: max(10, clients // 4)], seconds, RECORDS_A_BATCH)
        return {
            "one_at_a_time": one.figures(),
            "single_record": single.figures(),
            "batch_256": batch.figures(),
        }
    finally:
        for node in nodes:
            await node.stop()
        held.let_go()


def machine() -> dict[str, Any]:
    """Where this was measured."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.union")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each load")
    parser.add_argument("--clients", type=int, default=40, help="concurrent submitters")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="union-benchmark-") as directory:
        figures = asyncio.run(measure(Path(directory), arguments.seconds, arguments.clients))
    json.dump(
        {
            "benchmark": "five-member union, all on one machine",
            "command": " ".join(["python -m benchmarks.union", *sys.argv[1:]]),
            "machine": machine(),
            "members": len(MEMBERS),
            "clients": arguments.clients,
            "loads": figures,
        },
        sys.stdout,
        indent=2,
    )
    print()


if __name__ == "__main__":
    main()
