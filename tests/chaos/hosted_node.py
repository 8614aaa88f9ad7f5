"""The node program in a process whose clock and disk are not to be relied upon.

    python -m tests.chaos.hosted_node CONDITIONS run --data DIR ...

Before the program starts, the functions of the standard library that read the wall clock and sync
files are replaced in this process by ones that heed `conditions`, and so are the database's two
synced writes, which LevelDB makes out of Python's sight, and what is given and asked for in
snapshots. The program itself has no switch for any of it. The monotonic clock stays true, as it
does when somebody sets a machine's time. The process ends with the one that started it, so that an
interrupted run leaves none behind.
"""

import asyncio
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ledger_node.cli.main import main
from ledger_node.codec import decode, encode
from ledger_node.node.frames import ChunkWanted
from ledger_node.node.snapshot import forms, giving, serving
from ledger_node.node.snapshot.forms import ChunkKind, ObjectItem
from ledger_node.storage.database import Database
from ledger_node.storage.snapshot import Snapshot
from tests.chaos.conditions import Conditions

_NS_A_MS = 1_000_000
_PR_SET_PDEATHSIG = 1
_LOOK_AGAIN_S = 0.01


def impose(conditions: Conditions) -> None:
    """Replace all that follows in this process; let it die with its parent."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _impose_clock(conditions)
    _impose_disk(conditions)
    _impose_snapshots(conditions)


def _impose_clock(conditions: Conditions) -> None:
    true_ns = time.time_ns

    def time_ns() -> int:
        return true_ns() + conditions.clock_off_ms * _NS_A_MS

    vars(time)["time_ns"] = time_ns
    vars(time)["time"] = lambda: time_ns() / 1e9


def _impose_disk(conditions: Conditions) -> None:
    never = threading.Event()

    def slowed(sync: Callable[..., Any]) -> Callable[..., Any]:
        def waiting(*given: Any) -> Any:
            if conditions.sync_ms:
                never.wait(conditions.sync_ms / 1000)
            return sync(*given)

        return waiting

    vars(os)["fdatasync"] = slowed(os.fdatasync)
    vars(os)["fsync"] = slowed(os.fsync)
    for name in ("commit", "stage"):
        setattr(Database, name, slowed(getattr(Database, name)))


def _impose_snapshots(conditions: Conditions) -> None:
    give, items_of, answered = giving.Giving.give, serving.items_of, 0

    async def sparing(self: giving.Giving, peer: str, wanted: ChunkWanted) -> None:
        nonlocal answered
        while conditions.chunks and answered >= conditions.chunks:  # noqa: ASYNC110 - memory
            await asyncio.sleep(_LOOK_AGAIN_S)
        answered += 1
        await give(self, peer, wanted)

    def false(view: Snapshot, kind: ChunkKind, names: Sequence[bytes]) -> list[bytes]:
        items = items_of(view, kind, names)
        if not conditions.lies or kind is not ChunkKind.OBJECTS:
            return items
        found = [decode(ObjectItem, item) for item in items]
        return [encode(ObjectItem(each.key, each.value + b"!")) for each in found]

    for owner, name, replaced in ((giving.Giving, "give", sparing), (giving, "items_of", false)):
        setattr(owner, name, replaced)
    if conditions.chunk_names:
        for kind in (ChunkKind.PAGES, ChunkKind.OBJECTS):
            forms.MAX_NAMES[kind] = conditions.chunk_names


if __name__ == "__main__":
    impose(Conditions(Path(sys.argv[1])))
    sys.exit(main(sys.argv[2:]))
