"""Clocks that drift: each member's monotonic clock has its own rate, its wall clock its own error.

The protocol asks for bounded drift only. Here a monotonic clock is up to 2 % fast or slow, a
hundred times worse than cheap quartz, and a wall clock is off by up to 200 ms and drifts too.
"""

from dataclasses import dataclass
from random import Random

EPOCH_TIME_MS = 1_800_000_000_000
"""Wall-clock time of the genesis block and of virtual time 0."""
MAX_CLOCK_SKEW_MS = 2000
"""How far a block's time may be from a voter's wall clock."""
MOST_DRIFT_PPM = 20_000
MOST_WALL_ERROR_MS = 200

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """drift_ppm: gain of the monotonic clock; wall_error_ms, wall_drift_ppm: of the wall clock."""

    drift_ppm: int = 0
    wall_error_ms: int = 0
    wall_drift_ppm: int = 0

    @staticmethod
    def drawn(random: Random) -> "Clock":
        """A clock within the bounds."""
        return Clock(
            random.randint(-MOST_DRIFT_PPM, MOST_DRIFT_PPM),
            random.randint(-MOST_WALL_ERROR_MS, MOST_WALL_ERROR_MS),
            random.randint(-MOST_DRIFT_PPM, MOST_DRIFT_PPM),
        )

    def monotonic(self, now: int) -> int:
        """What the monotonic clock shows at virtual time `now`, in ms."""
        return now * (_MILLION + self.drift_ppm) // _MILLION

    def wall(self, now: int) -> int:
        """What the wall clock shows at virtual time `now`, in ms since 1970."""
        return EPOCH_TIME_MS + now + self.wall_error_ms + now * self.wall_drift_ppm // _MILLION

    def when(self, monotonic: int) -> int:
        """The first virtual time at which the monotonic clock shows `monotonic`, or later."""
        return -(-monotonic * _MILLION // (_MILLION + self.drift_ppm))


EXACT = Clock()
