"""What one member knows and has said, and the two ways it says more: votes and wants.

Here are the guards of rule 8: a vote goes through `_cast`, which remembers it before it is sent
and asserts that it contradicts nothing said before. Everything else in the core reads this state.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from consensus.answers import Answers
from consensus.block import (
    Block,
    BlockHeader,
    BlockId,
    Member,
    View,
    block_id,
)
from consensus.chain import Chain, Head
from consensus.committee import Committee
from consensus.events import (
    Append,
    Broadcast,
    Effect,
    Forked,
    Persist,
    Send,
)
from consensus.finality import FinalViews
from consensus.messages import (
    Certificate,
    Finalization,
    Finalize,
    Message,
    Notarization,
    Notarize,
    Nullification,
    Nullify,
    Vote,
    notarize_bytes,
    nullify_bytes,
)
from consensus.pacing import Pacer, PacingParameters, Silence
from consensus.votes import Round
from consensus.wants import Wants

VIEW_WINDOW = 64
"""Votes and proposals further ahead than this are dropped: they bound what a flooder can store."""

PAST_ROUNDS = 64
"""Views below the head whose votes are remembered, to name liars by should the chain fork."""

REPEATED_ROUNDS = 4
"""How many unfinalised views are repeated at a time; a straggler asks for the rest."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """From genesis; the same for every member of an epoch."""

    pacing: PacingParameters
    max_payload: int
    """Most submission ids in a block."""
    max_unexecuted: int
    """Back-pressure: nobody votes on top of more unexecuted blocks than this."""


class MemberState:
    """One member's state in one epoch. Mutable; owned by `core.Simplex`."""

    def __init__(
        self,
        committee: Committee,
        me: Member | None,
        parameters: Parameters,
        head: Head,
        last_finalization: Finalization | None,
        sign: Callable[[bytes], bytes],
        last_height: int | None = None,
        final: Iterable[Block] = (),
    ) -> None:
        """head: the last final block, its view 0 if an earlier epoch finalised it.

        last_height: of this epoch, if the state at the head says already that it ends; final:
        blocks of this epoch up to the head, some of the last ones.
        """
        self.committee = committee
        self.me = me
        self.parameters = parameters
        self.chain = Chain(head, head_ending=last_height)
        self.view = View(head.view + 1)
        self.rounds: dict[View, Round] = {}
        """Above the finalised view, in ascending order."""
        self.last_finalization = last_finalization
        self.final_views = FinalViews.at(head, final, last_finalization)
        self.halted = False
        self.fork: Forked | None = None
        self.ended = False
        self.work_pending = False
        self._sign = sign
        self._pacer = Pacer(parameters.pacing)
        self._silence = Silence(set())
        pause = 2 * parameters.pacing.delta_ms
        self._peers = _peers(committee, me)
        self._wants = Wants(self._peers, pause)
        self._answers = Answers(pause)
        self._building: View | None = None
        self._nothing_to_order: View | None = None
        """The view in which we lead and the mempool had nothing that its parent does not hold."""
        self._finalised_at = 0
        self._helped: dict[Member, int] = {}
        self._accused: set[tuple[Member, View]] = set()
        self._wake_at: int | None = None
        """For when a `Tick` was asked that has not come."""
        self._past: dict[View, Round] = {}
        self._certified = head.view
        """The highest view of which a certificate is held."""
        self._uncounted: set[View] = set()
        """Views in which votes were heard that `_certify` has not looked at."""
        self._effects: list[Effect] = []

    def _round(self, view: View) -> Round:
        found = self.rounds.get(view)
        if found is None:
            is_highest = not self.rounds or view > next(reversed(self.rounds))
            found = self.rounds[view] = Round(view)
            if not is_highest:
                self.rounds = dict(sorted(self.rounds.items()))
        return found

    def gave_up(self, view: View) -> bool:
        """Whether a quorum gave `view` up and no block of it is known to be notarized."""
        current = self.rounds.get(view)
        if current is None or current.nullification is None:
            return False
        return current.certified_block() is None

    def _open_rounds(self) -> list[Round]:
        """Rounds above the finalised view, lowest first."""
        return list(self.rounds.values())

    def _close_rounds(self) -> None:
        """Views up to the head's are over."""
        head_view = self.chain.head.view
        for view in [view for view in self.rounds if view <= head_view]:
            self._past[view] = self.rounds.pop(view)
            self._uncounted.discard(view)
        while len(self._past) > PAST_ROUNDS:
            del self._past[next(iter(self._past))]

    def _heard(self, vote: Vote) -> bool:
        current = self.rounds.get(View(vote.view))
        if current is None:
            return False
        member = Member(vote.member)
        match vote:
            case Notarize():
                return current.notarizes.get(member) == vote
            case Nullify():
                return current.nullifies.get(member) == vote and vote.view >= self.view
            case Finalize():
                return current.finalizes.get(member) == vote

    def _holds(self, certificate: Certificate) -> bool:
        current = self.rounds.get(View(certificate.view))
        if current is None:
            return False
        match certificate:
            case Notarization():
                return current.notarization is not None
            case Nullification():
                return current.nullification is not None
            case Finalization():
                return current.finalization is not None

    def _learn(self, certificate: Certificate) -> None:
        """A certificate newly held: keep it, make it durable, see to it that everyone has it.

        Who cast the vote that it is made of shows it to those whose vote is not in it; who did not
        shows it to all. So either a correct member that did not vote tells everyone, or all correct
        members voted and everyone hears a quorum of them (docs/decisions/0019).
        """
        if certificate.view <= self.chain.head.view or self._holds(certificate):
            return
        self._store_certificate(certificate)
        self._wants.satisfied(View(certificate.view))
        # A finalization too: should the ledger lose its tail, we still know not to vote below.
        self._effects.append(Append(certificate))
        if not self._voted_for(certificate):
            self._effects.append(Broadcast(certificate))
            return
        voters = {member for member, _ in certificate.signatures}
        for peer in self._peers:
            if peer not in voters:
                self._effects.append(Send(peer, certificate))

    def _voted_for(self, certificate: Certificate) -> bool:
        """Whether we said to all what the certificate says."""
        current = self._round(View(certificate.view))
        match certificate:
            case Notarization():
                own = current.sent_notarize
                return own is not None and own.block == certificate.block
            case Nullification():
                return current.sent_nullify is not None
            case Finalization():
                vote = current.sent_finalize
                said = None if vote is None else (vote.block, vote.outcome)
                return said == (certificate.block, certificate.outcome)

    def _store_certificate(self, certificate: Certificate) -> None:
        current = self._round(View(certificate.view))
        self._certified = max(self._certified, current.view)
        match certificate:
            case Notarization():
                current.notarization = certificate
            case Nullification():
                current.nullification = certificate
            case Finalization():
                current.finalization = certificate

    def _nullify(self, now: int, current: Round) -> bool:
        """Rule 8: never after finalize in the same view."""
        if self.me is None or current.sent_nullify or current.sent_finalize:
            return False
        epoch = self.committee.epoch
        signature = self._sign(nullify_bytes(self.committee.union, epoch, current.view))
        self._cast(Nullify(epoch, current.view, self.me, signature))
        self._pacer.repeated(now)
        return True

    def _sign_notarize(self, header: BlockHeader) -> Notarize:
        assert self.me is not None
        name = block_id(header)
        signature = self._sign(
            notarize_bytes(
                self.committee.union, header.epoch, header.view, header.parent_view, name
            )
        )
        return Notarize(header.epoch, header.view, header.parent_view, name, self.me, signature)

    def _cast(self, vote: Vote) -> None:
        """Durable before visible: the log first, then the wire."""
        self._effects.append(Persist(vote))
        self._remember_own(vote)
        self._effects.append(Broadcast(vote))

    def _make_durable(self, name: BlockId) -> None:
        if name not in self.chain.durable:
            self.chain.durable.add(name)
            self._effects.append(Append(self.chain.blocks[name]))

    def _remember_own(self, vote: Vote) -> None:
        current = self._round(View(vote.view))
        match vote:
            case Notarize():
                assert current.sent_notarize is None, "one notarize a view"
                current.sent_notarize = vote
            case Nullify():
                assert current.sent_finalize is None, "never nullify after finalize"
                current.sent_nullify = vote
            case Finalize():
                assert current.sent_nullify is None, "never finalize after nullify"
                assert current.sent_finalize is None, "one finalize a view"
                current.sent_finalize = vote
        current.hear(vote)
        self._uncounted.add(current.view)

    def unsettled(self) -> list[Message]:
        """What a peer may have missed: our votes in open views, and why we are in this one."""
        messages: list[Message] = []
        # Rounds ahead of ours hold nothing but votes that came early, or from a flooder.
        entered = [current for current in self._open_rounds() if current.view <= self.view]
        for current in entered[-REPEATED_ROUNDS:]:
            messages.extend(certificates(current))
            if current.sent_finalize is not None:
                messages.append(current.sent_finalize)
            if current.view < self.view:
                continue
            leader = self.committee.leader(current.view)
            # Whoever missed the leader's proposal needs it, whoever got another one must see it.
            if current.proposal is not None and (leader != self.me or current.sent_notarize):
                messages.append(current.proposal)
            if current.sent_notarize is not None and leader != self.me:
                messages.append(current.sent_notarize)
            if current.sent_nullify is not None:
                messages.append(current.sent_nullify)
        return messages

    def _work_due(self) -> int:
        unfinalised = False
        for current in self._open_rounds():
            if current.finalization is not None:
                unfinalised = False
            elif current.notarization is not None:
                unfinalised = True
        pending = self.work_pending and self._nothing_to_order != self.view
        pending = pending or self._is_closing()
        return self._pacer.work_due(pending=pending, unfinalised=unfinalised)

    def _is_closing(self) -> bool:
        """Whether blocks are missing up to the epoch's last: they are made without waiting."""
        if self.chain.head_ending is None and not self.chain.endings:
            return False
        highest = self.chain.head.height
        ending = self.chain.head_ending
        for current in self._open_rounds():
            name = current.certified_block()
            position = None if name is None else self.chain.position(name)
            if name is not None and position is not None:
                highest = max(highest, position.height)
                ending = ending or self.chain.ending(name)
        return ending is not None and highest < ending

    def _want(self, now: int, thing: BlockId | View | str, likely: Member | None = None) -> None:
        self._wants.want(thing, now, likely)


def _peers(committee: Committee, me: Member | None) -> tuple[Member, ...]:
    """The other members, from the one after `me` on, so that not everyone asks the same first."""
    n = len(committee)
    first = 0 if me is None else me + 1
    return tuple(Member((first + i) % n) for i in range(n) if (first + i) % n != me)


def certificates(current: Round | None) -> list[Certificate]:
    if current is None:
        return []
    held = (current.finalization, current.notarization, current.nullification)
    return [certificate for certificate in held if certificate is not None]
