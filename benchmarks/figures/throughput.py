"""Records a second: our union beside etcd and CometBFT, one after another, over several rounds.

Each round starts every system anew and loads it at several numbers of clients. Figures of one
round were taken within minutes on one machine, so ratios are made within rounds, and their spread
over the rounds says how far to trust them.
"""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final, TypeAlias

from benchmarks.figures.setting import Load, Setting, batches, per_record, singles, spread
from benchmarks.systems import cometbft, etcd, generator
from benchmarks.systems.union import COUNTRIES, LedgerUnion
from benchmarks.workload.prepared import Workload, write_work
from ledger_node.demo.nodes import end_left_behind

MEMBERS: Final = COUNTRIES[:5]
SINGLE_CLIENTS: Final = (40, 256, 1000)
BATCH_CLIENTS: Final = (16, 32)
REQUEST_CLIENTS: Final = 256
"""Single records, a request each."""
COMET_LEDGER: Final = "cometbft with our contracts"
SETTLE_S: Final = 60.0
ETCD_BATCH: Final = 128
"""The most puts that etcd takes in a transaction unless told otherwise."""
ETCD_BATCH_CLIENTS: Final = 32
ETCD_BATCHED: Final = "128 puts a transaction"
"""Shown beside our batches, but not what they are measured against: nobody signs or checks them."""
ETCD_CLIENTS: Final = (40, 256, 1000)
COMET_CLIENTS: Final = (40, 256, 1000, 2560)
"""The last only to find its best: it gains by more under way, etcd does not."""

Point = tuple[str, str, int]
"""System, kind of load, clients."""

Runs: TypeAlias = dict[Point, list[dict[str, Any]]]
"""What each round measured at each point."""


@dataclass(frozen=True, slots=True)
class Peers:
    """Programs of the systems compared with; None where it is absent."""

    etcd: str | None
    cometbft: Path | None

    def absent(self) -> list[str]:
        """What is missing and how to get it, a line each."""
        lines = []
        if self.etcd is None:
            lines.append(f"ABSENT: etcd is not measured. To have it: {etcd.INSTALL}")
        if self.cometbft is None:
            lines.append(f"ABSENT: CometBFT is not measured. To have it: {cometbft.INSTALL}")
        return lines

    def versions(self) -> dict[str, str]:
        """By name."""
        found = {}
        if self.etcd is not None:
            found["etcd"] = etcd.version(self.etcd)
        if self.cometbft is not None:
            found["cometbft"] = cometbft.version(self.cometbft)
        return found


def measure(setting: Setting, peers: Peers, rounds: int, record_size: int) -> dict[str, Any]:
    """record_size: bytes of a peer's record, ours on average."""
    runs: Runs = defaultdict(list)
    systems: list[Callable[[], None]] = [lambda: _ours(setting, runs)]
    if peers.etcd is not None:
        program = peers.etcd
        systems.append(lambda: _etcd(setting, runs, program, record_size))
    if peers.cometbft is not None:
        node = peers.cometbft
        systems.append(lambda: _cometbft(setting, runs, node, record_size))
        systems.append(lambda: _cometbft_ledger(setting, runs, node))
    for number in range(rounds):
        setting.say(f"round {number + 1} of {rounds}")
        # Another order each round: none is always first after a pause, or always last.
        for turn in range(len(systems)):
            systems[(number + turn) % len(systems)]()
    return {
        "rounds": rounds,
        "record_bytes": record_size,
        "points": [_point(point, found) for point, found in runs.items()],
        "ratios": ratios(runs),
    }


def _point(point: Point, runs: list[dict[str, Any]]) -> dict[str, Any]:
    system, load, clients = point
    latency = {
        name: round(median(run["latency_ms"][name] for run in runs), 1)
        for name in ("p50", "p95", "p99")
    }
    return {
        "system": system,
        "load": load,
        "clients": clients,
        "records_per_s": spread([run["records_per_s"] for run in runs]),
        "latency_ms": latency,
        "node_cpu_us": spread([run["node_cpu_us"] for run in runs]),
        "client_cpu_us": spread([run["client_cpu_us"] for run in runs]),
        "wire_bytes": _median_or_none([run["wire_bytes"] for run in runs]),
        "disk_bytes": round(median(run["disk_bytes"] for run in runs)),
        "failures": sum(run["failures"] for run in runs),
        "runs": runs,
    }


