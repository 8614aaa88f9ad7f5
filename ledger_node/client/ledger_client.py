"""One node's API as typed calls. Answers are bounded and checked before they are believed."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, BinaryIO, Final, Self, TypeVar
from urllib.parse import quote

import aiohttp
import msgspec
from yarl import URL

from ledger_node.api.forms import (
    CertificatePage,
    ChangeView,
    EntryView,
    EvidencePage,
    HistoryPage,
    ObjectPage,
    ObjectView,
    PayloadView,
    ProblemView,
    RulePage,
    RuleView,
    StatusView,
    SubmissionView,
)
from ledger_node.client.errors import AnswerUnreadable, ApiProblem, NodeUnreachable, NotFinal
from ledger_node.client.retries import Retries
from ledger_node.client.submission_stream import MAX_MESSAGE, SubmissionStream
from ledger_node.ledger.particulars import Particulars, commitment_of
from ledger_node.ledger.submission import Submission

T = TypeVar("T")

MAX_ANSWER: Final = 32 * 1024 * 1024
"""Bytes: above the largest page and entry bundle a node sends."""

WAIT_SLICE_S: Final = 20.0
"""One request waits at most this long, so that a lost connection is noticed."""

CONNECT_S: Final = 5.0
ANSWER_S: Final = 30.0
"""For an answer, on top of what the request asks the node to wait."""

PAGE: Final = 200


class LedgerClient:
    """A client of one node, as an async context manager. Many calls may be under way at once."""

    def __init__(self, base_url: str, token: str = "", *, retries: Retries | None = None) -> None:
        """base_url: e.g. "http://127.0.0.1:8443"; token: the node's, may be empty for what is
        public (checkpoint, tiles)."""
        self.base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._retries = retries or Retries()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
            # A node never redirects, and its token must not follow a redirect elsewhere.
            connector=aiohttp.TCPConnector(limit=0),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections. Harmless to repeat."""
        if self._session is not None:
            await self._session.close()

    # ------------------------------------------------------------ submissions

    async def submit(self, submission: Submission, *, wait_s: float = 0) -> SubmissionView:
        """Hand in a signed submission; `wait_s`: up to 60, wait that long for it to be final.

        Harmless to repeat. Raises ApiProblem when the node refuses it.
        """
        return await self._form(
            SubmissionView,
            "POST",
            "/v1/submissions",
            {"wait": _seconds(wait_s)},
            wait_s=wait_s,
            data=submission.to_bytes(),
            headers={"Content-Type": "application/msgpack"},
        )

    async def settle(self, submission: Submission, timeout_s: float = 60.0) -> SubmissionView:
        """Hand in a submission and see it final, also across a restart of the node, which may
        forget what was not yet ordered. Raises ApiProblem, NotFinal, NodeUnreachable."""
        began = time.monotonic()
        while True:
            left = timeout_s - (time.monotonic() - began)
            view = await self.submit(submission, wait_s=max(0.0, min(left, WAIT_SLICE_S)))
            if view.final:
                return view
            if left <= 0:
                raise NotFinal(view.id, timeout_s)

    def stream(self) -> SubmissionStream:
        """One connection for many submissions: `async with client.stream() as stream`."""
        assert self._session is not None, "a client is used within `async with`"
        url = URL(f"{self.base_url}/v1/stream", encoded=True)
        connect = partial(self._session.ws_connect, url, max_msg_size=MAX_MESSAGE)
        return SubmissionStream(connect, self.base_url, self._retries)

    async def submission(self, name: str, *, wait_s: float = 0) -> SubmissionView:
        """How far a submission has come. name: its id in hex. Raises ApiProblem 404."""
        path = f"/v1/submissions/{_part(name)}"
        query = {"wait": _seconds(wait_s)}
        return await self._form(SubmissionView, "GET", path, query, wait_s=wait_s)

    async def wait_final(self, name: str, timeout_s: float = 60.0) -> SubmissionView:
        """A submission once it is final, whichever node took it. Raises NotFinal."""
        began = time.monotonic()
        while (left := timeout_s - (time.monotonic() - began)) > 0:
            try:
                view = await self.submission(name, wait_s=min(left, WAIT_SLICE_S))
            except ApiProblem as problem:
                # It may be on its way from another node; the node has waited for that.
                if problem.status != 404:
                    raise
            else:
                if view.final:
                    return view
        raise NotFinal(name, timeout_s)

    # ------------------------------------------------------------ state

    async def object(self, key: str) -> ObjectView:
        """An object of the state, e.g. "participant/AM". Raises ApiProblem 404."""
        return await self._form(ObjectView, "GET", f"/v1/objects/{_part(key)}")

    async def object_page(self, prefix: str = "", after: str = "", limit: int = PAGE) -> ObjectPage:
        """One page of objects by key."""
        query = {"prefix": prefix, "after": after, "limit": str(limit)}
        return await self._form(ObjectPage, "GET", "/v1/objects", query)

    async def objects(self, prefix: str = "", *, page: int = PAGE) -> AsyncIterator[ObjectView]:
        """Every object whose key starts with `prefix`, by key, page after page."""
        after: str | None = ""
        while after is not None:
            found = await self.object_page(prefix, after, page)
            for each in found.objects:
                yield each
            after = found.next

    async def history_page(self, key: str, after: int = -1, limit: int = PAGE) -> HistoryPage:
        """One page of what changed an object. Raises ApiProblem 404."""
        query = {"after": str(after) if after >= 0 else "", "limit": str(limit)}
        return await self._form(HistoryPage, "GET", f"/v1/objects/{_part(key)}/history", query)

    async def history(self, key: str, *, page: int = PAGE) -> AsyncIterator[ChangeView]:
        """Every log entry that changed an object, in order. Raises ApiProblem 404."""
        after: int | None = -1
        while after is not None:
            found = await self.history_page(key, after, page)
            for each in found.entries:
                yield each
            after = found.next

    async def rules(self) -> RulePage:
        """Every rule a record or submission may be refused under."""
        return await self._form(RulePage, "GET", "/v1/rules")

    async def rule(self, name: str) -> RuleView:
        """One rule by id. Raises ApiProblem 404."""
        return await self._form(RuleView, "GET", f"/v1/rules/{_part(name)}")

    # ------------------------------------------------------------ log

    async def entry(self, index: int) -> EntryView:
        """A log entry, decoded. Raises ApiProblem 404."""
        return await self._form(EntryView, "GET", f"/v1/entries/{index}")

    async def proof(self, index: int, *, wait_s: float = 10.0) -> bytes:
        """The c2sp.org/tlog-proof file of a log entry, once a checkpoint covers it."""
        query = {"wait": _seconds(wait_s)}
        return await self._answer("GET", f"/v1/proofs/{index}", query, wait_s=wait_s)

    async def state_proof(self, key: str, *, wait_s: float = 10.0) -> bytes:
        """A file that proves what the state holds under a key, or that it holds nothing."""
        path, query = f"/v1/state-proofs/{_part(key)}", {"wait": _seconds(wait_s)}
        return await self._answer("GET", path, query, wait_s=wait_s)

    async def certificates(self, after: int = 0, limit: int = PAGE) -> CertificatePage:
        """One page of what made blocks final, of heights above `after`."""
        query = {"after": str(after) if after else "", "limit": str(limit)}
        return await self._form(CertificatePage, "GET", "/v1/certificates", query)

    async def contract_set(self, digest: bytes) -> bytes:
        """A packed contract set (contract_sets.packing). Raises ApiProblem 404."""
        return await self._answer("GET", f"/v1/contract-sets/{digest.hex()}")

    async def checkpoint(self) -> bytes:
        """The published checkpoint, a signed note."""
        return await self._answer("GET", "/checkpoint")

    async def tile(self, path: str) -> bytes:
        """A hash tile or entry bundle; path: as ledger_node.log.tiles writes it."""
        return await self._answer("GET", f"/{path}")

    # ------------------------------------------------------------ node

    async def status(self) -> StatusView:
        """How the node is doing."""
        return await self._form(StatusView, "GET", "/v1/status")

    async def ready(self) -> bool:
        """Whether what is submitted to the node can become final. Asks once."""
        try:
            await self._attempt("GET", URL(f"{self.base_url}/readyz", encoded=True), ANSWER_S, {})
        except (ApiProblem, NodeUnreachable):
            return False
        return True

    async def backup(self, out: BinaryIO) -> int:
        """Write the node's ledger, as one backup file; returns its size in bytes. Asks once.

        Raises ApiProblem, NodeUnreachable, also when the node breaks off.
        """
        assert self._session is not None, "a client is used within `async with`"
        url = URL(f"{self.base_url}/v1/backup", encoded=True)
        size = 0
        try:
            async with self._session.get(url, allow_redirects=False) as response:
                if response.status >= 300:
                    raise _refusal(response, await _bounded(response, self.base_url), self.base_url)
                async for chunk in response.content.iter_any():
                    out.write(chunk)
                    size += len(chunk)
        except (aiohttp.ClientError, OSError) as error:
            raise NodeUnreachable(self.base_url, error) from error
        return size

    async def policy(self) -> str:
        """The union's c2sp.org/tlog-policy. To verify with it, get it from someone you trust."""
        return (await self._answer("GET", "/v1/policy")).decode()

    async def roster(self, *, epoch: int = 0, wait_s: float = 0) -> bytes:
        """The present epoch's roster as JSON, for genesis.readable.read_json(Roster, …).

        epoch, wait_s: first wait up to that long for that epoch to begin.
        """
        query = {"epoch": str(epoch) if epoch else "", "wait": _seconds(wait_s)}
        return await self._answer("GET", "/v1/roster", query, wait_s=wait_s)

    async def evidence(self) -> EvidencePage:
        """Members that contradicted themselves, as far as the node was shown."""
        return await self._form(EvidencePage, "GET", "/v1/evidence")

    async def policy_history(self) -> bytes:
        """Proofs of how each epoch led to the next; with the genesis they give every policy."""
        return await self._answer("GET", "/v1/policy-history")

    async def put_payload(self, particulars: Particulars) -> bytes:
        """Keep particulars at the node; returns their commitment. Raises ApiProblem."""
        name = commitment_of(particulars)
        view = PayloadView(
            particulars.group.value, particulars.salt.hex(), particulars.plaintext.hex()
        )
        await self._answer(
            "PUT",
            f"/v1/payloads/{name.hex()}",
            data=msgspec.json.encode(view),
            headers={"Content-Type": "application/json"},
        )
        return name

    async def payload(self, commitment: bytes) -> PayloadView:
        """Particulars that the node keeps. Raises ApiProblem 404."""
        return await self._form(PayloadView, "GET", f"/v1/payloads/{commitment.hex()}")

    # ------------------------------------------------------------ asking

    async def _form(
        self,
        kind: type[T],
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        wait_s: float = 0,
        **more: Any,
    ) -> T:
        answer = await self._answer(method, path, query, wait_s=wait_s, **more)
        try:
            return msgspec.json.decode(answer, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise AnswerUnreadable(self.base_url, str(error)) from error

    async def _answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        wait_s: float = 0,
        **more: Any,
    ) -> bytes:
        """The answer's body, after as many attempts as `Retries` allow."""
        given = {name: text for name, text in (query or {}).items() if text}
        url = URL(self.base_url + path, encoded=True).with_query(given)
        failing_since: float | None = None
        for delay in self._retries.delays():
            try:
                return await self._attempt(method, url, ANSWER_S + wait_s, more)
            except (NodeUnreachable, _ComeBack) as error:
                now = time.monotonic()
                failing_since = now if failing_since is None else failing_since
                told_s = error.after_s if isinstance(error, _ComeBack) else 0.0
                pause = max(delay, told_s)
                if now - failing_since + pause > self._retries.total_s:
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("delays never end")

    async def _attempt(self, method: str, url: URL, within_s: float, more: Any) -> bytes:
        assert self._session is not None, "a client is used within `async with`"
        try:
            async with (
                asyncio.timeout(within_s),
                self._session.request(method, url, allow_redirects=False, **more) as response,
            ):
                body = await _bounded(response, self.base_url)
        except TimeoutError as error:
            raise NodeUnreachable(self.base_url, f"no answer within {within_s:.0f} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise NodeUnreachable(self.base_url, error) from error
        if response.status < 300:
            return body
        raise _refusal(response, body, self.base_url)


class _ComeBack(ApiProblem):
    """503 with Retry-After: worth another attempt."""

    def __init__(self, problem: ProblemView, after_s: float) -> None:
        super().__init__(problem)
        self.after_s = after_s


def _refusal(response: aiohttp.ClientResponse, body: bytes, url: str) -> Exception:
    if response.content_type != "application/problem+json":
        return AnswerUnreadable(url, f"status {response.status}, {response.content_type}")
    try:
        problem = msgspec.json.decode(body, type=ProblemView)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return AnswerUnreadable(url, str(error))
    after_s = 0.0
    if response.status == 503:
        with suppress(ValueError):
            after_s = float(response.headers.get("Retry-After", ""))
        return _ComeBack(problem, after_s)
    return ApiProblem(problem)


async def _bounded(response: aiohttp.ClientResponse, url: str) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_ANSWER:
            raise AnswerUnreadable(url, f"more than {MAX_ANSWER} bytes")
    return bytes(body)


def _part(text: str) -> str:
    """Text as one segment of a path: slashes and dots in references must not act as a path's."""
    return quote(text, safe="")


def _seconds(value: float) -> str:
    return f"{value:.3f}" if value > 0 else ""
