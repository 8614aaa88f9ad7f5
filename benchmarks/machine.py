"""Where something was measured, and how fast its primitives are: figures mean little without."""

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from ledger_node.crypto.signatures import SoftwareSigner, verify

RUNS: Final = 7


def rate(call: Callable[[], object], calls: int) -> float:
    """Calls a second of this thread's processor time, not of the clock: the median of some runs."""
    rates = []
    for _ in range(RUNS):
        began = time.thread_time_ns()
        for _ in range(calls):
            call()
        rates.append(calls / (time.thread_time_ns() - began) * 1e9)
    return statistics.median(rates)


def ed25519_verifies_per_s() -> float:
    """Of 200 bytes, by the library that the nodes use, on one core."""
    signer, message = SoftwareSigner.generate(), os.urandom(200)
    public, signature = signer.public, signer.sign(message)
    return rate(lambda: verify(public, message, signature), 500)


def sha256_per_s() -> float:
    """Of 64 bytes, called from Python, on one core."""
    data = os.urandom(64)
    return rate(lambda: sha256(data).digest(), 20_000)


def disk_sync_ms(directory: Path, count: int = 50) -> float:
    """Median milliseconds for 4 KiB to be on stable storage."""
    path, took = directory / "sync.probe", []
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        for _ in range(count):
            began = time.perf_counter()
            os.write(descriptor, bytes(4096))
            os.fdatasync(descriptor)
            took.append((time.perf_counter() - began) * 1000)
    finally:
        os.close(descriptor)
        path.unlink()
    return statistics.median(took)


def description(directory: Path) -> dict[str, Any]:
    """The machine, for the report. directory: where the systems keep their data."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1),
        "system": platform.platform(),
        "file_system": _file_system(directory),
        "disk_sync_ms": round(disk_sync_ms(directory), 3),
        "ed25519_verifies_per_s": round(ed25519_verifies_per_s()),
        "sha256_per_s": round(sha256_per_s()),
    }


def versions() -> dict[str, str]:
    """Of what our nodes run on."""
    libraries = ("aiohttp", "cryptography", "msgspec", "pynacl")
    return {
        "python": platform.python_version(),
        "commit": _commit(),
        **{name: version(name) for name in libraries},
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _file_system(directory: Path) -> str:
    shown = subprocess.run(
        ["stat", "--file-system", "--format=%T", str(directory)], capture_output=True, text=True
    )
    return shown.stdout.strip()


def _commit() -> str:
    shown = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True
    )
    return shown.stdout.strip() or "unknown"
