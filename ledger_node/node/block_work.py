"""What the core asks to be done with blocks: build, validate, execute, commit.

Building and validating only choose and check; they run as tasks of their own and one that is
overtaken by a later view is given up. Executing and committing change the ledger: one queue, one
worker thread, a block always after its parent.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

from consensus.block import Block, BlockId, SubmissionId, View, block_id
from consensus.core import Simplex
from consensus.events import Built, Commit, Executed, Input, Validated
from ledger_node.genesis.epochs import last_height
from ledger_node.genesis.roster import Roster
from ledger_node.ledger.chain import ExecutedBlock, SpeculativeChain, Tip, UnknownParent
from ledger_node.ledger.execution import Contracts, execute
from ledger_node.ledger.finality import certificate_bytes
from ledger_node.ledger.payload import PayloadLimits, check_payload
from ledger_node.ledger.refusal import BlockInvalid
from ledger_node.ledger.submission import VerifiedSubmission
from ledger_node.node.bodies import Bodies
from ledger_node.node.ledger_queue import Execution, LedgerQueue
from ledger_node.node.mempool import Mempool, MempoolFull
from ledger_node.node.upgrades import Upgrades
from ledger_node.storage.database import Database
from ledger_node.storage.snapshot import Snapshot

GOSSIP_S: Final = 0.02
"""How long what a proposal names may still be on its way by gossip before it is asked for."""


@dataclass(frozen=True, slots=True)
class BlockLimits:
    """max_clock_skew_ms: how far a block's time may be from ours to be voted for."""

    payload: PayloadLimits
    max_clock_skew_ms: int


R = TypeVar("R")


