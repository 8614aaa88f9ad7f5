"""A member: the real core in a shell that performs its effects on virtual disk, wire and clock.

A crash may come between any two effects. What the core had not persisted is lost with it; a
restart rebuilds everything from the disk. The mempool and the bodies survive, as acknowledged
submissions must.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from consensus.authentication import authenticate
from consensus.block import Block, BlockId, Member, block_id, genesis_block
from consensus.chain import Head
from consensus.committee import Committee
from consensus.core import Simplex
from consensus.events import (
    Accuse,
    Append,
    Broadcast,
    Build,
    Built,
    Commit,
    Effect,
    Execute,
    Executed,
    Halt,
    Input,
    LinkUp,
    Persist,
    Received,
    Send,
    ServeRun,
    Tick,
    Validate,
    Validated,
    WakeAt,
    Work,
)
from consensus.messages import (
    FinalisedRun,
    Message,
    MessageRefused,
    decode_message,
    encode_message,
)
from consensus.pacing import PacingParameters
from consensus.state import Parameters
from tests.simulation.disk import Disk
from tests.simulation.invariants import Invariants, Violation
from tests.simulation.ledger import Ledger
from tests.simulation.network import Bodies, BodiesWanted, Network, Packet
from tests.simulation.schedule import Schedule
from tests.simulation.signing import Verifier, signer
from tests.simulation.trace import Trace

EPOCH_TIME_MS = 1_800_000_000_000
PARAMETERS = Parameters(PacingParameters(delta_ms=50, heartbeat_ms=2000), 8, 3)
RUN_LENGTH = 4
"""Blocks in a FinalisedRun; few, so that catching up takes several."""
BODY_RETRY_MS = 60
GOSSIP_EVERY_MS = 400


@dataclass(slots=True)
class World:
    """What all members share."""

    schedule: Schedule
    network: Network
    committee: Committee
    verify: Verifier
    invariants: Invariants
    trace: Trace
    random: Random
    working_ms: int
    """Longest time that building, checking or executing a block takes."""


class _Crashed(Exception):
    """The power went off."""


@dataclass
class SimulatedMember:
    """A correct member. Adversaries override `say`."""

    world: World
    index: Member
    correct: bool = True
    running: bool = False
    crash_in: int | None = None
    """Effects left until the power goes off."""
    incarnation: int = 0
    pending: dict[bytes, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.disk = Disk(genesis_block(self.world.committee.union, EPOCH_TIME_MS))

    # ------------------------------------------------------------ life and death

    def start(self) -> None:
        """Boot, for the first time or again."""
        world, disk = self.world, self.disk
        self.running = True
        self.incarnation += 1
        self._wake_at: int | None = None
        self._validating: dict[BlockId, Block] = {}
        self._executing: list[Block] = []
        self._committing: list[Commit] = []
        self.ledger = Ledger([block for block, _ in disk.final])
        self.pending = {i: None for i in disk.bodies if i not in self.ledger.ordered}
        self.core = Simplex(
            world.committee,
            self.index,
            PARAMETERS,
            Head.of(disk.final[-1][0]),
            disk.final[-1][1],
            signer(world.committee, self.index),
        )
        self.core.recover(disk.recover())
        world.trace.note(self.index, f"starts at height {len(disk.final) - 1}")
        self._perform(lambda: self.core.start(world.schedule.now))
        if self.pending:
            self.feed(Work(pending=True))
        self._later(GOSSIP_EVERY_MS, self._gossip_pending)

    def crash(self) -> None:
        """The power goes off now."""
        self.world.trace.note(self.index, "crashes")
        self.disk.crash(self.world.random)
        self.running = False
        self.crash_in = None

    # ------------------------------------------------------------ inputs

    def feed(self, event: Input) -> None:
        """Give the core one input and perform what follows."""
        if self.running:
            self.world.trace.fed(self.index, event)
            self._perform(lambda: self.core.step(self.world.schedule.now, event))

    def submit(self, submission: bytes) -> None:
        """A client's submission arrives, is stored, and is told to the others."""
        self._store_bodies((submission,))
        self._tell_others(Bodies((submission,)))

    def receive(self, sender: Member, packet: Packet) -> None:
        """A packet arrives."""
        match packet:
            case Bodies():
                self._store_bodies(packet.ids)
            case BodiesWanted():
                have = tuple(i for i in packet.ids if i in self.disk.bodies)
                if have:
                    self._whisper(sender, Bodies(have))
            case bytes():
                self._receive_message(sender, packet)

    def link_up(self, other: Member) -> None:
        """The link to `other` is back."""
        if self.pending:
            self._whisper(other, Bodies(tuple(self.pending)))
        self.feed(LinkUp(other))

    def _receive_message(self, sender: Member, packet: bytes) -> None:
        try:
            message = decode_message(packet)
            if self.core.interested(message):
                committee, verify = self.world.committee, self.world.verify
                self.feed(Received(authenticate(message, sender, committee, verify)))
        except MessageRefused as refusal:
            self.world.trace.note(self.index, f"refuses from M{sender}: {refusal}")
            self.world.invariants.refused(sender, refusal)

    # ------------------------------------------------------------ effects

    def _perform(self, step: Callable[[], list[Effect]]) -> None:
        try:
            for effect in step():
                self._maybe_crash()
                self._do(effect)
        except _Crashed:
            self.crash()

    def _maybe_crash(self) -> None:
        if self.crash_in is not None:
            self.crash_in -= 1
            if self.crash_in < 0:
                raise _Crashed

    def _do(self, effect: Effect) -> None:
        if not isinstance(effect, WakeAt):
            self.world.trace.did(self.index, effect)
        match effect:
            case Append():
                self.disk.append(effect.record)
            case Persist():
                self.disk.append(effect.record)
                self._maybe_crash()
                self.disk.sync()
            case Broadcast():
                self.say(self.others(), effect.message)
            case Send():
                self.say([effect.to], effect.message)
            case WakeAt():
                self._wake(effect.now)
            case Build():
                self._work(lambda: self._built(effect))
            case Validate():
                self._validating[block_id(effect.block.header)] = effect.block
                self._work_on_bodies()
            case Execute():
                self.ledger.announce(effect.block)
                self._executing.append(effect.block)
                self._work_on_bodies()
            case Commit():
                self._committing.append(effect)
                self._work(self._commit_next)
            case ServeRun():
                self._serve(effect)
            case Accuse():
                self.world.invariants.accused(effect.evidence)
            case Halt():
                raise Violation(f"M{self.index} halts at height {effect.block.header.height}")

    def say(self, to: list[Member], message: Message) -> None:
        """Send a message. The invariants look at everything a correct member says."""
        if self.correct:
            self.world.invariants.said(self.index, message, self.disk)
        self.post(to, message)

    def post(self, to: list[Member], message: Message) -> None:
        """Put a message on the wire, whoever says it."""
        packet = encode_message(message)
        for other in to:
            self.world.network.send(self.index, other, packet)

    def others(self) -> list[Member]:
        """Every other member."""
        return [Member(m) for m in range(len(self.world.committee)) if m != self.index]

    def _built(self, effect: Build) -> None:
        if not self.ledger.knows(effect.parent):
            return
        free = (i for i in self.pending if not self.ledger.is_ordered(i, effect.parent))
        payload = tuple(i for i, _ in zip(free, range(PARAMETERS.max_payload), strict=False))
        time_ms = EPOCH_TIME_MS + self.world.schedule.now
        self.feed(Built(effect.view, effect.parent, payload, time_ms))

    def _commit_next(self) -> None:
        """The database follows the core, in order; a crash in between loses the commit."""
        effect = self._committing.pop(0)
        self.disk.commit(effect.blocks, effect.finalization)
        if not self._committing:
            self.disk.compact()
        outcome = b""
        had_work = bool(self.pending)
        for block in effect.blocks:
            outcome = self.ledger.commit(block)
            for submission in block.payload:
                self.pending.pop(submission, None)
        if self.correct:
            self.world.invariants.committed(self.index, effect, outcome)
        if had_work and not self.pending:
            self._later(0, lambda: self.feed(Work(pending=bool(self.pending))))

    def _serve(self, effect: ServeRun) -> None:
        run = self.disk.run_above(effect.after_height, RUN_LENGTH)
        if run is not None:
            blocks, finalization = run
            self._whisper(effect.to, Bodies(tuple(i for b in blocks for i in b.payload)))
            self.say([effect.to], FinalisedRun(blocks, finalization))

    # ------------------------------------------------------------ bodies

    def _store_bodies(self, ids: tuple[bytes, ...]) -> None:
        new = [i for i in ids if i not in self.disk.bodies]
        self.disk.bodies.update(dict.fromkeys(new))
        pending = [i for i in new if i not in self.ledger.ordered]
        self.pending.update(dict.fromkeys(pending))
        if pending:
            self.feed(Work(pending=True))
        if new and self.running:
            self._work_on_bodies()

    def _work_on_bodies(self) -> None:
        """Check and execute what has all its bodies; ask for the rest, again and again."""
        missing: dict[bytes, None] = {}
        for name, block in list(self._validating.items()):
            if absent := [i for i in block.payload if i not in self.disk.bodies]:
                missing.update(dict.fromkeys(absent))
            else:
                del self._validating[name]
                self._work(lambda block=block: self._validated(block))  # type: ignore[misc]  # bound now
        for block in list(self._executing):
            if absent := [i for i in block.payload if i not in self.disk.bodies]:
                missing.update(dict.fromkeys(absent))
            elif self.ledger.can_execute(block):
                self._executing.remove(block)
                answer = Executed(block_id(block.header), self.ledger.execute(block))
                self._work(lambda answer=answer: self.feed(answer))  # type: ignore[misc]  # bound now
        if missing:
            other = self.world.random.choice(self.others())
            self._whisper(other, BodiesWanted(tuple(missing)))
            self._later(BODY_RETRY_MS, self._work_on_bodies)

    def _validated(self, block: Block) -> None:
        parent = BlockId(block.header.parent)
        if not self.ledger.knows(parent):
            return
        twice = any(self.ledger.is_ordered(i, parent) for i in block.payload)
        early = block.header.time_ms > EPOCH_TIME_MS + self.world.schedule.now + 5000
        ok = not twice and not early
        self.feed(Validated(block_id(block.header), ok, "" if ok else "ordered twice or early"))

    def _gossip_pending(self) -> None:
        if self.pending:
            self._tell_others(Bodies(tuple(self.pending)))
        self._later(GOSSIP_EVERY_MS, self._gossip_pending)

    def _tell_others(self, packet: Packet) -> None:
        for other in self.others():
            self._whisper(other, packet)

    def _whisper(self, to: Member, packet: Packet) -> None:
        self.world.network.send(self.index, to, packet)

    # ------------------------------------------------------------ time

    def _wake(self, at: int) -> None:
        self._wake_at = at

        def tick() -> None:
            if self._wake_at == at:
                self._wake_at = None
                self.feed(Tick())

        self._later(at - self.world.schedule.now, tick)

    def _work(self, then: Callable[[], None]) -> None:
        self._later(self.world.random.randint(0, self.world.working_ms), then)

    def _later(self, delay: int, action: Callable[[], None]) -> None:
        """Let `action` happen unless this incarnation is dead by then."""
        incarnation = self.incarnation

        def act() -> None:
            if self.running and self.incarnation == incarnation:
                action()

        self.world.schedule.after(delay, act)


def running(members: list[SimulatedMember]) -> Iterator[SimulatedMember]:
    """Those that are up."""
    return (member for member in members if member.running)
