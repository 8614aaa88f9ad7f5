"""The routes: who answers each, what it needs, and what a client is told of it.

The public ones are those that a transparency log owes everyone (checkpoint and tiles), and those
that tell a supervisor how the process is. A route not said to be public asks for the token.
"""

from typing import Final

import msgspec
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
from ledger_node.api.described import (
    AFTER_HEIGHT,
    AFTER_INDEX,
    AFTER_KEY,
    EPOCH,
    JSON,
    LIMIT,
    OCTETS,
    PREFIX,
    SUBMISSION,
    WAIT,
    ZIP,
    Answer,
    Body,
    Route,
    binary,
    form,
    text,
)
from ledger_node.api.forms import (
    CertificatePage,
    EntryView,
    EvidencePage,
    HistoryPage,
    ObjectPage,
    ObjectView,
    PayloadView,
    RulePage,
    RuleView,
    StatusView,
    SubmissionView,
)
from ledger_node.api.limits import STREAM_SUBMISSIONS

GET: Final = "GET"
POST: Final = "POST"
PUT: Final = "PUT"

_OF_SUBMISSIONS: Final = (
    Route(
        POST,
        "/v1/submissions",
        submissions.submit,
        "submit",
        "Submit signed records; the same bytes again are the same submission",
        (
            form(SubmissionView, "Waits to be ordered.", 202, "Location"),
            form(SubmissionView, "Final: on the ledger for good."),
        ),
        (400, 403, 408, 413, 415),
        (WAIT,),
        SUBMISSION,
        of_the_ledger=True,
    ),
    Route(
        GET,
        "/v1/submissions/{id}",
        submissions.show,
        "submission",
        "How far a submission has come",
        (form(SubmissionView, "Pending or final."),),
        (400, 404),
        (WAIT,),
        of_the_ledger=True,
    ),
    Route(
        GET,
        "/v1/stream",
        streams.stream,
        "stream",
        "A WebSocket for many submissions: binary messages of canonical msgpack arrays of "
        f"1 to {STREAM_SUBMISSIONS} submissions in, JSON arrays of StreamAnswer out",
        (Answer("Switched to WebSocket.", status=101),),
        (426,),
        of_the_ledger=True,
    ),
    Route(
        PUT,
        "/v1/payloads/{commitment}",
        payloads.store,
        "storePayload",
        "Keep particulars in clear at this member, under their commitment",
        (Answer("On disk.", status=204),),
        (400, 408, 413, 415),
        body=Body({JSON: PayloadView}),
    ),
    Route(
        GET,
        "/v1/payloads/{commitment}",
        payloads.show,
        "payload",
        "Particulars in clear",
        (form(PayloadView, "What opens the commitment."),),
        (400, 404),
    ),
)

_OF_THE_STATE: Final = (
    Route(
        GET,
        "/v1/objects",
        objects.listing,
        "objects",
        "Objects whose key starts with a prefix, by key",
        (form(ObjectPage, "A page."),),
        (400,),
        (PREFIX, AFTER_KEY, LIMIT),
        of_the_ledger=True,
    ),
    # Before the object itself: keys hold slashes. No reference is "history" in lower case.
    Route(
        GET,
        "/v1/objects/{key:.+}/history",
        objects.history,
        "history",
        "The log entries that changed an object, in order",
        (form(HistoryPage, "A page."),),
        (400, 404),
        (AFTER_INDEX, LIMIT),
        of_the_ledger=True,
    ),
    Route(
        GET,
        "/v1/objects/{key:.+}",
        objects.show,
        "object",
        "An object of the state",
        (form(ObjectView, "The object as it is final now."),),
        (400, 404),
        of_the_ledger=True,
    ),
    Route(
        GET,
        "/v1/rules",
        rules.listing,
        "rules",
        "Every rule, by id",
        (form(RulePage, "All of them."),),
    ),
    Route(
        GET,
        "/v1/rules/{rule}",
        rules.show,
        "rule",
        "A rule's text and source",
        (form(RuleView, "The rule."),),
        (404,),
    ),
)

