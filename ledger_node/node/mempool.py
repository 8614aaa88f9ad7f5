"""Submissions that wait to be ordered: bounded, oldest first, and counted as blocks take them.

A submission leaves when it is final or expired. While an unfinalised block names it, it stays but
is not offered to another block of the same chain; if that block is skipped, it is offered again.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from itertools import islice

from consensus.block import SubmissionId
from ledger_node.ledger.submission import VerifiedSubmission


class MempoolFull(Exception):
    """No room: the client should come back. pending: submissions waiting now."""

    def __init__(self, pending: int) -> None:
        super().__init__(f"{pending} submissions wait already")
        self.pending = pending


@dataclass(frozen=True, slots=True)
class MempoolLimits:
    """Bounds of what waits."""

    submissions: int = 20_000
    total_bytes: int = 64 * 1024 * 1024


class Mempool:
    """Owned by the event loop's thread."""

    def __init__(self, limits: MempoolLimits | None = None) -> None:
        self._limits = limits or MempoolLimits()
        self._waiting: dict[SubmissionId, VerifiedSubmission] = {}
        self._bytes = 0
        self._named: dict[SubmissionId, int] = {}
        self._unnamed = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, submission: object) -> bool:
        return submission in self._waiting

    @property
    def total_bytes(self) -> int:
        """Bytes of all waiting submissions."""
        return self._bytes

    @property
    def has_work(self) -> bool:
        """Whether a submission waits that no unfinalised block names."""
        return self._unnamed > 0

    def is_named(self, submission: SubmissionId) -> bool:
        """Whether an unfinalised block names it."""
        return submission in self._named

    def get(self, submission: SubmissionId) -> VerifiedSubmission | None:
        """A waiting submission."""
        return self._waiting.get(submission)

    def oldest(self, count: int) -> list[VerifiedSubmission]:
        """Up to `count` waiting submissions, oldest first."""
        return list(islice(self._waiting.values(), count))

    def names(self) -> list[SubmissionId]:
        """Ids of all that wait, oldest first."""
        return list(self._waiting)

    def add(self, submission: VerifiedSubmission) -> bool:
        """Take one in. Returns False if it waits already. Raises MempoolFull."""
        if submission.id in self._waiting:
            return False
        if (
            len(self._waiting) >= self._limits.submissions
            or self._bytes + submission.size > self._limits.total_bytes
        ):
            raise MempoolFull(len(self._waiting))
        self._waiting[submission.id] = submission
        self._bytes += submission.size
        if submission.id not in self._named:
            self._unnamed += 1
        return True

    def select(
        self, taken: Set[SubmissionId], time_ms: int, max_count: int, max_bytes: int
    ) -> tuple[SubmissionId, ...]:
        """Oldest submissions not in `taken` and not expired at `time_ms`, within the bounds."""
        chosen: list[SubmissionId] = []
        room = max_bytes
        for name, submission in self._waiting.items():
            if len(chosen) >= max_count:
                break
            if name in taken or submission.header.expiry_ms <= time_ms:
                continue
            if submission.size > room:
                break
            room -= submission.size
            chosen.append(name)
        return tuple(chosen)

    def block_named(self, payload: Iterable[SubmissionId]) -> None:
        """An unfinalised block names these."""
        for name in payload:
            count = self._named[name] = self._named.get(name, 0) + 1
            if count == 1 and name in self._waiting:
                self._unnamed -= 1

    def block_dropped(self, payload: Iterable[SubmissionId]) -> None:
        """A block that named these is final or skipped. Final ones are to be removed first."""
        for name in payload:
            self._named[name] -= 1
            if self._named[name] == 0:
                del self._named[name]
                if name in self._waiting:
                    self._unnamed += 1

    def remove(self, names: Iterable[SubmissionId]) -> None:
        """These are final."""
        for name in names:
            submission = self._waiting.pop(name, None)
            if submission is not None:
                self._bytes -= submission.size
                if name not in self._named:
                    self._unnamed -= 1

    def drop_expired(self, time_ms: int) -> list[SubmissionId]:
        """Forget what no block of `time_ms` or later may order. Returns what was dropped."""
        expired = [
            name
            for name, submission in self._waiting.items()
            if submission.header.expiry_ms <= time_ms and name not in self._named
        ]
        self.remove(expired)
        return expired
