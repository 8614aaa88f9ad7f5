"""What this member misses and whom it asked for it, so that asking is bounded and rotates.

Each missing thing is asked for at once, then again after a pause, from another member each time;
one Fetch a target carries all of it.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from consensus.block import BlockId, Member, View
from consensus.messages import FETCH_LIMIT, Fetch

RUN = "run"
"""Want finalised blocks above the head."""

Want: TypeAlias = BlockId | View | str


@dataclass(slots=True)
class Wants:
    """Mutable, owned by the core. `peers`: members that can be asked."""

    peers: tuple[Member, ...]
    asked: dict[Want, int] = field(default_factory=dict)
    """When each missing thing was last asked for."""
    fresh: dict[Want, Member | None] = field(default_factory=dict)
    """Things to ask for at the next flush, with the member likely to have it."""
    turn: int = 0

    def want(self, thing: Want, now: int, pause: int, likely: Member | None = None) -> None:
        """Note that `thing` is missing; at most FETCH_LIMIT things wait at a time."""
        last = self.asked.get(thing)
        if last is not None and now < last + pause:
            return
        if len(self.asked) >= FETCH_LIMIT and last is None:
            return
        self.asked[thing] = now
        # Only the first attempt trusts the hint: the hinted member may be the one withholding.
        self.fresh[thing] = likely if last is None else None

    def satisfied(self, thing: Want) -> bool:
        """Forget a want. Returns whether it was one."""
        self.fresh.pop(thing, None)
        return self.asked.pop(thing, None) is not None

    def wanted(self, thing: Want) -> bool:
        """Whether `thing` was asked for and has not come."""
        return thing in self.asked

    def next_due(self, pause: int) -> int | None:
        """When the oldest unanswered want is to be asked for again."""
        return min(self.asked.values()) + pause if self.asked else None

    def retain_views_above(self, view: View) -> None:
        """Forget wants that finalising `view` answered; blocks are wanted anew if still missing."""
        self.asked = {t: at for t, at in self.asked.items() if isinstance(t, int) and t > view}
        self.fresh = {t: m for t, m in self.fresh.items() if t in self.asked}

    def flush(self, height: int) -> list[tuple[Member, Fetch]]:
        """The requests to send now, one a member. `height`: of the finalised head."""
        if not self.fresh or not self.peers:
            return []
        self.turn = (self.turn + 1) % len(self.peers)
        by_target: dict[Member, list[Want]] = {}
        for thing, likely in self.fresh.items():
            target = likely if likely in self.peers else self.peers[self.turn]
            by_target.setdefault(target, []).append(thing)
        self.fresh = {}
        return [(to, _fetch(things, height)) for to, things in by_target.items()]


def _fetch(things: list[Want], height: int) -> Fetch:
    return Fetch(
        after_height=height if RUN in things else -1,
        blocks=tuple(t for t in things if isinstance(t, bytes)),
        views=tuple(t for t in things if isinstance(t, int)),
    )
