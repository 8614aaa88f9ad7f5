"""A route as a table says it: who answers it, and what the API's document says of it.

What follows from the rest is not said: which parameters stand in the path, that a route that is not
public refuses without its token, and that any may be told to come back later.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from aiohttp import web

from ledger_node.api.limits import MAX_KEY, MAX_PAGE, MAX_WAIT_S, PAGE, SUBMISSION_BYTES

RouteHandler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
Schema: TypeAlias = Mapping[str, Any]

JSON: Final = "application/json"
TEXT: Final = "text/plain"
OCTETS: Final = "application/octet-stream"
MSGPACK: Final = "application/msgpack"
ZIP: Final = "application/zip"

_HEX_32: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_KEY: Final = {"type": "string", "minLength": 1, "maxLength": MAX_KEY}
_NUMBER: Final = {"type": "integer", "minimum": 0}

IN_PATHS: Final[Mapping[str, Schema]] = {
    "commitment": _HEX_32,
    "digest": _HEX_32,
    "id": _HEX_32,
    "index": _NUMBER,
    "key": _KEY,
    "path": {"type": "string", "examples": ["0/000.p/7", "entries/000"]},
    "rule": {"type": "string"},
}
"""What may stand in a path, by the name it has there."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One that may be in the query."""

    name: str
    schema: Schema
    description: str


WAIT: Final = Parameter(
    "wait",
    {"type": "number", "minimum": 0, "maximum": MAX_WAIT_S, "default": 0},
    "seconds to wait for the end, if it is not there yet",
)
LIMIT: Final = Parameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": PAGE},
    "most items on the page",
)
PREFIX: Final = Parameter("prefix", _KEY, "beginning of keys, e.g. movement/")
AFTER_KEY: Final = Parameter("after", _KEY, "`next` of the page before")
AFTER_INDEX: Final = Parameter("after", _NUMBER, "`next` of the page before")
AFTER_HEIGHT: Final = Parameter("after", _NUMBER, "a height; `next` of the page before")
EPOCH: Final = Parameter("epoch", _NUMBER, "with wait: until it begins")


@dataclass(frozen=True, slots=True)
class Body:
    """What a request carries. content: schema by media type."""

    content: Mapping[str, "type | Schema"]
    description: str = ""


SUBMISSION: Final = Body(
    {MSGPACK: {}, OCTETS: {}},
    f"Canonical bytes of a submission, at most {SUBMISSION_BYTES}.",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request that is not refused gets. content: form or schema by media type."""

    description: str
    content: Mapping[str, "type | Schema"] = field(default_factory=dict)
    status: int = 200
    headers: tuple[str, ...] = ()


def form(kind: type, description: str, status: int = 200, *headers: str) -> Answer:
    """JSON of one of the forms."""
    return Answer(description, {JSON: kind}, status, headers)


def text(description: str) -> Answer:
    """A text file."""
    return Answer(description, {TEXT: {"type": "string"}})


def binary(description: str, media_type: str) -> Answer:
    """A file of bytes."""
    return Answer(description, {media_type: {"type": "string", "format": "binary"}})


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path.

    path: as the router has it; name: of the operation; answers: what is given, refusals: the
    statuses of what else may come; public: needs no token; of_the_ledger: reads or changes the
    ledger, so it is closed while that may be replaced.
    """

    method: str
    path: str
    handler: RouteHandler
    name: str
    summary: str
    answers: tuple[Answer, ...]
    refusals: tuple[int, ...] = ()
    query: tuple[Parameter, ...] = ()
    body: Body | None = None
    public: bool = False
    of_the_ledger: bool = False

    @property
    def template(self) -> str:
        """The path with its parameters by name alone."""
        return self.path.replace(":.+", "")

    @property
    def all_refusals(self) -> tuple[int, ...]:
        """With those that follow."""
        token = () if self.public else (401,)
        return tuple(sorted({*self.refusals, *token, 503}))
