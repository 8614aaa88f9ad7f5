"""Between consensus and the wire: members by index and by code, messages in and out.

Inbound bytes pass in the order of cost: form, interest, structure, signatures. Signatures seen
before are not checked again: a certificate is mostly votes that came one by one.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from consensus.authentication import Claim, authenticate, claims
from consensus.block import Member
from consensus.committee import Committee
from consensus.core import Simplex
from consensus.events import Behind, Input, Received
from consensus.messages import (
    BlockReply,
    Fetch,
    FinalisedRun,
    Finalization,
    Message,
    MessageRefused,
    Vote,
    decode_message,
    encode_message,
    message_epoch,
)
from ledger_node.crypto.signatures import verify
from ledger_node.network.peer_network import PeerNetwork
from ledger_node.node.evidence import Equivocation, equivocation
from ledger_node.node.frames import ConsensusFrame, Frame, encode_frame
from ledger_node.node.seat import Seat

REMEMBERED_CLAIMS: Final = 8192
EARLY_MESSAGES: Final = 256
"""Messages of a later epoch that are kept until it begins here."""
STRAGGLER_S: Final = 1.0
"""A peer in an earlier epoch is told of ours at most this often."""


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
    """Owned by the event loop's thread. `enter` gives it an epoch before anything else."""

    def __init__(self, feed: Callable[[Input], None]) -> None:
        self._feed = feed
        self._early: deque[tuple[str, ConsensusFrame]] = deque(maxlen=EARLY_MESSAGES)
        self._stragglers: dict[str, float] = {}

    def enter(
        self, seat: Seat, core: Simplex, network: PeerNetwork, closing: Finalization | None
    ) -> None:
        """From now on messages are those of this epoch. closing: what ended the one before."""
        self._closing = closing
        self._committee = seat.committee
        self._core = core
        self._network = network
        self._names = seat.names
        self._index = {name: Member(i) for i, name in enumerate(seat.names)}
        self._check = ClaimChecker(seat.committee)

    def hear_early(self) -> None:
        """Take up what peers that were faster said of this epoch before we entered it."""
        early, self._early = self._early, deque(maxlen=EARLY_MESSAGES)
        for member, frame in early:
            if member in self._index:
                with suppress(MessageRefused):  # checked under the committee of its own epoch only
                    self.hear(member, frame)

    def linked(self) -> list[str]:
        """Codes of those who can be spoken to now."""
        return [member for member, up in self._network.connected.items() if up]

    def knows(self, member: str) -> bool:
        """Whether a code is one of this epoch's."""
        return member in self._index

    def name(self, member: int) -> str:
        """Code of a member or observer by index."""
        return self._names[member]

    def index(self, member: str) -> Member:
        """Index of a member or observer by code."""
        return self._index[member]

    def hear(self, member: str, frame: ConsensusFrame) -> None:
        """Feed a peer's message to the core if it matters. Raises MessageRefused."""
        message = decode_message(frame.message)
        epoch = message_epoch(message)
        if epoch is not None and epoch > self._committee.epoch:
            # Its signatures are of keys we do not know yet; the end of our epoch will tell us.
            self._early.append((member, frame))
            if self.knows(member):
                self._feed(Behind(self.index(member)))
        elif not self.knows(member):
            return  # of the epoch before or the one after, and its links come or go this moment
        elif epoch is not None and epoch < self._committee.epoch:
            self._help_straggler(member)
        elif self._core.interested(message):
            heard = authenticate(message, self.index(member), self._committee, self._check)
            self._feed(Received(heard))

    def equivocation(self, first: bytes, second: bytes) -> Equivocation | None:
        """What two canonical votes prove of a member of this epoch; None for votes of another.

        Raises MessageRefused.
        """

        def verify(vote: Vote) -> bool:
            return self._check(claims(vote, self._committee))

        return equivocation(first, second, self._committee, verify)

    def _help_straggler(self, member: str) -> None:
        """Show a peer in an epoch that has ended what ended it: it will ask for what it misses."""
        now = asyncio.get_running_loop().time()
        if now < self._stragglers.get(member, 0.0):
            return
        self._stragglers[member] = now + STRAGGLER_S
        if self._closing is not None:
            self.send(self.index(member), self._closing)

    def show_closing(self, member: str) -> None:
        """What ended the epoch before, while this one has nothing final that says more."""
        if self._closing is not None and self._core.last_finalization is None:
            self.send(self.index(member), self._closing)

    def send(self, to: Member, message: Message) -> None:
        """Queue a message for one member; blocks travel behind votes."""
        bulk = isinstance(message, Fetch | BlockReply | FinalisedRun)
        self._send(self.name(to), ConsensusFrame(encode_message(message)), urgent=not bulk)

    def broadcast(self, message: Message) -> None:
        """Queue a message for every other member."""
        frame = encode_frame(ConsensusFrame(encode_message(message)))
        self._network.broadcast(frame, urgent=True)

    def send_frame(self, member: str, frame: Frame) -> None:
        """Queue something other than consensus for one member."""
        self._send(member, frame, urgent=False)

    def broadcast_frame(self, frame: Frame) -> None:
        """Queue something other than consensus for every other member."""
        self._network.broadcast(encode_frame(frame), urgent=False)

    def _send(self, member: str, frame: Frame, *, urgent: bool) -> None:
        # Whom we answer may have left the union meanwhile, or have left it in epochs to come.
        if self._network.has(member):
            self._network.send(member, encode_frame(frame), urgent=urgent)
