"""A stream of submissions: each is judged by itself, answered by its number, and never twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import WSMsgType

from ledger_node.api import streams
from ledger_node.api.services import SERVICES
from ledger_node.client import ApiProblem, LedgerClient, NodeUnreachable, Retries
from ledger_node.codec import encode
from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.ledger.submission import VerifiedSubmission
from ledger_node.node.mempool import Mempool, MempoolLimits
from tests.ledger_node.api.served import Served, registration
from tests.patience import until


@asynccontextmanager
async def opened(
    api: Served, token: str | None = None
) -> AsyncIterator["aiohttp.ClientWebSocketResponse[bool]"]:
    headers = {"Authorization": f"Bearer {api.token if token is None else token}"}
    async with api.session.ws_connect(f"{api.server.url}/v1/stream", headers=headers) as ws:
        yield ws


async def answers(ws: "aiohttp.ClientWebSocketResponse[bool]", count: int) -> list[Any]:
    found: list[Any] = []
    while len(found) < count:
        message = await ws.receive()
        assert message.type is WSMsgType.TEXT, message
        found += msgspec.json.decode(message.data)
    return sorted(found, key=lambda answer: answer["number"])


def message(*submissions: VerifiedSubmission) -> bytes:
    return encode([each.to_bytes() for each in submissions])


async def test_each_submission_is_answered_once_final(api: Served) -> None:
    several = [api.submission(registration(f"AM-{number}")) for number in range(5)]
    async with opened(api) as ws:
        await ws.send_bytes(message(*several[:2]))
        await ws.send_bytes(message(*several[2:]))
        found = await answers(ws, 5)
    assert [answer["number"] for answer in found] == list(range(5))
    for answer, submission in zip(found, several, strict=True):
        view = answer["submission"]
        assert (view["id"], view["stage"]) == (submission.id.hex(), "final")
        assert view["records"][0]["outcome"] == "accepted"
        alone = await api.ask(f"/v1/submissions/{submission.id.hex()}")
        assert alone.json() == view, "the stream says what the ledger says"


async def test_a_rejected_record_cites_its_rule(api: Served) -> None:
    twice = api.submission(registration("AM-1"), registration("AM-1"))
    async with opened(api) as ws:
        await ws.send_bytes(message(twice))
        (answer,) = await answers(ws, 1)
    assert answer["submission"]["records"][1]["rule"] == "RE-006"


async def test_what_is_not_taken_harms_no_other(api: Served) -> None:
    good = api.submission(registration("AM-1"))
    strange = api.submission(registration("AM-2"), signer=SoftwareSigner.generate())
    late = api.submission(registration("AM-3"), expires_in_ms=-1)
    forged = bytearray(api.submission(registration("AM-4")).to_bytes())
    forged[-1] ^= 1
    async with opened(api) as ws:
        batch = [b"noise", strange.to_bytes(), good.to_bytes(), late.to_bytes(), bytes(forged)]
        await ws.send_bytes(encode(batch))
        found = await answers(ws, 5)
    assert [answer["problem"] and answer["problem"]["rule"] for answer in found] == [
        "SUB-002",
        "RE-003",
        None,
        "SUB-010",
        "SUB-009",
    ]
    assert found[2]["submission"]["stage"] == "final"


async def test_the_same_bytes_again_are_answered_not_taken_twice(api: Served) -> None:
    one = api.submission(registration("AM-1"))
    async with opened(api) as ws:
        await ws.send_bytes(message(one, one))
        await ws.send_bytes(message(one))
        found = await answers(ws, 3)
    assert found[0]["submission"] == found[1]["submission"] == found[2]["submission"]
    assert (await api.ask("/v1/status")).json()["height"] == 1


async def test_a_full_mempool_says_come_back(api: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.node.admission, "_mempool", Mempool(MempoolLimits(submissions=0)))
    async with opened(api) as ws:
        await ws.send_bytes(message(api.submission(registration("AM-1"))))
        (answer,) = await answers(ws, 1)
    assert answer["problem"]["status"] == 503


async def test_what_expires_unordered_is_answered_as_expired(api: Served) -> None:
    submission = api.submission(registration("AM-1"))
    # Nothing is ordered while the mempool does not say that it holds work.
    api.node.admission._on_work = lambda: None
    async with opened(api) as ws:
        await ws.send_bytes(message(submission))
        await until(lambda: bool(api.node.admission._awaiting))
        api.node.mempool.remove([submission.id])
        api.node.admission.expired([submission.id])
        (answer,) = await answers(ws, 1)
    assert (answer["problem"]["status"], answer["problem"]["field"]) == (410, "expiry_ms")


@pytest.mark.parametrize(
    ("data", "code", "reason"),
    [
        (b"\x91", 1007, "message: "),
        (encode([]), 1008, "message: 0 submissions, 1 to 256"),
        (encode([b""] * 257), 1008, "message: 257 submissions, 1 to 256"),
        (encode(["text"]), 1007, "message: "),
    ],
)
async def test_a_message_of_another_form_closes_the_stream_with_the_reason(
    api: Served, data: bytes, code: int, reason: str
) -> None:
    async with opened(api) as ws:
        await ws.send_bytes(data)
        end = await ws.receive()
    assert (end.type, end.data) == (WSMsgType.CLOSE, code)
    assert str(end.extra).startswith(reason)


async def test_text_is_no_submission(api: Served) -> None:
    async with opened(api) as ws:
        await ws.send_str("hello")
        end = await ws.receive()
    assert (end.type, end.data) == (WSMsgType.CLOSE, 1003)


async def test_a_client_that_waits_for_too_much_is_closed(
    api: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "STREAM_OUTSTANDING", 1)
    both = message(*(api.submission(registration(f"AM-{number}")) for number in range(2)))
    async with opened(api) as ws:
        await ws.send_bytes(both)
        end = await ws.receive()
    assert (end.type, end.data) == (WSMsgType.CLOSE, 1008)


async def test_one_stream_too_many_is_told_to_come_back(
    api: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "STREAMS", 1)
    async with opened(api):
        answer = await api.ask("/v1/stream", headers={"Upgrade": "websocket"})
    assert (answer.status, answer.problem().type.rpartition(":")[2]) == (503, "too-many-streams")


async def test_a_plain_request_learns_what_the_route_speaks(api: Served) -> None:
    answer = await api.ask("/v1/stream")
    assert (answer.status, answer.headers["Upgrade"]) == (426, "websocket")


async def test_a_stranger_gets_no_stream(api: Served) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with opened(api, "another"):
            pass
    assert refused.value.status == 401


async def test_a_client_that_leaves_is_waited_for_no_longer(api: Served) -> None:
    api.node.admission._on_work = lambda: None
    async with opened(api) as ws:
        await ws.send_bytes(message(api.submission(registration("AM-1"))))
        await until(lambda: bool(api.node.admission._awaiting))
    await until(lambda: not api.node.admission._awaiting)


async def test_the_client_settles_many_at_once(api: Served) -> None:
    async with api.client.stream() as stream:
        several = [api.submission(registration(f"AM-{number}")) for number in range(300)]
        views = await asyncio.gather(*(stream.settle(each) for each in several))
    assert [view.id for view in views] == [each.id.hex() for each in several]
    assert all(view.accepted for view in views)


async def test_the_client_raises_what_the_node_refuses(api: Served) -> None:
    late = api.submission(registration("AM-1"), expires_in_ms=-1)
    async with api.client.stream() as stream:
        with pytest.raises(ApiProblem, match="SUB-010"):
            await stream.settle(late)


async def test_the_client_hands_in_again_what_a_broken_stream_left_open(api: Served) -> None:
    one, two = (api.submission(registration(f"AM-{number}")) for number in range(2))
    async with LedgerClient(api.server.url, api.token) as client, client.stream() as stream:
        await stream.settle(one)
        (ws,) = api.server.app[SERVICES].streams
        # Broken before it is answered: the node hears of the second and says nothing.
        first = asyncio.create_task(stream.settle(two))
        await ws.close()
        assert (await first).accepted


async def test_a_client_without_a_node_says_so(api: Served) -> None:
    async with (
        LedgerClient("http://127.0.0.1:1", retries=Retries(total_s=0)) as client,
        client.stream() as stream,
    ):
        with pytest.raises(NodeUnreachable):
            await stream.settle(api.submission(registration("AM-1")))
