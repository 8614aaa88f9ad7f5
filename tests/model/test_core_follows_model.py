"""The real core does nothing that the model does not: each vote it persists is one of its steps.

Four members, one of which runs twice with one key and so contradicts itself, on a wire that loses
and reorders, with crashes after any effect. Whatever a correct member persists in the first
views must be allowed by the model for the certificates that exist then; whatever certificate it
comes to hold must exist there. So the model leaves out no behaviour that these runs show.
"""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest

from consensus.authentication import authenticate
from consensus.block import Block, BlockId, Member, block_id
from consensus.chain import Head
from consensus.core import Simplex
from consensus.events import (
    Append,
    Broadcast,
    Build,
    Built,
    Commit,
    Effect,
    Execute,
    Executed,
    Input,
    JournalRecord,
    Persist,
    Received,
    Send,
    Tick,
    Validate,
    Validated,
    Work,
)
from consensus.messages import (
    Certificate,
    Finalization,
    Finalize,
    Message,
    MessageRefused,
    Notarization,
    Notarize,
    Nullification,
    Nullify,
    Proposal,
    Vote,
)
from tests.consensus.builders import DELTA, GENESIS_TIME, OUTCOME, PARAMETERS, Sayings, submission
from tests.model.ballots import NULLIFY
from tests.model.blocks import GENESIS
from tests.model.rules import Model
from tests.simulation.signing import Verifier, committee_of, signer

VIEWS = 5
TWICE = Member(3)
"""The member that runs twice."""


class Shadow:
    """The model's state beside the running cores.

    A persisted vote counts as said: in the model it may be at any moment from then on, and the
    core counts its own votes itself before anyone hears them.
    """

    def __init__(self, genesis: Block) -> None:
        self.model = Model(VIEWS)
        self.kept = [[0] * self.model.correct for _ in range(VIEWS + 1)]
        """The ballot of each correct member in each view."""
        self.checked: Counter[str] = Counter()
        self._numbers = {block_id(genesis.header): GENESIS}

    def meet(self, block: Block) -> None:
        """Number a block: which of its siblings it is, in order of appearance."""
        name, view = block_id(block.header), block.header.view
        if view > VIEWS or name in self._numbers:
            return
        tree, parent = self.model.tree, self._numbers[BlockId(block.header.parent)]
        taken = set(self._numbers.values())
        self._numbers[name] = next(
            b for b in tree.of_view[view] if tree.parent[b] == parent and b not in taken
        )

    def persisted(self, member: Member, vote: Vote) -> None:
        """The vote must be a step of the model."""
        if vote.view <= VIEWS:
            kept, bit, certificates = self.kept[vote.view], self._bit(vote), self._certificates()
            assert self.model.may_enter(certificates, vote.view), vote
            assert self.model.may_cast(certificates, vote.view, kept[member]) & bit, vote
            kept[member] |= bit
            self.checked[type(vote).__name__] += 1

    def said(self, member: Member, vote: Vote) -> None:
        """The vote must have been persisted, unless another's is passed on."""
        if vote.view <= VIEWS and vote.member == member:
            assert self.kept[vote.view][member] & self._bit(vote), vote

    def holds(self, certificate: Certificate) -> None:
        """The certificate must exist in the model."""
        if certificate.view <= VIEWS:
            assert self._certificates()[certificate.view] & self._bit(certificate), certificate
            self.checked[type(certificate).__name__] += 1

    def _certificates(self) -> tuple[int, ...]:
        tallied = (
            self.model.certificates(view, tuple(self.kept[view])) for view in range(1, VIEWS + 1)
        )
        return (0, *tallied)

    def _bit(self, what: Vote | Certificate) -> int:
        alphabet = self.model.alphabets[what.view]
        match what:
            case Nullify() | Nullification():
                return NULLIFY
            case Notarize() | Notarization():
                return alphabet.notarize(self._numbers[BlockId(what.block)])
            case Finalize() | Finalization():
                return alphabet.finalize(self._numbers[BlockId(what.block)])


@dataclass
class Process:
    """One core and its disk. `tag` tells the two cores of one member apart."""

    member: Member
    tag: int
    core: Simplex
    now: int = 0
    head: Block | None = None
    finalization: Finalization | None = None
    log: list[JournalRecord] = field(default_factory=list)
    unsynced: list[JournalRecord] = field(default_factory=list)


