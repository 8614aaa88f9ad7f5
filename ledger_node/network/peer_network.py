"""All links of one node: a port for those who speak to us, two diallers for each we speak to.

Urgent and bulk frames have links of their own. Frames of a class are sent in order; a frame may be
lost when a link breaks or a queue overflows, never altered, and never taken for another member's.
What must arrive is sent again by whoever cares: consensus rebroadcasts, catch-up asks.

The roster changes in place: who stays keeps its links and what waits on them.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable, Mapping

import aiohttp
from aiohttp import web

from ledger_node.network.frames import FrameClass
from ledger_node.network.incoming import IncomingLinks, OnFrame
from ledger_node.network.limits import Limits
from ledger_node.network.link import LinkCounters
from ledger_node.network.peer import Peer
from ledger_node.network.peers import Identity, PeerAddress, client_context, server_context
from ledger_node.network.port import PeerPort
from ledger_node.network.strangers import Refusal, Strangers


class PeerNetwork:
    """The node's way to the other members. Made, started and closed on one event loop."""

    def __init__(
        self,
        identity: Identity,
        members: Mapping[str, PeerAddress],
        union: bytes,
        on_frame: OnFrame,
        *,
        successor: Identity | None = None,
        on_link: Callable[[str, bool], None] | None = None,
        on_refusal: Callable[[Refusal], None] | None = None,
        listen: tuple[str, int] | None = None,
        limits: Limits | None = None,
    ) -> None:
        """members: every member by code, ourselves included. union: the union's id.

        successor: what we shall show of ourselves when our keys have been replaced; members whose
        roster is ahead of ours take nothing else. It is tried where our identity is refused.
        on_frame(member, frame): takes a frame; until it returns, nothing more is read from that
        link, while the member's other link is read on. It may raise FrameRefused to close it.
        on_link(member, up): told when both our links to a member are up, and when they no longer
        are; must not block. on_refusal: told of each connection that is turned away at the port.
        listen: address to bind when it is not the one members dial, e.g. behind address
        translation.
        """
        self._limits = limits or Limits()
        self._union = union
        self._bind = listen
        self._on_link = on_link
        self._me = identity.member
        self._members = dict(members)
        self._identities = _in_turn(identity, successor)
        self._shown = 0
        self._strangers = Strangers(self._limits.refusals_logged_s, on_refusal)
        self._peers = {
            member: self._peer(member) for member in members if member != identity.member
        }
        self._incoming = IncomingLinks(
            identity.member,
            members,
            union,
            limits=self._limits,
            strangers=self._strangers,
            counters_of=self._counters_of,
            on_frame=on_frame,
            on_heard=self._heard_from,
        )
        self._web = web.Server(self._incoming.handle, access_log=None)
        self._port = PeerPort(self._web, self._door(), self._limits, self._strangers)
        self._session: aiohttp.ClientSession | None = None
        self._ending: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listens, and begins to dial. Raises OSError when the address cannot be bound."""
        await self._port.open(*self._listen(self._members))
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
            timeout=aiohttp.ClientTimeout(total=None, connect=self._limits.handshake_s),
        )
        for peer in self._peers.values():
            peer.start(self._session)

    async def change_roster(
        self,
        identity: Identity,
        members: Mapping[str, PeerAddress],
        successor: Identity | None = None,
    ) -> None:
        """Goes over to other members, addresses and certificates, our own included.

        Links to a member whose address and certificate stay go on, with what waits on them. One
        that moved or has another certificate is dialled anew, with what waits for it. One that is
        no member any more gets what waits, for a moment, and no more. Links made by certificates
        that are not pinned any more end: no further frame of theirs is taken. Our own new
        certificate is shown from the next connection on; whoever has taken us in by the one before
        decides how long that holds.

        Call between `start` and `close`. Raises OSError when our own new address cannot be bound.
        """
        assert self._session is not None, "start comes first"
        if self._listen(members) != self._listen(self._members):
            await self._port.open(*self._listen(members))
        before, self._members = self._members, dict(members)
        self._incoming.change_roster(members)
        identities = _in_turn(identity, successor)
        renamed = _shown_as(identities) != _shown_as(self._identities)
        self._identities = identities
        self._shown = 0
        self._port.context = self._door()
        for member in self._peers.keys() - members.keys():
            gone = self._peers.pop(member)
            # It is told how its last epoch ended, if that waits to be sent.
            leaving = gone.leave()
            self._see_out(leaving)
            for task in leaving:
                asyncio.get_running_loop().call_later(self._limits.close_s, task.cancel)
            self._tell(gone, up=False)
        for member, address in members.items():
            if member == self._me:
                continue
            peer = self._peers.get(member)
            if peer is None:
                self._peers[member] = self._peer(member)
                self._peers[member].start(self._session)
            elif address != before[member]:
                self._see_out(peer.move(address, self._contexts(address), self._session))
            elif renamed:
                peer.show(self._contexts(address))

    async def close(self) -> None:
        """Ends every link and frees the port. What waits to be sent is dropped."""
        for peer in self._peers.values():
            self._see_out(peer.cut())
        while self._ending:
            for task in self._ending:
                task.cancel()  # again, if a library should have lost the first
            await asyncio.wait(self._ending, timeout=2 * self._limits.close_s)
        self._port.close()
        await self._incoming.close()
        await self._web.shutdown(self._limits.close_s)
        if self._session is not None:
            await self._session.close()
        await self._port.wait_closed()

    def has(self, member: str) -> bool:
        """Whether this is another member, to whom frames can be sent."""
        return member in self._peers

    def send(self, member: str, frame: bytes, *, urgent: bool) -> bool:
        """Queues a frame of 1 to MAX_FRAME bytes for a member; never blocks.

        False when older frames of its class had to be dropped to make room. Raises KeyError for
        who is not another member, ValueError for a frame that no peer would take.
        """
        return self._peers[member].send(frame, FrameClass.URGENT if urgent else FrameClass.BULK)

    def broadcast(self, frame: bytes, *, urgent: bool) -> None:
        """Queues a frame for every other member."""
        for member in self._peers:
            self.send(member, frame, urgent=urgent)

    @property
    def counters(self) -> Mapping[str, LinkCounters]:
        """What has passed between us and each other member, since it is one."""
        return {member: peer.counters for member, peer in self._peers.items()}

    @property
    def connected(self) -> Mapping[str, bool]:
        """For each other member, whether both our links to it are up."""
        return {member: peer.connected for member, peer in self._peers.items()}

    @property
    def heard(self) -> frozenset[str]:
        """The members that have a link to us."""
        return self._incoming.members

    def _listen(self, members: Mapping[str, PeerAddress]) -> tuple[str, int]:
        own = members[self._me]
        return self._bind or (own.host, own.port)

    def _counters_of(self, member: str) -> LinkCounters:
        peer = self._peers.get(member)
        return LinkCounters() if peer is None else peer.counters

    def _heard_from(self, member: str) -> None:
        if member in self._peers:
            self._peers[member].retry_now()

    def _peer_changed(self, peer: Peer) -> None:
        if self._peers.get(peer.member) is not peer:
            return  # it has left, and whoever listens was told
        self._show_what_is_taken()
        self._tell(peer, up=peer.up)

    def _show_what_is_taken(self) -> None:
        """Whose roster is ahead of ours expects our new certificate when it dials, too."""
        taken = [peer.knows_us_by for peer in self._peers.values() if peer.knows_us_by is not None]
        newer = sum(taken)
        shown = 1 if newer and 2 * newer >= len(taken) else 0
        if shown != self._shown:
            self._shown = shown
            self._port.context = self._door()

    def _tell(self, peer: Peer, *, up: bool) -> None:
        if up != peer.connected:
            peer.connected = up
            if self._on_link is not None:
                self._on_link(peer.member, up)

    def _peer(self, member: str) -> Peer:
        address = self._members[member]
        return Peer(
            self._me,
            member,
            address,
            self._union,
            contexts=self._contexts(address),
            limits=self._limits,
            on_change=self._peer_changed,
        )

    def _see_out(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    def _contexts(self, address: PeerAddress) -> tuple[ssl.SSLContext, ...]:
        # One anchor a context: TLS itself refuses any other member at this member's address.
        return tuple(client_context(each, [address.certificate]) for each in self._identities)

    def _door(self) -> ssl.SSLContext:
        certificates = [address.certificate for address in self._members.values()]
        return server_context(self._identities[self._shown], certificates)


def _in_turn(identity: Identity, successor: Identity | None) -> tuple[Identity, ...]:
    return (identity,) if successor is None else (identity, successor)


def _shown_as(identities: Iterable[Identity]) -> list[bytes]:
    return [identity.certificate for identity in identities]
