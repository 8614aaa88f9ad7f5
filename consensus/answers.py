"""What each peer was answered lately, so that no peer makes us send without end.

In one period each thing is answered once, and of all things a bounded number. A correct member
never asks the same one again so soon (`wants`), and what it is not given it asks of another.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from consensus.block import Member
from consensus.messages import FETCH_LIMIT

MOST_PIECES = 4 * FETCH_LIMIT
"""Blocks and certificates a peer is sent in a period: it may lack more than one Fetch names."""
MOST_RUNS = 16
"""Runs of final blocks likewise: each brings it on by many blocks, which it must execute."""


@dataclass(slots=True)
class _Given:
    until: int
    pieces: set[Hashable] = field(default_factory=set)
    runs: set[Hashable] = field(default_factory=set)


@dataclass(slots=True)
class Answers:
    """Mutable, owned by the core. period: in ms."""

    period: int
    given: dict[Member, _Given] = field(default_factory=dict)

    def may_give(self, to: Member, piece: Hashable, now: int) -> bool:
        """Whether `to` is sent this block or certificate; notes that it was."""
        return _take(self._of(to, now).pieces, piece, MOST_PIECES)

    def may_run(self, to: Member, after_height: int, now: int) -> bool:
        """Whether `to` is sent the final blocks above a height; notes that it was."""
        return _take(self._of(to, now).runs, after_height, MOST_RUNS)

    def lost(self, member: Member) -> None:
        """What it was sent may never have arrived."""
        self.given.pop(member, None)

    def _of(self, member: Member, now: int) -> _Given:
        given = self.given.get(member)
        if given is None or now >= given.until:
            given = self.given[member] = _Given(now + self.period)
        return given


def _take(taken: set[Hashable], thing: Hashable, most: int) -> bool:
    if thing in taken or len(taken) >= most:
        return False
    taken.add(thing)
    return True
