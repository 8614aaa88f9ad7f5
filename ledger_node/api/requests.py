"""What a request asks, read strictly: bounded before it is parsed, refused by field and reason."""

import asyncio
import re
from http import HTTPStatus
from typing import Final

from aiohttp import web

from consensus.block import ID_SIZE, SubmissionId
from ledger_node.api.limits import BODY_S, MAX_KEY, MAX_PAGE, MAX_WAIT_S, PAGE
from ledger_node.api.problems import Problem, bad_request
from ledger_node.log.checkpoint import parse_decimal

_SECONDS: Final = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,3})?", re.ASCII)
_KEY: Final = re.compile(r"[!-~]+", re.ASCII)


class Query:
    """The query string. Unknown and repeated names are refused: a misspelt one must not pass."""

    def __init__(self, request: web.Request, *names: str) -> None:
        """names: those the route knows. Raises Problem."""
        for name in request.query:
            if name not in names:
                known = ", ".join(names) or "none"
                raise bad_request(name[:40], f"unknown parameter; this route knows {known}")
            if len(request.query.getall(name)) > 1:
                raise bad_request(name, "given more than once")
        self._values = request.query

    def wait_s(self) -> float:
        """`wait`: seconds from 0 to 60, 0 when absent."""
        text = self._values.get("wait", "0")
        if not _SECONDS.fullmatch(text) or float(text) > MAX_WAIT_S:
            raise bad_request("wait", f"seconds from 0 to {MAX_WAIT_S:.0f} are asked for")
        return float(text)

    def epoch(self) -> int:
        """`epoch`: a number, 0 when absent."""
        return self._number("epoch", 0)

    def limit(self) -> int:
        """`limit`: how many on a page."""
        value = self._number("limit", PAGE)
        if not 1 <= value <= MAX_PAGE:
            raise bad_request("limit", f"1 to {MAX_PAGE} are asked for")
        return value

    def after_index(self) -> int:
        """`after` as a log index; -1 when absent, for the first page."""
        return self._number("after", -1)

    def prefix(self) -> str:
        """`prefix` of object keys; all when absent."""
        text = self._values.get("prefix", "")
        return text if not text else key_text("prefix", text)

    def after_key(self, prefix: str) -> str:
        """`after` as an object key, which must be one the page before could have ended with."""
        text = self._values.get("after", "")
        if not text:
            return text
        if not key_text("after", text).startswith(prefix):
            raise bad_request("after", f"not a cursor of a page of {prefix!r}")
        return text

    def _number(self, name: str, absent: int) -> int:
        text = self._values.get(name)
        if text is None:
            return absent
        value = parse_decimal(text)
        if value is None:
            raise bad_request(name, "a whole number is asked for")
        return value


def key_text(field: str, text: str) -> str:
    """An object key or the beginning of one. Raises Problem."""
    if len(text) > MAX_KEY or not _KEY.fullmatch(text):
        raise bad_request(field, f"1 to {MAX_KEY} visible ASCII characters are asked for")
    return text


def object_key(request: web.Request) -> str:
    """`key` of the path. Raises Problem."""
    return key_text("key", request.match_info["key"])


def log_index(request: web.Request) -> int:
    """`index` of the path. Raises Problem."""
    value = parse_decimal(request.match_info["index"])
    if value is None:
        raise bad_request("index", "a log index is asked for: a whole number from 0")
    return value


def submission_name(request: web.Request) -> SubmissionId:
    """`id` of the path. Raises Problem."""
    return SubmissionId(_digest(request, "id"))


def commitment(request: web.Request) -> bytes:
    """`commitment` of the path, 32 bytes. Raises Problem."""
    return _digest(request, "commitment")


def contract_set_digest(request: web.Request) -> bytes:
    """`digest` of the path, 32 bytes. Raises Problem."""
    return _digest(request, "digest")


def _digest(request: web.Request, field: str) -> bytes:
    value = unhex(request.match_info[field])
    if value is None or len(value) != ID_SIZE:
        raise bad_request(field, f"{ID_SIZE} bytes in lower-case hex are asked for")
    return value


def unhex(text: str) -> bytes | None:
    """Bytes of lower-case hex without spaces; None for anything else."""
    try:
        value = bytes.fromhex(text)
    except ValueError:
        return None
    return value if value.hex() == text else None


def check_media_type(request: web.Request, *accepted: str) -> None:
    """Raises Problem 415 unless the body is of an accepted type, and not compressed."""
    found = request.content_type if "Content-Type" in request.headers else "none"
    coded = request.headers.get("Content-Encoding", "identity").lower() != "identity"
    if coded or found not in accepted:
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            f"{' or '.join(accepted)} without content coding is asked for",
            "Content-Encoding" if coded else "Content-Type",
            headers={"Accept-Post" if request.method == "POST" else "Accept": ", ".join(accepted)},
        )


async def read_body(request: web.Request, limit: int) -> bytes:
    """The body, at most `limit` bytes, within BODY_S seconds. Raises Problem."""
    length = request.content_length
    if length is not None and length > limit:
        raise _too_large(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > limit:
                    raise _too_large(limit)
    except TimeoutError as error:
        detail = f"the body did not arrive within {BODY_S:.0f} s"
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, "request-timeout", detail) from error
    return bytes(body)


def _too_large(limit: int) -> Problem:
    # What is left of the body is not read: the connection ends with this answer.
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body-too-large",
        f"at most {limit} bytes are accepted",
        "body",
        headers={"Connection": "close"},
    )
