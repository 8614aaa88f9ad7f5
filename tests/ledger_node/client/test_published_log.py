"""A published log over HTTP: what an odd or hostile server answers is bounded and named."""

from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ledger_node.client import Retries
from ledger_node.client.published_log import HttpLog
from ledger_node.log.note import MAX_NOTE
from ledger_node.log.published import FileAbsent, LogUnreachable


class Server:
    """Answers for one path each; counts what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[], web.StreamResponse]] = {}
        self.asked: list[str] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        assert "Authorization" not in request.headers
        self.asked.append(request.path)
        return self.answers[request.path]()


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, HttpLog]]:
    answering = Server()
    app = web.Application()
    app.router.add_get("/{path:.*}", answering.handle)
    async with TestServer(app) as served:
        url = str(served.make_url("/log"))
        async with HttpLog(f"{url}/", retries=Retries(0.2, 0.01, 0.05)) as log:
            yield answering, log


async def test_files_are_read_below_the_prefix(server: tuple[Server, HttpLog]) -> None:
    answering, log = server
    answering.answers["/log/checkpoint"] = lambda: web.Response(body=b"note")
    answering.answers["/log/tile/0/x001/067.p/3"] = lambda: web.Response(body=b"x" * 96)
    assert await log.file("checkpoint") == b"note"
    assert await log.file("tile/0/x001/067.p/3") == b"x" * 96


@pytest.mark.parametrize("status", [404, 410])
async def test_a_file_that_is_not_there_is_asked_for_once(
    server: tuple[Server, HttpLog], status: int
) -> None:
    answering, log = server
    answering.answers["/log/checkpoint"] = lambda: web.Response(status=status)
    with pytest.raises(FileAbsent):
        await log.file("checkpoint")
    assert len(answering.asked) == 1


@pytest.mark.parametrize("status", [500, 503, 403])
async def test_a_server_in_trouble_is_asked_again_for_a_while(
    server: tuple[Server, HttpLog], status: int
) -> None:
    answering, log = server
    answering.answers["/log/checkpoint"] = lambda: web.Response(status=status)
    with pytest.raises(LogUnreachable, match=f"status {status}"):
        await log.file("checkpoint")
    assert len(answering.asked) > 2


async def test_no_redirect_is_followed(server: tuple[Server, HttpLog]) -> None:
    answering, log = server
    moved = {"Location": "/log/elsewhere"}
    answering.answers["/log/checkpoint"] = lambda: web.Response(status=302, headers=moved)
    with pytest.raises(LogUnreachable, match="status 302"):
        await log.file("checkpoint")
    assert set(answering.asked) == {"/log/checkpoint"}


async def test_answers_are_read_no_further_than_a_file_can_be_long(
    server: tuple[Server, HttpLog],
) -> None:
    answering, log = server
    answering.answers["/log/checkpoint"] = lambda: web.Response(body=bytes(MAX_NOTE + 1))
    with pytest.raises(LogUnreachable, match="more than"):
        await log.file("checkpoint")

    def zipped() -> web.Response:
        answer = web.Response(body=bytes(MAX_NOTE + 1))
        answer.enable_compression()
        return answer

    answering.answers["/log/checkpoint"] = zipped
    with pytest.raises(LogUnreachable, match="more than"):
        await log.file("checkpoint")


async def test_a_server_that_is_gone_is_unreachable() -> None:
    async with HttpLog("http://127.0.0.1:9", retries=Retries(0)) as log:
        with pytest.raises(LogUnreachable):
            await log.file("checkpoint")
