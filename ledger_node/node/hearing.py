"""What peers say, each frame to the part it is for, and what a peer is told whose link came up.

Every frame is bounded and decoded here; the part it is for checks the rest. A frame that no
correct member sends costs its sender the link.
"""

import logging
from collections import deque
from contextlib import suppress
from typing import Final

from consensus.events import LinkUp
from consensus.messages import MessageRefused
from ledger_node.codec import DecodeError
from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.network.link import FrameRefused
from ledger_node.node.accusations import Accusations
from ledger_node.node.admission import Admission
from ledger_node.node.bodies import Bodies
from ledger_node.node.checkpoints import Checkpoints
from ledger_node.node.consensus_loop import ConsensusLoop
from ledger_node.node.frames import (
    BodiesFrame,
    BodiesWanted,
    ChunkFrame,
    ChunkWanted,
    ConsensusFrame,
    CosignatureFrame,
    EvidenceFrame,
    GossipFrame,
    SnapshotOffer,
    SnapshotWanted,
    decode_frame,
)
from ledger_node.node.gossip import GOSSIP_AGAIN, frames_of
from ledger_node.node.mempool import Mempool
from ledger_node.node.metrics import Metrics
from ledger_node.node.peering import Peering
from ledger_node.node.snapshot.part import Snapshots

log = logging.getLogger(__name__)

EARLY_FRAMES: Final = 256
"""Consensus messages kept while this node finds out whether it needs a snapshot."""


class Hearing:
    """Owned by the event loop's thread."""

    def __init__(
        self,
        loop: ConsensusLoop,
        peering: Peering,
        mempool: Mempool,
        admission: Admission,
        bodies: Bodies,
        checkpoints: Checkpoints,
        accusations: Accusations,
        snapshots: Snapshots,
        metrics: Metrics,
    ) -> None:
        self.joining = True
        """Until `joined`: what is said to consensus waits meanwhile."""
        self._loop = loop
        self._peering = peering
        self._mempool = mempool
        self._admission = admission
        self._bodies = bodies
        self._checkpoints = checkpoints
        self._accusations = accusations
        self._snapshots = snapshots
        self._metrics = metrics
        self._early: deque[tuple[str, ConsensusFrame]] = deque(maxlen=EARLY_FRAMES)

    async def on_frame(self, member: str, data: bytes) -> None:
        """Take a frame; returns when the link may be read on. Raises FrameRefused."""
        try:
            await self._take(member, data)
        except (DecodeError, MessageRefused, SubmissionRefused) as error:
            self._metrics.peer_faults.labels(member).inc()
            log.warning("refused a peer's frame", extra={"peer": member, "reason": str(error)})
            raise FrameRefused(str(error)) from error

    async def _take(self, member: str, data: bytes) -> None:
        match decode_frame(data):
            case ConsensusFrame() as frame if self.joining:
                self._early.append((member, frame))
            case ConsensusFrame() as frame:
                await self._loop.room()
                self._peering.hear(member, frame)
            case GossipFrame() as frame:
                await self._admission.hear(frame)
            case BodiesWanted() as frame:
                await self._bodies.serve(member, frame)
            case BodiesFrame() as frame:
                await self._bodies.receive(frame)
            case EvidenceFrame() as frame:
                self._accusations.heard(frame)
            case SnapshotWanted() | SnapshotOffer() | ChunkWanted() | ChunkFrame() as frame:
                await self._snapshots.hear(member, frame)
            case CosignatureFrame() as frame:
                problem = self._checkpoints.hear(member, frame)
                if problem is not None:
                    raise MessageRefused(problem)

    def on_link(self, member: str, up: bool) -> None:
        """A member can be spoken to, or no longer."""
        log.info("link up" if up else "link down", extra={"peer": member})
        if not up:
            return
        self._snapshots.link_up(member)
        if not self.joining:
            self.greet(member)
        if self._checkpoints.own is not None:
            self._peering.send_frame(member, self._checkpoints.own)
        for frame in frames_of(self._mempool.oldest(GOSSIP_AGAIN)):
            self._peering.send_frame(member, frame)

    def greet(self, member: str) -> None:
        """Say where we are. One that sits only in the next epoch is greeted when that begins."""
        if self._peering.knows(member):
            self._loop.feed(LinkUp(self._peering.index(member)))
            self._peering.show_closing(member)

    def greet_all(self) -> None:
        """Say where we are to all who hear us: we have just come there."""
        for member in self._peering.linked():
            self.greet(member)

    def joined(self) -> None:
        """The ledger is the one to go on with: hear what peers said meanwhile."""
        self.joining = False
        self.greet_all()
        early, self._early = self._early, deque(maxlen=EARLY_FRAMES)
        for member, frame in early:
            with suppress(MessageRefused):  # of an epoch whose roster was another
                self._peering.hear(member, frame)
