"""A server that answers what a test tells it to, for what no correct node does."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class StandIn:
    url: str = ""
    asked: list[web.Request] = field(default_factory=list)


@asynccontextmanager
async def stand_in(*answers: Respond) -> AsyncIterator[StandIn]:
    """Gives the answers in turn, the last one again and again."""
    server = StandIn()

    async def handle(request: web.Request) -> web.StreamResponse:
        await request.read()
        server.asked.append(request)
        return await answers[min(len(server.asked), len(answers)) - 1](request)

    app = web.Application(client_max_size=2**21)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


def gives(
    body: bytes, status: int = 200, kind: str = "application/json", **headers: str
) -> Respond:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def respond(_: web.Request) -> web.Response:
        return web.Response(body=body, status=status, content_type=kind, headers=named)

    return respond


def busy(after: str = "0") -> Respond:
    body = b'{"type":"urn:x:busy","title":"Service Unavailable","status":503,"detail":"later"}'
    return gives(body, 503, "application/problem+json", Retry_After=after)


async def hangs_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()
