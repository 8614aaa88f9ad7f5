"""A node from start to clean end: opens what is on disk, wires the parts, and runs them.

One event loop runs consensus, links and API; signature checks go to a pool, execution and commits
to the ledger thread, journal syncs to a thread of their own. If any part fails the node stops:
a member that lost its disk or meets a defect must not go on voting.
"""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from consensus.block import Member
from consensus.committee import Committee
from consensus.core import Simplex
from consensus.events import Commit, Dissent, Forked, Halt
from contracts import StateView
from ledger_node.codec import Digest
from ledger_node.crypto.criterion import check as check_criterion
from ledger_node.genesis.ceremony import VerifiedGenesis
from ledger_node.ledger.chain import ExecutedBlock
from ledger_node.ledger.execution import ContractSet, ContractSetMissing
from ledger_node.ledger.submission import SubmissionHeader
from ledger_node.log.checkpoint import Checkpoint
from ledger_node.log.policy import Policy
from ledger_node.network.peer_network import PeerNetwork
from ledger_node.node.accusations import Accusations
from ledger_node.node.admission import Admission
from ledger_node.node.authors import check_author
from ledger_node.node.block_work import BlockWork
from ledger_node.node.bodies import Bodies
from ledger_node.node.catch_up import RunTooLong, finalised_run
from ledger_node.node.checkpoints import Checkpoints
from ledger_node.node.config import DataDirectory, Settings, split_address
from ledger_node.node.consensus_loop import ConsensusLoop, Surroundings
from ledger_node.node.epochs import Epoch, KeyRing, current_epoch
from ledger_node.node.evidence import EvidenceStore
from ledger_node.node.gossip import Gossip
from ledger_node.node.halting import Halting
from ledger_node.node.hearing import Hearing
from ledger_node.node.housekeeping import keep_checkpoint, restore_mempool, retell, sweep
from ledger_node.node.kept_checkpoint import KeptCheckpoint
from ledger_node.node.mempool import Mempool
from ledger_node.node.metrics import Metrics
from ledger_node.node.opening import (
    contracts_of,
    executed_genesis,
    open_ledger,
    outside_witnesses,
    read_card,
    read_newest_roster,
)
from ledger_node.node.peering import Peering
from ledger_node.node.seat import Given, Seat, recovered_core
from ledger_node.node.snapshot.forms import SnapshotRefused
from ledger_node.node.snapshot.part import Snapshots
from ledger_node.node.succession import Seating, Succession
from ledger_node.node.upgrades import Upgrades
from ledger_node.node.verifying import Verification
from ledger_node.storage.payloads import PayloadStore
from ledger_node.storage.wal import WriteAheadLog

