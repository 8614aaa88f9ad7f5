"""What handlers share: the node, threads for reads, and the count of requests that wait."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from aiohttp import WSCloseCode, web

from ledger_node.api.limits import READ_THREADS, WAITING
from ledger_node.api.problems import come_back
from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.node.admission import AuthorRefused
from ledger_node.node.node import Node
from ledger_node.storage.snapshot import Snapshot

T = TypeVar("T")


class Waits:
    """Requests that wait for an event. All end at once when the node stops."""

    def __init__(self, limit: int = WAITING) -> None:
        self._limit = limit
        self._deadlines: set[asyncio.Timeout] = set()
        self._closed = False

    async def wait(self, seconds: float, event: Awaitable[T]) -> T | None:
        """What `event` brings, or None when the time is over. Raises Problem: too many wait."""
        task = asyncio.ensure_future(event)
        try:
            if len(self._deadlines) >= self._limit:
                raise come_back("too-many-waiting", f"{self._limit} requests wait already")
            async with asyncio.timeout(0 if self._closed else seconds) as deadline:
                self._deadlines.add(deadline)
                try:
                    return await task
                finally:
                    self._deadlines.discard(deadline)
        except TimeoutError:
            return None
        finally:
            task.cancel()

    def end(self) -> None:
        """Nobody waits any longer; each is answered with how things stand."""
        self._closed = True
        now = asyncio.get_running_loop().time()
        for deadline in self._deadlines:
            deadline.reschedule(now)


class Services:
    """One for each application."""

    def __init__(self, node: Node, token: str) -> None:
        self.node = node
        self.token = token
        self.waits = Waits()
        self.streams: set[web.WebSocketResponse] = set()
        self.backup = asyncio.Lock()
        """Held while a backup is being read."""
        self._threads = ThreadPoolExecutor(READ_THREADS, thread_name_prefix="api")

    async def read(self, question: Callable[[Snapshot], T]) -> T:
        """The answer of the ledger as it is final now, found in a thread."""
        return await self.in_thread(lambda: question(self.node.database.latest))

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Anything else that touches the disk or computes for long."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def end(self) -> None:
        """Nobody waits any longer, and streams are closed."""
        self.waits.end()
        reason = b"the node is stopping"
        await asyncio.gather(
            *(ws.close(code=WSCloseCode.GOING_AWAY, message=reason) for ws in self.streams)
        )

    def close(self) -> None:
        """Once no request is under way: what still runs in threads is waited for."""
        self._threads.shutdown(wait=True)


SERVICES: Final = web.AppKey("services", Services)


def services_of(request: web.Request) -> Services:
    """Those of the application that the request came to."""
    return request.app[SERVICES]


def count_refusal(services: Services, refusal: Exception) -> None:
    """Count a submission that is refused under a rule, for metrics."""
    if isinstance(refusal, SubmissionRefused):
        services.node.metrics.refusals.labels(refusal.rule.id).inc()
    elif isinstance(refusal, AuthorRefused):
        services.node.metrics.refusals.labels(refusal.rule).inc()
