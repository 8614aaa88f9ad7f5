"""The task that owns the consensus core: feeds it inputs one by one and performs its effects.

Inputs wait in a queue; all that wait are stepped through before their effects are performed, so
one disk sync serves many votes. Order is kept where it matters: everything a `Persist` covers is
on disk before anything said later leaves this node.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from consensus.block import Block, BlockId, Member, View
from consensus.core import Simplex
from consensus.events import (
    Accuse,
    Append,
    Broadcast,
    Build,
    Commit,
    Dissent,
    Effect,
    EpochEnded,
    Execute,
    Forked,
    Halt,
    Input,
    Persist,
    Send,
    ServeRun,
    Tick,
    Validate,
    WakeAt,
    Work,
)
from consensus.messages import Message
from consensus.votes import Evidence
from ledger_node.node.journal import encode_journal, live_records
from ledger_node.storage.wal import WriteAheadLog

MAX_BACKLOG = 4096
"""Inputs that wait beyond which peers have to: a busy union keeps a few dozen."""

COMPACT_ABOVE = 4 * 1024 * 1024
"""Bytes of journal worth rewriting; a busy member writes a few KiB a block."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the loop asks of the rest of the node, an effect each. None of these blocks."""

    broadcast: Callable[[Message], None]
    send: Callable[[Member, Message], None]
    build: Callable[[View, BlockId], None]
    validate: Callable[[Block], None]
    execute: Callable[[Block], None]
    commit: Callable[[Commit], None]
    serve_run: Callable[[Member, int], None]
    accuse: Callable[[Evidence], None]
    dissent: Callable[[Dissent], None]
    """Told of a member whose execution differs, or that lies about it."""
    halt: Callable[[Halt | Forked], None]
    """Told when the core has stopped for good. It must be durable when this returns."""
    settled: Callable[[], bool]
    """Whether everything the core calls final is on disk."""
    next_epoch: Callable[[], Awaitable[Simplex]]
    """The core of the epoch that begins, once the last block of the one before is on disk."""
    epoch_began: Callable[[], None]
    """Told when that core takes inputs."""
    view_entered: Callable[[], None]
    """Told when the core has entered another view."""


class ConsensusLoop:
    """Owned by the event loop's thread."""

    def __init__(
        self,
        core: Simplex,
        journal: WriteAheadLog,
        journal_thread: Executor,
    ) -> None:
        """journal_thread: runs the syncs, one at a time, so that a slow disk stops only votes."""
        self.core = core
        self._journal = journal
        self._journal_thread = journal_thread
        self._inputs: asyncio.Queue[Input] = asyncio.Queue()
        self._drained = asyncio.Event()
        self._alarm: asyncio.TimerHandle | None = None
        self._compact_above = COMPACT_ABOVE

    def feed(self, event: Input) -> None:
        """Queue an input. Bounded by its sources: one answer an effect; peers wait for `room`."""
        self._inputs.put_nowait(event)

    def tell_work(self, *, pending: bool) -> None:
        """Whether submissions wait that no block on its way to finality names.

        Also when that is no news: a leader that found nothing to order looks again when told.
        """
        if pending or self.core.work_pending:
            self.feed(Work(pending))

    async def room(self) -> None:
        """Wait until peers may be heard again.

        A sync that takes long stops the core, not the peers: without a bound, one of them could
        fill the memory meanwhile. Whoever waits here reads nothing more from its link.
        """
        while self._inputs.qsize() >= MAX_BACKLOG:
            self._drained.clear()
            await self._drained.wait()

    @property
    def backlog(self) -> int:
        """Inputs that wait."""
        return self._inputs.qsize()

    async def run(self, surroundings: Surroundings) -> None:
        """Until cancelled. Raises what the journal raises: without it no vote may be cast."""
        effects = self.core.start(_now())
        try:
            while True:
                await self._perform(effects, surroundings)
                events = [await self._inputs.get()]
                while not self._inputs.empty():
                    events.append(self._inputs.get_nowait())
                self._drained.set()
                view, effects = self.core.view, []
                for event in events:
                    effects.extend(self.core.step(_now(), event))
                if self.core.ended:
                    await self._perform(effects, surroundings)
                    effects = await self._begin_epoch(surroundings)
                elif self.core.view != view:
                    surroundings.view_entered()
        finally:
            if self._alarm is not None:
                self._alarm.cancel()

    async def _begin_epoch(self, ask: Surroundings) -> list[Effect]:
        """What waits was said to the core of the epoch that ended: none of it counts now."""
        self.core = await ask.next_epoch()
        while not self._inputs.empty():
            self._inputs.get_nowait()
        self._drained.set()
        ask.epoch_began()
        return self.core.start(_now())

    async def _perform(self, effects: list[Effect], ask: Surroundings) -> None:
        must_sync = False
        for effect in effects:
            if isinstance(effect, Append | Persist):
                self._journal.append(encode_journal(effect.record))
                must_sync = must_sync or isinstance(effect, Persist)
        if must_sync:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._journal_thread, self._journal.sync)
        for effect in effects:
            self._perform_one(effect, ask)
        if self._journal.size > self._compact_above and ask.settled():
            records = [encode_journal(record) for record in live_records(self.core)]
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._journal_thread, self._journal.rewrite, records)
            # While nothing becomes final all of it is live: then it is not worth doing each time.
            self._compact_above = max(COMPACT_ABOVE, 2 * self._journal.size)

    def _perform_one(self, effect: Effect, ask: Surroundings) -> None:
        match effect:
            case Append() | Persist():
                pass  # already in the journal
            case Broadcast():
                ask.broadcast(effect.message)
            case Send():
                ask.send(effect.to, effect.message)
            case WakeAt():
                self._set_alarm(effect.now)
            case Build():
                ask.build(effect.view, effect.parent)
            case Validate():
                ask.validate(effect.block)
            case Execute():
                ask.execute(effect.block)
            case Commit():
                ask.commit(effect)
            case ServeRun():
                ask.serve_run(effect.to, effect.after_height)
            case Accuse():
                ask.accuse(effect.evidence)
            case Dissent():
                ask.dissent(effect)
            case EpochEnded():
                pass  # `run` sees that the core has ended
            case Halt() | Forked():
                ask.halt(effect)

    def _set_alarm(self, at: int) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_at(at / 1000, self.feed, Tick())


def _now() -> int:
    """Milliseconds of the event loop's monotonic clock."""
    return int(asyncio.get_running_loop().time() * 1000)
