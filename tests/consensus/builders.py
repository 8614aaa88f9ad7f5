"""One core under test, and everything the other members could say to it."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from consensus.authentication import authenticate
from consensus.block import (
    Block,
    BlockHeader,
    Member,
    View,
    block_id,
    genesis_block,
    payload_root,
)
from consensus.chain import Head
from consensus.committee import Committee
from consensus.core import Simplex
from consensus.events import (
    Broadcast,
    Build,
    Built,
    Effect,
    Execute,
    Executed,
    Input,
    JournalRecord,
    Received,
    Send,
    Tick,
    Validate,
    Validated,
)
from consensus.messages import (
    Finalization,
    Finalize,
    Message,
    Notarization,
    Notarize,
    Nullification,
    Nullify,
    Proposal,
    finalize_bytes,
    notarize_bytes,
    nullify_bytes,
)
from consensus.pacing import PacingParameters
from consensus.state import Parameters
from tests.simulation.signing import Verifier, committee_of, signer

E = TypeVar("E", bound=Effect)

DELTA = 100
HEARTBEAT = 10_000
GENESIS_TIME = 1_000
PARAMETERS = Parameters(PacingParameters(DELTA, HEARTBEAT), max_payload=4, max_unexecuted=2)
OUTCOME = b"\x0e" * 32


def submission(number: int) -> bytes:
    """A submission id."""
    return number.to_bytes(32, "big")


def quorum_of(committee: Committee) -> range:
    """The first members that make a quorum."""
    return range(committee.quorum)


class Sayings:
    """What members of a committee can sign."""

    def __init__(self, committee: Committee) -> None:
        self.committee = committee
        self.genesis = genesis_block(committee.union, GENESIS_TIME)

    def block(self, view: int, parent: Block | None = None, payload: Sequence[bytes] = ()) -> Block:
        """A block of `view`'s leader on `parent` (genesis if None)."""
        on = (parent or self.genesis).header
        header = BlockHeader(
            union=self.committee.union,
            epoch=self.committee.epoch,
            height=on.height + 1,
            view=view,
            parent_view=on.view,
            parent=block_id(on),
            time_ms=on.time_ms + 1,
            proposer=self.committee.leader(View(view)),
            payload_root=payload_root(tuple(payload)),
        )
        return Block(header, tuple(payload))

    def notarize(self, member: int, block: Block) -> Notarize:
        """The member's notarize vote for `block`."""
        h, name = block.header, block_id(block.header)
        text = notarize_bytes(self.committee.union, h.epoch, h.view, h.parent_view, name)
        return Notarize(h.epoch, h.view, h.parent_view, name, member, self._sign(member, text))

    def nullify(self, member: int, view: int) -> Nullify:
        """The member's nullify vote for `view`."""
        text = nullify_bytes(self.committee.union, self.committee.epoch, view)
        return Nullify(self.committee.epoch, view, member, self._sign(member, text))

    def finalize(self, member: int, block: Block, outcome: bytes = OUTCOME) -> Finalize:
        """The member's finalize vote for `block`."""
        h, name = block.header, block_id(block.header)
        text = finalize_bytes(self.committee.union, h.epoch, h.view, name, outcome)
        return Finalize(h.epoch, h.view, name, outcome, member, self._sign(member, text))

    def proposal(self, block: Block) -> Proposal:
        """The leader's proposal of `block`."""
        return Proposal(block, self.notarize(block.header.proposer, block))

    def notarization(self, block: Block) -> Notarization:
        """A quorum's certificate."""
        votes = [self.notarize(m, block) for m in quorum_of(self.committee)]
        one = votes[0]
        signatures = tuple((v.member, v.signature) for v in votes)
        return Notarization(one.epoch, one.view, one.parent_view, one.block, signatures)

    def nullification(self, view: int) -> Nullification:
        """A quorum's certificate."""
        votes = [self.nullify(m, view) for m in quorum_of(self.committee)]
        signatures = tuple((v.member, v.signature) for v in votes)
        return Nullification(self.committee.epoch, view, signatures)

    def finalization(self, block: Block, outcome: bytes = OUTCOME) -> Finalization:
        """A quorum's certificate."""
        votes = [self.finalize(m, block, outcome) for m in quorum_of(self.committee)]
        one = votes[0]
        signatures = tuple((v.member, v.signature) for v in votes)
        return Finalization(one.epoch, one.view, one.block, outcome, signatures)

    def _sign(self, member: int, text: bytes) -> bytes:
        return signer(self.committee, Member(member))(text)


