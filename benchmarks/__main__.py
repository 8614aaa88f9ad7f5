"""`make bench`: measures our union and its peers on this machine, and writes a report.

    python -m benchmarks [--only NAME ...] [--rounds N] [--window S] [--out DIR] [--long]

Writes report.json, report.md and pictures (SVG) into DIR, var/bench by default. Peers that are not
installed are reported as absent; `make bench-peers` says how to have them. --long adds what takes
an hour: a million records, unions of 13 and 31.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.figures import finality, idle, members, stages, throughput
from benchmarks.figures.growth import Growth
from benchmarks.figures.setting import Setting
from benchmarks.figures.throughput import MEMBERS, Peers, fresh_union
from benchmarks.report.__main__ import write
from benchmarks.systems import etcd, generator
from benchmarks.workload.movement import Cast
from benchmarks.workload.prepared import record_bytes

NO_GO = (
    "ABSENT: Go, which the load generator is built with (apt install golang). "
    "`make bench-smoke` needs Python alone."
)
SIZES = (10_000, 100_000, 1_000_000)
UNIONS = (4, 7, 13, 31)
"""Records behind a union, and its members; the first two unless --long."""


def main() -> int:
    """The command."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended
    out: Path = arguments.out
    binaries, run = out / "bin", out / "run"
    run.mkdir(parents=True, exist_ok=True)
    if not generator.has_go():
        print(NO_GO, file=sys.stderr)
        return 1
    setting = Setting(run.resolve(), generator.build(binaries), arguments.warm, arguments.window)
    peers = Peers(etcd.program(binaries), _built(binaries / "cometbft"))
    for line in peers.absent():
        print(line, file=sys.stderr)
    report = _earlier(out) if arguments.only else {"taken": {}}
    report |= {"machine": machine.description(run), "absent": peers.absent()}
    size = round(record_bytes(Cast(MEMBERS)))
    sizes = SIZES if arguments.long else SIZES[:2]
    unions = UNIONS if arguments.long else UNIONS[:2]
    figures: dict[str, Callable[[], object]] = {
        "throughput": lambda: throughput.measure(setting, peers, arguments.rounds, size),
        "finality": lambda: finality.measure(setting),
        "one_union": lambda: _of_one_union(setting, sizes),
        "members": lambda: members.measure(setting, unions),
    }
    try:
        for name, measure in figures.items():
            if not arguments.only or name in arguments.only:
                setting.say(name)
                taken = _circumstances(peers)
                report[name] = measure()
                taken["load_average_after"] = os.getloadavg()
                report["taken"][name] = taken
                write(report, out)
    finally:
        shutil.rmtree(run, ignore_errors=True)
    return 0


def _earlier(out: Path) -> dict[str, Any]:
    """The report that is there, whose other parts are kept."""
    path = out / "report.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"taken": {}}
    return found


def _circumstances(peers: Peers) -> dict[str, Any]:
    """Under which a part is taken."""
    return {
        "command": " ".join(["python -m benchmarks", *sys.argv[1:]]),
        "began": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "versions": machine.versions() | peers.versions(),
        "load_average_before": os.getloadavg(),
    }


def _of_one_union(setting: Setting, sizes: tuple[int, ...]) -> dict[str, object]:
    """What is asked of a single union, from young to old."""
    with fresh_union(setting) as union:
        workload = union.settle()
        return {
            "idle": idle.measure(setting, union),
            "stages": stages.measure(setting, union, workload),
            "growth": Growth(setting, union, workload).measure(sizes),
        }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only",
        nargs="*",
        default=[],
        help="parts to measure; what a report in DIR holds of others is kept",
    )
    parser.add_argument("--rounds", type=int, default=3, help="of the comparison with peers")
    parser.add_argument("--window", type=float, default=4.0, help="seconds that count of each load")
    parser.add_argument("--warm", type=float, default=1.0, help="seconds of it before those")
    parser.add_argument("--out", type=Path, default=Path("var/bench"))
    parser.add_argument("--long", action="store_true", help="also what takes an hour")
    return parser.parse_args()


def _built(program: Path) -> Path | None:
    return program.resolve() if program.exists() else None


if __name__ == "__main__":
    sys.exit(main())
