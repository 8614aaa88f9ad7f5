"""Waiting for a process of somebody else's, which tells nobody when it is ready: asking again."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 60.0
PAUSE_S: Final = 0.1


class NotReady(RuntimeError):
    """It did not come in time. Says what."""


def until(ready: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Ask until `ready`. Raises NotReady with `what` is the matter."""
    began = time.monotonic()
    while not ready():
        if time.monotonic() - began > patience_s:
            raise NotReady(f"{what} after {patience_s:.0f} s")
        time.sleep(PAUSE_S)  # a process of somebody else's has no event for us
