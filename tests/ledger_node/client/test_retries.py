"""When the client asks again, when it gives up, and what it does not believe."""

import asyncio
import time

import pytest
from aiohttp import web

from ledger_node.client import AnswerUnreadable, ApiProblem, LedgerClient, NodeUnreachable, Retries
from ledger_node.client import ledger_client as module
from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.ledger.submission import build_submission
from tests.ledger_node.client.stand_in import Respond, busy, gives, hangs_up, stand_in

QUICK = Retries(total_s=50.0, first_s=0.01, longest_s=0.05)
RULE = b'{"id":"RE-001","text":"t","source":"s","text_ru":"\xd1\x82"}'


def test_delays_double_up_to_the_longest() -> None:
    delays = Retries(10, 0.1, 0.5).delays()
    assert [round(next(delays), 3) for _ in range(5)] == [0.1, 0.2, 0.4, 0.5, 0.5]


@pytest.mark.parametrize("trouble", [busy(), hangs_up])
async def test_trouble_that_passes_is_ridden_out(trouble: Respond) -> None:
    async with (
        stand_in(trouble, trouble, gives(RULE)) as server,
        LedgerClient(server.url, retries=QUICK) as client,
    ):
        assert (await client.rule("RE-001")).id == "RE-001"
    assert len(server.asked) == 3


async def test_a_nodes_retry_after_is_honoured() -> None:
    async with (
        stand_in(busy("0.3"), gives(RULE)) as server,
        LedgerClient(server.url, retries=QUICK) as client,
    ):
        began = time.monotonic()
        await client.rule("RE-001")
        assert time.monotonic() - began >= 0.3


async def test_trouble_that_stays_is_reported_in_time() -> None:
    async with (
        stand_in(busy("60")) as server,
        LedgerClient(server.url, retries=QUICK) as client,
    ):
        with pytest.raises(ApiProblem) as still:
            await client.rule("RE-001")
    assert (still.value.status, still.value.kind, len(server.asked)) == (503, "busy", 1)


async def test_a_long_wait_that_breaks_off_is_still_tried_again() -> None:
    async def breaks_off_late(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.3)
        return await hangs_up(request)

    async with (
        stand_in(breaks_off_late, gives(RULE)) as server,
        LedgerClient(server.url, retries=Retries(0.2, 0.01, 0.05)) as client,
    ):
        assert (await client.rule("RE-001")).id == "RE-001"
    assert len(server.asked) == 2


async def test_a_submission_is_handed_in_again_until_it_is_final() -> None:
    """The second answer is of a node that restarted and had forgotten it."""
    pending, final = b'{"id":"00","stage":"pending"}', b'{"id":"00","stage":"final"}'
    signer = SoftwareSigner.generate()
    submission = build_submission(bytes(32), "AM", signer, [b"record"], 2**40)
    async with (
        stand_in(hangs_up, gives(pending, 202), gives(pending, 202), gives(final)) as server,
        LedgerClient(server.url, retries=QUICK) as client,
    ):
        assert (await client.settle(submission)).final
    assert [request.method for request in server.asked] == ["POST"] * 4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 500])
async def test_a_refusal_is_not_tried_again(status: int) -> None:
    body = b'{"status":%d,"title":"No","detail":"why"}' % status
    async with (
        stand_in(gives(body, status, "application/problem+json")) as server,
        LedgerClient(server.url, retries=QUICK) as client,
    ):
        with pytest.raises(ApiProblem, match="why"):
            await client.rule("RE-001")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        gives(b""),
        gives(b"{}"),
        gives(b'{"id":1,"text":"t","source":"s"}'),
        gives(b"<html>", 200, "text/html"),
        gives(b"[" * 100_000),
        gives(b"\xff"),
        gives(b"<html>", 404, "text/html"),
        gives(b"no", 400, "application/problem+json"),
        gives(b"", 302, "text/plain", Location="http://127.0.0.1:1/"),
    ],
)
async def test_an_answer_no_node_gives_is_not_believed(answer: Respond) -> None:
    async with stand_in(answer) as server, LedgerClient(server.url, "secret") as client:
        with pytest.raises(AnswerUnreadable):
            await client.rule("RE-001")
    assert len(server.asked) == 1


async def test_an_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ANSWER", 1000)
    async with stand_in(gives(bytes(1001))) as server, LedgerClient(server.url) as client:
        with pytest.raises(AnswerUnreadable, match="more than"):
            await client.checkpoint()


async def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_S", 0.1)

    async def silent(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(10)
        return web.Response()

    async with (
        stand_in(silent) as server,
        LedgerClient(server.url, retries=Retries(0)) as client,
    ):
        with pytest.raises(NodeUnreachable, match="no answer within"):
            await client.status()


async def test_the_token_goes_to_the_node_and_a_key_stays_one_path_segment() -> None:
    body = b'{"key":"k","value":{},"raw":"","log_size":1}'
    async with (
        stand_in(gives(body)) as server,
        LedgerClient(server.url + "/", "secret") as client,
    ):
        await client.object("participant/A/../B?x#y")
    (request,) = server.asked
    assert request.headers["Authorization"] == "Bearer secret"
    assert request.rel_url.raw_path == "/v1/objects/participant%2FA%2F..%2FB%3Fx%23y"
