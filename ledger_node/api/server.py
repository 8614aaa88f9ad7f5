"""The API bound to an address: started last, ended first, with time for requests under way.

A client gets IDLE_S to send a request's header, whether its connection is new or kept, and what it
no longer waits for is given up.
"""

import logging
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from ledger_node.api.app import create_app
from ledger_node.api.limits import CLOSE_S, IDLE_S
from ledger_node.node.config import split_address
from ledger_node.node.node import Node

_BACKLOG: Final = 256
_LINGER_S: Final = 2.0
"""For reading away the rest of a refused body, so that the client sees the refusal."""


class _Defects(logging.Filter):
    """Keeps aiohttp from logging a traceback for whatever a stranger sends that is not HTTP."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError)


_LOG: Final = logging.getLogger(__name__)
_LOG.addFilter(_Defects())


class ApiServer:
    """Made, started and closed on the node's event loop."""

    def __init__(self, node: Node, token: str, *, idle_s: float = IDLE_S) -> None:
        """token: see tokens; idle_s: see the module."""
        self._listen = split_address(node.settings.api_listen)
        self.app = create_app(node, token)
        self._runner = web.AppRunner(
            self.app,
            access_log=None,
            logger=_LOG,
            handler_cancellation=True,
            auto_decompress=False,
            keepalive_timeout=idle_s,
            lingering_time=_LINGER_S,
            shutdown_timeout=CLOSE_S,
        )

    async def start(self) -> None:
        """Listen. Raises OSError when the address cannot be bound."""
        await self._runner.setup()
        host, port = self._listen
        await web.TCPSite(self._runner, host, port, backlog=_BACKLOG).start()

    async def close(self) -> None:
        """Free the address, answer what is under way, end what waits. Harmless to repeat."""
        await self._runner.cleanup()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that are listened on, the port chosen by the system if 0 was asked for."""
        host, port = self._runner.addresses[0][:2]
        return host, port

    @property
    def url(self) -> str:
        """Where clients on this machine find it."""
        host, port = self.address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
