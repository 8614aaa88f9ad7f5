"""Between consensus and the wire: members by index and by code, messages in and out.

Inbound bytes pass in the order of cost: form, interest, structure, signatures. Signatures seen
before are not checked again: a certificate is mostly votes that came one by one.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from consensus.authentication import Claim, authenticate
from consensus.block import Member
from consensus.committee import Committee
from consensus.core import Simplex
from consensus.events import Input, Received
from consensus.messages import (
    BlockReply,
    Fetch,
    FinalisedRun,
    Message,
    decode_message,
    encode_message,
)
from ledger_node.crypto.signatures import verify
from ledger_node.network.peer_network import PeerNetwork
from ledger_node.node.frames import ConsensusFrame, Frame, encode_frame

REMEMBERED_CLAIMS: Final = 8192


class ClaimChecker:
    """Checks votes' signatures once each."""

    def __init__(self, committee: Committee) -> None:
        self._keys = committee.keys
        self._good: OrderedDict[Claim, None] = OrderedDict()

    def __call__(self, claims: Sequence[Claim]) -> bool:
        """Whether every claim's signature holds."""
        for claim in claims:
            if claim in self._good:
                continue
            if not verify(self._keys[claim.member], claim.statement, claim.signature):
                return False
            self._good[claim] = None
            if len(self._good) > REMEMBERED_CLAIMS:
                self._good.popitem(last=False)
        return True


class Peering:
    """Owned by the event loop's thread."""

    def __init__(
        self,
        committee: Committee,
        core: Simplex,
        network: PeerNetwork,
        feed: Callable[[Input], None],
    ) -> None:
        self._committee = committee
        self._core = core
        self._network = network
        self._feed = feed
        self._check = ClaimChecker(committee)
        self._index = {name: Member(i) for i, name in enumerate(committee.names)}

    def name(self, member: int) -> str:
        """Code of a member by index."""
        return self._committee.names[member]

    def index(self, member: str) -> Member:
        """Index of a member by code."""
        return self._index[member]

    def hear(self, member: str, frame: ConsensusFrame) -> None:
        """Feed a peer's message to the core if it matters. Raises MessageRefused."""
        message = decode_message(frame.message)
        if self._core.interested(message):
            heard = authenticate(message, self.index(member), self._committee, self._check)
            self._feed(Received(heard))

    def send(self, to: Member, message: Message) -> None:
        """Queue a message for one member; blocks travel behind votes."""
        bulk = isinstance(message, Fetch | BlockReply | FinalisedRun)
        frame = encode_frame(ConsensusFrame(encode_message(message)))
        self._network.send(self.name(to), frame, urgent=not bulk)

    def broadcast(self, message: Message) -> None:
        """Queue a message for every other member."""
        frame = encode_frame(ConsensusFrame(encode_message(message)))
        self._network.broadcast(frame, urgent=True)

    def send_frame(self, member: str, frame: Frame) -> None:
        """Queue something other than consensus for one member."""
        self._network.send(member, encode_frame(frame), urgent=False)

    def broadcast_frame(self, frame: Frame) -> None:
        """Queue something other than consensus for every other member."""
        self._network.broadcast(encode_frame(frame), urgent=False)
