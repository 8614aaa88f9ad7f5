"""Small unions of real networks on loopback, for tests of links."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from ledger_node.crypto.signatures import SoftwareSigner, Suite
from ledger_node.crypto.tls import make_certificate
from ledger_node.network import Identity, Limits, PeerAddress, PeerNetwork, Refusal
from tests.patience import PATIENCE_S
from tests.ports import HOST, free_ports

UNION = bytes(range(32))
QUICK = Limits(
    stale_s=600.0, first_retry_s=0.02, last_retry_s=0.2, handshake_s=PATIENCE_S, close_s=0.3
)

logging.getLogger("ledger_node.network").setLevel(logging.INFO)


@cache
def identity(member: str, generation: int = 0) -> Identity:
    """A member's TLS identity; another generation is another key for the same name."""
    del generation  # it only tells the cache apart
    signer = SoftwareSigner.generate(Suite.ECDSA_P256)
    return Identity(member, make_certificate(signer, member), signer)


def addresses(*members: str) -> dict[str, PeerAddress]:
    ports = free_ports(len(members))
    return {
        member: PeerAddress(HOST, port, identity(member).certificate)
        for member, port in zip(members, ports, strict=True)
    }


class Node:
    """A network and what came in through it. Frames but votes wait while `gate` is closed."""

    def __init__(
        self,
        member: str,
        members: dict[str, PeerAddress],
        *,
        union: bytes = UNION,
        limits: Limits = QUICK,
        own: Identity | None = None,
        successor: Identity | None = None,
    ) -> None:
        self.received: list[tuple[str, bytes]] = []
        self.links: list[tuple[str, bool]] = []
        self.refusals: list[Refusal] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.network = PeerNetwork(
            own or identity(member),
            members,
            union,
            self._take,
            successor=successor,
            on_link=lambda peer, up: self.links.append((peer, up)),
            on_refusal=self.refusals.append,
            limits=limits,
        )

    async def _take(self, member: str, frame: bytes) -> None:
        if not frame.startswith(b"vote"):
            await self.gate.wait()
        self.received.append((member, frame))


@asynccontextmanager
async def running(*nodes: Node) -> AsyncIterator[None]:
    try:
        for node in nodes:
            await node.network.start()
        yield
    finally:
        await asyncio.gather(*(node.network.close() for node in nodes))
