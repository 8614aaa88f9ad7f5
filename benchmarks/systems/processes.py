"""What processes of a system have used: processor time, memory, disk, and bytes between them.

Read from /proc and, for bytes on the wire, from the kernel's own counters of each TCP connection
(`ss`), so that nothing has to be built into what is measured.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")
STOP_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Usage:
    """Of some processes, since they began. wire_bytes: TCP payload sent; None without `ss`."""

    at: float
    cpu_s: float
    disk_written: int
    resident_bytes: int
    peak_bytes: int
    wire_bytes: int | None

    def since(self, before: "Usage") -> "Spent":
        """What was used from `before` to here."""
        wire = (
            None
            if self.wire_bytes is None or before.wire_bytes is None
            else self.wire_bytes - before.wire_bytes
        )
        return Spent(
            self.at - before.at,
            self.cpu_s - before.cpu_s,
            self.disk_written - before.disk_written,
            wire,
        )


@dataclass(frozen=True, slots=True)
class Spent:
    """What some processes used in some time."""

    seconds: float
    cpu_s: float
    disk_bytes: int
    wire_bytes: int | None


def usage(pids: Sequence[int], peer_ports: Sequence[int] = ()) -> Usage:
    """Of running processes. peer_ports: the listening ends of the connections between them."""
    cpu, written, resident, peak = 0, 0, 0, 0
    for pid in pids:
        of_process = Path(f"/proc/{pid}")
        fields = (of_process / "stat").read_text().rpartition(")")[2].split()
        cpu += int(fields[11]) + int(fields[12])
        written += _number(of_process / "io", "write_bytes")
        status = of_process / "status"
        resident += _number(status, "VmRSS") * 1024
        peak += _number(status, "VmHWM") * 1024
    wire = wire_bytes(peer_ports) if peer_ports else None
    return Usage(time.monotonic(), cpu * TICK_S, written, resident, peak, wire)


def wire_bytes(ports: Sequence[int]) -> int | None:
    """Sent over all connections that have one of `ports` at an end, by either end."""
    if shutil.which("ss") is None:
        return None
    wanted = " or ".join(f"sport = :{port} or dport = :{port}" for port in ports)
    shown = subprocess.run(
        ["ss", "--tcp", "--info", "--numeric", "--no-header", wanted],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return sum(int(count) for count in re.findall(r"bytes_sent:(\d+)", shown))


def size_on_disk(directory: Path) -> int:
    """Bytes of all files below a directory."""
    return sum(each.stat().st_size for each in directory.rglob("*") if each.is_file())


def stop(started: Sequence[subprocess.Popen[bytes]]) -> None:
    """SIGTERM to all, then SIGKILL to those that stay."""
    for each in started:
        each.send_signal(signal.SIGTERM)
    for each in started:
        try:
            each.wait(STOP_S)
        except subprocess.TimeoutExpired:
            each.kill()
            each.wait()


def kill(started: Sequence[subprocess.Popen[bytes]]) -> None:
    """SIGKILL to all."""
    for each in started:
        each.kill()
    for each in started:
        each.wait()


def _number(path: Path, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", path.read_text(), re.MULTILINE)
    assert found is not None, f"{path} has {name}"
    return int(found[1])
