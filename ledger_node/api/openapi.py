"""The API as an OpenAPI 3.1 document: paths by hand, schemas from the forms themselves.

A test holds it against the routes in both directions. Source: OpenAPI Specification 3.1.0.
"""

from functools import cache
from typing import Any, Final

import msgspec
from aiohttp import web

from ledger_node.api import forms
from ledger_node.api.limits import (
    MAX_KEY,
    MAX_PAGE,
    MAX_WAIT_S,
    PAGE,
    STREAM_SUBMISSIONS,
    SUBMISSION_BYTES,
)
from ledger_node.api.requests import Query
from ledger_node.api.status import VERSION

_FORMS: Final = (
    forms.SubmissionView,
    forms.StreamAnswer,
    forms.ObjectView,
    forms.ObjectPage,
    forms.HistoryPage,
    forms.EntryView,
    forms.CertificatePage,
    forms.RuleView,
    forms.RulePage,
    forms.EvidencePage,
    forms.StatusView,
    forms.PayloadView,
    forms.ProblemView,
)

Json = dict[str, Any]

_JSON: Final = "application/json"
_TEXT: Final = "text/plain"
_BYTES: Final = "application/octet-stream"
_ZIP: Final = "application/zip"
_HEX_32: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_INDEX: Final = {"type": "integer", "minimum": 0}
_KEY: Final = {"type": "string", "minLength": 1, "maxLength": MAX_KEY}


async def show(request: web.Request) -> web.Response:
    """GET /v1/openapi.json"""
    Query(request)
    return web.Response(body=_encoded(), content_type=_JSON)


@cache
def _encoded() -> bytes:
    return msgspec.json.encode(document())


def document() -> Json:
    """The whole document."""
    _, schemas = msgspec.json.schema_components(_FORMS, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Customs Trust Ledger, node API",
            "version": VERSION,
            "summary": "Submit signed records, follow them to finality, prove what became of them.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": {**_submission_paths(), **_state_paths(), **_log_paths(), **_node_paths()},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas,
            "responses": {
                "Problem": {
                    "description": "Refused, with the reason and the rule.",
                    "content": {"application/problem+json": {"schema": _ref("ProblemView")}},
                }
            },
        },
    }


def _submission_paths() -> Json:
    body = {
        "required": True,
        "description": f"Canonical bytes of a submission, at most {SUBMISSION_BYTES}.",
        "content": {"application/msgpack": {}, _BYTES: {}},
    }
    taken = _answer("Waits to be ordered.", _ref("SubmissionView"))
    taken["headers"] = {"Location": {"schema": {"type": "string"}}}
    final = _answer("Final: on the ledger for good.", _ref("SubmissionView"))
    payload = {"required": True, "content": {_JSON: {"schema": _ref("PayloadView")}}}
    return {
        "/v1/submissions": {
            "post": _operation(
                "submit",
                "Submit signed records; the same bytes again are the same submission",
                {"202": taken, "200": final},
                (400, 401, 403, 408, 413, 415, 503),
                _wait(),
                requestBody=body,
            )
        },
        "/v1/submissions/{id}": {
            "get": _operation(
                "submission",
                "How far a submission has come",
                {"200": _answer("Pending or final.", _ref("SubmissionView"))},
                (400, 401, 404, 503),
                _path("id", _HEX_32),
                _wait(),
            )
        },
        "/v1/stream": {
            "get": _operation(
                "stream",
                "A WebSocket for many submissions: binary messages of canonical msgpack arrays of "
                f"1 to {STREAM_SUBMISSIONS} submissions in, JSON arrays of StreamAnswer out",
                {"101": {"description": "Switched to WebSocket."}},
                (401, 426, 503),
            )
        },
        "/v1/payloads/{commitment}": {
            "put": _operation(
                "storePayload",
                "Keep particulars in clear at this member, under their commitment",
                {"204": {"description": "On disk."}},
                (400, 401, 408, 413, 415, 503),
                _path("commitment", _HEX_32),
                requestBody=payload,
            ),
            "get": _operation(
                "payload",
                "Particulars in clear",
                {"200": _answer("What opens the commitment.", _ref("PayloadView"))},
                (400, 401, 404, 503),
                _path("commitment", _HEX_32),
            ),
        },
    }


def _state_paths() -> Json:
    return {
        "/v1/objects": {
            "get": _operation(
                "objects",
                "Objects whose key starts with a prefix, by key",
                {"200": _answer("A page.", _ref("ObjectPage"))},
                (400, 401, 503),
                _query("prefix", _KEY, "beginning of keys, e.g. movement/"),
                _query("after", _KEY, "`next` of the page before"),
                _limit(),
            )
        },
        "/v1/objects/{key}": {
            "get": _operation(
                "object",
                "An object of the state",
                {"200": _answer("The object as it is final now.", _ref("ObjectView"))},
                (400, 401, 404, 503),
                _path("key", _KEY),
            )
        },
        "/v1/objects/{key}/history": {
            "get": _operation(
                "history",
                "The log entries that changed an object, in order",
                {"200": _answer("A page.", _ref("HistoryPage"))},
                (400, 401, 404, 503),
                _path("key", _KEY),
                _query("after", _INDEX, "`next` of the page before"),
                _limit(),
            )
        },
        "/v1/rules": {
            "get": _operation(
                "rules",
                "Every rule, by id",
                {"200": _answer("All of them.", _ref("RulePage"))},
                (401, 503),
            )
        },
        "/v1/rules/{id}": {
            "get": _operation(
                "rule",
                "A rule's text and source",
                {"200": _answer("The rule.", _ref("RuleView"))},
                (401, 404, 503),
                _path("id", {"type": "string"}),
            )
        },
    }


