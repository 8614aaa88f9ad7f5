"""The directory of a demonstration: one run at a time, and nothing else is ever deleted.

A run takes the place of the one before. It holds a lock beside the directory, which the system
frees when the process ends, however it ends.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger_node.demo.founding import MEMBERS


class PlaceTaken(RuntimeError):
    """The directory is in use, or holds something else. The text says which."""


@contextmanager
def alone_in(root: Path) -> Iterator[None]:
    """No other demonstration runs in `root` meanwhile. Raises PlaceTaken, OSError."""
    root.parent.mkdir(parents=True, exist_ok=True)
    lock = root.with_name(f".{root.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PlaceTaken(f"{root}: another demonstration is running here") from error
        yield
    finally:
        os.close(descriptor)


def clear(root: Path) -> None:
    """Delete an earlier demonstration, whose nodes have ended.

    Raises PlaceTaken for a directory that holds anything else, OSError for what is none.
    """
    if not root.exists():
        return
    if any(root.iterdir()) and not (root / MEMBERS[0]).is_dir():
        raise PlaceTaken(f"{root}: holds other things than a demonstration; nothing was deleted")
    shutil.rmtree(root)
