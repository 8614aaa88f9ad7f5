"""A member: the real core in a shell that performs its effects on virtual disk, wire and clock.

A crash may come between any two effects, and while the disk syncs: until a vote is durable, the
effects after it wait, whatever the core is told meanwhile. What the core had not persisted is
lost with a crash; a restart rebuilds everything from the disk.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from consensus.block import Member, View
from consensus.chain import Head
from consensus.committee import Committee
from consensus.core import Simplex
from consensus.events import (
    Accuse,
    Append,
    Behind,
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
    LinkUp,
    Persist,
    Received,
    Send,
    ServeRun,
    Tick,
    Validate,
    WakeAt,
    Work,
)
from consensus.messages import (
    Message,
    MessageRefused,
    decode_message,
    encode_message,
    message_epoch,
)
from tests.simulation.clocks import EXACT, Clock
from tests.simulation.disk import Disk
from tests.simulation.invariants import Invariants
from tests.simulation.ledger import LedgerKind
from tests.simulation.network import Address, Bodies, BodiesWanted, Network, Packet
from tests.simulation.parameters import PARAMETERS, RUN_LENGTH
from tests.simulation.schedule import Schedule
from tests.simulation.signing import Verifier, signer
from tests.simulation.trace import Trace
from tests.simulation.work import BlockWork

GOSSIP_EVERY_MS = 400
STRAGGLER_MS = 1000
"""A peer in an earlier epoch is told of ours at most this often."""
SOME = 8
"""Final blocks that a core is given at its start."""
EARLY_MESSAGES = 256
"""Messages of a later epoch that are kept until it begins here."""


@dataclass(slots=True)
class World:
    """What all members share."""

    schedule: Schedule
    network: Network
    committees: Callable[[int], Committee]
    """By epoch."""
    verifiers: dict[int, Verifier]
    invariants: Invariants
    trace: Trace
    random: Random
    ledger: LedgerKind
    working_ms: int
    """Longest time that building, checking or executing a block takes."""
    sync_ms: int
    """Longest time that syncing a disk takes."""
    exact: bool
    """Whether messages travel, and records are kept, as the bytes they encode to."""

    @property
    def committee(self) -> Committee:
        """Of the first epoch: union and members are those of all."""
        return self.committees(1)

    def verifier(self, epoch: int) -> Verifier:
        """What checks signatures of an epoch."""
        if epoch not in self.verifiers:
            self.verifiers[epoch] = Verifier(self.committees(epoch))
        return self.verifiers[epoch]

    def working_time(self) -> int:
        """How long the next piece of work takes."""
        return int(self.random.random() * (self.working_ms + 1))

    def sync_time(self) -> int:
        """How long the next sync takes."""
        return int(self.random.random() * (self.sync_ms + 1))


class _Crashed(Exception):
    """The power went off."""


@dataclass
class SimulatedMember:
    """A correct member. Adversaries override how it speaks."""

    world: World
    index: Member
    address: Address
    clock: Clock = EXACT
    correct: bool = True
    running: bool = False
    crash_in: int | None = None
    """Effects left until the power goes off."""
    incarnation: int = 0

    def __post_init__(self) -> None:
        world = self.world
        self.disk = Disk(world.ledger.genesis(world.committee), exact=world.exact)

    # ------------------------------------------------------------ life and death

    def start(self) -> None:
        """Boot, for the first time or again."""
        world, disk = self.world, self.disk
        self.running = True
        self.incarnation += 1
        self._wake_at: int | None = None
        self._effects: deque[Effect] = deque()
        self._syncing = False
        self.work = BlockWork(self)
        self.core = self._core()
        self.core.recover(disk.recover())
        if disk.fork is not None:
            self.core.stay_halted(disk.fork)
        world.trace.note(self.index, f"starts at height {len(disk.final) - 1}")
        self._perform(self.core.start(self.monotonic_ms()))
        if self.work.pending:
            self.feed(Work(pending=True))
        self.later(GOSSIP_EVERY_MS, self._gossip_pending)

    def _core(self) -> Simplex:
        """The core of the epoch that the disk is in, without what the log knows."""
        block, certified = self.disk.final[-1]
        epoch = self.work.ledger.epoch
        committee = self.world.committees(epoch.number)
        begins = block.header.epoch != epoch.number
        head = Head.of(block)
        self._closing = certified.finalization if certified is not None and begins else None
        self._early: list[tuple[Member, Message]] = []
        self._helped: dict[Member, int] = {}
        return Simplex(
            committee,
            self.index,
            PARAMETERS,
            replace(head, view=View(0)) if begins else head,
            None if begins or certified is None else certified.finalization,
            signer(committee, self.index),
            epoch.last_height,
            [b for b, _ in self.disk.final[-SOME:] if b.header.epoch == committee.epoch],
        )

    def _begin_epoch(self) -> None:
        """What was said early counts now."""
        early = self._early
        self.work.begin_epoch()
        self.core = self._core()
        self.world.trace.note(self.index, f"begins epoch {self.core.committee.epoch}")
        self._perform(self.core.start(self.monotonic_ms()))
        if self.pending:
            self.feed(Work(pending=True))
        for sender, message in early:
            if self.running:
                self.receive(sender, message)

    def crash(self) -> None:
        """The power goes off now."""
        self.world.trace.note(self.index, "crashes")
        self.disk.crash(self.world.random)
        self.running = False
        self.crash_in = None

    @property
    def pending(self) -> dict[bytes, None]:
        """What it knows to be waiting."""
        return self.work.pending

    def monotonic_ms(self) -> int:
        """Its monotonic clock."""
        return self.clock.monotonic(self.world.schedule.now)

    def wall_ms(self) -> int:
        """Its wall clock."""
        return self.clock.wall(self.world.schedule.now)

    # ------------------------------------------------------------ inputs

    def feed(self, event: Input) -> None:
        """Give the core one input and perform what follows."""
        if self.running:
            trace = self.world.trace
            if trace.on:
                trace.fed(self.index, event)
            self._perform(self.core.step(self.monotonic_ms(), event))
            if trace.on:
                trace.explain(self.index, self.core)

    def submit(self, submission: bytes) -> None:
        """A client's submission arrives and is told to the others."""
        self.work.arrived((submission,))
        for other in self.others():
            self.whisper(other, Bodies((submission,)))

    def receive(self, sender: Member, packet: Packet) -> None:
        """A packet arrives."""
        match packet:
            case Bodies():
                self.work.arrived(packet.ids)
                return
            case BodiesWanted():
                self.work.asked(sender, packet.ids)
                return
        try:
            self._hear(sender, decode_message(packet) if isinstance(packet, bytes) else packet)
        except MessageRefused as refusal:
            self.world.trace.note(self.index, f"refuses from M{sender}: {refusal}")
            if self.correct:
                self.world.invariants.refused(sender, refusal)

    def link_up(self, other: Member) -> None:
        """The link to `other` is back."""
        if self.pending:
            self.whisper(other, Bodies(tuple(self.pending)))
        self.feed(LinkUp(other))

    def _hear(self, sender: Member, message: Message) -> None:
        epoch, ours = message_epoch(message), self.core.committee.epoch
        if epoch is not None and epoch > ours:
            if len(self._early) < EARLY_MESSAGES:
                self._early.append((sender, message))
            self.feed(Behind(sender))
        elif epoch is not None and epoch < ours:
            self._help_straggler(sender)
        elif self.core.interested(message):
            self.feed(Received(self.world.verifier(ours).authenticate(message, sender)))

    def _help_straggler(self, sender: Member) -> None:
        """Show who is in an epoch that has ended what ended it."""
        now = self.monotonic_ms()
        if self._closing is not None and now >= self._helped.get(sender, now):
            self._helped[sender] = now + STRAGGLER_MS
            self.say([sender], self._closing)

    # ------------------------------------------------------------ effects

    def _perform(self, effects: list[Effect]) -> None:
        self._effects.extend(effects)
        if not self._syncing:
            self._go_on()

    def _go_on(self) -> None:
        try:
            while self._effects:
                if self.crash_in is not None:
                    self._maybe_crash()
                effect = self._effects.popleft()
                self._do(effect)
                if isinstance(effect, Persist):
                    self._maybe_crash()
                    self._syncing = True
                    delay = self.world.sync_time()
                    if delay:
                        self.later(delay, self._synced_then_go_on)
                        return
                    self._synced()
        except _Crashed:
            self.crash()

    def _synced(self) -> None:
        self.disk.sync()
        self._syncing = False

    def _synced_then_go_on(self) -> None:
        self._synced()
        self._go_on()

    def _maybe_crash(self) -> None:
        if self.crash_in is not None:
            self.crash_in -= 1
            if self.crash_in < 0:
                raise _Crashed

    def _do(self, effect: Effect) -> None:
        if self.world.trace.on:
            self.world.trace.did(self.index, effect)
        match effect:
            case WakeAt():
                self._wake(effect.now)
            case Broadcast():
                self.say(self.others(), effect.message)
            case Send():
                self.say([effect.to], effect.message)
            case Append() | Persist():
                self.disk.append(effect.record)
            case Build():
                self.work.build(effect)
            case Validate():
                self.work.validate(effect.block)
            case Execute():
                self.work.execute(effect.block)
            case Commit():
                self.work.commit(effect)
            case ServeRun():
                self._serve(effect)
            case Accuse():
                if self.correct:
                    self.world.invariants.accused(effect.evidence)
            case Dissent():
                if self.correct:
                    self.world.invariants.dissented(effect)
            case Halt():
                if self.correct:
                    self.world.invariants.halted(self.index, effect)
            case Forked():
                self.disk.fork = effect
                if self.correct:
                    self.world.invariants.forked(self.index, effect)
            case EpochEnded():
                self.work.end_epoch(self._begin_epoch)

    def committed(self, effect: Commit, outcome: bytes) -> None:
        """Blocks are final on the disk."""
        if self.correct:
            self.world.invariants.committed(self.index, effect, outcome)

    def say(self, to: list[Member], message: Message) -> None:
        """Send a message. The invariants look at everything a correct member says."""
        if self.correct:
            self.world.invariants.said(self.index, message, self.disk)
        self.post(to, message)

    def post(self, to: list[Member], message: Message) -> None:
        """Put a message on the wire, whoever says it."""
        world = self.world
        packet = encode_message(message) if world.exact else message
        world.network.send(self.index, self.address, to, packet)

    def whisper(self, to: Member, packet: Packet) -> None:
        """Put anything on the wire."""
        self.world.network.send(self.index, self.address, (to,), packet)

    def others(self) -> list[Member]:
        """Every other member."""
        return [Member(m) for m in range(len(self.world.committee)) if m != self.index]

    def _serve(self, effect: ServeRun) -> None:
        run = self.disk.run_above(effect.after_height, RUN_LENGTH)
        if run is not None:
            self.whisper(effect.to, Bodies(tuple(i for b in run.blocks for i in b.payload)))
            self.say([effect.to], run)

    def _gossip_pending(self) -> None:
        if self.pending:
            for other in self.others():
                self.whisper(other, Bodies(tuple(self.pending)))
        self.later(GOSSIP_EVERY_MS, self._gossip_pending)

    # ------------------------------------------------------------ time

    def _wake(self, at: int) -> None:
        if self._wake_at != at:
            self._wake_at = at
            self.later(self.clock.when(at) - self.world.schedule.now, self._tick, at)

    def _tick(self, at: int) -> None:
        if self._wake_at == at:
            self._wake_at = None
            self.feed(Tick())

    def later(self, delay: int, action: Callable[..., None], *arguments: Any) -> None:
        """Let `action` happen unless this incarnation is dead by then."""
        self.world.schedule.after(delay, self._if_alive, self.incarnation, action, arguments)

    def _if_alive(
        self, incarnation: int, action: Callable[..., None], arguments: tuple[Any, ...]
    ) -> None:
        if self.running and self.incarnation == incarnation:
            action(*arguments)
