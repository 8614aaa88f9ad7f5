"""Signature checks of submissions, off the event loop and many at a time.

A hop to a thread costs more than the check it carries: what comes while checks are under way
waits and makes the next batch. Alone, a submission is checked at once.
"""

import asyncio
import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Final, TypeAlias

from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.ledger.submission import Submission, VerifiedSubmission, verify_submission

BATCH: Final = 64
"""Checks a thread makes before it comes back: about 4 ms, while other threads share the rest."""

Checked: TypeAlias = VerifiedSubmission | SubmissionRefused


class Verification:
    """Owned by the event loop's thread."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._waiting: deque[tuple[Submission, asyncio.Future[Checked]]] = deque()
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
        """Each submission checked, or why it is refused, in order."""
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in opened]
        self._waiting.extend(zip(opened, futures, strict=True))
        self._start()
        return [await future for future in futures]

    def _start(self) -> None:
        while self._waiting and self._running < self._most:
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            self._running += 1
            work = asyncio.get_running_loop().run_in_executor(
                self._pool, _check, [submission for submission, _ in batch]
            )
            work.add_done_callback(partial(self._done, [future for _, future in batch]))

    def _done(
        self, futures: Sequence[asyncio.Future[Checked]], work: asyncio.Future[list[Checked]]
    ) -> None:
        self._running -= 1
        self._start()
        if work.cancelled():  # the node is ending
            for future in futures:
                future.cancel()
            return
        if (defect := work.exception()) is not None:
            for future in futures:
                if not future.done():
                    future.set_exception(defect)
            return
        for future, checked in zip(futures, work.result(), strict=True):
            if not future.done():
                future.set_result(checked)


def _check(submissions: Sequence[Submission]) -> list[Checked]:
    checked: list[Checked] = []
    for submission in submissions:
        try:
            checked.append(verify_submission(submission))
        except SubmissionRefused as refusal:
            checked.append(refusal)
    return checked