class BlockWork:
    """Owned by the event loop's thread; `run` must be running."""

    def __init__(
        self,
        database: Database,
        contracts: Contracts,
        upgrades: Upgrades,
        roster: Roster,
        mempool: Mempool,
        bodies: Bodies,
        member_name: Callable[[int], str],
        feed: Callable[[Input], None],
        on_final: Callable[[Sequence[ExecutedBlock], Commit], None],
    ) -> None:
        """feed: answers to the core; on_final: told when blocks are on disk for good."""
        self._database = database
        self._contracts = contracts
        self._upgrades = upgrades
        self._limits = _limits_of(roster)
        self._mempool = mempool
        self._bodies = bodies
        self._member_name = member_name
        self._feed = feed
        self._tasks: asyncio.TaskGroup | None = None
        self._on_final = on_final
        self._chain = SpeculativeChain(database.latest)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        self._queue = LedgerQueue()
        self._executing = asyncio.Lock()
        self._unfinal: dict[BlockId, Block] = {}
        self._judging: dict[View, asyncio.Task[None]] = {}
        self._roster = roster
        self._beyond: dict[BlockId, Executed] = {}

    async def drained(self) -> None:
        """Until every commit asked for is on disk, and nothing is executed: what waits for that
        lies above the epoch's last block, and is forgotten."""
        await self._queue.all_committed()
        self._queue.forget(lambda _: False)
        async with self._executing:
            pass

    def begin_epoch(self, roster: Roster) -> None:
        """The epoch before ended with the database's head, or the ledger was replaced by another;
        what lay above is nothing now."""
        self._chain.settle(self._database.latest)
        for task in self._judging.values():
            task.cancel()
        self._roster = roster
        self._limits = _limits_of(roster)
        self._beyond.clear()
        for name in list(self._unfinal):
            self._unname(name)

    def settled(self) -> bool:
        """Whether every commit asked for is on disk."""
        return self._queue.committed

    def recovered(self, blocks: Iterable[Block]) -> None:
        """Blocks that this member vouched for before it was restarted.

        They may become final yet, so their bodies are not to expire meanwhile.
        """
        for block in blocks:
            self._name(block)

    # ------------------------------------------------------------ what the core asks

    def build(self, view: View, parent: BlockId) -> None:
        """Choose submissions for a block on `parent`."""
        self._judge(view, self._build(view, parent))

    def validate(self, block: Block) -> None:
        """Check a proposal's bodies, ids and time."""
        self._judge(View(block.header.view), self._validate(block))

    def execute(self, block: Block) -> None:
        """Queue for execution; its missing bodies are asked for at once."""
        self._name(block)
        proposer = self._member_name(block.header.proposer)
        names = [SubmissionId(name) for name in block.payload]
        fetching = self._start(self._bodies.obtain(names, proposer))
        self._queue.put_block(block, fetching)

    def commit(self, effect: Commit) -> None:
        """Queue for the database."""
        self._queue.put_commit(effect)

    def run(self, tasks: asyncio.TaskGroup) -> Coroutine[None, None, None]:
        """Execute and commit, until cancelled. tasks: for work whose failure stops the node.

        Raises ContractSetMissing before the first block that cannot be judged here, and what shows
        a defect: ContractCrashed, BlockInvalid of a notarized block, StorageError.
        """
        self._tasks = tasks
        return self._work()

    async def _work(self) -> None:
        try:
            while True:
                work = await self._queue.take()
                if isinstance(work, Commit):
                    await self._commit(work)
                else:
                    async with self._executing:
                        await self._execute(work)
        finally:
            self._thread.shutdown(wait=True)

    # ------------------------------------------------------------ doing it

    def _start(self, work: Coroutine[None, None, R]) -> asyncio.Task[R]:
        assert self._tasks is not None, "run comes first"
        return self._tasks.create_task(work)

    def _judge(self, view: View, work: Coroutine[None, None, None]) -> None:
        for earlier in [v for v in self._judging if v < view]:
            self._judging.pop(earlier).cancel()
        task = self._start(work)
        self._judging[view] = task
        task.add_done_callback(lambda _: self._judging.pop(view, None))

    async def _build(self, view: View, parent: BlockId) -> None:
        ordering = self._ordering(parent)
        if ordering is None:
            return  # the view is over; see consensus.events on answers that are not given
        if not self._can_judge(parent, ordering.height + 1):
            return
        now = _wall_ms()
        # The block's time will be at least its parent's; what expires by then would spoil it.
        time_ms = max(now, ordering.parent_time_ms + 1)
        payload = self._mempool.select(
            ordering.ids,
            time_ms,
            self._limits.payload.submissions,
            self._limits.payload.body_bytes,
        )
        chosen = [body for name in payload if (body := self._mempool.get(name)) is not None]
        fresh = [body for body in chosen if not ordering.ordered(body.id)]
        await self._bodies.make_durable(fresh)
        self._feed(Built(view, parent, tuple(body.id for body in fresh), time_ms))

    async def _validate(self, block: Block) -> None:
        header, name = block.header, block_id(block.header)
        skew = header.time_ms - _wall_ms()
        if abs(skew) > self._limits.max_clock_skew_ms:
            self._feed(Validated(name, False, f"its time is {skew} ms from ours"))
            return
        names = [SubmissionId(each) for each in block.payload]
        # The proposer tells of what it took no sooner than of the block: both are on their way.
        bodies = await self._bodies.obtain(
            names, self._member_name(header.proposer), patience_s=GOSSIP_S
        )
        ordering = self._ordering(BlockId(header.parent))
        if ordering is None:
            self._feed(Validated(name, False, "its parent lost against a final block"))
            return
        if not self._can_judge(BlockId(header.parent), header.height):
            return  # nothing is wrong with the block: no word on it, and the view goes by
        try:
            check_payload(block, bodies, ordering, self._limits.payload)
        except BlockInvalid as error:
            self._feed(Validated(name, False, str(error)))
            return
        self._name(block)  # before anything waits: from now on they are not to expire
        await self._bodies.make_durable(bodies)
        self._feed(Validated(name, True))

    async def _execute(self, work: Execution) -> None:
        await self._bodies.make_durable(work.bodies)
        executed = await asyncio.get_running_loop().run_in_executor(
            self._thread, self._execute_now, work.block, work.bodies
        )
        self._feed(executed)

    def _execute_now(self, block: Block, bodies: Sequence[VerifiedSubmission]) -> Executed:
        name, parent_id = block_id(block.header), BlockId(block.header.parent)
        before = self._beyond.get(parent_id)
        if before is None:
            parent = self._chain.view(parent_id)
            ending = last_height(parent.object, self._roster)
            if ending is None or block.header.height <= ending:
                executed = execute(block, bodies, parent, self._contracts)
                self._chain.add(executed)
                after = self._chain.view(name)
                return Executed(
                    name, executed.outcome_digest, last_height(after.object, self._roster)
                )
            before = Executed(parent_id, parent.tip.outcome_digest, ending)
        # Above the epoch's last block nothing happens: the outcome stays what it was.
        self._beyond[name] = Executed(name, before.outcome, before.last_height)
        return self._beyond[name]

    async def _commit(self, effect: Commit) -> None:
        run = await asyncio.get_running_loop().run_in_executor(
            self._thread, self._commit_now, effect
        )
        self._settle(effect.blocks)
        self._on_final(run, effect)
        self._queue.commit_done()
        self._upgrades.require_next()

    def _commit_now(self, effect: Commit) -> Sequence[ExecutedBlock]:
        run = self._chain.path(block_id(effect.blocks[-1].header))
        assert tuple(e.block for e in run) == effect.blocks, "the core commits what was executed"
        certificate = certificate_bytes(effect.finalization, effect.beyond)
        self._database.commit(run, certificate)
        latest = self._database.latest
        self._chain.settle(latest)
        self._upgrades.look(latest.object, latest.tip.header.height)
        return run

    # ------------------------------------------------------------ which block names what

    def _name(self, block: Block) -> None:
        """The block is unfinalised and its submissions are spoken for."""
        name = block_id(block.header)
        if name not in self._unfinal:
            self._unfinal[name] = block
            self._mempool.block_named(SubmissionId(each) for each in block.payload)

    def _settle(self, final: Sequence[Block]) -> None:
        for block in final:
            names = [SubmissionId(each) for each in block.payload]
            self._mempool.remove(names)
            self._bodies.settled(names)
        last = final[-1].header.view
        for name in [n for n, b in self._unfinal.items() if b.header.view <= last]:
            self._unname(name)
        self._queue.forget(self._stands)

    def release_skipped(self, core: Simplex) -> bool:
        """What blocks of views named that were given up waits again. Returns whether any did.

        Such a block may become final yet if others notarized it: then it is named again when it is
        to be executed.
        """
        skipped = [
            name
            for name, block in self._unfinal.items()
            if core.gave_up(View(block.header.view)) and not core.chain.builds_on(name)
        ]
        for name in skipped:
            self._unname(name)
        return bool(skipped)

    def _unname(self, name: BlockId) -> None:
        """The block is nothing now; those of its submissions that are not final wait again."""
        names = [SubmissionId(each) for each in self._unfinal.pop(name).payload]
        self._mempool.block_dropped(names)
        for each in names:
            body = self._bodies.find(each)
            if body is not None and not self._database.latest.ordered(each):
                with suppress(MempoolFull):  # it came with the block, before its gossip
                    self._mempool.add(body)

    def _stands(self, name: BlockId) -> bool:
        """Whether a block's result is at hand to build on."""
        head = self._database.latest.tip.block_id
        return name == head or name in self._beyond or self._chain.get(name) is not None

    def _ordering(self, parent: BlockId) -> "_Ordering | None":
        """What the chain up to `parent` has ordered, executed or not; None if it lost meanwhile."""
        snapshot = self._database.latest
        ids: set[SubmissionId] = set()
        at, parent_time, above = parent, None, 0
        while snapshot.height_of(at) is None:
            block = self._unfinal.get(at)
            if block is None:
                return None
            ids.update(SubmissionId(each) for each in block.payload)
            parent_time = block.header.time_ms if parent_time is None else parent_time
            at, above = BlockId(block.header.parent), above + 1
        height = snapshot.height_of(at)
        assert height is not None, "the loop ends at a final block"
        time_ms = parent_time or snapshot.tip.header.time_ms
        return _Ordering(snapshot, frozenset(ids), height + above, time_ms)

    def _can_judge(self, parent: BlockId, height: int) -> bool:
        """Whether the code for a block on `parent` is here, by the newest state below it.

        A set judges NOTICE_BLOCKS after its vote at the earliest, so a state a few blocks older
        knows of it; where members may leave more blocks than that unexecuted, execution stops.
        """
        at = parent
        while self._chain.get(at) is None and (block := self._unfinal.get(at)) is not None:
            at = BlockId(block.header.parent)
        try:
            read = self._chain.view(at).object
        except UnknownParent:  # became final meanwhile
            read = self._database.latest.object
        return self._upgrades.can_judge(read, height)


@dataclass(frozen=True, slots=True)
class _Ordering:
    """The part of a LedgerReader that payload checks ask for, at a block not yet executed."""

    snapshot: Snapshot
    ids: frozenset[SubmissionId]
    height: int
    parent_time_ms: int

    @property
    def tip(self) -> Tip:
        return self.snapshot.tip

    def ordered(self, submission: SubmissionId) -> bool:
        return submission in self.ids or self.snapshot.ordered(submission)


def _limits_of(roster: Roster) -> BlockLimits:
    given = roster.parameters
    return BlockLimits(
        PayloadLimits(given.max_block_submissions, given.max_block_bytes), given.max_clock_skew_ms
    )


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
