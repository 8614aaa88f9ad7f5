"""What every measurement is given: where to keep data, the load generator, a voice."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final, Protocol

from benchmarks.systems import generator
from benchmarks.systems.generator import Programs
from benchmarks.systems.processes import Spent, Usage
from benchmarks.workload.prepared import Workload
from ledger_node.ledger.submission import MAX_RECORDS

FIRST_GUESS: Final = {True: 2_000.0, False: 8_000.0}
"""Records a second for which work is prepared before anything is known; True: single records."""

HEADROOM: Final = 1.7
LEAST_WINDOW: Final = 0.8
"""A run whose clients ran out of work before this share of its window is made again."""


STREAMS: Final = 8
"""Connections to each node over which single submissions travel: 40 in all, for up to a thousand
clients. etcd's clients share a hundred."""


@dataclass(frozen=True, slots=True)
class Load:
    """Clients at once, records a submission, and streams a node (0: a request a submission)."""

    clients: int
    batch: int
    streams: int


def singles(clients: int) -> Load:
    """One record a submission, each with its own signature, over streams."""
    return Load(clients, 1, STREAMS)


def batches(clients: int) -> Load:
    """256 records a submission, a request each."""
    return Load(clients, MAX_RECORDS, 0)


class Measured(Protocol):
    """A system whose processes are known."""

    def usage(self) -> Usage:
        """Of all its nodes."""
        ...


@dataclass(slots=True)
class Setting:
    """One run of the harness. root: on a real disk; window_s: how long each load counts."""

    root: Path
    programs: Programs
    warm_s: float
    window_s: float
    began: float = field(default_factory=time.monotonic)
    expected: dict[Load, float] = field(default_factory=dict)
    """Records a second seen under a load."""

    def say(self, text: str) -> None:
        """Progress, for people."""
        elapsed = time.monotonic() - self.began
        print(
            f"[{elapsed:5.0f} s, load {os.getloadavg()[0]:.1f}] {text}", file=sys.stderr, flush=True
        )

    def window_of(self, load: Load) -> float:
        """Batches come in waves of thousands of records: they are counted for longer."""
        return self.window_s if load.batch == 1 else 2 * self.window_s

    def drive(
        self,
        system: Measured,
        workload: Workload,
        load: Load,
        *,
        away: str | None = None,
        begin: Callable[[], object] = lambda: None,
        endpoints: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Load a system with prepared submissions; also what its nodes used.

        endpoints: of CometBFT, if it stands before the ledger; away: a member whose node is down;
        begin: called when work is ready, before the clock starts. Made again with more work when
        clients ran out of it.
        """
        while True:
            guess = self.expected.get(load, FIRST_GUESS[load.batch == 1])
            work = self.root / "work"
            window_s = self.window_of(load)
            wanted = int(guess * HEADROOM * (self.warm_s + window_s))
            workload.write(work, load.clients, load.batch, wanted, away)
            begin()
            before = system.usage()
            found = generator.drive(
                self.programs.load,
                "cometbft" if endpoints else "ledger",
                clients=load.clients,
                warm_s=self.warm_s,
                window_s=window_s,
                work=work,
                streams=load.streams,
                endpoints=endpoints,
            )
            spent = system.usage().since(before)
            work.unlink()
            if not found["out_of_work"] or found["seconds"] >= LEAST_WINDOW * window_s:
                self.expected[load] = max(100.0, found["records_per_s"])
                return found | per_record(spent, found["total_records"], found["client_cpu_s"])
            self.expected[load] = 2 * guess


def per_record(spent: Spent, records: int, client_cpu_s: float) -> dict[str, Any]:
    """What all nodes together used for each record of a run, and its client."""
    count = max(1, records)
    return {
        "node_cpu_us": round(spent.cpu_s / count * 1e6, 1),
        "client_cpu_us": round(client_cpu_s / count * 1e6, 1),
        "disk_bytes": round(spent.disk_bytes / count),
        "wire_bytes": None if spent.wire_bytes is None else round(spent.wire_bytes / count),
    }


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, least and most."""
    return {
        "median": round(median(values), 3),
        "min": round(min(values), 3),
        "max": round(max(values), 3),
    }
