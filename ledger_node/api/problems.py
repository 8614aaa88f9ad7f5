"""Refusals as RFC 9457 problem details, made from typed errors at this one place.

A client acts on `status`, `type` and `rule`; `title` and `detail` are for people. An error of a
kind not named here is a defect: it is logged in full, and the client learns only that it happened.
"""

import dataclasses
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from contracts import RULES
from ledger_node.api.forms import ProblemView
from ledger_node.api.limits import RETRY_AFTER_S
from ledger_node.ledger.refusal import SubmissionRefused, SubmissionRule
from ledger_node.node.admission import AuthorRefused
from ledger_node.node.mempool import MempoolFull
from ledger_node.storage.errors import NotYetHere
from ledger_node.storage.payloads import PayloadMissing, PayloadRefused

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:customs-trust-ledger:problem:"

ENVELOPE_SOURCE: Final = "Customs Trust Ledger, envelope of submissions"
"""Source of the SUB rules: they guard the envelope, not customs law."""

LIES_BEFORE: Final = (
    "lies before the snapshot this node began with, and is still being fetched from other members"
)

_SUBMISSION_STATUS: Final = {
    SubmissionRule.SIZE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    SubmissionRule.SIGNATURE: HTTPStatus.FORBIDDEN,
}
"""Other envelope rules are answered with 400."""


@dataclasses.dataclass
class Problem(Exception):
    """A refusal that a handler decides on. kind: last part of the problem type, stable."""

    status: HTTPStatus
    kind: str
    detail: str
    field: str | None = None
    rule: str | None = None
    source: str | None = None
    title: str | None = None
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def view(self) -> ProblemView:
        """As the client reads it."""
        return ProblemView(
            type=TYPE_PREFIX + self.kind,
            title=self.title or self.status.phrase,
            status=self.status.value,
            detail=self.detail,
            rule=self.rule,
            source=self.source,
            field=self.field,
            values=dict(self.values),
        )

    def response(self) -> web.Response:
        """The answer."""
        return web.Response(
            status=self.status.value,
            body=msgspec.json.encode(self.view()),
            content_type=MEDIA_TYPE,
            headers=dict(self.headers),
        )


def bad_request(field_name: str, detail: str) -> Problem:
    """A parameter, header or body that is not of the form asked for."""
    return Problem(HTTPStatus.BAD_REQUEST, "bad-request", detail, field_name)


def not_found(kind: str, detail: str) -> Problem:
    """Something asked for by name that is not there."""
    return Problem(HTTPStatus.NOT_FOUND, kind, detail)


def come_back(kind: str, detail: str) -> Problem:
    """Nothing is wrong with the request but its time."""
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, kind, detail, headers=headers)


def problem_of(error: Exception) -> Problem | None:
    """The refusal that a typed error of the layers below stands for; None for a defect."""
    match error:
        case Problem():
            return error
        case SubmissionRefused():
            return Problem(
                _SUBMISSION_STATUS.get(error.rule, HTTPStatus.BAD_REQUEST),
                "submission-refused",
                error.reason,
                error.field,
                error.rule.id,
                ENVELOPE_SOURCE,
                error.rule.text,
            )
        case AuthorRefused():
            rule = RULES[error.rule]
            return Problem(
                HTTPStatus.FORBIDDEN,
                "author-refused",
                ", ".join(f"{name} {value}" for name, value in error.values),
                "author",
                rule.id,
                rule.source,
                rule.text,
                dict(error.values),
            )
        case MempoolFull():
            return come_back("mempool-full", str(error))
        case NotYetHere():
            return come_back("not-yet-here", f"{error.item} {LIES_BEFORE}")
        case PayloadMissing():
            return not_found("payload-unknown", "this node keeps no payload under this commitment")
        case PayloadRefused():
            detail = "group, salt and plaintext do not open this commitment"
            return Problem(HTTPStatus.BAD_REQUEST, "payload-refused", detail, "commitment")
        case web.HTTPException():
            return _from_http(error)
        case _:
            return None


def _from_http(error: web.HTTPException) -> Problem:
    status = HTTPStatus(error.status)
    headers, detail = {}, error.reason
    if isinstance(error, web.HTTPMethodNotAllowed):
        headers["Allow"] = ", ".join(sorted(error.allowed_methods))
        detail = f"this path takes {headers['Allow']}, not {error.method}"
    elif isinstance(error, web.HTTPNotFound):
        detail = "the API has no such path"
    kind = status.phrase.lower().replace(" ", "-")
    return Problem(status, kind, detail, headers=headers)


@web.middleware
async def problem_details(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers every error with problem details."""
    try:
        return await handler(request)
    except Exception as error:  # whatever it is, the client gets an answer without internals
        problem = problem_of(error)
        if problem is None:
            log.exception("a request failed", extra={"method": request.method})
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            problem = Problem(status, "internal", "the node failed to answer; its log says why")
        return problem.response()
