"""Waiting in tests: for what must come, however busy the machine, and no longer."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 120.0
"""When a test gives up what it waits for; none takes longer because of it."""


async def until(condition: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    """Wait until a condition, which may be a coroutine function's, is true.

    Raises TimeoutError when it does not become so: a deadline, never an expectation.
    """
    async with asyncio.timeout(seconds):
        while True:
            found = condition()
            if inspect.isawaitable(found):
                found = await found
            if found:
                return
            await asyncio.sleep(0.01)
