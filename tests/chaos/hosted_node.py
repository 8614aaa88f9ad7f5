"""The node program in a process whose clock and disk are not to be relied upon.

    python -m tests.chaos.hosted_node CONDITIONS run --data DIR ...

Before the program starts, the functions of the standard library that read the wall clock and sync
files are replaced in this process by ones that heed `conditions`, and so are the database's two
synced writes, which LevelDB makes out of Python's sight. The program itself has no switch for any
of it. The monotonic clock stays true, as it does when somebody sets a machine's time. The process
ends with the one that started it, so that an interrupted run leaves none behind.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ledger_node.cli.main import main
from ledger_node.storage.database import Database
from tests.chaos.conditions import Conditions

_NS_A_MS = 1_000_000
_PR_SET_PDEATHSIG = 1


def impose(conditions: Conditions) -> None:
    """Replace clock and syncs in this process; let it die with its parent."""
    true_ns, never = time.time_ns, threading.Event()

    def time_ns() -> int:
        return true_ns() + conditions.clock_off_ms * _NS_A_MS

    def slowed(sync: Callable[..., Any]) -> Callable[..., Any]:
        def waiting(*given: Any) -> Any:
            if conditions.sync_ms:
                never.wait(conditions.sync_ms / 1000)
            return sync(*given)

        return waiting

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    vars(time)["time_ns"] = time_ns
    vars(time)["time"] = lambda: time_ns() / 1e9
    vars(os)["fdatasync"] = slowed(os.fdatasync)
    vars(os)["fsync"] = slowed(os.fsync)
    for name in ("commit", "stage"):
        setattr(Database, name, slowed(getattr(Database, name)))


if __name__ == "__main__":
    impose(Conditions(Path(sys.argv[1])))
    sys.exit(main(sys.argv[2:]))
