"""A node as a process of its own, run by the command that operators use."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from tests.patience import PATIENCE_S
from tests.ports import HOST, free_ports


def free_address() -> str:
    """An address on loopback that nobody listens on."""
    return f"{HOST}:{free_ports(1)[0]}"


class NodeProcess:
    """`ledger-node run` on a data directory, within `with`."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.log = data.with_suffix(".log")
        self.ready_line = ""

    def __enter__(self) -> "NodeProcess":
        with self.log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ledger_node.cli.main", "run", "--data", str(self.data)],
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=os.environ,
            )
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], PATIENCE_S)
        self.ready_line = self._process.stdout.readline().decode() if readable else ""
        if not self.ready_line:
            self.stop(signal.SIGKILL)
            raise AssertionError(f"the node did not start: {self.log.read_text()}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it and return its exit code; harmless to repeat."""
        if self._process.poll() is None:
            self._process.send_signal(how)
        try:
            return self._process.wait(PATIENCE_S)
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
