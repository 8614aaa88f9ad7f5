"""The same union with ten thousand, a hundred thousand, a million records behind it.

At each size: records a second, what a record costs the processor and the disk, memory, the time a
node needs to restart, how fast one catches up that was away, and how long questions take.
"""

import http.client
import time
from collections.abc import Callable
from statistics import quantiles
from typing import Any, Final

from benchmarks.figures.setting import Setting, batches
from benchmarks.systems import generator, processes
from benchmarks.systems.processes import Spent
from benchmarks.systems.union import LedgerUnion
from benchmarks.systems.waiting import until
from benchmarks.workload.movement import STEPS
from benchmarks.workload.prepared import Workload
from ledger_node.ledger.submission import MAX_RECORDS

CLIENTS: Final = 16
CHUNK: Final = 100_000
"""Records prepared at a time while a ledger is filled."""
QUESTIONS: Final = 300
MISSED: Final = 36_000
"""Records that a node misses before it has to catch up."""


class Growth:
    """One union as it grows. records: of movements, so far."""

    def __init__(self, setting: Setting, union: LedgerUnion, workload: Workload) -> None:
        self._setting = setting
        self._union = union
        self._workload = workload
        self.records = 0
        self._victim = union.members[-1]
        """Whose node is restarted, and is away."""
        self._known: list[str] = []
        """Reference numbers of movements that are on the ledger."""

    def measure(self, sizes: tuple[int, ...]) -> list[dict[str, Any]]:
        """At each size in turn."""
        return [self._at(size) for size in sizes]

    def _at(self, size: int) -> dict[str, Any]:
        setting, union = self._setting, self._union
        self._fill(size)
        run = setting.drive(union, self._workload, batches(CLIENTS))
        self.records += run["total_records"]
        member = union.members[0]
        restart = self._restart()
        disk = processes.size_on_disk(union.homes[member].data.root)
        found = {
            "records": size,
            "log_entries": union.status(member)["log_size"],
            "records_per_s": round(run["records_per_s"], 1),
            "node_cpu_us": run["node_cpu_us"],
            "latency_ms": run["latency_ms"],
            "resident_mb": round(union.usage().resident_bytes / len(union.members) / 1e6, 1),
            "disk_bytes_per_record": round(disk / self.records),
            "restart_s": round(restart.seconds, 2),
            "restart_cpu_s": round(restart.cpu_s, 2),
            "catch_up": self._catch_up(restart),
            "questions_ms": self._questions(),
        }
        setting.say(
            f"{size} records: {found['records_per_s']:.0f} records/s, "
            f"{found['node_cpu_us']:.0f} us CPU a record, restart {found['restart_s']} s, "
            f"catch-up {found['catch_up']['records_per_s']}/s"
        )
        return found

    def _fill(self, size: int) -> None:
        """To `size`, or as near as whole movements come."""
        while (missing := size - self.records) > MAX_RECORDS * STEPS / 2:
            run = self._settle_all(min(missing, CHUNK))
            rate = run["total_records"] / run["total_seconds"]
            self._setting.say(f"filled to {self.records} records at {rate:.0f}/s")

    def _settle_all(self, records: int, away: str | None = None) -> dict[str, Any]:
        """Hand in that many records' worth of movements, and see all of it final."""
        turn = MAX_RECORDS * STEPS
        clients = min(CLIENTS, max(1, records // turn))
        whole = records // (turn * clients) or 1
        work = self._setting.root / "work"
        prepared = len(self._workload.sampled)
        self._workload.write(work, clients, MAX_RECORDS, whole * turn * clients, away)
        run = generator.drive(
            self._setting.programs.load,
            "ledger",
            clients=clients,
            warm_s=0,
            window_s=3600,
            work=work,
        )
        assert not run["failures"], run["first_failure"]
        self.records += run["total_records"]
        self._known += self._workload.sampled[prepared:]
        return run

    def _restart(self) -> Spent:
        """A node that stops and starts again, having missed nothing."""
        self._union.stop(self._victim)
        return self._start()

    def _start(self) -> Spent:
        """From the start of the node's process until it has what the others have."""
        began = time.monotonic()
        self._union.start(self._victim)
        self._wait_for(self._victim)
        used = processes.usage([self._union.running[self._victim].pid])
        return Spent(time.monotonic() - began, used.cpu_s, used.disk_written, None)

    def _catch_up(self, restart: Spent) -> dict[str, Any]:
        """A node that was away while MISSED records became final, and is back.

        What it needs beyond a restart that misses nothing is the catching up: as records a second,
        beside the rate at which the others made them. Nobody has other work meanwhile.
        """
        self._union.stop(self._victim)
        run = self._settle_all(MISSED, away=self._victim)
        spent = self._start()
        missed, live = run["total_records"], run["total_records"] / run["total_seconds"]
        seconds = max(spent.seconds - restart.seconds, 0.1)
        return {
            "records": missed,
            "seconds": round(seconds, 2),
            "records_per_s": round(missed / seconds),
            "cpu_us": round((spent.cpu_s - restart.cpu_s) / missed * 1e6, 1),
            "live_records_per_s": round(live),
            "times_live": round(missed / seconds / live, 1),
        }

    def _wait_for(self, member: str) -> None:
        """Until it has what the first member has."""
        height = self._union.status(self._union.members[0])["height"]
        until(lambda: self._height(member) >= height, f"{member} has not caught up", 600)

    def _height(self, member: str) -> int:
        try:
            found: int = self._union.status(member)["height"]
        except OSError:
            return -1
        return found

    def _questions(self) -> dict[str, dict[str, float]]:
        """p50 and p95 of questions, one after another on one connection."""
        union, known = self._union, self._known
        member = union.members[0]
        size = union.status(member)["log_size"]
        door = union.door(member)
        host, _, port = door.address.rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        token = {"Authorization": f"Bearer {door.token}"}

        def ask(path: str) -> float:
            began = time.perf_counter()
            connection.request("GET", path, headers=token)
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == http.HTTPStatus.OK, f"{path}: {answer.status} {body[:200]!r}"
            return (time.perf_counter() - began) * 1000

        kinds: dict[str, Callable[[int], str]] = {
            "object": lambda turn: f"/v1/objects/movement/{known[turn * 7919 % len(known)]}",
            "entry": lambda turn: f"/v1/entries/{turn * 7919 % size}",
            "inclusion proof": lambda turn: f"/v1/proofs/{turn * 7919 % size}?wait=10",
            "state proof": lambda turn: (
                f"/v1/state-proofs/movement/{known[turn * 7919 % len(known)]}?wait=10"
            ),
        }
        try:
            return {
                name: _p50_p95([ask(path(n)) for n in range(QUESTIONS)])
                for name, path in kinds.items()
            }
        finally:
            connection.close()


def _p50_p95(values: list[float]) -> dict[str, float]:
    cuts = quantiles(values, n=100)
    return {"p50": round(cuts[49], 2), "p95": round(cuts[94], 2)}
