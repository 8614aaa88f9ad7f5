"""Taking in what peers say: keep votes, learn certificates, answer requests, help stragglers.

Nothing here votes. It only adds to what is known; `rules` then finds what follows from it.
"""

from consensus.authentication import Authenticated
from consensus.block import (
    BlockId,
    Member,
    View,
    block_id,
)
from consensus.events import (
    Send,
    ServeRun,
    Validated,
)
from consensus.forks import Forks
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
from consensus.state import VIEW_WINDOW, certificates
from consensus.votes import Round
from consensus.wants import RUN


class Listener(Forks):
    """The receiving half of a member."""

    def _receive(self, now: int, authenticated: Authenticated[Message]) -> bool:
        """Returns whether a rule could have something to do now that it had not before."""
        sender, message = authenticated.sender, authenticated.message
        match message:
            case Notarize() | Finalize():
                self._hear(now, sender, message)
                return self._completes_quorum(message)
            case Nullify():
                self._hear(now, sender, message)
            case Notarization() | Nullification() | Finalization():
                self._hear_certificate(message)
            case Proposal():
                self._hear_proposal(now, sender, message)
            case Fetch():
                self._answer(now, sender, message)
                return False
            case BlockReply():
                if self._wants.satisfied(block_id(message.block.header)):
                    self.chain.add(message.block)
            case FinalisedRun():
                self._hear_run(message)
        return True

    def _hear(self, now: int, sender: Member, vote: Vote) -> None:
        view, member = View(vote.view), Member(vote.member)
        if view <= self.chain.head.view:
            self._help_straggler(now, sender)
            return
        if view > self.view + VIEW_WINDOW:
            return
        if view + 1 >= self.view:
            self._silence.heard(member)
        current = self._round(view)
        self._count(current, vote)
        if isinstance(vote, Nullify) and view < self.view:
            self._send_certificates(now, sender, current)

    def _completes_quorum(self, vote: Notarize | Finalize) -> bool:
        """Alone, a vote for a block moves nobody."""
        current = self.rounds.get(View(vote.view))
        if current is None:
            return False
        quorum = self.committee.quorum
        if isinstance(vote, Notarize):
            return current.notarization is None and len(current.notarizes) >= quorum
        return current.finalization is None and len(current.finalizes) >= quorum

    def _hear_run(self, run: FinalisedRun) -> None:
        """Blocks up to a finalised one, if they join what is here."""
        head, finalization = self.chain.head, run.finalization
        if finalization.view <= head.view:
            self._hear_certificate(finalization)
        elif run.blocks[0].header.height <= head.height + 1:
            if self._leads_elsewhere(run):
                self._fork(self.last_finalization, finalization)
                return
            self._wants.satisfied(RUN)
            for block in run.blocks:
                self.chain.add(block)
            self._hear_certificate(finalization)

    def _hear_certificate(self, certificate: Certificate) -> None:
        """Its votes count too: some may contradict what their signers told us."""
        if isinstance(certificate, Finalization) and self._denied_by(certificate):
            self._hear_denial(certificate)
            return
        if certificate.view > self.chain.head.view and self._tells_more(certificate):
            current = self._round(View(certificate.view))
            for vote in votes_in(certificate):
                self._count(current, vote)
            self._learn(certificate)

    def _hear_proposal(self, now: int, sender: Member, proposal: Proposal) -> None:
        view = View(proposal.block.header.view)
        if not self.chain.head.view < view <= self.view + VIEW_WINDOW:
            return
        self._hear(now, sender, proposal.notarize)
        current = self._round(view)
        if current.proposal is None:
            current.proposal = proposal
        # Another block of an equivocator is kept only if a quorum notarized it: then it is needed.
        name = block_id(proposal.block.header)
        if current.proposal == proposal or current.certified_block() == name:
            self.chain.add(proposal.block)

    def _judge(self, event: Validated) -> None:
        for current in self.rounds.values():
            proposal = current.proposal
            if proposal is None or not current.validating:
                continue
            if block_id(proposal.block.header) == event.block:
                current.validating = False
                current.judged = event.ok

    def _answer(self, now: int, sender: Member, fetch: Fetch) -> None:
        """Send what is asked for and here, as far as the sender may have it (`answers`)."""
        behind = False
        for wanted in fetch.blocks:
            block = self.chain.blocks.get(BlockId(wanted))
            if block is not None and self._answers.may_give(sender, wanted, now):
                self._effects.append(Send(sender, BlockReply(block)))
            behind |= block is None
        for view in fetch.views:
            held = certificates(self.rounds.get(View(view)))
            if held and self._answers.may_give(sender, view, now):
                self._effects.extend(Send(sender, certificate) for certificate in held)
            behind |= view <= self.chain.head.view
        last = self.last_finalization
        if behind and last is not None and self._answers.may_give(sender, last.view, now):
            # What it misses is final, or nobody has it: from here it finds its way by a run.
            self._effects.append(Send(sender, last))
        after = fetch.after_height
        if 0 <= after < self.chain.head.height and self._answers.may_run(sender, after, now):
            self._effects.append(ServeRun(sender, after))

    def _greet(self, member: Member) -> None:
        """A link came up: say where we are, since anything said meanwhile is lost."""
        if self.last_finalization is not None:
            self._effects.append(Send(member, self.last_finalization))
        for message in self.unsettled():
            self._effects.append(Send(member, message))

    def _help_straggler(self, now: int, sender: Member) -> None:
        """Someone still votes in a finalised view: show the finalization, unless merely late."""
        delta = self._pacer.delta
        if self.last_finalization is None or now < self._finalised_at + delta:
            return
        if now >= self._helped.get(sender, now - 2 * delta) + 2 * delta:
            self._helped[sender] = now
            self._effects.append(Send(sender, self.last_finalization))

    def _send_certificates(self, now: int, sender: Member, current: Round) -> None:
        """Someone still wants to skip a view that we left: show what let us leave it, and more.

        The certificate that let us into our own view brings it here in one step.
        """
        delta = self._pacer.delta
        if now >= self._helped.get(sender, now - 2 * delta) + 2 * delta:
            self._helped[sender] = now
            entry = self.rounds.get(View(self.view - 1))
            later = [] if entry is current else certificates(entry)
            for certificate in certificates(current) + later:
                self._effects.append(Send(sender, certificate))
