"""Proposes where it must not: on the final head past notarized blocks, or on a block that lost."""

import msgspec

from consensus.block import Member, View
from consensus.chain import Head
from consensus.messages import Message, Proposal
from tests.simulation.adversaries.lies import proposed
from tests.simulation.member import SimulatedMember


class ForkLeader(SimulatedMember):
    """Its blocks are well formed and would fork the chain if parents and gaps were not checked."""

    def say(self, to: list[Member], message: Message) -> None:
        """Move each own proposal."""
        if isinstance(message, Proposal) and message.notarize.member == self.index:
            message = self._moved(message)
        self.post(to, message)

    def _moved(self, proposal: Proposal) -> Proposal:
        header = proposal.block.header
        parent = self._wrong_parent(header.view)
        moved = msgspec.structs.replace(
            header,
            parent=parent.block,
            parent_view=parent.view,
            height=parent.height + 1,
            time_ms=max(header.time_ms, parent.time_ms + 1),
        )
        return proposed(self, moved, proposal.block.payload)

    def _wrong_parent(self, view: int) -> Head:
        """The same at each repetition in a view, mostly: it does not mean to equivocate."""
        core = self.core
        if view % 2:
            for kept in core.chain.blocks.values():
                at = kept.header.view
                round_ = core.rounds.get(View(at))
                if at < view and round_ is not None and round_.certified_block() is None:
                    return Head.of(kept)
        return core.chain.head
