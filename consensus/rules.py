"""The rules of docs/consensus/protocol.md, one method each, over what the member knows.

A rule returns whether it did something; `_apply_rules` runs them until none does. The order
matters only for speed: each rule is safe whenever its conditions hold.
"""

from collections.abc import Sequence

from consensus.block import (
    Block,
    BlockHeader,
    BlockId,
    Member,
    View,
    block_id,
    payload_root,
)
from consensus.chain import Head
from consensus.events import (
    Append,
    Broadcast,
    Build,
    Built,
    Commit,
    Dissent,
    EpochEnded,
    Execute,
    Halt,
    Persist,
    Send,
    Validate,
    WakeAt,
)
from consensus.forks import Forks
from consensus.messages import (
    Certificate,
    Finalize,
    Proposal,
    finalize_bytes,
)
from consensus.votes import Round
from consensus.wants import RUN


class Rules(Forks):
    """The deciding half of a member."""

    def _apply_rules(self, now: int) -> None:
        while not (self.halted or self.ended) and self._apply_one(now):
            pass
        if self.halted or self.ended:
            return
        self._repeat(now)
        self._effects.extend(
            Send(to, fetch) for to, fetch in self._wants.flush(now, self.chain.head.height)
        )
        wake = self._next_wake(now)
        if wake is not None and wake != self._wake_at:
            self._wake_at = wake
            self._effects.append(WakeAt(wake))

    def _apply_one(self, now: int) -> bool:
        """The first rule that has something to do, if any."""
        return (
            self._certify(now)
            or self._enter_view(now)
            or self._execute_notarized(now)
            or self._vote_finalize(now)
            or self._commit_finalised(now)
            or self._vote_notarize(now)
            or self._lead(now)
            or self._give_up(now)
        )

    def _certify(self, _now: int) -> bool:
        """Rules 4, 6, 7: a quorum of equal votes is a certificate."""
        if not self._uncounted:
            return False
        quorum = self.committee.quorum
        found: list[Certificate] = []
        for view in sorted(self._uncounted):
            current = self._round(view)
            for certificate in (
                current.assemble_notarization(quorum),
                current.assemble_nullification(quorum),
                current.assemble_finalization(quorum),
            ):
                if certificate is not None:
                    found.append(certificate)
        self._uncounted.clear()
        for certificate in found:
            self._learn(certificate)
        return bool(found)

    def _enter_view(self, now: int) -> bool:
        """Rules 1, 4, 6: any certificate for a view lets us into the next."""
        entry = View(max(self.chain.head.view, self._certified) + 1)
        if entry <= self.view:
            return False
        left = self.rounds.get(self.view)
        if left is not None and left.nullification is not None:
            leader = self.committee.leader(self.view)
            self._pacer.view_nullified(leader_was_silent=leader in self._silence)
            if left.proposal is None:
                self._silence.view_lost_by(leader)
        last = self.rounds.get(View(entry - 1))
        self.view = entry
        self._pacer.enter(now, after_block=last is None or last.certified_block() is not None)
        return True

    def _execute_notarized(self, now: int) -> bool:
        """Rule 4: execute notarized blocks, in chain order, ahead of their finalization."""
        asked = False
        catching_up = False
        gaps: dict[BlockId, BlockId] = {}
        for current in self._open_rounds():
            name = current.certified_block()
            if name is None:
                continue
            path, missing = self.chain.unexecuted(name, gaps)
            if missing is not None:
                # A finalised block brings its ancestors as one run; a notarized one is asked alone,
                # unless it is below a finalised one: then it comes with that, or is dead.
                # Of several runs the next is asked for when this one is executed and final.
                if current.finalization is None:
                    if not self._is_below_final(current.view):
                        self._want(now, missing)
                elif not catching_up:
                    self._want(now, RUN)
                    catching_up = True
                continue
            catching_up |= current.finalization is not None
            for step, block in path:
                if step not in self.chain.executing:
                    self.chain.executing.add(step)
                    self._effects.append(Execute(block))
                    asked = True
        return asked

    def _is_below_final(self, view: View) -> bool:
        """Whether a later view is known to be finalised, if not executed yet."""
        return any(r.view > view and r.finalization is not None for r in self.rounds.values())

    def _vote_finalize(self, _now: int) -> bool:
        """Rules 4 and 8: finalize what is notarized and executed, unless we nullified its view."""
        if self.me is None:
            return False
        voted = False
        for current in self._open_rounds():
            if (
                current.notarization is None
                or current.finalization is not None
                or current.sent_finalize is not None
                or current.sent_nullify is not None
                or current.leader_equivocated
            ):
                continue
            name = BlockId(current.notarization.block)
            outcome = self.chain.outcomes.get(name)
            if outcome is None:
                continue
            self._make_durable(name)
            epoch = self.committee.epoch
            signature = self._sign(
                finalize_bytes(self.committee.union, epoch, current.view, name, outcome)
            )
            self._cast(Finalize(epoch, current.view, name, outcome, self.me, signature))
            voted = True
        return voted

    def _commit_finalised(self, now: int) -> bool:
        """Rule 7: a finalised block and its ancestors are final, once executed alike."""
        ready = [
            r.finalization
            for r in self._open_rounds()
            if r.finalization is not None and BlockId(r.finalization.block) in self.chain.outcomes
        ]
        if not ready:
            return False
        finalization = ready[-1]
        name = BlockId(finalization.block)
        outcome = self.chain.outcomes[name]
        path, missing = self.chain.path_to(name)
        if missing is not None:
            # Executed before another branch became final: with at most f liars this cannot be.
            self._fork(self.last_finalization, finalization)
            return False
        if outcome != finalization.outcome:
            self.halted = True
            self._effects.append(Halt(path[-1], outcome, finalization.outcome))
            return False
        denial = self._denial_on(path)
        if denial is not None:
            self._fork(finalization, denial)
            return False
        ending = self.chain.ending(name)
        final = tuple(b for b in path if ending is None or b.header.height <= ending)
        self._effects.append(Commit(final, finalization, path[len(final) :]))
        self._tell_dissent(path)
        self.final_views.add(final, self.chain.outcomes)
        self.chain.finalise(final[-1])
        self.last_finalization = finalization
        self._finalised_at = now
        self._pacer.view_finalised()
        head_view = self.chain.head.view
        self._close_rounds()
        self._accused = {(m, v) for m, v in self._accused if v > head_view}
        self._wants.retain_views_above(head_view)
        if ending is not None and self.chain.head.height >= ending:
            self.ended = True
            self._effects.append(EpochEnded(final[-1]))
            return False
        return True

    def _tell_dissent(self, path: Sequence[Block]) -> None:
        """Of the blocks that become final: who signed another outcome than is certified."""
        outcomes = self.chain.outcomes
        other = [
            vote
            for current in self._open_rounds()
            for vote in current.finalizes.values()
            if vote.outcome != outcomes.get(BlockId(vote.block), vote.outcome)
        ]
        if other:
            final = {block_id(block.header) for block in path}
            self._effects += [
                Dissent(vote, outcomes[BlockId(vote.block)])
                for vote in other
                if vote.block in final
            ]

    def _vote_notarize(self, now: int) -> bool:
        """Rule 3: vote once, for the first valid block of this view's leader."""
        current = self.rounds.get(self.view)
        if self.me is None or current is None or current.proposal is None:
            return False
        self._pacer.start(now)
        if current.sent_notarize is not None or current.validating:
            return False
        block = current.proposal.block
        if current.judged is None:
            fits = self._fits(now, block)
            if fits:
                current.validating = True
                self._effects.append(Validate(block))
            elif fits is False:
                current.judged = False
            return fits is not None
        if not current.judged:
            return self._nullify(now, current)
        name = self.chain.add(block)
        self.chain.durable.add(name)
        self._effects.append(Append(current.proposal))
        self._cast(self._sign_notarize(block.header))
        return True

    def _lead(self, now: int) -> bool:
        """Rule 2: the leader extends the highest notarized block it can justify."""
        if self.me is None or self.me != self.committee.leader(self.view):
            return False
        current = self._round(self.view)
        if current.proposal is not None or current.sent_notarize or current.sent_nullify:
            return False
        if self._building == self.view:
            return False
        if now < self._work_due():
            return False
        tip = self._tip(now)
        if tip is None or not self._can_extend(now, tip.block):
            return False
        self._building = self.view
        self._effects.append(Build(self.view, tip.block))
        return True

    def _give_up(self, now: int) -> bool:
        """Rule 5: when patience ends, or the leader itself gives up, nullify."""
        if self.me is None:
            return False
        current = self._round(self.view)
        if current.sent_nullify is not None:
            return False
        has_reason = now >= self._work_due() or self._others_gave_up(current)
        if has_reason or current.proposal is not None:
            self._pacer.start(now)
        else:
            self._pacer.stop()
        deadline = self._deadline(current)
        fired = deadline is not None and now >= deadline
        if fired or self.committee.leader(self.view) in current.nullifies:
            return self._nullify(now, current)
        return False

    def _others_gave_up(self, current: Round) -> bool:
        """One correct member among f + 1 had a reason for a block that we may not know of."""
        return len(current.nullifies) > self.committee.max_faulty

    def _deadline(self, current: Round) -> int | None:
        """t_l while a proposal of another leader is awaited, t_a otherwise."""
        leader = self.committee.leader(self.view)
        others_gave_up = self._others_gave_up(current)
        if current.proposal is None and leader != self.me:
            return self._pacer.proposal_deadline(
                leader_is_silent=leader in self._silence, others_gave_up=others_gave_up
            )
        return self._pacer.certificate_deadline(others_gave_up=others_gave_up)

    def _repeat(self, now: int) -> None:
        """Rule 5: while the view is open, say again what was said, and what let us in."""
        due = self._pacer.repeat_at
        if due is None or now < due:
            return
        self._pacer.repeated(now)
        self._effects.extend(Broadcast(message) for message in self.unsettled())

    def _fits(self, now: int, block: Block) -> bool | None:
        """Whether a proposal of this view stands on what we hold; None while we cannot tell."""
        header, head = block.header, self.chain.head
        if header.parent_view < head.view:
            return False
        if len(block.payload) > self.parameters.max_payload:
            return False
        if len(set(block.payload)) != len(block.payload):
            return False
        if header.parent_view > head.view:
            parent_round = self.rounds.get(View(header.parent_view))
            certified = None if parent_round is None else parent_round.certified_block()
            if certified is None:
                self._want(now, View(header.parent_view), Member(header.proposer))
                return None
            if certified != header.parent:
                return False
        parent = self.chain.position(BlockId(header.parent))
        if parent is None:
            if header.parent_view == head.view:
                return False
            self._want(now, BlockId(header.parent), Member(header.proposer))
            return None
        if parent.view != header.parent_view or header.height != parent.height + 1:
            return False
        if header.time_ms <= parent.time_ms:
            return False
        if not self._gap_is_nullified(now, block):
            return None
        if not self._can_extend(now, parent.block):
            return None
        return not (block.payload and self._is_beyond(parent))

    def _is_beyond(self, parent: Head) -> bool:
        """Whether a block on `parent` is above the epoch's last: empty, only to carry finality.

        Known to whoever votes: what decided it is executed by then (`_can_extend`), because the
        last height lies `max_unexecuted` above.
        """
        ending = self.chain.ending(parent.block)
        return ending is not None and parent.height >= ending

    def _gap_is_nullified(self, now: int, block: Block) -> bool:
        """Rule 3: every view between the parent's and the block's was given up by a quorum."""
        complete = True
        for view in range(block.header.parent_view + 1, block.header.view):
            current = self.rounds.get(View(view))
            if current is None or current.nullification is None:
                self._want(now, View(view), Member(block.header.proposer))
                complete = False
        return complete

    def _propose_built(self, now: int, built: Built) -> None:
        if self._building != built.view:
            return
        self._building = None
        if built.view != self.view or self.me is None:
            return
        tip = self._tip(now)
        current = self._round(self.view)
        if tip is None or tip.block != built.parent or current.proposal is not None:
            return
        payload = () if self._is_beyond(tip) else built.payload
        if not payload:
            self._nothing_to_order = self.view
            if now < self._work_due():
                return
        header = BlockHeader(
            union=self.committee.union,
            epoch=self.committee.epoch,
            height=tip.height + 1,
            view=self.view,
            parent_view=tip.view,
            parent=tip.block,
            time_ms=max(built.time_ms, tip.time_ms + 1),
            proposer=self.me,
            payload_root=payload_root(payload),
        )
        block = Block(header, payload)
        vote = self._sign_notarize(header)
        proposal = Proposal(block, vote)
        current.proposal = proposal
        current.judged = True
        self.chain.durable.add(self.chain.add(block))
        self._pacer.start(now)
        self._effects.append(Append(proposal))
        self._effects.append(Persist(vote))
        self._remember_own(vote)
        self._effects.append(Broadcast(proposal))

    def _tip(self, now: int) -> Head | None:
        """The highest notarized block from which every view up to ours is nullified."""
        for view in range(self.view - 1, self.chain.head.view, -1):
            current = self.rounds.get(View(view))
            name = None if current is None else current.certified_block()
            if name is not None:
                position = self.chain.position(name)
                if position is None:
                    self._want(now, name)
                return position
            if current is None or current.nullification is None:
                self._want(now, View(view))
                return None
        return self.chain.head

    def _can_extend(self, now: int, parent: BlockId) -> bool:
        """Whether all below a new block is here, and few enough of it waits for execution."""
        waiting, missing = self.chain.unexecuted(parent, {})
        if missing is not None:
            self._want(now, missing)
            return False
        return len(waiting) < self.parameters.max_unexecuted

    def _next_wake(self, now: int) -> int | None:
        """The next time at which a rule could have something to do without new input."""
        if self.me is None:
            return self._wants.next_due()
        times = [self._work_due(), self._pacer.repeat_at, self._wants.next_due()]
        current = self._round(self.view)
        if current.sent_nullify is None:
            times.append(self._deadline(current))
        later = [t for t in times if t is not None and t > now]
        return min(later) if later else None
