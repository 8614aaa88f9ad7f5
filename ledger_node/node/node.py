"""A node from start to clean end: opens what is on disk, wires the parts, and runs them.

One event loop runs consensus, links and API; signature checks go to a pool, execution and commits
to the ledger thread, journal syncs to a thread of their own. If any part fails the node stops:
a member that lost its disk or meets a defect must not go on voting.
"""

import asyncio
import logging
import os
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from consensus.block import Member, SubmissionId
from consensus.committee import Committee
from consensus.core import Simplex
from consensus.events import Commit, Forked, Halt, LinkUp, Work
from consensus.messages import MessageRefused
from consensus.votes import Evidence
from contracts import StateView
from ledger_node.codec import DecodeError, Digest
from ledger_node.crypto.criterion import check as check_criterion
from ledger_node.genesis.ceremony import VerifiedGenesis
from ledger_node.genesis.policy import cosigner_key, log_key
from ledger_node.ledger.chain import ExecutedBlock
from ledger_node.ledger.execution import ContractSet, ContractSetMissing
from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.ledger.submission import SubmissionHeader
from ledger_node.log.checkpoint import Checkpoint
from ledger_node.log.policy import Policy, PolicyError
from ledger_node.log.verified import VerifiedCheckpoint
from ledger_node.network.link import FrameRefused
from ledger_node.network.peer_network import PeerNetwork
from ledger_node.network.peers import Identity
from ledger_node.node.admission import Admission
from ledger_node.node.authors import check_author
from ledger_node.node.block_work import BlockWork
from ledger_node.node.bodies import Bodies
from ledger_node.node.catch_up import RunTooLong, finalised_run
from ledger_node.node.checkpoints import Checkpoints
from ledger_node.node.config import DataDirectory, Settings, split_address
from ledger_node.node.consensus_loop import ConsensusLoop, Surroundings
from ledger_node.node.epochs import Epoch, KeyRing, current_epoch
from ledger_node.node.evidence import Equivocation, EvidenceStore, encoded
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
from ledger_node.node.gossip import Gossip, frames_of
from ledger_node.node.kept_checkpoint import KEEP_S, KeptCheckpoint
from ledger_node.node.kept_fork import keep_fork, kept_fork
from ledger_node.node.mempool import Mempool, MempoolFull
from ledger_node.node.metrics import Metrics
from ledger_node.node.opening import contracts_of, executed_genesis, open_ledger, own_card
from ledger_node.node.peering import Peering
from ledger_node.node.seat import NodeError, closing_of, recovered_core, seated_core, take_seat
from ledger_node.node.snapshot.forms import SnapshotRefused
from ledger_node.node.snapshot.part import Snapshots
from ledger_node.node.upgrades import Upgrades
from ledger_node.node.verifying import Verification
from ledger_node.node.witnesses import OutsideWitnesses
from ledger_node.storage.payloads import PayloadStore
from ledger_node.storage.wal import WriteAheadLog

log = logging.getLogger(__name__)

SWEEP_S: Final = 10.0
"""How often expired submissions are dropped."""

GOSSIP_AGAIN: Final = 256
"""Waiting submissions told to a peer whose link came up; it asks for others when it needs them."""


FORKED: Final = "halted: two histories are final: more members lied than the protocol survives"

EARLY_FRAMES: Final = 256
"""Consensus messages kept while this node finds out whether it needs a snapshot."""


class _Stop(Exception):
    """The node was asked to stop."""


