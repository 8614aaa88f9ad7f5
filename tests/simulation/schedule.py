"""Virtual time: a queue of what will happen, in order of time and then of asking."""

import heapq
from collections.abc import Callable
from typing import Any

Action = tuple[int, int, Callable[..., None], tuple[Any, ...]]


class Schedule:
    """`now` is in milliseconds; it only moves when the next thing happens."""

    def __init__(self) -> None:
        self.now = 0
        self._queue: list[Action] = []
        self._asked = 0

    def at(self, time: int, action: Callable[..., None], *arguments: Any) -> None:
        """Let `action(*arguments)` happen at `time`, or now if that is past."""
        self._asked += 1
        heapq.heappush(self._queue, (max(time, self.now), self._asked, action, arguments))

    def after(self, delay: int, action: Callable[..., None], *arguments: Any) -> None:
        """Let `action(*arguments)` happen `delay` milliseconds from now, at the earliest now."""
        self._asked += 1
        time = self.now + delay if delay > 0 else self.now
        heapq.heappush(self._queue, (time, self._asked, action, arguments))

    def run(self, until: int, most: int) -> int:
        """Let at most `most` things happen, up to a time. Returns how many did."""
        queue, happened = self._queue, 0
        while happened < most and queue and queue[0][0] <= until:
            self.now, _, action, arguments = heapq.heappop(queue)
            action(*arguments)
            happened += 1
        return happened
