"""Many submissions over one connection to a node: `GET /v1/stream` of its API.

What is handed in during one turn of the event loop travels in one message. What has no answer when
the connection breaks is handed in again on the next one, and is the same submission still.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

import aiohttp
import msgspec

from consensus.block import SubmissionId
from ledger_node.api.forms import StreamAnswer, SubmissionView
from ledger_node.api.limits import STREAM_MESSAGE_BYTES, STREAM_OUTSTANDING, STREAM_SUBMISSIONS
from ledger_node.client.errors import (
    AnswerUnreadable,
    ApiProblem,
    ClientError,
    NodeUnreachable,
    NotFinal,
)
from ledger_node.client.retries import Retries
from ledger_node.codec import encode
from ledger_node.ledger.submission import Submission

WINDOW: Final = STREAM_OUTSTANDING // 2
"""Submissions on their way at once; more wait here."""

MESSAGE_BYTES: Final = STREAM_MESSAGE_BYTES // 4
"""A message is cut here; one submission more, at most 1 MiB, still fits the node's bound."""

COME_BACK_S: Final = 1.0
"""Before what a node had no room for is handed in again."""

MAX_MESSAGE: Final = 32 * 1024 * 1024
"""Bytes of answers in one message; what one block settles travels together."""


@dataclass(slots=True)
class _Handed:
    id: SubmissionId
    data: bytes
    judged: asyncio.Future[SubmissionView]


class SubmissionStream:
    """Made by `LedgerClient.stream`; an async context manager. `settle` may be called any number
    of times at once."""

    def __init__(
        self,
        connect: Callable[[], "aiohttp.client._WSRequestContextManager"],
        url: str,
        retries: Retries,
    ) -> None:
        self._connect = connect
        self._url = url
        self._retries = retries
        self._waiting: deque[_Handed] = deque()
        self._known: dict[SubmissionId, _Handed] = {}
        self._sent: dict[int, _Handed] = {}
        self._stirred = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None, "a stream is used within `async with`"
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._fail(NodeUnreachable(self._url, "the stream was closed"))

    async def settle(self, submission: Submission, timeout_s: float = 60.0) -> SubmissionView:
        """Hand in a submission and see it final. Raises ApiProblem, NotFinal, NodeUnreachable."""
        handed = self._known.get(submission.id)
        if handed is None:
            judged: asyncio.Future[SubmissionView] = asyncio.get_running_loop().create_future()
            handed = _Handed(submission.id, submission.to_bytes(), judged)
            self._known[handed.id] = handed
            self._hand_in(handed)
        try:
            async with asyncio.timeout(timeout_s):
                return await asyncio.shield(handed.judged)
        except TimeoutError:
            raise NotFinal(submission.id.hex(), timeout_s) from None

    def _hand_in(self, handed: _Handed) -> None:
        if self._task is None or self._task.done():
            self._judge(handed, NodeUnreachable(self._url, "the stream has ended"))
            return
        self._waiting.append(handed)
        self._stirred.set()

    def _judge(self, handed: _Handed, found: SubmissionView | ClientError) -> None:
        self._known.pop(handed.id, None)
        if handed.judged.done():
            return
        if isinstance(found, SubmissionView):
            handed.judged.set_result(found)
        else:
            handed.judged.set_exception(found)
            handed.judged.exception()  # whoever asked may have stopped waiting

    def _fail(self, error: ClientError) -> None:
        for handed in list(self._known.values()):
            self._judge(handed, error)

    # ------------------------------------------------------------ the connection

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        failing_since: float | None = None
        delays = self._retries.delays()
        while True:
            try:
                async with self._connect() as ws:
                    failing_since, delays = None, self._retries.delays()
                    await self._converse(ws)
                unreachable = NodeUnreachable(self._url, f"closed by the node: {ws.close_code}")
            except (aiohttp.ClientError, OSError) as error:
                unreachable = NodeUnreachable(self._url, error)
            except AnswerUnreadable as error:
                self._fail(error)
                return
            # In the order in which they were handed in, before what waits.
            self._waiting.extendleft(reversed(self._sent.values()))
            self._sent.clear()
            failing_since = loop.time() if failing_since is None else failing_since
            pause = next(delays)
            if loop.time() - failing_since + pause > self._retries.total_s:
                self._fail(unreachable)
                return
            await asyncio.sleep(pause)

    async def _converse(self, ws: "aiohttp.ClientWebSocketResponse[bool]") -> None:
        tasks = (asyncio.create_task(self._write(ws)), asyncio.create_task(self._read(ws)))
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    async def _write(self, ws: "aiohttp.ClientWebSocketResponse[bool]") -> None:
        numbers = itertools.count()
        self._stirred.set()
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            while self._waiting and len(self._sent) < WINDOW:
                batch: list[bytes] = []
                size = 0
                while (
                    self._waiting
                    and len(self._sent) < WINDOW
                    and len(batch) < STREAM_SUBMISSIONS
                    and size < MESSAGE_BYTES
                ):
                    handed = self._waiting.popleft()
                    self._sent[next(numbers)] = handed
                    batch.append(handed.data)
                    size += len(handed.data)
                await ws.send_bytes(encode(batch))

    async def _read(self, ws: "aiohttp.ClientWebSocketResponse[bool]") -> None:
        async for message in ws:
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise AnswerUnreadable(self._url, f"a {message.type.name} message on a stream")
            try:
                answers = msgspec.json.decode(message.data, type=list[StreamAnswer])
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise AnswerUnreadable(self._url, str(error)) from error
            for answer in answers:
                self._take(answer)
            self._stirred.set()

    def _take(self, answer: StreamAnswer) -> None:
        handed = self._sent.pop(answer.number, None)
        if handed is None:
            raise AnswerUnreadable(self._url, f"an answer to submission {answer.number}")
        if answer.submission is not None:
            if answer.submission.id != handed.id.hex():
                raise AnswerUnreadable(self._url, f"{answer.submission.id} is not what was asked")
            self._judge(handed, answer.submission)
        elif answer.problem is None:
            raise AnswerUnreadable(self._url, "neither a submission nor a problem")
        elif answer.problem.status == 503:
            asyncio.get_running_loop().call_later(COME_BACK_S, self._hand_in, handed)
        else:
            self._judge(handed, ApiProblem(answer.problem))
