"""The part of a node that gives snapshots, takes one at the start if need be, and fetches the past.

part          what the node holds of all this
forms         manifests, kinds of chunks, limits
rosters       whose certificates count, epoch by epoch from the genesis
verify        what a manifest and the end of an epoch must be
giving        answering those who take, from `serving`'s views of the ledger
joining       whether to take one, which, and the change of ledgers
fetching      from several peers at once, by `exchange`, what `walks` say is missing
backfilling   afterwards, from peers, what `past` says is missing
backup        the same in a file
"""

from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Executor
from pathlib import Path

from ledger_node.genesis.ceremony import VerifiedGenesis
from ledger_node.ledger.chain import ExecutedBlock
from ledger_node.node.frames import (
    ChunkFrame,
    ChunkWanted,
    Frame,
    SnapshotOffer,
    SnapshotWanted,
)
from ledger_node.node.snapshot.backfilling import Backfilling
from ledger_node.node.snapshot.exchange import Exchange
from ledger_node.node.snapshot.forms import SnapshotRefused
from ledger_node.node.snapshot.giving import Giving
from ledger_node.node.snapshot.joining import Joining, Progress
from ledger_node.node.snapshot.past import Past
from ledger_node.node.snapshot.rosters import Rosters
from ledger_node.storage.database import Database


class Snapshots:
    """Owned by the event loop's thread."""

    def __init__(
        self,
        database: Database,
        founding: VerifiedGenesis,
        genesis: Callable[[], ExecutedBlock],
        send: Callable[[str, Frame], None],
        peers: Callable[[], Iterable[str]],
        on_fault: Callable[[str, SnapshotRefused], None],
        pool: Executor,
    ) -> None:
        """genesis: executed anew; send: to one peer, as bulk; peers: those with a link now;
        on_fault: told who sent what no correct node sends; pool: for reads and checks."""
        self._database = database
        self._founding = founding
        self._genesis = genesis
        self._send = send
        self._peers = peers
        self._on_fault = on_fault
        self._pool = pool
        self.giving = Giving(lambda: database.latest, send, pool)
        self.exchange = Exchange(send)
        self._joining: Joining | None = None

    @property
    def progress(self) -> Progress | None:
        """How far a snapshot is that is being taken."""
        return None if self._joining is None else self._joining.progress

    # ------------------------------------------------------------ giving

    def committed(self) -> None:
        """The ledger has a new head."""
        self.giving.views.committed()

    async def hear(
        self, peer: str, frame: SnapshotWanted | SnapshotOffer | ChunkWanted | ChunkFrame
    ) -> None:
        """A peer's question or answer. Raises MessageRefused."""
        match frame:
            case SnapshotWanted():
                await self.giving.offer(peer, frame)
            case ChunkWanted():
                await self.giving.give(peer, frame)
            case SnapshotOffer() if self._joining is not None:
                self._joining.hear(peer, frame)
            case ChunkFrame():
                self.exchange.hear(peer, frame)
            case _:
                pass  # an offer that comes too late

    # ------------------------------------------------------------ taking

    async def join(
        self, incoming: Path, others: int, gap: int, adopted: Callable[[], Awaitable[None]]
    ) -> None:
        """Take a snapshot if the union is more than `gap` blocks ahead, then await `adopted`.

        incoming: directory for it; others: nodes of the union besides this one. Raises StorageError
        """

        async def adopt(complete: Path) -> None:
            async with self.giving.reading:
                self.giving.views.forget()
                self._database.adopt(complete)
            await adopted()

        self._joining = Joining(
            self._database,
            incoming,
            self._rosters(),
            self._genesis,
            self._send,
            self._peers,
            self.exchange,
            adopt,
            self._on_fault,
            others=others,
            gap=gap,
        )
        try:
            await self._joining.run()
        finally:
            self._joining = None

    def link_up(self, peer: str) -> None:
        """A peer can be asked."""
        if self._joining is not None:
            self._joining.link_up(peer)

    async def backfill(self) -> None:
        """Fetch the past until nothing is missing. Raises StorageError."""
        if self._database.latest.gap is None:
            return
        rosters = self._rosters()
        past = Past(self._database, rosters.union, rosters.committee, rosters.checker)
        work = Backfilling(past, self.exchange, self._peers, self._on_fault, self._pool)
        await work.run()

    def _rosters(self) -> Rosters:
        return Rosters(self._founding, lambda epoch: self._database.latest.epoch_step(epoch))
