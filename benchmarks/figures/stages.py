"""Where a record's processor time goes, by what the code does: a sampling profile of one node.

py-spy looks at the node's threads some hundred times a second from outside, which costs the node
nothing. Each sample of a thread that was running belongs to the innermost frame of ours that says
what it was about. Shares come from the samples, microseconds from what the kernel
says the node used.
"""

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

from benchmarks.figures.setting import Load, Setting, batches, singles
from benchmarks.systems.union import LedgerUnion
from benchmarks.workload.prepared import Workload

RATE: Final = 200
"""Samples a second."""

STAGES: Final = (
    ("verify", ("/crypto/", "/node/verifying.py", "/nacl/")),
    ("decode", ("/codec/", "/ledger/submission.py", "/node/frames.py")),
    ("hash", ("/ledger_node/state/", "/ledger_node/log/")),
    ("execute", ("/contracts/", "/ledger_node/ledger/")),
    ("store", ("/ledger_node/storage/",)),
    ("serve", ("/ledger_node/api/", "/node/admission.py", "/node/receipts.py", "/aiohttp/web")),
    ("agree", ("/consensus/", "/ledger_node/node/")),
    ("ship", ("/ledger_node/network/", "/aiohttp/", "/asyncio/sslproto.py", "/ssl.py")),
)
"""Name, and the paths whose frames mean it. The innermost frame that matches any decides."""

ELSE: Final = "event loop"

WAITING: Final = ("EpollSelector.select ", "_worker (concurrent/futures/thread.py")
"""Innermost frames of threads that have been woken and wait for a processor: no work is done."""


def measure(setting: Setting, union: LedgerUnion, workload: Workload) -> dict[str, Any]:
    """By load. Microseconds are of one node, for one record."""
    program = _py_spy()
    if program is None:
        setting.say("NOT MEASURED: stages: py-spy is absent (pip install py-spy)")
        return {"not_measured": "py-spy is absent"}
    try:
        return {
            "single": _under(setting, union, workload, singles(256), program),
            "batch": _under(setting, union, workload, batches(16), program),
        }
    except subprocess.CalledProcessError as error:  # often: it may not look at other processes
        said = error.stderr.decode(errors="replace").strip()[-300:]
        setting.say(f"NOT MEASURED: stages: py-spy: {said}")
        return {"not_measured": said}


def _under(
    setting: Setting, union: LedgerUnion, workload: Workload, load: Load, program: str
) -> dict[str, Any]:
    profile = setting.root / "profile"
    command = [program, "record", "--pid", str(union.pids()[0]), "--output", str(profile)]
    command += ["--duration", str(int(setting.warm_s + setting.window_of(load)))]
    command += ["--rate", str(RATE), "--format", "raw", "--nonblocking"]
    watching: list[subprocess.Popen[bytes]] = []

    def watch() -> None:
        pipe = subprocess.PIPE
        watching.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=pipe))

    run = setting.drive(union, workload, load, begin=watch)
    for each in watching:
        _, said = each.communicate()
        if each.returncode:
            raise subprocess.CalledProcessError(each.returncode, command, stderr=said)
    found = _stages(profile, run["node_cpu_us"] / len(union.members))
    setting.say(f"stages, {load.batch} records a submission: {found['us']}")
    return found


def _stages(profile: Path, one_node_us: float) -> dict[str, Any]:
    samples: Counter[str] = Counter()
    for line in profile.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        if stack.rpartition(";")[2].startswith(WAITING):
            continue
        samples[stage_of(stack)] += int(count)
    total = samples.total() or 1
    shares = {name: samples[name] / total for name in [*(name for name, _ in STAGES), ELSE]}
    return {
        "samples": total,
        "share": {name: round(share, 3) for name, share in shares.items()},
        "us": {name: round(share * one_node_us, 1) for name, share in shares.items()},
        "us_of_one_node": round(one_node_us, 1),
    }


def stage_of(stack: str) -> str:
    """The stage of one stack as py-spy writes it: outermost frame first, `;` between."""
    for frame in reversed(stack.split(";")):
        path = "/" + frame.rpartition("(")[2]
        for name, paths in STAGES:
            if any(part in path for part in paths):
                return name
    return ELSE


def _py_spy() -> str | None:
    beside = Path(sys.executable).with_name("py-spy")
    return str(beside) if beside.exists() else shutil.which("py-spy")
