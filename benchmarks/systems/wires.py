"""Wires between members that are as long as a measurement asks for.

A relay in front of each member's peer port holds back what passes by the delay, in either
direction; member cards name the relays' ports, nodes listen behind them. Clients reach their own
state's node without a delay: a declarant is near it. The relay says how long it really took.
"""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ledger_node.demo.founding import HOST

READY: Final = "ready"


class DelayedWires:
    """Within `with`: relays. No delay until one is set."""

    def __init__(self, program: Path, ports: Mapping[int, int]) -> None:
        """ports: a relay's, and the one its node listens on."""
        words = [f"{relay}={HOST}:{node}" for relay, node in ports.items()]
        self._command = [str(program), *words]
        self._running: subprocess.Popen[str] | None = None

    def set_delay(self, one_way_ms: float) -> float:
        """From now on. Returns the mean delay, in ms, of what passed since the last time."""
        assert self._running is not None, "wires are used within `with`"
        assert self._running.stdin is not None, "it was asked for"
        self._running.stdin.write(f"{one_way_ms}ms\n")
        self._running.stdin.flush()
        return float(self._answer())

    def _answer(self) -> str:
        assert self._running is not None, "wires are used within `with`"
        assert self._running.stdout is not None, "it was asked for"
        return self._running.stdout.readline().strip()

    def __enter__(self) -> Self:
        pipe = subprocess.PIPE
        self._running = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, text=True)
        if self._answer() != READY:
            raise RuntimeError(f"relays did not start: {' '.join(self._command)}")
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        assert self._running is not None, "entered before"
        self._running.kill()
        self._running.communicate()
        self._running = None
