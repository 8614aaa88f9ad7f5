"""What the core asks to be done with blocks: build, validate, execute, commit; and their bodies.

A member votes for a block, and executes it, once it holds the bodies of what the block orders and
has staged them on its disk. What is missing is asked of one member after another until it comes.
Bodies that only arrived are lost in a crash; staged ones are not.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from consensus.block import Block, BlockId, Member, block_id
from consensus.events import Build, Built, Commit, Validated, Work
from tests.simulation.clocks import MAX_CLOCK_SKEW_MS
from tests.simulation.disk import Certified
from tests.simulation.network import Bodies, BodiesWanted

if TYPE_CHECKING:
    from tests.simulation.member import SimulatedMember

BODY_RETRY_MS = 60


class BlockWork:
    """One run of a member's process."""

    def __init__(self, member: "SimulatedMember") -> None:
        self._member = member
        self._disk = member.disk
        self.ledger = member.world.ledger.open([block for block, _ in member.disk.final])
        final = member.disk.final[-1][1]
        same = final is None or final.finalization.outcome == self.ledger.outcome
        assert same, "replay gives another state"
        self.held: dict[bytes, None] = dict(member.disk.bodies)
        """Bodies at hand."""
        self.pending = {i: None for i in self.held if i not in self.ledger.ordered}
        """Of those, what is not final."""
        self._validating: dict[BlockId, Block] = {}
        self._executing: list[Block] = []
        self._committing: list[Commit] = []
        self._when_settled: list[Callable[[], None]] = []
        self._asked = 0
        self._retrying = False

    # ------------------------------------------------------------ what the core asks

    def build(self, effect: Build) -> None:
        """Choose submissions for a block."""
        self._later(self._built, effect)

    def validate(self, block: Block) -> None:
        """Check a proposal, once its bodies are here."""
        self._validating[block_id(block.header)] = block
        self.go_on()

    def execute(self, block: Block) -> None:
        """Execute a block, once its bodies and its parent's result are here."""
        self.ledger.announce(block)
        self._executing.append(block)
        self.go_on()

    def commit(self, effect: Commit) -> None:
        """Make blocks final, in order."""
        self._committing.append(effect)
        self._later(self._commit_next)

    def end_epoch(self, then: Callable[[], None]) -> None:
        """The epoch's last block is final: once it is on the disk, the next epoch begins."""
        assert self._committing, "an epoch ends with a commit"
        self._when_settled.append(then)

    def begin_epoch(self) -> None:
        """Nothing that the core of the epoch before asked for matters now."""
        self.ledger.begin_epoch()
        self._validating = {}
        self._executing = []

    # ------------------------------------------------------------ bodies

    def arrived(self, ids: tuple[bytes, ...]) -> None:
        """Bodies came, from a client, by gossip or because they were asked for."""
        new = [i for i in ids if i not in self.held]
        if not new:
            return
        self.held.update(dict.fromkeys(new))
        waiting = [i for i in new if i not in self.ledger.ordered]
        self.pending.update(dict.fromkeys(waiting))
        if waiting:
            self._member.feed(Work(pending=True))
        if self._member.running:
            self.go_on()

    def asked(self, sender: Member, ids: tuple[bytes, ...]) -> None:
        """A member wants bodies."""
        have = tuple(i for i in ids if i in self.held)
        if have:
            self._member.whisper(sender, Bodies(have))

    def go_on(self) -> None:
        """Check and execute what has all its bodies; ask for the rest, again and again."""
        missing: dict[bytes, None] = {}
        for name, block in list(self._validating.items()):
            if absent := self._absent(block):
                missing.update(dict.fromkeys(absent))
            else:
                del self._validating[name]
                self._later(self._validated, block)
        for block in list(self._executing):
            if absent := self._absent(block):
                missing.update(dict.fromkeys(absent))
            elif self.ledger.can_execute(block):
                self._executing.remove(block)
                self._stage(block)
                self._later(self._member.feed, self.ledger.execute(block))
        if missing and not self._retrying:
            others = self._member.others()
            self._asked += 1
            other = others[self._asked % len(others)]
            self._member.whisper(other, BodiesWanted(tuple(missing)))
            self._retrying = True
            self._member.later(BODY_RETRY_MS, self._retry)

    def _retry(self) -> None:
        self._retrying = False
        self.go_on()

    def _absent(self, block: Block) -> list[bytes]:
        return [i for i in block.payload if i not in self.held]

    def _stage(self, block: Block) -> None:
        self._disk.bodies.update(dict.fromkeys(block.payload))

    # ------------------------------------------------------------ doing it

    def _later(self, action: Callable[..., None], *arguments: Any) -> None:
        self._member.later(self._member.world.working_time(), action, *arguments)

    def _built(self, effect: Build) -> None:
        if not self.ledger.knows(effect.parent):
            return
        most = self._member.core.parameters.max_payload
        payload: list[bytes] = []
        for each in self.pending:
            if len(payload) < most and not self.ledger.is_ordered(each, effect.parent):
                payload.append(each)
        self._disk.bodies.update(dict.fromkeys(payload))
        time_ms = self._member.wall_ms()
        self._member.feed(Built(effect.view, effect.parent, tuple(payload), time_ms))

    def _validated(self, block: Block) -> None:
        if not self.ledger.knows(BlockId(block.header.parent)):
            return
        problem = self.ledger.problem(block)
        skew = block.header.time_ms - self._member.wall_ms()
        if abs(skew) > MAX_CLOCK_SKEW_MS:
            problem = f"its time is {skew} ms from ours"
        if not problem:
            self._stage(block)
        self._member.feed(Validated(block_id(block.header), not problem, problem))

    def _commit_next(self) -> None:
        """The database follows the core, in order; a crash in between loses the commit."""
        effect = self._committing.pop(0)
        self._disk.commit(effect.blocks, Certified(effect.finalization, effect.beyond))
        if not self._committing:
            self._disk.compact()
        had_work = bool(self.pending)
        for block in effect.blocks:
            self.ledger.commit(block)
            for submission in block.payload:
                self.pending.pop(submission, None)
        self._member.committed(effect, self.ledger.outcome)
        if self._when_settled and not self._committing:
            self._when_settled.pop()()
        elif had_work and not self.pending:
            self._member.later(0, self._tell_work)

    def _tell_work(self) -> None:
        self._member.feed(Work(pending=bool(self.pending)))
