"""What a peer may cost us: sizes, rates and times of a link, each with its reason."""

from dataclasses import dataclass
from typing import Final

PROTOCOL: Final = 1
"""Version of the link protocol, in the hello and in the path that is dialled."""

PATH: Final = "/peer/v1"

MAX_FRAME: Final = 4 * 1024 * 1024 + 64 * 1024
"""Bytes of a frame: what the codec takes (4 MiB) and room for what a message adds around it."""

MAX_MESSAGE: Final = MAX_FRAME + 4
"""Bytes of a WebSocket message: the greatest frame and its length, see `frames`."""

MESSAGE_BOUND: Final = MAX_MESSAGE + 1
"""What aiohttp is given: it takes messages that are shorter than its bound, not as long."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one link, of which a member has one a class. Times in seconds, sizes in bytes."""

    queued_urgent: int = 16 * 1024 * 1024
    """Consensus frames waiting for one peer; beyond, the oldest go, a vote of an old view first."""
    queued_bulk: int = 32 * 1024 * 1024
    stale_s: float = 10.0
    """Frames that waited longer while a peer was away are not sent: it asks for what it lacks."""

    bytes_per_s: float = 64.0 * 1024 * 1024
    """Read from one link; what comes faster waits in its socket, then at the peer's side."""
    messages_per_s: float = 20_000.0

    handshake_s: float = 5.0
    """From the first byte of TLS to the hello."""
    alive_s: float = 2.0
    """The listening side says that it lives this often, also while it reads slowly."""
    silence_s: float = 8.0
    """The dialling side gives a silent link up after this."""

    first_retry_s: float = 0.1
    last_retry_s: float = 5.0
    """Retries double from the first to the last, each cut by up to half at random."""
    close_s: float = 1.0
    """For saying goodbye to a peer that may be gone."""

    refusals_logged_s: float = 10.0
    """At most one line of the log in this time about who was turned away at the port."""
