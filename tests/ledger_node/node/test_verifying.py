"""Signature checks in batches: each asker gets its own answers, whatever else is under way."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.ledger.submission import Submission, VerifiedSubmission, open_submission
from ledger_node.node.verifying import BATCH, Verification
from tests.ledger_node.ledger.builders import UNION, put, submission


class Watched(Executor):
    """A pool of one thread that tells how many submissions each job had."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self._pool = ThreadPoolExecutor(1)

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.sizes.append(len(args[0]))
        return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._pool.shutdown(wait, cancel_futures=cancel_futures)


@pytest.fixture
def pool() -> Iterator[Watched]:
    with Watched() as watched:
        yield watched


def opened(number: int) -> Submission:
    return open_submission(submission(put(f"o/{number}", "x")).to_bytes(), UNION)


def forged(number: int) -> Submission:
    envelope = msgspec.msgpack.decode(submission(put(f"o/{number}", "x")).to_bytes())
    envelope[2] = bytes(64)
    return open_submission(msgspec.msgpack.encode(envelope), UNION)


async def test_each_has_its_answer_in_order(pool: Watched) -> None:
    asked = [opened(1), forged(2), opened(3)]
    answers = await Verification(pool).many(asked)
    assert [type(each) for each in answers] == [
        VerifiedSubmission,
        SubmissionRefused,
        VerifiedSubmission,
    ]
    assert answers[0] == VerifiedSubmission(
        *(getattr(asked[0], name) for name in asked[0].__struct_fields__)
    )


async def test_nothing_asked_nothing_done(pool: Watched) -> None:
    assert await Verification(pool).many([]) == []
    assert pool.sizes == []


async def test_what_comes_while_checks_run_makes_the_next_batch(
    pool: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    verification = Verification(pool)
    several = [verification.one(opened(number)) for number in range(BATCH + 10)]
    assert len(await asyncio.gather(*several)) == BATCH + 10
    assert pool.sizes == [1, BATCH, 9]


async def test_one_that_comes_twice_at_once_is_checked_once(pool: Watched) -> None:
    verification = Verification(pool)
    one = opened(1)
    first, second = await asyncio.gather(verification.many([one, one]), verification.one(one))
    assert first == [second, second]
    assert sum(pool.sizes) == 1


async def test_an_asker_that_gives_up_takes_nobody_elses_answer(pool: Watched) -> None:
    verification = Verification(pool)
    one = opened(1)
    hasty = asyncio.create_task(verification.one(one))
    patient = asyncio.create_task(verification.one(one))
    await asyncio.sleep(0)
    hasty.cancel()
    assert (await patient).id == one.id
    with pytest.raises(asyncio.CancelledError):
        await hasty
    assert (await verification.one(one)).id == one.id


async def test_a_refusal_is_raised_to_who_asks_for_one(pool: Watched) -> None:
    with pytest.raises(SubmissionRefused, match="signature"):
        await Verification(pool).one(forged(1))


async def test_a_defect_reaches_who_waits(pool: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Submission) -> VerifiedSubmission:
        raise ZeroDivisionError

    monkeypatch.setattr("ledger_node.node.verifying.verify_submission", broken)
    with pytest.raises(ZeroDivisionError):
        await Verification(pool).one(opened(1))