def _log_paths() -> Json:
    return {
        "/v1/entries/{index}": {
            "get": _operation(
                "entry",
                "A log entry, decoded",
                {"200": _answer("The entry.", _ref("EntryView"))},
                (400, 401, 404, 503),
                _path("index", _INDEX),
            )
        },
        "/v1/proofs/{index}": {
            "get": _operation(
                "proof",
                "A c2sp.org/tlog-proof@v1 file for a log entry",
                {"200": _answer("The file.", {"type": "string"}, _TEXT)},
                (400, 401, 404, 503),
                _path("index", _INDEX),
                _wait(),
            )
        },
        "/v1/state-proofs/{key}": {
            "get": _operation(
                "stateProof",
                "A state proof file: what the state holds under a key, or that it holds nothing",
                {"200": _answer("The file.", {"type": "string"}, _TEXT)},
                (400, 401, 503),
                _path("key", _KEY),
                _wait(),
            )
        },
        "/v1/certificates": {
            "get": _operation(
                "certificates",
                "What made blocks final, by height",
                {"200": _answer("A page.", _ref("CertificatePage"))},
                (400, 401, 503),
                _query("after", _INDEX, "a height; `next` of the page before"),
                _limit(),
            )
        },
        "/v1/contract-sets/{digest}": {
            "get": _operation(
                "contractSet",
                "A packed contract set, by the digest that block entries name",
                {
                    "200": {
                        "description": "docs/formats.md, Contract set.",
                        "content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}},
                    }
                },
                (400, 401, 404, 503),
                _path("digest", _HEX_32),
            )
        },
        "/checkpoint": {
            "get": _operation(
                "checkpoint",
                "The newest checkpoint that a quorum of members cosigned",
                {"200": _answer("c2sp.org/tlog-checkpoint.", {"type": "string"}, _TEXT)},
                (503,),
                security=[],
            )
        },
        "/tile/{path}": {
            "get": _operation(
                "tile",
                "A hash tile or entry bundle under the checkpoint",
                {"200": _answer("c2sp.org/tlog-tiles.", {}, _BYTES)},
                (404, 503),
                _path("path", {"type": "string", "examples": ["0/000.p/7", "entries/000"]}),
                security=[],
            )
        },
    }


def _node_paths() -> Json:
    def text(name: str, summary: str, problems: tuple[int, ...], **more: Any) -> Json:
        answers = {"200": _answer(summary, {"type": "string"}, _TEXT)}
        return {"get": _operation(name, summary, answers, problems, **more)}

    return {
        "/v1/status": {
            "get": _operation(
                "status",
                "How the node is doing",
                {"200": _answer("The node.", _ref("StatusView"))},
                (401, 503),
            )
        },
        "/v1/policy": text("policy", "The union's c2sp.org/tlog-policy", (401, 503)),
        "/v1/policy-history": text(
            "policyHistory", "How each epoch led to the next, for use with the genesis", (401, 503)
        ),
        "/v1/evidence": {
            "get": _operation(
                "evidence",
                "Members that contradicted themselves, each with its two signed votes",
                {"200": _answer("What this node keeps.", _ref("EvidencePage"))},
                (401, 503),
            )
        },
        "/v1/roster": {
            "get": _operation(
                "roster",
                "Whose nodes form the union in the present epoch, with which keys",
                {"200": _answer("Cards, votes and parameters.", {"type": "object"})},
                (400, 401, 503),
                _query("epoch", {"type": "integer", "minimum": 0}, "with wait: until it begins"),
                _wait(),
            )
        },
        "/v1/backup": {
            "get": _operation(
                "backup",
                "The whole ledger in one file",
                {
                    "200": {
                        "description": "docs/formats.md, Snapshots and backups.",
                        "content": {_BYTES: {"schema": {"type": "string", "format": "binary"}}},
                    }
                },
                (401, 503),
            )
        },
        "/v1/openapi.json": {
            "get": _operation(
                "openapi",
                "This document",
                {"200": _answer("OpenAPI 3.1.", {"type": "object"})},
                (401, 503),
            )
        },
        "/healthz": text("alive", "Whether the process answers", (503,), security=[]),
        "/readyz": text("ready", "Whether submissions can become final", (503,), security=[]),
        "/metrics": text("metrics", "Prometheus text format", (503,), security=[]),
    }


# ------------------------------------------------------------ parts


def _operation(
    name: str,
    summary: str,
    answers: Json,
    problems: tuple[int, ...],
    *parameters: Json,
    **more: Any,
) -> Json:
    refused = {str(status): {"$ref": "#/components/responses/Problem"} for status in problems}
    operation = {
        "operationId": name,
        "summary": summary,
        "responses": {**answers, **refused},
        **more,
    }
    if parameters:
        operation["parameters"] = list(parameters)
    return operation


def _answer(description: str, schema: Json, media_type: str = _JSON) -> Json:
    return {"description": description, "content": {media_type: {"schema": schema}}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _path(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query(name: str, schema: Json, description: str) -> Json:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def _wait() -> Json:
    schema = {"type": "number", "minimum": 0, "maximum": MAX_WAIT_S, "default": 0}
    return _query("wait", schema, "seconds to wait for the end, if it is not there yet")


def _limit() -> Json:
    schema = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": PAGE}
    return _query("limit", schema, "most items on the page")
