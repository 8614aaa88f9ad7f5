"""What must never happen, whatever the seed: checked when a correct member speaks or commits.

Agreement, no conflicting votes (across crashes too), votes durable before they are said, valid
certificates, contiguous growth, and each submission finalised at most once.
"""

from collections.abc import Sequence

from consensus.authentication import claims
from consensus.block import Block, Member, block_id
from consensus.committee import Committee
from consensus.events import Commit
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
    encode_message,
)
from consensus.votes import Evidence
from tests.simulation.disk import Disk
from tests.simulation.signing import Verifier


class Violation(AssertionError):
    """An invariant does not hold."""


class Invariants:
    """Sees all correct members at once, which no member can."""

    def __init__(self, committee: Committee) -> None:
        self.correct: set[Member] = set()
        self.heights: dict[Member, int] = {}
        """Final height of each correct member."""
        self.submissions: dict[bytes, int] = {}
        """Height at which each submission became final."""
        self.culprits: set[Member] = set()
        self._committee = committee
        self._verify = Verifier(committee)
        self._votes: dict[tuple[Member, int, type[Vote]], Vote] = {}
        self._certificates: set[bytes] = set()
        self._notarized: dict[int, bytes] = {}
        self._nullified: set[int] = set()
        self._finalised: dict[int, tuple[bytes, bytes]] = {}
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
        _require(effect.finalization.outcome == outcome, f"M{member} commits another outcome")
        _require(
            effect.finalization.block == block_id(effect.blocks[-1].header),
            f"M{member} commits by a certificate for another block",
        )
        self._check_certificate(effect.finalization)
        self._check_growth(member, effect.blocks)
        known = self._chain[effect.blocks[-1].header.height - 1]
        _require(known[1] in (None, outcome), f"two outcomes at {effect.blocks[-1].header.height}")
        self._chain[effect.blocks[-1].header.height - 1] = (known[0], outcome)

    def accused(self, evidence: Evidence) -> None:
        """A correct member holds proof that another lied."""
        _require(evidence.member not in self.correct, f"M{evidence.member} is accused wrongly")
        self.culprits.add(evidence.member)

    def refused(self, sender: Member, refusal: MessageRefused) -> None:
        """A correct member refuses what another sent."""
        _require(sender not in self.correct, f"what M{sender} says is refused: {refusal}")

    def _check_vote(self, member: Member, vote: Vote, disk: Disk) -> None:
        _require(vote.member == member, f"M{member} says a vote of M{vote.member}")
        earlier = self._votes.setdefault((member, vote.view, type(vote)), vote)
        _require(earlier == vote, f"M{member} votes twice: {earlier} and {vote}")
        both = (member, vote.view, Nullify) in self._votes
        both &= (member, vote.view, Finalize) in self._votes
        _require(not both, f"M{member} nullifies and finalizes view {vote.view}")
        _require(disk.holds(vote), f"M{member} sends a vote before it is durable: {vote}")

    def _check_certificate(self, certificate: Certificate) -> None:
        data = encode_message(certificate)
        if data in self._certificates:
            return
        self._certificates.add(data)
        signed = claims(certificate, self._committee)
        _require(self._verify(signed), f"certificate with a bad signature: {certificate}")
        view = certificate.view
        match certificate:
            case Notarization():
                block = self._notarized.setdefault(view, certificate.block)
                _require(block == certificate.block, f"two blocks notarized in view {view}")
            case Nullification():
                self._nullified.add(view)
            case Finalization():
                what = (certificate.block, certificate.outcome)
                known = self._finalised.setdefault(view, what)
                _require(known == what, f"two blocks or outcomes finalised in view {view}")
        _require(
            not (view in self._finalised and view in self._nullified),
            f"view {view} is finalised and nullified",
        )

    def _check_growth(self, member: Member, blocks: Sequence[Block]) -> None:
        for block in blocks:
            height, name = block.header.height, block_id(block.header)
            _require(
                height == self.heights.get(member, 0) + 1,
                f"M{member} goes from height {self.heights.get(member, 0)} to {height}",
            )
            self.heights[member] = height
            if height > len(self._chain):
                self._check_payload(block)
                self._chain.append((name, None))
            _require(self._chain[height - 1][0] == name, f"two blocks final at height {height}")

    def _check_payload(self, block: Block) -> None:
        for submission in block.payload:
            _require(submission not in self.submissions, "a submission is finalised twice")
            self.submissions[submission] = block.header.height


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise Violation(what)
