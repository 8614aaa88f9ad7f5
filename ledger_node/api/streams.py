"""A stream of submissions: one connection for a client that has many to hand in.

The client sends messages of submissions, as many and as often as it likes; each submission is
taken, ordered and judged by itself, and answered by its number once it is final or not taken. A
request for each would cost the node more than all the rest that it does for a submission. A stream
keeps no state that matters: what has no answer when it breaks is handed in again on another, and is
the same submission still.
"""

import asyncio
import itertools
from functools import partial
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from consensus.block import SubmissionId
from ledger_node.api.answers import submission_view
from ledger_node.api.forms import StreamAnswer
from ledger_node.api.limits import (
    STREAM_ALIVE_S,
    STREAM_MESSAGE_BYTES,
    STREAM_OUTSTANDING,
    STREAM_SUBMISSIONS,
    STREAMS,
)
from ledger_node.api.problems import Problem, come_back, problem_of
from ledger_node.api.requests import Query
from ledger_node.api.services import Services, count_refusal, services_of
from ledger_node.codec import DecodeError, decode
from ledger_node.node.admission import OnSettled, Refused
from ledger_node.node.receipts import Receipt, Stage

MAX_CLOSE_REASON: Final = 123
"""Bytes of a close frame's reason, RFC 6455 §5.5."""


async def stream(request: web.Request) -> web.StreamResponse:
    """GET /v1/stream, a WebSocket: binary messages of submissions in, answers as JSON out.

    A message is the canonical msgpack array of 1 to 256 submissions' bytes; an answer is a JSON
    array of StreamAnswer. A message of another form closes the stream, with the reason.
    """
    Query(request)
    services = services_of(request)
    if len(services.streams) >= STREAMS:
        raise come_back("too-many-streams", f"{STREAMS} streams are open already")
    ws = web.WebSocketResponse(
        compress=False, max_msg_size=STREAM_MESSAGE_BYTES, heartbeat=STREAM_ALIVE_S
    )
    if not ws.can_prepare(request).ok:
        raise Problem(
            HTTPStatus.UPGRADE_REQUIRED,
            "upgrade-required",
            "this route speaks WebSocket (RFC 6455)",
            "Upgrade",
            headers={"Upgrade": "websocket"},
        )
    await ws.prepare(request)
    services.streams.add(ws)
    try:
        await _Stream(ws, services).serve()
    finally:
        services.streams.discard(ws)
    return ws


class _Stream:
    """One client's connection."""

    def __init__(self, ws: web.WebSocketResponse, services: Services) -> None:
        self._ws = ws
        self._services = services
        self._admission = services.node.admission
        self._numbers = itertools.count()
        self._awaited: dict[int, tuple[SubmissionId, OnSettled]] = {}
        self._answers: list[StreamAnswer] = []
        self._to_say = asyncio.Event()

    async def serve(self) -> None:
        """Until the client leaves, breaks the form, or the node stops."""
        speaking = asyncio.create_task(self._speak())
        hearing = asyncio.create_task(self._hear())
        try:
            await asyncio.wait((speaking, hearing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (speaking, hearing):
                task.cancel()
            ends = await asyncio.gather(speaking, hearing, return_exceptions=True)
            for name, told in self._awaited.values():
                self._admission.not_awaited(name, told)
        for end in ends:
            # A client that is gone, with answers on their way to it, asks again on another stream.
            if isinstance(end, Exception) and not isinstance(end, ConnectionError):
                raise end

    async def _hear(self) -> None:
        async for message in self._ws:
            if message.type is not WSMsgType.BINARY:
                await self._close(WSCloseCode.UNSUPPORTED_DATA, "binary messages are asked for")
                return
            try:
                batch = decode(
                    tuple[bytes, ...], message.data, what="message", limit=STREAM_MESSAGE_BYTES
                )
            except DecodeError as error:
                await self._close(WSCloseCode.INVALID_TEXT, str(error))
                return
            if not 1 <= len(batch) <= STREAM_SUBMISSIONS:
                bounds = f"{len(batch)} submissions, 1 to {STREAM_SUBMISSIONS} are asked for"
                await self._close(WSCloseCode.POLICY_VIOLATION, f"message: {bounds}")
                return
            if len(self._awaited) + len(self._answers) + len(batch) > STREAM_OUTSTANDING:
                bound = f"more than {STREAM_OUTSTANDING} submissions without an answer"
                await self._close(WSCloseCode.POLICY_VIOLATION, bound)
                return
            await self._take(batch)

    async def _take(self, batch: tuple[bytes, ...]) -> None:
        for found in await self._admission.submit_many(batch):
            number = next(self._numbers)
            if isinstance(found, Exception):
                count_refusal(self._services, found)
                self._refuse(number, found)
            elif found.stage is Stage.FINAL:
                self._settled(number, found)
            else:
                told = partial(self._settled, number)
                self._awaited[number] = (found.id, told)
                self._admission.when_settled(found.id, told)

    def _settled(self, number: int, receipt: Receipt) -> None:
        self._awaited.pop(number, None)
        if receipt.stage is Stage.FINAL:
            self._answer(StreamAnswer(number, submission_view(receipt)))
        else:
            detail = "it was not ordered before the time it names"
            expired = Problem(HTTPStatus.GONE, "submission-expired", detail, "expiry_ms")
            self._answer(StreamAnswer(number, problem=expired.view()))

    def _refuse(self, number: int, refusal: Refused) -> None:
        problem = problem_of(refusal)
        assert problem is not None, "every refusal has its problem"
        self._answer(StreamAnswer(number, problem=problem.view()))

    def _answer(self, answer: StreamAnswer) -> None:
        self._answers.append(answer)
        self._to_say.set()

    async def _speak(self) -> None:
        """Say what there is to say; what became final in one block goes in one message."""
        while True:
            await self._to_say.wait()
            self._to_say.clear()
            answers, self._answers = self._answers, []
            await self._ws.send_frame(msgspec.json.encode(answers), WSMsgType.TEXT)

    async def _close(self, code: WSCloseCode, reason: str) -> None:
        await self._ws.close(code=code, message=reason.encode()[:MAX_CLOSE_REASON])
