"""The Simplex core of one member: `step(now, input) -> effects`.

A step first takes in the input, then applies the rules of docs/consensus/protocol.md until none
of them has anything more to do. Each rule is one method, named after its number there, and asks
only what is known; so the same rules serve a live node, a restarted one and one that catches up.

The core is deterministic: given the same constructor arguments and the same (now, input) sequence
it emits the same effects. It does no I/O; `sign` must be a pure function of its argument or an
HSM that behaves like one.
"""

from collections.abc import Iterable

from consensus.block import (
    Block,
    View,
    block_id,
)
from consensus.events import (
    Behind,
    Built,
    Effect,
    Executed,
    Forked,
    Input,
    JournalRecord,
    LinkUp,
    Received,
    Tick,
    Validated,
    Work,
)
from consensus.listening import Listener
from consensus.messages import (
    BlockReply,
    Fetch,
    FinalisedRun,
    Finalization,
    Finalize,
    Message,
    Notarization,
    Notarize,
    Nullification,
    Nullify,
    Proposal,
)
from consensus.rules import Rules
from consensus.state import VIEW_WINDOW
from consensus.wants import RUN


class Simplex(Listener, Rules):
    """One member's part in one epoch. `me` is None for an observer, which never votes."""

    def recover(self, records: Iterable[JournalRecord]) -> None:
        """Take back what the write-ahead log kept of this epoch. Call once, before `start`."""
        for record in records:
            if epoch_of(record) != self.committee.epoch:
                continue
            match record:
                case Block():
                    self.chain.durable.add(self.chain.add(record))
                case Proposal():
                    self._recover_proposal(record)
                case Notarization() | Nullification() | Finalization():
                    if record.view > self.chain.head.view:
                        self._store_certificate(record)
                        self.view = max(self.view, View(record.view + 1))
                case Notarize() | Nullify() | Finalize():
                    if record.view > self.chain.head.view:
                        self._remember_own(record)
                        self.view = max(self.view, View(record.view))

    def stay_halted(self, fork: Forked) -> None:
        """Two histories were seen to be final before this restart: only show it, never vote."""
        self.halted = True
        self.fork = fork

    def start(self, now: int) -> list[Effect]:
        """Begin (again). Returns the first effects."""
        self._finalised_at = now
        self._pacer.enter(now, after_block=True)
        self._apply_rules(now)
        return self._take_effects()

    def step(self, now: int, event: Input) -> list[Effect]:
        """Take in one input and return what follows from it, in order."""
        if self.halted or self.ended:
            return [] if self.fork is None else self._after_fork(self.fork, event)
        match event:
            case Received():
                if not self._receive(now, event.message):
                    return self._take_effects()
            case Tick():
                self._wake_at = None
            case Work():
                if event.pending == self.work_pending and self._nothing_to_order is None:
                    return []
                self.work_pending = event.pending
                self._nothing_to_order = None
            case LinkUp():
                self._wants.link_up(event.member, now)
                self._answers.lost(event.member)
                self._greet(event.member)
            case Behind():
                self._want(now, RUN, event.member)
            case Built():
                self._propose_built(now, event)
            case Validated():
                self._judge(event)
            case Executed():
                self.chain.executed(event.block, event.outcome, event.last_height)
        self._apply_rules(now)
        return self._take_effects()

    def interested(self, message: Message) -> bool:
        """Whether `message` could change anything: asked before its signatures are checked."""
        if self.fork is not None:
            return True
        head = self.chain.head
        match message:
            case Notarize() | Nullify() | Finalize():
                if message.view <= head.view:
                    return not isinstance(message, Notarize)
                return message.view <= self.view + VIEW_WINDOW and not self._heard(message)
            case Notarization() | Nullification():
                return message.view > head.view and self._tells_more(message)
            case Finalization():
                new = message.view > head.view and not self._holds(message)
                return new or self._denied_by(message)
            case Proposal():
                view = View(message.block.header.view)
                if not head.view < view <= self.view + VIEW_WINDOW:
                    return False
                known = self.rounds.get(view)
                return known is None or known.proposal != message
            case BlockReply():
                return self._wants.wanted(block_id(message.block.header))
            case FinalisedRun():
                new = message.finalization.view > head.view
                return new or self._denied_by(message.finalization)
            case Fetch():
                return True

    def _recover_proposal(self, proposal: Proposal) -> None:
        """An own vote is taken from its own record alone: the proposal may have outlived it."""
        view = View(proposal.block.header.view)
        if view <= self.chain.head.view:
            return
        self.chain.durable.add(self.chain.add(proposal.block))
        current = self._round(view)
        current.proposal = current.proposal or proposal
        if proposal.notarize.member != self.me:
            current.hear(proposal.notarize)
            self._uncounted.add(view)

    def _after_fork(self, fork: Forked, event: Input) -> list[Effect]:
        match event:
            case LinkUp():
                self._show_fork(fork, event.member)
            case Received():
                self._gather(event.message.message)
            case _:
                pass
        return self._take_effects()

    def _take_effects(self) -> list[Effect]:
        effects, self._effects = self._effects, []
        return effects


def epoch_of(record: JournalRecord) -> int:
    """The epoch a journal record belongs to."""
    match record:
        case Block():
            return record.header.epoch
        case Proposal():
            return record.block.header.epoch
        case _:
            return record.epoch
