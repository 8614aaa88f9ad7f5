"""What must never happen, whatever the seed: checked when a correct member speaks or commits.

Agreement on blocks and outcomes, no conflicting votes (across crashes too), votes durable before
they are said, valid certificates, contiguous growth, each submission final at most once, bounded
memory, and nobody accused or refused wrongly. Signatures, quorums and epochs are checked here
anew, not with the core's own functions: a defect there must not hide itself.
"""

from collections.abc import Callable, Sequence

from consensus.authentication import Claim
from consensus.block import Block, Member, block_id
from consensus.committee import Committee
from consensus.core import Simplex
from consensus.events import Commit, Dissent, Forked, Halt
from consensus.messages import (
    BlockReply,
    Certificate,
    Fetch,
    FinalisedRun,
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
    signed_bytes,
)
from consensus.quorum import quorum
from consensus.state import VIEW_WINDOW
from consensus.votes import Evidence
from tests.simulation.disk import Disk
from tests.simulation.signing import Verifier


class Violation(AssertionError):
    """An invariant does not hold."""


class Invariants:
    """Sees all correct members at once, which no member can.

    strict: raise a Violation at once; otherwise go on and collect them in `broken`.
    """

    def __init__(self, committees: Callable[[int], Committee], *, strict: bool = True) -> None:
        self.correct: set[Member] = set()
        self.heights: dict[Member, int] = {}
        """Final height of each correct member."""
        self.submissions: dict[bytes, int] = {}
        """Height at which each submission became final."""
        self.culprits: set[Member] = set()
        self.dissenters: set[Member] = set()
        """Members against whom a correct member holds proof."""
        self.views: dict[int, int] = {}
        """By epoch, the highest view in which a correct member voted."""
        self.refusals = 0
        """Messages that correct members refused."""
        self.broken: list[str] = []
        self._strict = strict
        self._committees = committees
        self._verifiers: dict[int, Verifier] = {}
        self._votes: dict[tuple[Member, int, int, type[Vote]], Vote] = {}
        self._certificates: set[Certificate] = set()
        self._notarized: dict[tuple[int, int], bytes] = {}
        """By epoch and view, as are the next two."""
        self._nullified: set[tuple[int, int]] = set()
        self._finalised: dict[tuple[int, int], tuple[bytes, bytes]] = {}
        self._chain: list[tuple[bytes, bytes | None]] = []
        """By height, from 1: block id, and its outcome where a finalization states it."""

    def said(self, member: Member, message: Message, disk: Disk) -> None:
        """A correct member sends `message`."""
        match message:
            case Notarize() | Nullify() | Finalize():
                self._check_vote(member, message, disk)
            case Notarization() | Nullification() | Finalization():
                self._check_certificate(message)
            case Proposal():
                if message.notarize.member == member:
                    self._check_vote(member, message.notarize, disk)
            case FinalisedRun():
                self._check_certificate(message.finalization)
            case Fetch() | BlockReply():
                pass

    def committed(self, member: Member, effect: Commit, outcome: bytes) -> None:
        """A correct member makes blocks final; `outcome` is what it computed for the last."""
        self._require(effect.finalization.outcome == outcome, f"M{member} commits another outcome")
        last = (*effect.blocks, *effect.beyond)[-1]
        self._require(
            effect.finalization.block == block_id(last.header),
            f"M{member} commits by a certificate for another block",
        )
        self._check_certificate(effect.finalization)
        self._check_growth(member, effect.blocks)
        height = effect.blocks[-1].header.height
        if height <= len(self._chain):
            known = self._chain[height - 1]
            self._require(known[1] in (None, outcome), f"two outcomes at height {height}")
            self._chain[height - 1] = (known[0], outcome)

    def accused(self, evidence: Evidence) -> None:
        """A correct member holds proof that another lied."""
        self._require(evidence.member not in self.correct, f"M{evidence.member} is accused wrongly")
        for vote in (evidence.first, evidence.second):
            self._require(self._is_signed(vote, evidence.member, vote.signature), "a false proof")
        self.culprits.add(evidence.member)

    def dissented(self, effect: Dissent) -> None:
        """A correct member saw one that signed another outcome than a quorum."""
        vote = effect.vote
        self._require(vote.member not in self.correct, f"M{vote.member} is said to dissent wrongly")
        self._require(self._is_signed(vote, Member(vote.member), vote.signature), "a false dissent")
        self.dissenters.add(Member(vote.member))

    def halted(self, member: Member, effect: Halt) -> None:
        """A correct member stopped: a quorum certified another outcome than it computed."""
        self._require(False, f"M{member} halts at height {effect.block.header.height}")

    def forked(self, member: Member, effect: Forked) -> None:
        """A correct member stopped: it holds two finalizations of different histories."""
        for certificate in (effect.ours, effect.theirs):
            if certificate is not None:
                self._check_certificate(certificate)
        self._require(False, f"M{member} halts: view {effect.theirs.view} made another block final")

    def refused(self, sender: Member, refusal: MessageRefused) -> None:
        """A correct member refuses what another sent."""
        self._require(sender not in self.correct, f"what M{sender} says is refused: {refusal}")
        self.refusals += 1

    def bounded(self, member: Member, core: Simplex) -> None:
        """What a correct member keeps is bounded by the views that are open."""
        views = core.view - core.chain.head.view + VIEW_WINDOW + 1
        self._require(len(core.rounds) <= views, f"M{member} keeps {len(core.rounds)} rounds")
        blocks = len(core.chain.blocks)
        self._require(blocks <= 2 * views, f"M{member} keeps {blocks} blocks")

    def _require(self, condition: bool, what: str) -> None:
        if not condition:
            self._break(what)

    def _break(self, what: str) -> None:
        if self._strict:
            raise Violation(what)
        self.broken.append(what)

    def _is_signed(self, what: Vote | Certificate, member: Member, signature: bytes) -> bool:
        committee = self._committees(what.epoch)
        verify = self._verifiers.setdefault(what.epoch, Verifier(committee))
        return verify((Claim(member, signed_bytes(committee.union, what), signature),))

    def _check_vote(self, member: Member, vote: Vote, disk: Disk) -> None:
        if vote.member != member:
            self._break(f"M{member} says a vote of M{vote.member}")
        if vote.view > self.views.get(vote.epoch, 0):
            self.views[vote.epoch] = vote.view
        place = (member, vote.epoch, vote.view)
        earlier = self._votes.setdefault((*place, type(vote)), vote)
        if earlier != vote:
            self._break(f"M{member} votes twice: {earlier} and {vote}")
        if (*place, Nullify) in self._votes and (*place, Finalize) in self._votes:
            self._break(f"M{member} nullifies and finalizes view {vote.view}")
        if not disk.holds(vote):
            self._break(f"M{member} sends a vote before it is durable: {vote}")

    def _check_certificate(self, certificate: Certificate) -> None:
        if certificate in self._certificates:
            return
        self._certificates.add(certificate)
        n = len(self._committees(1))
        signers = {member for member, _ in certificate.signatures if 0 <= member < n}
        if len(signers) < quorum(n):
            self._break(f"certificate without a quorum: {certificate}")
        if certificate.epoch < 1:
            self._break("certificate of an epoch that never was")
        for member, signature in certificate.signatures:
            good = member in signers and self._is_signed(certificate, Member(member), signature)
            if not good:
                self._break(f"certificate with a bad signature: {certificate}")
        view = (certificate.epoch, certificate.view)
        match certificate:
            case Notarization():
                if self._notarized.setdefault(view, certificate.block) != certificate.block:
                    self._break(f"two blocks notarized in view {view[1]}")
            case Nullification():
                self._nullified.add(view)
            case Finalization():
                what = (certificate.block, certificate.outcome)
                if self._finalised.setdefault(view, what) != what:
                    self._break(f"two blocks or outcomes finalised in view {view[1]}")
        if view in self._finalised and view in self._nullified:
            self._break(f"view {view[1]} is finalised and nullified")

    def _check_growth(self, member: Member, blocks: Sequence[Block]) -> None:
        for block in blocks:
            height, name = block.header.height, block_id(block.header)
            self._require(
                height == self.heights.get(member, 0) + 1,
                f"M{member} goes from height {self.heights.get(member, 0)} to {height}",
            )
            self.heights[member] = height
            if height > len(self._chain):
                self._check_payload(block)
                self._chain.append((name, None))
            same = self._chain[height - 1][0] == name
            self._require(same, f"two blocks final at height {height}")

    def _check_payload(self, block: Block) -> None:
        for submission in block.payload:
            self._require(submission not in self.submissions, "a submission is finalised twice")
            self.submissions[submission] = block.header.height
