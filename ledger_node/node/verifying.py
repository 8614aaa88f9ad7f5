"""Signature checks of submissions, off the event loop and many at a time.

A hop to a thread costs more than the check it carries: what comes while checks are under way
waits and makes the next batch. Alone, a submission is checked at once.
"""

import asyncio
import itertools
import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

from consensus.block import SubmissionId
from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.ledger.submission import Submission, VerifiedSubmission, verify_submission

BATCH: Final = 64
"""Checks a thread makes before it comes back: about 4 ms, while other threads share the rest."""

Checked: TypeAlias = VerifiedSubmission | SubmissionRefused


@dataclass(slots=True, eq=False)
class _Asked:
    """Submissions handed in together. complete: done when each has its answer."""

    missing: int
    complete: asyncio.Future[None]
    answers: dict[SubmissionId, Checked] = field(default_factory=dict)


class Verification:
    """Owned by the event loop's thread."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._waiting: deque[Submission] = deque()
        self._askers: dict[SubmissionId, list[_Asked]] = {}
        self._running = 0
        # One core is left to the event loop and to whoever else works here.
        self._most = max(1, (os.cpu_count() or 1) - 1)

    async def one(self, opened: Submission) -> VerifiedSubmission:
        """The submission, its signature checked. Raises SubmissionRefused."""
        (checked,) = await self.many((opened,))
        if isinstance(checked, SubmissionRefused):
            raise checked
        return checked

    async def many(self, opened: Sequence[Submission]) -> list[Checked]:
        """Each submission checked, or why it is refused, in order.

        One that comes twice at once, from two peers perhaps, is checked once.
        """
        distinct = {each.id: each for each in opened}
        if not distinct:
            return []
        asked = _Asked(len(distinct), asyncio.get_running_loop().create_future())
        for name, submission in distinct.items():
            askers = self._askers.get(name)
            if askers is None:
                self._askers[name] = [asked]
                self._waiting.append(submission)
            else:
                askers.append(asked)
        self._start()
        await asked.complete
        return [asked.answers[each.id] for each in opened]

    def _start(self) -> None:
        while self._waiting and self._running < self._most:
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            self._running += 1
            work = asyncio.get_running_loop().run_in_executor(self._pool, _check, batch)
            work.add_done_callback(partial(self._done, batch))

    def _done(self, batch: Sequence[Submission], work: asyncio.Future[list[Checked]]) -> None:
        self._running -= 1
        askers = [self._askers.pop(submission.id) for submission in batch]
        if work.cancelled():  # the node is ending
            for asked in itertools.chain(*askers):
                asked.complete.cancel()
            return
        if (defect := work.exception()) is not None:
            for asked in itertools.chain(*askers):
                if not asked.complete.done():
                    asked.complete.set_exception(defect)
            return
        for submission, several, checked in zip(batch, askers, work.result(), strict=True):
            for asked in several:
                asked.answers[submission.id] = checked
                asked.missing -= 1
                if not asked.missing and not asked.complete.done():
                    asked.complete.set_result(None)
        self._start()


def _check(submissions: Sequence[Submission]) -> list[Checked]:
    checked: list[Checked] = []
    for submission in submissions:
        try:
            checked.append(verify_submission(submission))
        except SubmissionRefused as refusal:
            checked.append(refusal)
    return checked
