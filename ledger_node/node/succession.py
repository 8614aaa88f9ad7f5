"""From one epoch to the next: this node's seat, and what follows from it, part by part.

The order matters. The old epoch's last block is on disk before anything is read from it. The links
go over to the new roster before messages do: a frame of the new epoch that comes between waits, as
one of a peer that was faster. Then core and messages go over in one step, and every peer that
hears us is told where we are: one that was left behind may have nothing to say by itself, and
would hear of the new epoch only with its first block.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from consensus.core import Simplex
from ledger_node.genesis.ceremony import VerifiedGenesis
from ledger_node.genesis.policy import cosigner_key, log_key
from ledger_node.network.peer_network import PeerNetwork
from ledger_node.node.block_work import BlockWork
from ledger_node.node.bodies import Bodies
from ledger_node.node.checkpoints import CheckpointKeys, Checkpoints
from ledger_node.node.epochs import Epoch, KeyRing, current_epoch
from ledger_node.node.hearing import Hearing
from ledger_node.node.peering import Peering
from ledger_node.node.seat import (
    Given,
    Seat,
    closing_of,
    seated_core,
    take_seat,
)
from ledger_node.storage.database import Database

log = logging.getLogger(__name__)


class Seating:
    """Where this node sits: under a roster, with the keys that the roster names."""

    def __init__(
        self, founding: VerifiedGenesis, epoch: Epoch, given: Given, ring: KeyRing
    ) -> None:
        """Raises NodeError, KeyMissing."""
        self._founding = founding
        self._given = given
        self._ring = ring
        self.seat = take_seat(founding, epoch.roster, given, ring)

    def take(self, epoch: Epoch) -> None:
        """Sit in another epoch. Raises KeyMissing when the roster names a key that is not here."""
        # A node that no roster holds any more goes on with the card it had: it serves what it has.
        self._given = replace(self._given, handed_in=self.seat.card)
        self.seat = take_seat(self._founding, epoch.roster, self._given, self._ring)

    def checkpoint_keys(self) -> CheckpointKeys:
        """Under what checkpoints of this epoch are made and count."""
        seat, origin = self.seat, self._founding.genesis.origin
        return CheckpointKeys(
            seat.roster.epoch,
            seat.policy,
            (log_key(origin, seat.card), seat.keys.log),
            (cosigner_key(origin, seat.card), seat.keys.cosigner),
        )


class Succession:
    """Owned by the event loop's thread."""

    def __init__(
        self,
        founding: VerifiedGenesis,
        database: Database,
        seating: Seating,
        *,
        network: PeerNetwork,
        peering: Peering,
        hearing: Hearing,
        blocks: BlockWork,
        bodies: Bodies,
        checkpoints: Checkpoints,
    ) -> None:
        self._founding = founding
        self._database = database
        self._seating = seating
        self._network = network
        self._peering = peering
        self._hearing = hearing
        self._blocks = blocks
        self._bodies = bodies
        self._checkpoints = checkpoints
        self._awaiting: set[asyncio.Future[None]] = set()

    @property
    def seat(self) -> Seat:
        """This node's, in the present epoch."""
        return self._seating.seat

    def enter(self, core: Simplex) -> None:
        """Messages are those of this core and its epoch from now on."""
        closing = closing_of(self.seat.roster, self._database)
        self._peering.enter(self.seat, core, self._network, closing)
        self._bodies.peers = self.seat.peers

    async def next_epoch(self) -> Simplex:
        """Take this node's place in the epoch that begins on the database's head.

        Raises KeyMissing when the roster names a key that is not here: the node stops, and goes on
        once it has it; OSError when its new address cannot be bound.
        """
        await self._blocks.drained()
        epoch = current_epoch(self._database, self._founding)
        await self._take_place(epoch)
        core = seated_core(self.seat, epoch, self._database)
        self.enter(core)
        return core

    async def adopt(self, recovered: Callable[[Epoch], Simplex]) -> Simplex:
        """Take this node's place in the epoch of a ledger that came from peers.

        recovered: the core of an epoch with what the journal holds of it. Raises as `next_epoch`.
        """
        epoch = current_epoch(self._database, self._founding)
        await self._take_place(epoch)
        core = recovered(epoch)
        self.enter(core)
        return core

    async def _take_place(self, epoch: Epoch) -> None:
        self._seating.take(epoch)
        log.info(
            "epoch begins",
            extra={
                "epoch": epoch.roster.epoch,
                "height": epoch.head.height,
                "voting": list(epoch.roster.voting),
                "observers": list(epoch.roster.observers),
            },
        )
        # The checkpoint published last counts under the policy before: the head is cosigned anew.
        self._checkpoints.begin_epoch(self._seating.checkpoint_keys())
        self._blocks.begin_epoch(epoch.roster)
        await self._network.change_roster(
            self.seat.identity, self.seat.addresses(), self.seat.coming
        )

    def began(self) -> None:
        """The core of the new epoch takes inputs."""
        for waiting in self._awaiting:
            if not waiting.done():
                waiting.set_result(None)
        self._hearing.greet_all()
        self._peering.hear_early()

    async def until_epoch(self, epoch: int) -> None:
        """Wait until this node is in `epoch` or a later one."""
        while self.seat.roster.epoch < epoch:
            began: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._awaiting.add(began)
            try:
                await began
            finally:
                self._awaiting.discard(began)
