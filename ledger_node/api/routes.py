"""Which handler answers which route, and which routes need no token.

The public ones are those that a transparency log owes everyone (checkpoint and tiles), and those
that tell a supervisor how the process is. A route not named public asks for the token.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from aiohttp import web

from ledger_node.api import (
    backup,
    entries,
    finality,
    objects,
    openapi,
    payloads,
    rules,
    state_proofs,
    static,
    status,
    streams,
    submissions,
)

RouteHandler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

GET: Final = "GET"
POST: Final = "POST"
PUT: Final = "PUT"

ROUTES: Final[tuple[tuple[str, str, RouteHandler], ...]] = (
    (POST, "/v1/submissions", submissions.submit),
    (GET, "/v1/submissions/{id}", submissions.show),
    (GET, "/v1/stream", streams.stream),
    (GET, "/v1/objects", objects.listing),
    # Before the object itself: keys hold slashes. No reference is "history" in lower case.
    (GET, "/v1/objects/{key:.+}/history", objects.history),
    (GET, "/v1/objects/{key:.+}", objects.show),
    (GET, "/v1/entries/{index}", entries.show),
    (GET, "/v1/proofs/{index}", entries.prove),
    (GET, "/v1/state-proofs/{key:.+}", state_proofs.prove),
    (GET, "/v1/certificates", finality.certificates),
    (GET, "/v1/contract-sets/{digest}", finality.contract_set),
    (GET, "/v1/status", status.show),
    (GET, "/v1/policy", status.policy),
    (GET, "/v1/policy-history", status.policy_history),
    (GET, "/v1/evidence", status.evidence),
    (GET, "/v1/roster", status.roster),
    (GET, "/v1/rules", rules.listing),
    (GET, "/v1/rules/{id}", rules.show),
    (PUT, "/v1/payloads/{commitment}", payloads.store),
    (GET, "/v1/payloads/{commitment}", payloads.show),
    (GET, "/v1/backup", backup.stream),
    (GET, "/v1/openapi.json", openapi.show),
    (GET, "/checkpoint", static.checkpoint),
    (GET, "/tile/{path:.+}", static.tile),
    (GET, "/healthz", status.alive),
    (GET, "/readyz", status.ready),
    (GET, "/metrics", status.metrics),
)

PUBLIC: Final = frozenset({"/checkpoint", "/tile/{path}", "/healthz", "/readyz", "/metrics"})
"""Templates of the routes that need no token."""

OF_THE_LEDGER: Final = frozenset(
    {
        "/v1/submissions",
        "/v1/submissions/{id}",
        "/v1/stream",
        "/v1/objects",
        "/v1/objects/{key}",
        "/v1/objects/{key}/history",
        "/v1/entries/{index}",
        "/v1/proofs/{index}",
        "/v1/state-proofs/{key}",
        "/v1/certificates",
        "/v1/backup",
        "/tile/{path}",
    }
)
"""Templates of the routes that read or change the ledger: closed while it may be replaced."""


def add_routes(app: web.Application) -> None:
    """Give an application its routes."""
    for method, path, handler in ROUTES:
        app.router.add_route(method, path, handler)
        if method == GET:
            app.router.add_route("HEAD", path, handler)
