"""Time in a view: when its clock starts, when patience ends, how patience adapts.

A view's clock starts when there is a reason for a block: work is pending, an unfinalised block
waits for a successor to finalise it, the heartbeat is due, or a proposal has come. Without a
reason no clock runs and an idle union is quiet; a reason that goes away stops it. From the start
of the clock a proposal is due within 2Δ and a certificate within 3Δ; after that what was said is
repeated every 2Δ.

Δ adapts: it doubles after each nullified view whose leader was not known to be silent, up to
2**MAX_BACKOFF times the genesis value, and halves with each finalization.
"""

from dataclasses import dataclass

from consensus.block import Member

MAX_BACKOFF = 6


@dataclass(frozen=True, slots=True)
class PacingParameters:
    """From genesis. All in milliseconds."""

    delta_ms: int
    """Δ: assumed bound on delivery between correct members."""
    heartbeat_ms: int
    """An idle union makes an empty block this often."""


@dataclass(slots=True)
class Pacer:
    """Deadlines of the current view. Mutable, owned by the core."""

    parameters: PacingParameters
    entered: int = 0
    idle_since: int = 0
    """When the last block was notarized, as far as we know: heartbeats count from there."""
    started: int | None = None
    """When this view's clock started."""
    repeat_at: int | None = None
    """When to say again what was said, if the view is still open."""
    backoff: int = 0

    @property
    def delta(self) -> int:
        """Δ in force now, in ms."""
        return self.parameters.delta_ms << self.backoff

    def enter(self, now: int, *, after_block: bool) -> None:
        """A new view begins. `after_block`: because the last one got a block, not skipped it."""
        self.entered = now
        if after_block:
            self.idle_since = now
        self.started = None
        self.repeat_at = None

    def work_due(self, *, pending: bool, unfinalised: bool) -> int:
        """When this view has (or had) a reason for a block.

        An unfinalised block gets the genesis Δ to be finalised by its own votes before a
        successor is asked for: the same time at every member, or a patient leader would be given
        up by impatient followers.
        """
        due = self.idle_since + self.parameters.heartbeat_ms
        if unfinalised:
            due = min(due, self.entered + self.parameters.delta_ms)
        if pending:
            due = min(due, self.entered)
        return due

    def start(self, now: int) -> None:
        """There is a reason for a block: the clock runs from now, if it does not yet."""
        if self.started is None:
            self.started = now
        if self.repeat_at is None:
            self.repeat_at = now + 2 * self.delta

    def stop(self) -> None:
        """The reason for a block went away before anybody acted on it: no clock runs."""
        self.started = None
        self.repeat_at = None

    def proposal_deadline(self, *, leader_is_silent: bool, others_gave_up: bool) -> int | None:
        """t_l: when a leader that has not proposed is given up."""
        if self.started is None:
            return None
        return (
            self.started if leader_is_silent else self.started + 2 * self._patience(others_gave_up)
        )

    def certificate_deadline(self, *, others_gave_up: bool) -> int | None:
        """t_a: when a view without certificate is given up."""
        return None if self.started is None else self.started + 3 * self._patience(others_gave_up)

    def _patience(self, others_gave_up: bool) -> int:
        """Members differ in how far they backed off; once f + 1 gave up, nobody waits longer."""
        return self.parameters.delta_ms if others_gave_up else self.delta

    def repeated(self, now: int) -> None:
        """What was said has been said again."""
        self.repeat_at = now + 2 * self.delta

    def view_nullified(self, leader_was_silent: bool) -> None:
        """A view was skipped: be more patient, unless its leader was known to be silent."""
        if not leader_was_silent:
            self.backoff = min(self.backoff + 1, MAX_BACKOFF)

    def view_finalised(self) -> None:
        """A view was finalised: be less patient."""
        self.backoff = max(self.backoff - 1, 0)


@dataclass(slots=True)
class Silence:
    """Which leaders lost their last view and have said nothing since: they are not waited for."""

    silent: set[Member]

    def view_lost_by(self, leader: Member) -> None:
        """`leader`'s view was nullified without a proposal."""
        self.silent.add(leader)

    def heard(self, member: Member) -> None:
        """A current vote by `member` arrived."""
        self.silent.discard(member)

    def __contains__(self, member: Member) -> bool:
        return member in self.silent
