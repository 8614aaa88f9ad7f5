"""One member's node process, and everything that became of it.

An end that nobody asked for is remembered with the last line the node wrote: it is a finding, or
what a full disk is expected to lead to. What the node logs goes to `node.log` beside its data.
"""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.chaos.conditions import Conditions

START_S: Final = 120.0
STOP_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended by itself. last_line: of its log."""

    member: str
    code: int
    last_line: str


class MemberProcess:
    """A member's node: at most one process at a time, on one data directory."""

    def __init__(self, code: str, data: Path, passphrase: Path, url: str) -> None:
        """url: where its API will be."""
        self.code = code
        self.data = data
        self.url = url
        self.starts = 0
        self.log = passphrase.with_name("node.log")
        self.conditions = Conditions(passphrase.with_name("conditions"))
        self._conditions_path = passphrase.with_name("conditions")
        self._passphrase = passphrase
        self._process: asyncio.subprocess.Process | None = None
        self._says_ready: asyncio.Task[bytes] | None = None
        self._copying: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one that has not been waited for."""
        return None if self._process is None else self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs, or is paused."""
        return self._process is not None and self._process.returncode is None

    async def spawn(self) -> None:
        """A new process, which has yet to open its ledger."""
        assert not self.alive, "one process a member"
        self.starts += 1
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.chaos.hosted_node",
            str(self._conditions_path),
            "run",
            "--data",
            str(self.data),
            "--passphrase-file",
            str(self._passphrase),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None, "it was asked for"
        assert self._process.stderr is not None, "it was asked for"
        self._copying = asyncio.create_task(self._copy_log(self._process.stderr))
        self._says_ready = asyncio.create_task(self._process.stdout.readline())

    @property
    def serves(self) -> bool:
        """Whether the process has said that it serves."""
        said = self._says_ready
        return said is not None and said.done() and said.result().startswith(b"ready")

    async def serving(self) -> bool:
        """Wait until the node says that it serves. False if its process ended instead."""
        assert self._says_ready is not None, "spawn comes first"
        async with asyncio.timeout(START_S):
            await asyncio.shield(self._says_ready)
        return self.serves

    async def start(self) -> None:
        """Spawn and serve. Raises RuntimeError with the node's own words if it does not."""
        await self.spawn()
        if not await self.serving():
            code = await self.gone()
            raise RuntimeError(f"{self.code} does not start, code {code}: {self.last_line()}")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, if it lives."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def kill(self) -> None:
        """SIGKILL: no goodbye, no flush."""
        self.signal(signal.SIGKILL)
        await self.gone()

    async def stop(self) -> int:
        """SIGTERM; its exit code. A node that takes longer than STOP_S is killed: -9."""
        self.signal(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                return await self.gone()
        await self.kill()
        return -signal.SIGKILL

    async def gone(self) -> int:
        """Wait for the process's end; its exit code."""
        assert self._process is not None, "spawn comes first"
        code = await self._process.wait()
        if self._copying is not None:
            await self._copying
        self._process = None
        return code

    def ended(self) -> Ended | None:
        """How the process ended, if it did so by itself and was not yet waited for."""
        if self._process is None or self._process.returncode is None:
            return None
        return Ended(self.code, self._process.returncode, self.last_line())

    def last_line(self) -> str:
        """Of what the node logged."""
        return self.log_lines()[-1] if self.log_lines() else ""

    def log_lines(self) -> list[str]:
        """All that the node logged, over all its lives."""
        return self.log.read_text(errors="replace").splitlines() if self.log.exists() else []

    def events(self, name: str) -> list[dict[str, Any]]:
        """The lines of one kind that the node logged, over all its lives."""
        lines = (line for line in self.log_lines() if line.startswith("{"))
        return [event for line in lines if (event := json.loads(line))["event"] == name]

    async def _copy_log(self, source: asyncio.StreamReader) -> None:
        """Through a pipe: what limits the node's files must not limit what it says."""
        with self.log.open("ab", buffering=0) as file:
            while data := await source.read(64 * 1024):
                file.write(data)

    def sockets(self) -> set[int]:
        """Inodes of the sockets the process holds now."""
        if self._process is None:
            return set()
        found = set()
        with suppress(OSError):
            for name in os.listdir(f"/proc/{self._process.pid}/fd"):  # noqa: PTH208 - names only
                with suppress(OSError):
                    target = os.readlink(f"/proc/{self._process.pid}/fd/{name}")  # noqa: PTH115
                    if target.startswith("socket:["):
                        found.add(int(target[8:-1]))
        return found
