"""Two finalizations that no one chain holds both of: what is seen of a fork, and what is done then.

More than f members lied, so nothing that this member could still say helps: it shows both
certificates to everyone, so that each correct member sees what it saw, and votes no more. It only
listens on, for votes that contradict each other: they name who lied.
"""

from collections.abc import Sequence

from consensus.block import Block, Member, View, block_id
from consensus.events import Accuse, Forked, Send, ServeRun
from consensus.messages import (
    BlockReply,
    Certificate,
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
    Vote,
    votes_in,
)
from consensus.state import PAST_ROUNDS, VIEW_WINDOW, MemberState, certificates
from consensus.votes import Round


class Forks(MemberState):
    """The part of a member that watches for the end of what the protocol can promise."""

    def _denied_by(self, finalization: Finalization) -> bool:
        """Whether a finalization contradicts what is final or certified here already."""
        if finalization.view <= self.chain.head.view:
            return self.final_views.deny(finalization)
        current = self.rounds.get(View(finalization.view))
        held = None if current is None else current.finalization
        return held is not None and _statement(held) != _statement(finalization)

    def _tells_more(self, certificate: Certificate) -> bool:
        """Whether a certificate of an open view is new here, or proves that its signers lied."""
        if not self._holds(certificate):
            return True
        return isinstance(certificate, Notarization) and self._names_another(certificate)

    def _names_another(self, rival: Notarization) -> bool:
        """Whether it shows of someone not accused yet that they notarized two blocks of a view."""
        view = View(rival.view)
        current = self.rounds.get(view)
        if current is None:
            return False
        heard = (current.notarizes.get(Member(m)) for m, _ in rival.signatures)
        return any(
            vote is not None
            and (vote.block, vote.parent_view) != (rival.block, rival.parent_view)
            and (Member(vote.member), view) not in self._accused
            for vote in heard
        )

    def _hear_denial(self, theirs: Finalization) -> None:
        """`theirs` contradicts what is final or certified here."""
        current = self.rounds.get(View(theirs.view))
        ours = None if current is None else current.finalization
        self._fork(ours or self.last_finalization, theirs)

    def _leads_elsewhere(self, run: FinalisedRun) -> bool:
        """Whether what a run makes final, from a view after the head's on, denies the head."""
        head = self.chain.head
        for block in run.blocks:
            header = block.header
            if header.height == head.height and block_id(header) != head.block:
                return True
            if header.height == head.height + 1 and header.parent != head.block:
                return True
        return run.blocks[-1].header.height <= head.height

    def _denial_on(self, path: Sequence[Block]) -> Finalization | None:
        """A finalization that we hold for a view up to the path's end, of a block not on it."""
        certified = [r.finalization for r in self._open_rounds() if r.finalization is not None]
        if len(certified) < 2:
            return None
        on_path = {block_id(block.header) for block in path}
        end = path[-1].header.view
        return next((f for f in certified if f.view <= end and f.block not in on_path), None)

    def _fork(self, ours: Finalization | None, theirs: Finalization) -> None:
        """Tell everyone, and stop."""
        self.halted = True
        self.fork = Forked(ours, theirs)
        self.rounds = {**self._past, **self.rounds}
        for certificate in (ours, theirs):
            if certificate is not None:
                self._gather(certificate)
        others = (Member(m) for m in range(len(self.committee)) if m != self.me)
        for member in others:
            self._show_fork(self.fork, member)
        self._effects.append(self.fork)

    def _show_fork(self, fork: Forked, member: Member) -> None:
        """Let a member see what we saw, and what our history stands on: together they name liars.

        One with a later view and a lower head learns of the fork from our head alone.
        """
        shown: list[Message] = [each for each in (fork.ours, fork.theirs) if each is not None]
        for current in self._open_rounds():
            shown += [each for each in certificates(current) if each not in shown]
        self._effects.extend(Send(member, each) for each in shown)
        self._effects.append(ServeRun(member, self.chain.head.height - 1))

    def _gather(self, message: Message) -> None:
        """After a fork, votes matter for one thing: whether their signers contradict themselves."""
        match message:
            case Notarize() | Nullify() | Finalize():
                votes: list[Vote] = [message]
            case Notarization() | Nullification() | Finalization():
                votes = votes_in(message)
            case Proposal():
                votes = [message.notarize]
            case FinalisedRun():
                votes = votes_in(message.finalization)
            case Fetch() | BlockReply():
                votes = []
        for vote in votes:
            if self._may_prove(vote.view):
                self._count(self._round(View(vote.view)), vote)

    def _may_prove(self, view: int) -> bool:
        """Whether votes of a view are kept after a fork: those of a bounded number of views."""
        return self.chain.head.view - PAST_ROUNDS < view <= self.view + VIEW_WINDOW

    def _count(self, current: Round, vote: Vote) -> None:
        member, view = Member(vote.member), current.view
        evidence = current.hear(vote)
        self._uncounted.add(view)
        if evidence is None:
            return
        if isinstance(vote, Notarize) and member == self.committee.leader(view):
            current.leader_equivocated = True
        if (member, view) not in self._accused:
            self._accused.add((member, view))
            self._effects.append(Accuse(evidence))


def _statement(finalization: Finalization) -> tuple[bytes, bytes]:
    return finalization.block, finalization.outcome