def _median_or_none(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return round(median(known)) if known else None


def ratios(runs: Runs) -> list[dict[str, Any]]:
    """Ours to a peer's best, round by round: at the same number of clients, and at any.

    Batches are held against a peer's plain writes: each of our records, too, is judged, logged and
    proven by itself. CometBFT with our contracts has batches as well.
    """
    found = []
    for load in ("single", "batch"):
        ours = {point: r for point, r in runs.items() if point[:2] == ("union", load)}
        for peer in ("etcd", "cometbft", COMET_LEDGER):
            plain = load if peer == COMET_LEDGER else None
            theirs = {
                point: r
                for point, r in runs.items()
                if point[0] == peer and point[1] != ETCD_BATCHED and plain in (None, point[1])
            }
            if not theirs:
                continue
            if load == "single":
                for clients in sorted({point[2] for point in ours}):
                    same = [_at(points, clients) for points in (ours, theirs)]
                    if all(same):
                        quotients = _quotients(*map(_best, same))
                        found.append(_ratio(load, peer, f"{clients} clients", quotients))
            found.append(_ratio(load, peer, "best of each", _quotients(_best(ours), _best(theirs))))
    return found


def _at(points: Runs, clients: int) -> Runs:
    return {point: r for point, r in points.items() if point[2] == clients}


def _ratio(load: str, peer: str, at: str, values: list[float]) -> dict[str, Any]:
    return {"load": load, "peer": peer, "at": at, "ratio": spread(values)}


def _best(points: Runs) -> list[float]:
    """Records a second of each round, at whichever of the points had most."""
    rates = ([run["records_per_s"] for run in runs] for runs in points.values())
    return [max(of_a_round) for of_a_round in zip(*rates, strict=True)]


def _quotients(ours: list[float], theirs: list[float]) -> list[float]:
    return [a / max(b, 1.0) for a, b in zip(ours, theirs, strict=True)]


def _ours(setting: Setting, runs: Runs) -> None:
    with fresh_union(setting) as union:
        workload = union.settle()
        loads = [("single", singles(clients)) for clients in SINGLE_CLIENTS]
        loads += [("single, a request each", Load(REQUEST_CLIENTS, 1, 0))]
        loads += [("batch", batches(clients)) for clients in BATCH_CLIENTS]
        for name, load in loads:
            found = setting.drive(union, workload, load)
            runs["union", name, load.clients].append(found)
            _say(setting, "union", name, found)


def _etcd(setting: Setting, runs: Runs, program: str, size: int) -> None:
    with etcd.EtcdCluster(program, setting.root / "etcd") as cluster:
        for clients in ETCD_CLIENTS:
            found = _drive_peer(setting, "etcd", cluster, cluster.endpoints, clients, size)
            runs["etcd", "put", clients].append(found)
        clients = ETCD_CLIENTS[-1]
        found = _drive_peer(setting, "etcd", cluster, cluster.leader(), clients, size)
        runs["etcd", "put at the leader", clients].append(found)
        found = _drive_peer(
            setting, "etcd", cluster, cluster.endpoints, ETCD_BATCH_CLIENTS, size, ETCD_BATCH
        )
        runs["etcd", ETCD_BATCHED, ETCD_BATCH_CLIENTS].append(found)


def _cometbft(setting: Setting, runs: Runs, program: Path, size: int) -> None:
    with cometbft.CometNetwork(program, setting.root / "cometbft") as network:
        for clients in COMET_CLIENTS:
            found = _drive_peer(setting, "cometbft", network, network.endpoints, clients, size)
            runs["cometbft", "kvstore", clients].append(found)


def _cometbft_ledger(setting: Setting, runs: Runs, program: Path) -> None:
    """Our contracts as CometBFT's application: it has to do what our nodes do."""
    place = setting.root / "union"
    try:
        with LedgerUnion.found(place, MEMBERS) as union:
            data = [home.data.root for home in union.homes.values()]
            with cometbft.CometNetwork(program, setting.root / "cometbft", data) as network:
                workload = _settled(setting, union, network)
                loads = [("single", singles(clients)) for clients in SINGLE_CLIENTS[1:]]
                for name, load in [*loads, ("batch", batches(BATCH_CLIENTS[0]))]:
                    found = setting.drive(network, workload, load, endpoints=network.endpoints)
                    runs[COMET_LEDGER, name, load.clients].append(found)
                    _say(setting, COMET_LEDGER, name, found)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _settled(setting: Setting, union: LedgerUnion, network: cometbft.CometNetwork) -> Workload:
    """Everyone registered through CometBFT; then work may begin."""
    workload, work = union.workload(), setting.root / "work"
    first = ((0, *each) for each in union.settlement(workload))
    write_work(work, workload.doors, first)
    found = generator.drive(
        setting.programs.load,
        "cometbft",
        clients=1,
        warm_s=0,
        window_s=SETTLE_S,
        work=work,
        endpoints=network.endpoints,
    )
    assert not found["failures"], found["first_failure"]
    return workload


def _drive_peer(
    setting: Setting,
    name: str,
    system: etcd.EtcdCluster | cometbft.CometNetwork,
    endpoints: list[str],
    clients: int,
    size: int,
    batch: int = 1,
) -> dict[str, Any]:
    before = system.usage()
    found = generator.drive(
        setting.programs.load,
        name,
        clients=clients,
        warm_s=setting.warm_s,
        window_s=setting.window_s,
        endpoints=endpoints,
        size=size,
        batch=batch,
    )
    spent = system.usage().since(before)
    found |= per_record(spent, found["total_records"], found["client_cpu_s"])
    _say(setting, name, "", found)
    return found


def _say(setting: Setting, system: str, load: str, run: dict[str, Any]) -> None:
    setting.say(
        f"{system} {load} {run['clients']} clients: {run['records_per_s']:.0f} records/s, "
        f"p50 {run['latency_ms']['p50']:.0f} ms, CPU {run['node_cpu_us']:.0f} us a record "
        f"+ client {run['client_cpu_us']:.0f}"
        + (f", {run['failures']} FAILURES: {run['first_failure']}" if run["failures"] else "")
    )


@contextmanager
def fresh_union(setting: Setting, members: tuple[str, ...] = MEMBERS) -> Iterator[LedgerUnion]:
    """Founded and started in an empty directory, which is removed afterwards."""
    place = setting.root / "union"
    end_left_behind(place)
    shutil.rmtree(place, ignore_errors=True)
    try:
        with LedgerUnion.found(place, members) as union:
            union.start()
            yield union
    finally:
        shutil.rmtree(place, ignore_errors=True)