log = logging.getLogger(__name__)


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
        self.halting = Halting(directory.fork)
        self.running = False
        self.started_at = time.time()
        given = Given(
            settings.member,
            read_card(directory.card),
            read_card(directory.next_card),
            read_newest_roster(directory.history, founding),
        )
        self.database = open_ledger(directory, founding, self.contracts)
        self._look_for_contracts()
        epoch = current_epoch(self.database, founding)
        self._seating = Seating(founding, epoch, given, ring)
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
        """The parts, each given what it needs of those before it."""
        union = self.founding.union
        self.peering = Peering(self.loop.feed)
        verification = Verification(self._pool)
        self.bodies = Bodies(
            union,
            self.mempool,
            self.database,
            self.peering.send_frame,
            self._pool,
            verification,
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
            verification,
        )
        self.snapshots = Snapshots(
            self.database,
            self.founding,
            lambda: executed_genesis(self.founding, self.contracts),
            self.peering.send_frame,
            self.peering.linked,
            self._on_bad_snapshot,
            self._pool,
        )
        self.witnesses = outside_witnesses(self.settings, self.seat.policy, self.database)
        self.checkpoints = Checkpoints(
            self.member,
            self._seating.checkpoint_keys(),
            self.peering.broadcast_frame,
            self.witnesses,
        )
        self._accusations = Accusations(
            self.evidence, self.peering, lambda peer: self.metrics.evidence.labels(peer).inc()
        )
        self.hearing = Hearing(
            self.loop,
            self.peering,
            self.mempool,
            self.admission,
            self.bodies,
            self.checkpoints,
            self._accusations,
            self.snapshots,
            self.metrics,
        )
        self.network = self._new_network()
        self.succession = Succession(
            self.founding,
            self.database,
            self._seating,
            network=self.network,
            peering=self.peering,
            hearing=self.hearing,
            blocks=self.blocks,
            bodies=self.bodies,
            checkpoints=self.checkpoints,
        )
        self.succession.enter(self.core)

    def _new_network(self) -> PeerNetwork:
        listen = self.settings.peer_listen
        return PeerNetwork(
            self.seat.identity,
            self.seat.addresses(),
            self.founding.union,
            self.hearing.on_frame,
            successor=self.seat.coming,
            on_link=self.hearing.on_link,
            on_refusal=lambda why: self.metrics.strangers.labels(why).inc(),
            listen=split_address(listen) if listen else None,
        )

    # ------------------------------------------------------------ how it is

    @property
    def core(self) -> Simplex:
        """The consensus core of the present epoch."""
        return self.loop.core

    @property
    def seat(self) -> Seat:
        """This node's place in the present epoch."""
        return self._seating.seat

    @property
    def committee(self) -> Committee:
        """Who votes in the present epoch."""
        return self.seat.committee

    @property
    def policy(self) -> Policy:
        """Under which checkpoints of the present epoch count."""
        return self.seat.policy

    @property
    def halted(self) -> Halt | None:
        """Why this member votes no more, if its execution differs from what was certified."""
        return self.halting.halted

    @property
    def forked(self) -> Forked | None:
        """Why this member votes no more, if two histories were certified."""
        return self.halting.forked

    @property
    def joining(self) -> bool:
        """Until this node knows that it need not take a snapshot, or has taken one."""
        return self.hearing.joining

    async def until_epoch(self, epoch: int) -> None:
        """Wait until this node is in `epoch` or a later one."""
        await self.succession.until_epoch(epoch)

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
                tasks.create_task(self._accusations.run(), name="evidence")
                await self.network.start()
                await serve()
                await self._unless_stopped(tasks.create_task(self._join(), name="joining"))
                self._begin(tasks, kept)
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

    def _begin(self, tasks: asyncio.TaskGroup, kept: KeptCheckpoint) -> None:
        vouched_for = self.core.chain.blocks.values()
        restore_mempool(self.mempool, self.database, self.bodies, self.blocks, vouched_for)
        for name, work in (
            ("ledger", self.blocks.run(tasks)),
            ("consensus", self.loop.run(self._surroundings())),
            ("sweep", sweep(self.mempool, self.database, self.bodies, self.admission)),
            ("gossip", retell(self.mempool, self.database, self.peering.broadcast_frame)),
            ("checkpoint", keep_checkpoint(kept, self.checkpoints)),
            ("witnesses", self.witnesses.run()),
            ("past", self.snapshots.backfill()),
        ):
            tasks.create_task(work, name=name)
        self._cosign_head()
        self._tell_work()
        self.running = True
        log.info("running", extra={"height": self.database.latest.tip.header.height})

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

    async def _join(self) -> None:
        """Take a snapshot if the union is far ahead; then hear what peers said meanwhile."""
        await self.snapshots.join(
            self.directory.incoming,
            len(self.seat.peers),
            self.settings.snapshot_gap,
            self._adopted,
        )
        self.hearing.joined()

    async def _adopted(self) -> None:
        """The ledger is another one: this node's place follows from it.

        Raises ContractSetMissing when its next block cannot be judged here.
        """
        self._look_for_contracts()
        self.upgrades.require_next()
        self.loop.core = await self.succession.adopt(self._recovered_core)
        self.admission.adopted()

    def _recovered_core(self, epoch: Epoch) -> Simplex:
        core = recovered_core(self.seat, epoch, self.database, self._journal)
        return self.halting.still(core)

    def _on_bad_snapshot(self, member: str, error: SnapshotRefused) -> None:
        self.metrics.peer_faults.labels(member).inc()
        log.error("refused a peer's snapshot", extra={"peer": member, "reason": str(error)})

    def _on_dissent(self, effect: Dissent) -> None:
        vote, member = effect.vote, self.committee.names[effect.vote.member]
        self.metrics.dissents.labels(member).inc()
        what = {"block": vote.block.hex(), "signed": vote.outcome.hex()}
        extra = {"peer": member, "view": vote.view, **what, "certified": effect.certified.hex()}
        log.warning("a member signed another outcome than a quorum certified", extra=extra)

    # ------------------------------------------------------------ what consensus says

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            broadcast=self.peering.broadcast,
            send=self.peering.send,
            build=self.blocks.build,
            validate=self.blocks.validate,
            execute=self.blocks.execute,
            commit=self.blocks.commit,
            serve_run=self._serve_run,
            accuse=self._accusations.found,
            dissent=self._on_dissent,
            halt=self.halting.take,
            settled=self.blocks.settled,
            next_epoch=self.succession.next_epoch,
            epoch_began=self._epoch_began,
            view_entered=self._view_entered,
        )

    def _epoch_began(self) -> None:
        self.succession.began()
        self._cosign_head()
        self._tell_work()

    def _view_entered(self) -> None:
        lost = self.blocks.release_skipped(self.core)
        if lost or (self.core.work_pending and not self.mempool.has_work):
            self._tell_work()  # or whoever waits for a leader that has nothing would give it up

    def _serve_run(self, to: Member, after_height: int) -> None:
        try:
            run = finalised_run(self.database.latest, after_height)
        except RunTooLong as error:
            extra = {"peer": self.peering.name(to), "reason": str(error)}
            log.error("cannot serve what a peer misses", extra=extra)  # noqa: TRY400 - no defect
            return
        if run is not None:
            self.peering.send(to, run)

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

    def _tell_work(self) -> None:
        self.loop.tell_work(pending=self.mempool.has_work)
