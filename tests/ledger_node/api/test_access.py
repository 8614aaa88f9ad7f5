"""Who gets in, what every answer carries, and what slow, many or strange clients get."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ledger_node.api.problems import come_back
from ledger_node.api.routes import PUBLIC, ROUTES
from ledger_node.api.services import SERVICES, Waits
from tests.ledger_node.api.served import Served, registration, served
from tests.patience import PATIENCE_S

PRIVATE = [(route.method, route.template) for route in ROUTES if route.path.startswith("/v1")]


@pytest.mark.parametrize(("method", "path"), [*PRIVATE, ("GET", "/v1"), ("GET", "/v1/unknown")])
@pytest.mark.parametrize("token", ["", "x" * 43, "Ω"])
async def test_nothing_below_v1_answers_without_the_token(
    api: Served, method: str, path: str, token: str
) -> None:
    path = path.replace("{", "").replace("}", "")
    answer = await api.ask(path, method, token=token)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.problem().field == "Authorization"


async def test_an_escaped_letter_does_not_open_the_door(api: Served) -> None:
    assert (await api.ask("/%76%31/status", token="")).status == 401


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
async def test_another_scheme_does_not_open_the_door(api: Served, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {api.token}"}
    assert (await api.ask("/v1/status", token="", headers=headers)).status == 401


def test_only_the_log_and_the_health_of_the_process_are_public() -> None:
    assert not any(path.startswith("/v1") for path in PUBLIC)
    assert {"/checkpoint", "/tile/{path}", "/healthz", "/readyz", "/metrics"} == PUBLIC


@pytest.mark.parametrize("path", ["/v1/status", "/checkpoint", "/nowhere", "/metrics"])
async def test_every_answer_is_hardened_against_browsers(api: Served, path: str) -> None:
    headers = (await api.ask(path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Cache-Control"]


async def test_answers_about_the_state_are_not_cached(api: Served) -> None:
    assert (await api.ask("/v1/status")).headers["Cache-Control"] == "no-store"


async def test_an_unknown_route_is_a_problem_like_any_other(api: Served) -> None:
    answer = await api.ask("/v1/nowhere")
    assert (answer.status, answer.problem().title) == (404, "Not Found")


async def test_a_method_that_a_route_does_not_have_is_named(api: Served) -> None:
    answer = await api.ask("/v1/status", "DELETE")
    assert (answer.status, answer.problem().status) == (405, 405)
    assert answer.headers["Allow"] == "GET, HEAD"


async def test_a_head_request_has_no_body(api: Served) -> None:
    answer = await api.ask("/v1/status", "HEAD")
    assert (answer.status, answer.body) == (200, b"")


async def test_an_unexpected_failure_is_logged_and_tells_the_client_nothing(
    api: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> Any:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(api.node.admission, "receipt", lambda _: fail())
    answer = await api.ask(f"/v1/submissions/{bytes(32).hex()}")
    assert answer.status == 500
    assert b"secret" not in answer.body
    assert "secret detail" in caplog.text


async def test_a_client_that_never_finishes_its_header_is_cut_off(tmp_path: Path) -> None:
    async with served(tmp_path, idle_s=0.2) as api:
        reader, writer = await asyncio.open_connection(*api.server.address)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        async with asyncio.timeout(PATIENCE_S):
            assert await reader.read() == b""
        writer.close()


async def test_a_client_that_sends_nothing_is_cut_off(tmp_path: Path) -> None:
    async with served(tmp_path, idle_s=0.2) as api:
        reader, writer = await asyncio.open_connection(*api.server.address)
        async with asyncio.timeout(PATIENCE_S):
            assert await reader.read() == b""
        writer.close()


async def test_a_body_that_does_not_arrive_is_given_up(
    api: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger_node.api.requests.BODY_S", 0.1)
    reader, writer = await asyncio.open_connection(*api.server.address)
    writer.write(
        b"POST /v1/submissions HTTP/1.1\r\nHost: a\r\nContent-Type: application/msgpack\r\n"
        b"Authorization: Bearer " + api.token.encode() + b"\r\nContent-Length: 1000\r\n\r\nabc"
    )
    async with asyncio.timeout(PATIENCE_S):
        assert (await reader.readline()).split()[1] == b"408"
    writer.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"POST /v1/submissions HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=["long header", "long line", "tls", "negative length"],
)
async def test_what_is_no_proper_http_is_refused_and_fills_no_log(
    api: Served, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await asyncio.open_connection(*api.server.address)
    writer.write(sent)
    async with asyncio.timeout(PATIENCE_S):
        assert (await reader.readline()).split()[1] == b"400"
    writer.close()
    assert caplog.text == ""


async def test_a_wrong_method_or_path_is_told_what_would_be_right(api: Served) -> None:
    wrong = await api.ask("/healthz", "DELETE")
    assert wrong.problem().detail == "this path takes GET, HEAD, not DELETE"
    assert (await api.ask("/nowhere")).problem().detail == "the API has no such path"


async def test_one_request_too_many_is_asked_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger_node.api.app.REQUESTS", 1)
    async with served(tmp_path) as api:
        path = f"/v1/submissions/{bytes(32).hex()}?wait=60"
        first = asyncio.create_task(api.ask(path))
        while not api.node.admission._awaiting:  # noqa: ASYNC110 - a test looks from outside
            await asyncio.sleep(0.005)
        second = await api.ask("/healthz")
        assert (second.status, second.problem().type[-4:]) == (503, "busy")
        first.cancel()


async def test_one_waiting_request_too_many_is_asked_to_come_back(api: Served) -> None:
    waits = api.server._runner.app[SERVICES].waits
    waits._limit = 1
    path = f"/v1/submissions/{bytes(32).hex()}"
    first = asyncio.create_task(api.ask(f"{path}?wait=60"))
    while not waits._deadlines:  # noqa: ASYNC110 - a test looks from outside
        await asyncio.sleep(0.005)
    second = await api.ask(f"{path}?wait=60")
    assert (second.status, second.headers["Retry-After"]) == (503, "1")
    first.cancel()


async def test_what_waits_when_the_node_stops_is_answered(tmp_path: Path) -> None:
    async with served(tmp_path) as api:
        path = f"/v1/submissions/{bytes(32).hex()}?wait=60"
        waiting = asyncio.create_task(api.ask(path))
        while not api.node.admission._awaiting:  # noqa: ASYNC110 - a test looks from outside
            await asyncio.sleep(0.005)
        api.node.stop()
        async with asyncio.timeout(PATIENCE_S):
            assert (await waiting).status == 404


async def test_a_stopped_node_frees_its_address_and_starts_again(tmp_path: Path) -> None:
    async with served(tmp_path) as api:
        view = await api.registrar.act(registration("AM-1"))
        address = api.server.address
        union = api.union
    with pytest.raises(OSError, match=r"Connect|refused"):
        await asyncio.open_connection(*address)
    again = union.node("AM")
    assert again.admission.receipt(bytes.fromhex(view.id)).height == 1  # type: ignore[arg-type]  # 32 bytes are an id
    again.stop()

    async def nothing() -> None:
        """No API this time."""

    await again.run(nothing)


async def test_waits_refuse_beyond_their_limit_without_leaving_work_behind() -> None:
    waits = Waits(limit=0)
    gone = asyncio.Event()

    async def event() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            gone.set()

    task = asyncio.ensure_future(event())
    await asyncio.sleep(0)
    with pytest.raises(type(come_back("", ""))):
        await waits.wait(1, task)
    async with asyncio.timeout(PATIENCE_S):
        await gone.wait()
