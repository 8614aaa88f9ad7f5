"""When a request is tried again: the node could not be reached, or said to come back later.

Every request of the API may be repeated without harm, submitting included, so the only question is
for how long. Delays double from the first to the longest; a node's Retry-After overrides them.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retries:
    """total_s: how long to go on after the first failure, 0 for one attempt; the rest: delays in
    seconds."""

    total_s: float = 10.0
    first_s: float = 0.05
    longest_s: float = 2.0

    def delays(self) -> Iterator[float]:
        """Delays between attempts, for ever."""
        delay = self.first_s
        while True:
            yield delay
            delay = min(2 * delay, self.longest_s)
