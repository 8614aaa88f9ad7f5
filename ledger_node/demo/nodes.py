"""Node processes of the demonstration: started, killed, restarted and never left behind.

Each process's id is on disk while it runs, so that a run that was interrupted, or a union that was
kept, can be found and ended by the next command. A process is ended only if it is still a node on
that data directory: process ids are used again.
"""

import asyncio
import os
import select
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from ledger_node.demo.founding import Household

START_S: Final = 60.0
STOP_S: Final = 15.0
_PID: Final = "node.pid"
_LOG: Final = "node.log"


class NodeFailed(RuntimeError):
    """A node process did not come up. Carries the end of its log."""

    def __init__(self, member: str, log: Path) -> None:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        super().__init__(f"{member}'s node did not start; the end of {log}:\n{tail}")


class NodeProcess:
    """One member's node as a process of its own."""

    def __init__(self, household: Household) -> None:
        self.household = household
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Until it says that it is ready. Raises NodeFailed."""
        home = self.household.root
        log = home / _LOG
        with log.open("ab") as stderr:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "ledger_node.cli.main",
                "run",
                "--data",
                str(self.household.data.root),
                "--passphrase-file",
                str(self.household.passphrase_file),
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
            )
        (home / _PID).write_text(f"{self._process.pid}\n")
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_S):
                line = await self._process.stdout.readline()
        except TimeoutError:
            line = b""
        if not line.startswith(b"ready"):
            await self.kill()
            raise NodeFailed(self.household.member, log)

    async def kill(self) -> None:
        """SIGKILL: no goodbye, no flush."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL if that is not heeded in time."""
        try:
            async with asyncio.timeout(STOP_S):
                await self._end(signal.SIGTERM)
        except TimeoutError:
            await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.send_signal(how)
        await self._process.wait()
        (self.household.root / _PID).unlink(missing_ok=True)
        self._process = None


def end_left_behind(root: Path) -> list[str]:
    """End nodes of an earlier run below `root`. Returns the members whose nodes were running."""
    ended = []
    for pid_file in sorted(root.glob(f"*/{_PID}")):
        with suppress(ValueError):
            pid = int(pid_file.read_text())
            if _is_node(pid, pid_file.parent / "node"):
                _terminate(pid)
                ended.append(pid_file.parent.name)
        pid_file.unlink(missing_ok=True)
    return ended


def _is_node(pid: int, data: Path) -> bool:
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"ledger_node.cli.main" in arguments and str(data).encode() in arguments


def _terminate(pid: int) -> None:
    """SIGTERM, then SIGKILL; waits by the kernel's own notice of the process's end."""
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            for how, patience_s in ((signal.SIGTERM, STOP_S), (signal.SIGKILL, STOP_S)):
                os.kill(pid, how)
                if _has_ended(descriptor, patience_s):
                    return
        finally:
            os.close(descriptor)


def _has_ended(descriptor: int, patience_s: float) -> bool:
    readable, _, _ = select.select([descriptor], [], [], patience_s)
    return bool(readable)