class Node:
    """One member's node. `run` it once, on the event loop on which it was made."""

    def __init__(
        self,
        directory: DataDirectory,
        settings: Settings,
        founding: VerifiedGenesis,
        ring: KeyRing,
    ) -> None:
        """Opens the data directory, or makes the ledger from genesis when there is none.

        Raises NodeError, KeyMissing, StorageError, CriterionError.
        """
        check_criterion()
        self.directory = directory
        self.settings = settings
        self.founding = founding
        self.member = settings.member
        self.contracts = contracts_of(directory, founding)
        self.metrics = Metrics()
        self.upgrades = Upgrades(self.contracts, self.metrics.contract_set_missing.set)
        self.mempool = Mempool()
        self.payloads = PayloadStore(directory.payloads)
        self.evidence = EvidenceStore(directory.evidence)
        self.halted: Halt | None = None
        self.forked = kept_fork(directory.fork)
        self.running = False
        self.joining = True
        """Until this node knows that it need not take a snapshot, or has taken one."""
        self._early: deque[tuple[str, ConsensusFrame]] = deque(maxlen=EARLY_FRAMES)
        self.started_at = time.time()
        self._ring = ring
        self._awaiting_epoch: set[asyncio.Future[None]] = set()
        self._own = (settings.member, own_card(directory))
        self.database = open_ledger(directory, founding, self.contracts)
        self._look_for_contracts()
        epoch = current_epoch(self.database, founding)
        self.seat = take_seat(epoch.roster, founding.genesis, founding.union, self._own, ring)
        self._journal = WriteAheadLog(directory.journal)
        if self._journal.replay.torn_bytes:
            log.warning("journal tail was torn", extra={"bytes": self._journal.replay.torn_bytes})
        core = self._recovered_core(epoch)
        self._pool = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="check")
        self._journal_thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._stopping = asyncio.Event()
        self.loop = ConsensusLoop(core, self._journal, self._journal_thread)
        self._wire()

    def _wire(self) -> None:
        """The parts that outlive an epoch, then those of the present one."""
        union = self.founding.union
        self.peering = Peering(self.loop.feed)
        self._verification = Verification(self._pool)
        self.bodies = Bodies(
            union,
            self.mempool,
            self.database,
            self.peering.send_frame,
            self._pool,
            self._verification,
        )
        self.blocks = BlockWork(
            self.database,
            self.contracts,
            self.upgrades,
            self.seat.roster,
            self.mempool,
            self.bodies,
            self.peering.name,
            self.loop.feed,
            self._on_final,
        )
        self.admission = Admission(
            union,
            self.mempool,
            self.bodies,
            self.database,
            self._check_author,
            Gossip(self.peering.broadcast_frame),
            self._tell_work,
            self.metrics.finality_s.observe,
            self._verification,
        )
        self.snapshots = Snapshots(
            self.database,
            self.founding,
            lambda: executed_genesis(self.founding, self.contracts),
            self.peering.send_frame,
            lambda: [peer for peer, up in self.network.connected.items() if up],
            self._on_bad_snapshot,
            self._pool,
        )
        self.network = self._new_network()
        self.witnesses = OutsideWitnesses(
            [each.place() for each in self.settings.witnesses], lambda: self.database.latest, None
        )
        try:
            self.witnesses.widened(self.seat.policy)
        except PolicyError as error:
            raise NodeError(f"node.toml: witnesses: {error}") from error
        self.checkpoints = self._new_checkpoints()
        self._enter(self.core)

    def _new_network(self) -> PeerNetwork:
        listen = self.settings.peer_listen
        return PeerNetwork(
            Identity(self.member, self.seat.card.tls_certificate, self.seat.keys.tls),
            self.seat.addresses(),
            self.founding.union,
            self._on_frame,
            on_link=self._on_link,
            listen=split_address(listen) if listen else None,
        )

    def _new_checkpoints(self) -> Checkpoints:
        seat, origin = self.seat, self.founding.genesis.origin
        return Checkpoints(
            self.member,
            seat.roster.epoch,
            seat.policy,
            (log_key(origin, seat.card), seat.keys.log),
            (cosigner_key(origin, seat.card), seat.keys.cosigner),
            self.peering.broadcast_frame,
            self._on_published,
            self.witnesses,
        )

    def _enter(self, core: Simplex) -> None:
        closing = closing_of(self.seat.roster, self.database)
        self.peering.enter(self.seat, core, self.network, closing)
        self.bodies.peers = self.seat.peers
        self.metrics.epoch.set(self.seat.roster.epoch)

    @property
    def core(self) -> Simplex:
        """The consensus core of the present epoch."""
        return self.loop.core

    @property
    def committee(self) -> Committee:
        """Who votes in the present epoch."""
        return self.seat.committee

    @property
    def policy(self) -> Policy:
        """Under which checkpoints of the present epoch count."""
        return self.seat.policy

    def contract_set(self) -> Digest:
        """The digest of the contract set that judges the next block."""
        latest = self.database.latest
        return self.contracts.digest_at(latest.object, latest.tip.header.height + 1)

    def _judge(self) -> ContractSet:
        latest = self.database.latest
        return self.contracts.judging(latest.object, latest.tip.header.height + 1)

    def _look_for_contracts(self) -> None:
        latest = self.database.latest
        self.upgrades.look(latest.object, latest.tip.header.height)

    def _check_author(self, header: SubmissionHeader, view: StateView) -> None:
        with suppress(ContractSetMissing):  # then the node is about to stop, and judges nothing
            check_author(self._judge(), header, view)

    # ------------------------------------------------------------ epochs

    async def _next_epoch(self) -> Simplex:
        """Take this node's place in the epoch that begins on the database's head.

        Raises KeyMissing when the roster names a key that is not here: the node stops, and goes on
        once it has it.
        """
        await self.blocks.drained()
        epoch = current_epoch(self.database, self.founding)
        await self._take_place(epoch)
        core = seated_core(self.seat, epoch, self.database)
        self._enter(core)
        return core

    async def _take_place(self, epoch: Epoch) -> None:
        """Sit where the epoch's roster says, under its keys, and with links to its nodes."""
        before = self.seat
        # A node that no roster holds any more goes on with the card it had: it serves what it has.
        self._own = (self.member, before.card)
        self.seat = take_seat(
            epoch.roster, self.founding.genesis, self.founding.union, self._own, self._ring
        )
        # The one published last counts under the policy before: the head is cosigned anew.
        self.checkpoints = self._new_checkpoints()
        log.info(
            "epoch begins",
            extra={
                "epoch": epoch.roster.epoch,
                "height": epoch.head.height,
                "voting": list(epoch.roster.voting),
                "observers": list(epoch.roster.observers),
            },
        )
        self.blocks.begin_epoch(epoch.roster)
        if self.seat.addresses() != before.addresses() or self.seat.keys != before.keys:
            await self.network.close()
            self.network = self._new_network()
            await self.network.start()

    async def until_epoch(self, epoch: int) -> None:
        """Wait until this node is in `epoch` or a later one."""
        while self.seat.roster.epoch < epoch:
            began: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._awaiting_epoch.add(began)
            try:
                await began
            finally:
                self._awaiting_epoch.discard(began)

    def _epoch_began(self) -> None:
        for waiting in self._awaiting_epoch:
            if not waiting.done():
                waiting.set_result(None)
        self._cosign_head()
        self._tell_work()
        self.peering.hear_early()

    # ------------------------------------------------------------ snapshots

    async def _join(self) -> None:
        """Take a snapshot if the union is far ahead; then hear what peers said meanwhile."""
        await self.snapshots.join(
            self.directory.incoming,
            len(self.seat.peers),
            self.settings.snapshot_gap,
            self._adopted,
        )
        self.joining = False
        for member, up in self.network.connected.items():
            if up:
                self.loop.feed(LinkUp(self.peering.index(member)))
        early, self._early = self._early, deque(maxlen=EARLY_FRAMES)
        for member, frame in early:
            with suppress(MessageRefused, KeyError):  # of an epoch whose roster was another
                self.peering.hear(member, frame)

    async def _adopted(self) -> None:
        """The ledger is another one: this node's place follows from it.

        Raises ContractSetMissing when its next block cannot be judged here.
        """
        self._look_for_contracts()
        self.upgrades.require_next()
        epoch = current_epoch(self.database, self.founding)
        await self._take_place(epoch)
        self.loop.core = self._recovered_core(epoch)
        self._enter(self.core)

    def _recovered_core(self, epoch: Epoch) -> Simplex:
        core = recovered_core(self.seat, epoch, self.database, self._journal)
        if self.forked is not None:
            log.critical(FORKED, extra={"proof": str(self.directory.fork)})
            core.stay_halted(self.forked)
        return core

    def _on_bad_snapshot(self, member: str, error: SnapshotRefused) -> None:
        self.metrics.peer_faults.labels(member).inc()
        log.error("refused a peer's snapshot", extra={"peer": member, "reason": str(error)})

    # ------------------------------------------------------------ life

    async def run(
        self,
        serve: Callable[[], Awaitable[None]],
        cease: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Until `stop` is called. `serve` starts what faces clients: it can say how this node is
        before it is `running`. `cease` ends it, before the database it reads is closed.

        Raises an ExceptionGroup of what made the node fail.
        """
        kept = KeptCheckpoint(self.directory.checkpoint)
        try:
            async with asyncio.TaskGroup() as tasks:
                await self.network.start()
                await serve()
                await self._unless_stopped(tasks.create_task(self._join(), name="joining"))
                self._restore_mempool()
                tasks.create_task(self.blocks.run(tasks), name="ledger")
                tasks.create_task(self.loop.run(self._surroundings()), name="consensus")
                tasks.create_task(self._sweep(), name="sweep")
                tasks.create_task(self._keep_checkpoint(kept), name="checkpoint")
                tasks.create_task(self.witnesses.run(), name="witnesses")
                self._cosign_head()
                tasks.create_task(self.snapshots.backfill(), name="past")
                self._tell_work()
                self.running = True
                log.info("running", extra={"height": self.database.latest.tip.header.height})
                await self._stopping.wait()
                raise _Stop
        except* _Stop:
            log.info("stopping")
        finally:
            self.running = False
            if cease is not None:
                await cease()
            await self.network.close()
            self._pool.shutdown(wait=True)
            self._journal_thread.shutdown(wait=True)
            self._journal.close()
            self.database.close()
            kept.keep(self.checkpoints.latest)

    def stop(self) -> None:
        """Ask for a clean end."""
        self._stopping.set()

    async def _unless_stopped(self, work: asyncio.Task[None]) -> None:
        """Wait for a task of the node's life. Raises _Stop when that is over before."""
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise _Stop
            await work
        finally:
            stopped.cancel()

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            broadcast=self.peering.broadcast,
            send=self.peering.send,
            build=self.blocks.build,
            validate=self.blocks.validate,
            execute=self.blocks.execute,
            commit=self.blocks.commit,
            serve_run=self._serve_run,
            accuse=self._on_evidence,
            halt=self._on_halt,
            settled=self.blocks.settled,
            next_epoch=self._next_epoch,
            epoch_began=self._epoch_began,
        )

    def _restore_mempool(self) -> None:
        """Bodies that were on disk and never became final may still be ordered.

        Those of blocks that this member vouched for are kept whatever happens. What finds no room
        stays on disk, where it is found when a block names it.
        """
        self.blocks.recovered(self.core.chain.blocks.values())
        final: list[SubmissionId] = []
        for body in self.database.all_staged():
            if self.database.latest.ordered(body.id):
                final.append(body.id)
                continue
            with suppress(MempoolFull):
                self.mempool.add(body)
        self.database.drop_staged(final)

    async def _keep_checkpoint(self, kept: KeptCheckpoint) -> None:
        while True:
            await asyncio.sleep(KEEP_S)
            await asyncio.to_thread(kept.keep, self.checkpoints.latest)

    async def _sweep(self) -> None:
        while True:
            expired = self.mempool.drop_expired(time.time_ns() // 1_000_000)
            if expired:
                self.database.drop_staged(expired)
                self.bodies.expired(expired)
                self.admission.expired(expired)
                log.info("expired submissions dropped", extra={"count": len(expired)})
            await asyncio.sleep(SWEEP_S)

    # ------------------------------------------------------------ what peers say

    async def _on_frame(self, member: str, data: bytes) -> None:
        try:
            match decode_frame(data):
                case ConsensusFrame() as frame if self.joining:
                    self._early.append((member, frame))
                case ConsensusFrame() as frame:
                    await self.loop.room()
                    self.peering.hear(member, frame)
                case GossipFrame() as frame:
                    await self.admission.hear(frame)
                case BodiesWanted() as frame:
                    await self.bodies.serve(member, frame)
                case BodiesFrame() as frame:
                    await self.bodies.receive(frame)
                case EvidenceFrame() as frame:
                    self._keep_evidence(self.peering.equivocation(frame.first, frame.second))
                case SnapshotWanted() | SnapshotOffer() | ChunkWanted() | ChunkFrame() as frame:
                    await self.snapshots.hear(member, frame)
                case CosignatureFrame() as frame:
                    problem = self.checkpoints.hear(member, frame)
                    if problem is not None:
                        raise MessageRefused(problem)
        except (DecodeError, MessageRefused, SubmissionRefused) as error:
            self.metrics.peer_faults.labels(member).inc()
            log.warning("refused a peer's frame", extra={"peer": member, "reason": str(error)})
            raise FrameRefused(str(error)) from error

    def _on_link(self, member: str, up: bool) -> None:
        self.metrics.links_up.set(sum(self.network.connected.values()))
        log.info("link up" if up else "link down", extra={"peer": member})
        if up:
            self.snapshots.link_up(member)
            if not self.joining:
                self.loop.feed(LinkUp(self.peering.index(member)))
            if self.checkpoints.own is not None:
                self.peering.send_frame(member, self.checkpoints.own)
            for frame in frames_of(self.mempool.oldest(GOSSIP_AGAIN)):
                self.peering.send_frame(member, frame)

    # ------------------------------------------------------------ what consensus says

    def _serve_run(self, to: Member, after_height: int) -> None:
        try:
            run = finalised_run(self.database.latest, after_height)
        except RunTooLong as error:
            extra = {"peer": self.peering.name(to), "reason": str(error)}
            log.error("cannot serve what a peer misses", extra=extra)  # noqa: TRY400 - no defect
            return
        if run is not None:
            self.peering.send(to, run)

    def _on_evidence(self, evidence: Evidence) -> None:
        first, second = encoded(evidence.first, evidence.second)
        self._keep_evidence(self.peering.equivocation(first, second))

    def _keep_evidence(self, found: Equivocation) -> None:
        """Keep it, and tell everyone what was news here."""
        if not self.evidence.add(found):
            return
        self.metrics.evidence.labels(found.member).inc()
        log.error(
            "a member contradicts itself: its two signed votes are kept",
            extra={"peer": found.member, "epoch": found.epoch, "view": found.view},
        )
        self.peering.broadcast_frame(EvidenceFrame(found.first, found.second))

    def _on_halt(self, halt: Halt | Forked) -> None:
        if isinstance(halt, Forked):
            self._on_fork(halt)
            return
        self.halted = halt
        log.critical(
            "halted: executing this block gives another outcome here than a quorum certified",
            extra={
                "height": halt.block.header.height,
                "ours": halt.ours.hex(),
                "certified": halt.certified.hex(),
            },
        )

    def _on_fork(self, fork: Forked) -> None:
        self.forked = fork
        keep_fork(self.directory.fork, fork)
        log.critical(
            FORKED,
            extra={
                "proof": str(self.directory.fork),
                "view": fork.theirs.view,
                "block": fork.theirs.block.hex(),
                "outcome": fork.theirs.outcome.hex(),
            },
        )

    def _on_final(self, run: Sequence[ExecutedBlock], effect: Commit) -> None:
        self.metrics.count_final(run)
        self.snapshots.committed()
        self.admission.settled(run)
        self._cosign_head()
        self._tell_work()
        log.debug("final", extra={"height": effect.blocks[-1].header.height})

    def _cosign_head(self) -> None:
        tip = self.database.latest.tip
        checkpoint = Checkpoint(self.founding.genesis.origin, tip.tree_size, tip.log_root)
        self.checkpoints.head_is_final(checkpoint, int(time.time()))

    def _on_published(self, checkpoint: VerifiedCheckpoint) -> None:
        self.metrics.checkpoint_entries.set(checkpoint.checkpoint.size)

    def _tell_work(self) -> None:
        self.metrics.pending.set(len(self.mempool))
        # Also when that is no news: a leader that found nothing to order looks again when told.
        if self.mempool.has_work or self.core.work_pending:
            self.loop.feed(Work(self.mempool.has_work))
