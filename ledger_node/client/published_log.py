"""A published log over HTTP: a node, or any web server or object storage that holds its files.

Only public files are asked for, without a token. Answers are bounded by what a file can be, no
redirect is followed, and of compressed answers the unpacked size counts.
"""

import asyncio
from http import HTTPStatus
from typing import Final, Self

import aiohttp
from yarl import URL

from ledger_node.client.errors import told_by
from ledger_node.client.retries import Retries
from ledger_node.log.note import MAX_NOTE
from ledger_node.log.published import CHECKPOINT_PATH, FileAbsent, LogUnreachable
from ledger_node.log.tiles import MAX_BUNDLE

CONNECT_S: Final = 5.0
ANSWER_S: Final = 30.0


class HttpLog:
    """A PublishedLog below a URL prefix, as an async context manager."""

    def __init__(self, base_url: str, *, retries: Retries | None = None) -> None:
        """base_url: e.g. "https://log.example/union", without the slash before `checkpoint`."""
        self._base_url = base_url.rstrip("/")
        self._retries = retries or Retries(total_s=2.0)
        self._session: aiohttp.ClientSession | None = None

    @property
    def where(self) -> str:
        """The URL prefix."""
        return self._base_url

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=ANSWER_S, sock_connect=CONNECT_S)
        self._session = aiohttp.ClientSession(timeout=timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def file(self, path: str) -> bytes:
        """See PublishedLog. Lost connections and 5xx answers are tried again for a while."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for delay in self._retries.delays():
            try:
                return await self._attempt(path)
            except LogUnreachable:
                if loop.time() - began + delay > self._retries.total_s:
                    raise
            await asyncio.sleep(delay)
        raise AssertionError("delays never end")

    async def _attempt(self, path: str) -> bytes:
        assert self._session is not None, "a log is read within `async with`"
        url = URL(f"{self._base_url}/{path}", encoded=True)
        try:
            async with self._session.get(url, allow_redirects=False) as response:
                if response.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
                    raise FileAbsent(self._base_url, path)
                if response.status != HTTPStatus.OK:
                    raise LogUnreachable(self._base_url, path, f"status {response.status}")
                return await self._bounded(response, path)
        except TimeoutError as error:
            raise LogUnreachable(self._base_url, path, "no answer in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise LogUnreachable(self._base_url, path, told_by(error)) from error

    async def _bounded(self, response: aiohttp.ClientResponse, path: str) -> bytes:
        limit = MAX_NOTE if path == CHECKPOINT_PATH else MAX_BUNDLE
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > limit:
                raise LogUnreachable(self._base_url, path, f"more than {limit} bytes")
        return bytes(body)
