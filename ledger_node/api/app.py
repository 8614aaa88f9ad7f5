"""The application: routes, and what every request passes on its way to one.

From outside in: headers that keep browsers from harm, errors as problem details, a bound on
requests at once, the token.
"""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from ledger_node.api.limits import REQUESTS
from ledger_node.api.problems import Problem, come_back, problem_details
from ledger_node.api.routes import OF_THE_LEDGER, PUBLIC, add_routes
from ledger_node.api.services import SERVICES, Services
from ledger_node.api.tokens import is_token
from ledger_node.node.node import Node

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def create_app(node: Node, token: str) -> web.Application:
    """The API of a node. token: what clients of the member must show."""
    app = web.Application(
        middlewares=[harden, problem_details, _at_most(REQUESTS), authenticate, joined]
    )
    app[SERVICES] = Services(node, token)
    app.on_shutdown.append(_end_waits)
    app.cleanup_ctx.append(_threads)
    add_routes(app)
    return app


async def _end_waits(app: web.Application) -> None:
    await app[SERVICES].end()


async def _threads(app: web.Application) -> AsyncIterator[None]:
    yield
    app[SERVICES].close()


@web.middleware
async def harden(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Adds the headers above, and forbids caching of whatever says nothing about it."""
    response = await handler(request)
    response.headers.update(_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _at_most(limit: int) -> Middleware:
    running = 0

    @web.middleware
    async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
        nonlocal running
        if running >= limit:
            raise come_back("busy", f"{limit} requests are being answered already")
        running += 1
        try:
            return await handler(request)
        finally:
            running -= 1

    return admit


@web.middleware
async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lets a request through that shows the token, or asks for something public."""
    if not _is_public(request):
        offered = request.headers.get("Authorization", "")
        if not is_token(offered, request.app[SERVICES].token):
            found = "another token" if offered else "no Authorization header"
            raise Problem(
                HTTPStatus.UNAUTHORIZED,
                "unauthorized",
                f"the node's bearer token is asked for; the request has {found}",
                "Authorization",
                headers={"WWW-Authenticate": 'Bearer realm="ledger-node"'},
            )
    return await handler(request)


@web.middleware
async def joined(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Holds back what reads or changes the ledger until this node knows which ledger it has."""
    resource = request.match_info.route.resource
    node = request.app[SERVICES].node
    if node.joining and resource is not None and resource.canonical in OF_THE_LEDGER:
        raise come_back("joining", "this node is finding its way back into the union")
    return await handler(request)


def _is_public(request: web.Request) -> bool:
    resource = request.match_info.route.resource
    if resource is None:  # no such route: only below /v1 even that is not told to strangers
        return not request.path.startswith("/v1")
    return resource.canonical in PUBLIC
