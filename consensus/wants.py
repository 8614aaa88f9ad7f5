"""What this member misses and whom it asked for it, so that asking is bounded and rotates.

Each missing thing is asked for at once, then again after a pause, from another member each time;
once all were asked in vain, after longer pauses. One Fetch a target carries all of it. A thing that
no rule still misses when it would be asked for again is forgotten.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from consensus.block import BlockId, Member, View
from consensus.messages import FETCH_LIMIT, Fetch

RUN = "run"
"""Want finalised blocks above the head."""

Want: TypeAlias = BlockId | View | str


LONGEST_PAUSE = 5
"""The pause before asking again doubles when everyone was asked, this often at most."""


@dataclass(slots=True)
class _Asked:
    of: Member
    attempts: int
    again_at: int
    patient_since: int = 0
    """Attempts that say nothing of how long to pause: they were before a link came up."""


@dataclass(slots=True)
class Wants:
    """Mutable, owned by the core. `peers`: members that can be asked; `pause`: in ms."""

    peers: tuple[Member, ...]
    pause: int
    asked: dict[Want, _Asked] = field(default_factory=dict)
    """When each missing thing was last asked for, and how often."""
    fresh: dict[Want, Member] = field(default_factory=dict)
    """Things to ask for at the next flush, and of whom."""
    first: int = 0
    """Whom to ask first: who answered last."""

    def want(self, thing: Want, now: int, likely: Member | None = None) -> None:
        """Note that `thing` is missing; at most FETCH_LIMIT things wait at a time.

        A run is asked for besides: it is what brings a member on that lacks more than that.
        """
        if not self.peers:
            return
        asked = self.asked.get(thing)
        if asked is None and thing != RUN and len(self.asked) >= FETCH_LIMIT:
            return
        if asked is not None and now < asked.again_at:
            return
        earlier = 0 if asked is None else asked.attempts
        of = self.peers[(self.first + earlier) % len(self.peers)]
        # Only the first attempt trusts the hint: the hinted member may be the one withholding.
        if earlier == 0 and likely is not None and likely in self.peers:
            of = likely
        patient_since = 0 if asked is None else asked.patient_since
        rounds = (earlier - patient_since) // len(self.peers)
        pause = self.pause << min(rounds, LONGEST_PAUSE)
        self.asked[thing] = _Asked(of, earlier + 1, now + pause, patient_since)
        self.fresh[thing] = of

    def satisfied(self, thing: Want) -> bool:
        """Forget a want. Returns whether it was one."""
        self.fresh.pop(thing, None)
        asked = self.asked.pop(thing, None)
        if asked is not None:
            self.first += max(0, asked.attempts - 1)
        return asked is not None

    def wanted(self, thing: Want) -> bool:
        """Whether `thing` was asked for and has not come."""
        return thing in self.asked

    def next_due(self) -> int | None:
        """When the next unanswered want is to be asked for again."""
        return min((asked.again_at for asked in self.asked.values()), default=None)

    def link_up(self, member: Member, now: int) -> None:
        """What was asked of `member` may never have arrived: ask it again at once.

        What was asked of others was perhaps asked while nobody could hear: ask again soon.
        """
        for asked in self.asked.values():
            if asked.of == member:
                asked.attempts -= 1
                asked.again_at = now
            asked.again_at = min(asked.again_at, now + self.pause)
            asked.patient_since = asked.attempts

    def retain_views_above(self, view: View) -> None:
        """Forget wants that finalising `view` answered; blocks are wanted anew if still missing."""
        self.asked = {t: a for t, a in self.asked.items() if isinstance(t, int) and t > view}
        self.fresh = {t: m for t, m in self.fresh.items() if t in self.asked}

    def flush(self, now: int, height: int) -> list[tuple[Member, Fetch]]:
        """The requests to send now, one a member. `height`: of the finalised head."""
        if not self.asked:
            return []
        self.asked = {t: a for t, a in self.asked.items() if now < a.again_at}
        by_target: dict[Member, list[Want]] = {}
        for thing, target in self.fresh.items():
            by_target.setdefault(target, []).append(thing)
        self.fresh = {}
        return [(to, _fetch(things, height)) for to, things in by_target.items()]


def _fetch(things: list[Want], height: int) -> Fetch:
    return Fetch(
        after_height=height if RUN in things else -1,
        blocks=tuple(t for t in things if isinstance(t, bytes)),
        views=tuple(t for t in things if isinstance(t, int)),
    )
