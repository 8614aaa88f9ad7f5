"""Who was turned away at the peer port: counted by reason, and said in the log now and then.

The port is open to whoever reaches it, so a line for each refusal would let strangers fill the
log. The first is logged at once, the next after a pause, with the number of those in between.
"""

import asyncio
import logging
from collections.abc import Callable
from enum import StrEnum

log = logging.getLogger(__name__)


class Refusal(StrEnum):
    """Why a connection did not become a link."""

    CERTIFICATE = "certificate"
    """It showed none, or none of another member of this epoch: strangers, and keys replaced."""
    TLS = "tls"
    """It spoke no TLS, or none of version 1.3."""
    UNFINISHED = "unfinished"
    """It ended before the handshake did, or took too long: port scans, health checks."""


class Strangers:
    """Owned by the event loop's thread."""

    def __init__(self, every_s: float, on_refusal: Callable[[Refusal], None] | None) -> None:
        """every_s: between two lines of the log. on_refusal: told of each."""
        self._every_s = every_s
        self._on_refusal = on_refusal
        self._quiet_until = 0.0
        self._unsaid = 0

    def turn_away(self, host: str, why: Refusal, detail: str) -> None:
        """A connection from `host` was refused. detail: text for people."""
        if self._on_refusal is not None:
            self._on_refusal(why)
        now = asyncio.get_running_loop().time()
        if now < self._quiet_until:
            self._unsaid += 1
            return
        log.warning(
            "turned away at the peer port",
            extra={"host": host, "why": str(why), "reason": detail, "others_since": self._unsaid},
        )
        self._quiet_until = now + self._every_s
        self._unsaid = 0