class Union:
    """The cores, the wire, and the model beside them."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.committee = committee_of(4, seed)
        self.genesis = Sayings(self.committee).genesis
        self.shadow = Shadow(self.genesis)
        self.wire: list[tuple[Process, Member, Message]] = []
        self._verify = Verifier(self.committee)
        members = [Member(0), Member(1), Member(2), TWICE, TWICE]
        self.processes = [Process(m, tag, self._core(m)) for tag, m in enumerate(members)]
        for process in self.processes:
            self._perform(process, process.core.start(0))
            self._feed(process, Work(pending=True))

    def run(self, happenings: int) -> None:
        """Deliver, lose, let time pass, crash; each as the seed has it."""
        for _ in range(happenings):
            process = self.random.choice(self.processes)
            chance = self.random.random()
            if chance < 0.02 and process.member != TWICE:
                self._restart(process)
            elif chance < 0.12 or not self.wire:
                process.now += self.random.randrange(2 * DELTA)
                self._feed(process, Tick())
            else:
                self._deliver(*self.wire.pop(self.random.randrange(len(self.wire))))

    def _core(self, member: Member, head: Block | None = None, *kept: Finalization) -> Simplex:
        return Simplex(
            self.committee,
            member,
            PARAMETERS,
            Head.of(head or self.genesis),
            kept[0] if kept else None,
            signer(self.committee, member),
        )

    def _deliver(self, to: Process, sender: Member, message: Message) -> None:
        if self.random.random() < 0.1:
            return
        try:
            checked = authenticate(message, sender, self.committee, self._verify)
        except MessageRefused:
            pytest.fail("a core said what a core refuses")
        self._feed(to, Received(checked))

    def _feed(self, process: Process, event: Input) -> None:
        self._perform(process, process.core.step(process.now, event))

    def _restart(self, process: Process) -> None:
        process.unsynced.clear()
        kept = [] if process.finalization is None else [process.finalization]
        process.core = self._core(process.member, process.head, *kept)
        process.core.recover(process.log)
        self._perform(process, process.core.start(process.now))
        self._feed(process, Work(pending=True))

    def _perform(self, process: Process, effects: list[Effect]) -> None:
        correct = process.member != TWICE
        answers: list[Input] = []
        for effect in effects:
            if correct and self.random.random() < 0.005:
                self._restart(process)
                return
            match effect:
                case Append(record):
                    process.unsynced.append(record)
                    if isinstance(record, Proposal):
                        self.shadow.meet(record.block)
                    elif correct and isinstance(record, Notarization | Nullification):
                        self.shadow.holds(record)
                case Persist(vote):
                    process.log += [*process.unsynced, vote]
                    process.unsynced.clear()
                    if correct:
                        self.shadow.persisted(process.member, vote)
                case Broadcast(message):
                    self._send(process, message, self.processes)
                case Send(to, message):
                    self._send(process, message, [p for p in self.processes if p.member == to])
                case Build(view, parent):
                    payload = (submission(100 * view + process.tag),)
                    answers.append(Built(view, parent, payload, GENESIS_TIME + process.now))
                case Validate(block):
                    answers.append(Validated(block_id(block.header), ok=True))
                case Execute(block):
                    answers.append(Executed(block_id(block.header), OUTCOME))
                case Commit(blocks, finalization):
                    process.head, process.finalization = blocks[-1], finalization
                    if correct:
                        self.shadow.holds(finalization)
        alive = process.core
        for answer in answers:
            if process.core is alive:
                self._feed(process, answer)

    def _send(self, process: Process, message: Message, to: list[Process]) -> None:
        if isinstance(message, Proposal):
            self.shadow.meet(message.block)
        if process.member != TWICE:
            spoken = message.notarize if isinstance(message, Proposal) else message
            if isinstance(spoken, Notarize | Nullify | Finalize):
                self.shadow.said(process.member, spoken)
        self.wire += [(p, process.member, message) for p in to if p is not process]


def watch(seeds: range) -> Counter[str]:
    """What was checked in so many runs. Raises AssertionError if a core leaves the model."""
    checked: Counter[str] = Counter()
    for seed in seeds:
        union = Union(seed)
        union.run(400)
        checked += union.shadow.checked
    return checked


def test_every_vote_and_certificate_of_the_core_is_one_of_the_model() -> None:
    checked = watch(range(30))
    assert len(checked) == 6, checked
    assert min(checked.values()) > 50, checked


def test_a_core_that_counts_too_few_votes_leaves_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consensus.committee.quorum", lambda _members: 2)
    with pytest.raises(AssertionError, match=r"Notarization|Nullification|Finalization"):
        watch(range(30))


def test_a_core_that_forgets_its_votes_leaves_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Simplex, "recover", lambda _self, _records: None)
    with pytest.raises(AssertionError, match=r"Notarize|Nullify|Finalize"):
        watch(range(30))