_OF_THE_LOG: Final = (
    Route(
        GET,
        "/v1/entries/{index}",
        entries.show,
        "entry",
        "A log entry, decoded",
        (form(EntryView, "The entry."),),
        (400, 404),
        of_the_ledger=True,
    ),
    Route(
        GET,
        "/v1/proofs/{index}",
        entries.prove,
        "proof",
        "A c2sp.org/tlog-proof@v1 file for a log entry",
        (text("The file."),),
        (400, 404),
        (WAIT,),
        of_the_ledger=True,
    ),
    Route(
        GET,
        "/v1/state-proofs/{key:.+}",
        state_proofs.prove,
        "stateProof",
        "A state proof file: what the state holds under a key, or that it holds nothing",
        (text("The file."),),
        (400,),
        (WAIT,),
        of_the_ledger=True,
    ),
    Route(
        GET,
        "/v1/certificates",
        finality.certificates,
        "certificates",
        "What made blocks final, by height",
        (form(CertificatePage, "A page."),),
        (400,),
        (AFTER_HEIGHT, LIMIT),
        of_the_ledger=True,
    ),
    Route(
        GET,
        "/v1/contract-sets/{digest}",
        finality.contract_set,
        "contractSet",
        "A packed contract set, by the digest that block entries name",
        (binary("docs/formats.md, Contract set.", ZIP),),
        (400, 404),
    ),
    Route(
        GET,
        "/checkpoint",
        static.checkpoint,
        "checkpoint",
        "The newest checkpoint that a quorum of members cosigned",
        (text("c2sp.org/tlog-checkpoint."),),
        public=True,
    ),
    Route(
        GET,
        "/tile/{path:.+}",
        static.tile,
        "tile",
        "A hash tile or entry bundle under the checkpoint",
        (Answer("c2sp.org/tlog-tiles.", {OCTETS: {}}),),
        (404,),
        public=True,
        of_the_ledger=True,
    ),
)

_OF_THE_NODE: Final = (
    Route(
        GET,
        "/v1/status",
        status.show,
        "status",
        "How the node is doing",
        (form(StatusView, "The node."),),
    ),
    Route(
        GET,
        "/v1/policy",
        status.policy,
        "policy",
        "The union's c2sp.org/tlog-policy",
        (text("The file."),),
    ),
    Route(
        GET,
        "/v1/policy-history",
        status.policy_history,
        "policyHistory",
        "How each epoch led to the next, for use with the genesis",
        (text("The file."),),
    ),
    Route(
        GET,
        "/v1/evidence",
        status.evidence,
        "evidence",
        "Members that contradicted themselves, each with its two signed votes",
        (form(EvidencePage, "What this node keeps."),),
    ),
    Route(
        GET,
        "/v1/roster",
        status.roster,
        "roster",
        "Whose nodes form the union in the present epoch, with which keys",
        (Answer("Cards, votes and parameters.", {JSON: {"type": "object"}}),),
        (400,),
        (EPOCH, WAIT),
    ),
    Route(
        GET,
        "/v1/backup",
        backup.stream,
        "backup",
        "The whole ledger in one file",
        (binary("docs/formats.md, Snapshots and backups.", OCTETS),),
        of_the_ledger=True,
    ),
    Route(
        GET,
        "/v1/openapi.json",
        openapi.show,
        "openapi",
        "This document",
        (Answer("OpenAPI 3.1.", {JSON: {"type": "object"}}),),
    ),
    Route(
        GET,
        "/healthz",
        status.alive,
        "alive",
        "Whether the process answers",
        (text("It does."),),
        public=True,
    ),
    Route(
        GET,
        "/readyz",
        status.ready,
        "ready",
        "Whether submissions can become final",
        (text("They can."),),
        public=True,
    ),
    Route(
        GET,
        "/metrics",
        status.metrics,
        "metrics",
        "Figures of the process",
        (text("Prometheus text format."),),
        public=True,
    ),
)

ROUTES: Final = (*_OF_SUBMISSIONS, *_OF_THE_STATE, *_OF_THE_LOG, *_OF_THE_NODE)

PUBLIC: Final = frozenset(route.template for route in ROUTES if route.public)
"""Templates of the routes that need no token."""

OF_THE_LEDGER: Final = frozenset(route.template for route in ROUTES if route.of_the_ledger)
"""Templates of the routes that read or change the ledger: closed while it may be replaced."""


def add_routes(app: web.Application) -> None:
    """Give an application its routes, and the document that describes them."""
    app[openapi.DOCUMENT] = msgspec.json.encode(openapi.document(ROUTES))
    for route in ROUTES:
        app.router.add_route(route.method, route.path, route.handler)
        if route.method == GET:
            app.router.add_route("HEAD", route.path, route.handler)