class Bench(Sayings):
    """The core of `me` in a committee of `members`, at virtual time `now`."""

    def __init__(
        self,
        *,
        members: int = 4,
        me: int | None = None,
        leads: int | None = None,
        records: Iterable[JournalRecord] = (),
        now: int = 0,
    ) -> None:
        """The core is that of `me`, or of the leader of view `leads`, or of no early leader."""
        super().__init__(committee_of(members, 7))
        if me is None:
            view = members if leads is None else leads
            me = self.committee.leader(View(view))
        self.me = Member(me)
        self.now = now
        self.effects: list[Effect] = []
        self.core = Simplex(
            self.committee,
            self.me,
            PARAMETERS,
            Head.of(self.genesis),
            None,
            signer(self.committee, self.me),
        )
        self.core.recover(records)
        self.effects += self.core.start(now)
        self._verify = Verifier(self.committee)

    @property
    def others(self) -> list[int]:
        """Every other member."""
        return [m for m in range(len(self.committee)) if m != self.me]

    def feed(self, event: Input) -> list[Effect]:
        """Step the core."""
        effects = self.core.step(self.now, event)
        self.effects += effects
        return effects

    def hear(self, *messages: Message, sender: int | None = None) -> list[Effect]:
        """Receive messages, each of which must authenticate."""
        effects: list[Effect] = []
        for message in messages:
            by = Member(self.others[0] if sender is None else sender)
            checked = authenticate(message, by, self.committee, self._verify)
            effects += self.feed(Received(checked))
        return effects

    def wait(self, ms: int) -> list[Effect]:
        """Let time pass and tick."""
        self.now += ms
        return self.feed(Tick())

    def accept(self, block: Block) -> list[Effect]:
        """Answer a Validate with yes."""
        return self.feed(Validated(block_id(block.header), ok=True))

    def executed(self, block: Block, outcome: bytes = OUTCOME) -> list[Effect]:
        """Answer an Execute."""
        return self.feed(Executed(block_id(block.header), outcome))

    def built(self, build: Build, *payload: bytes) -> list[Effect]:
        """Answer a Build."""
        return self.feed(Built(build.view, build.parent, payload, GENESIS_TIME + self.now))


def of(kind: type[E], effects: Sequence[Effect]) -> list[E]:
    """The effects of one kind."""
    return [effect for effect in effects if isinstance(effect, kind)]


def said(effects: Sequence[Effect]) -> list[Message]:
    """What is broadcast or sent, in order."""
    return [effect.message for effect in effects if isinstance(effect, Broadcast | Send)]


def asked_to_execute(effects: Sequence[Effect]) -> list[Block]:
    """Blocks given for execution."""
    return [effect.block for effect in of(Execute, effects)]


def asked_to_validate(effects: Sequence[Effect]) -> list[Block]:
    """Blocks given for validation."""
    return [effect.block for effect in of(Validate, effects)]


def notarized(bench: Bench, view: int = 1, parent: Block | None = None) -> Block:
    """A block of `view` that the core has voted for and sees notarized."""
    block = bench.block(view, parent, [submission(view)])
    bench.hear(bench.proposal(block))
    bench.accept(block)
    bench.hear(bench.notarization(block))
    return block


def finalised(bench: Bench, view: int = 1, parent: Block | None = None) -> Block:
    """A block of `view` that the core has made final."""
    block = notarized(bench, view, parent)
    bench.executed(block)
    bench.hear(bench.finalization(block))
    return block
