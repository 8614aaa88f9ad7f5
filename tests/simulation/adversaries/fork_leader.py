"""Proposes on the final head, past notarized blocks that nobody gave up."""

import msgspec

from consensus.block import Block, Member, block_id
from consensus.messages import Message, Proposal, notarize_bytes
from tests.simulation.member import SimulatedMember
from tests.simulation.signing import signer


class ForkLeader(SimulatedMember):
    """Its blocks are well formed and would fork the chain if gaps were not checked."""

    def say(self, to: list[Member], message: Message) -> None:
        """Move each own proposal down to the final head."""
        self.post(to, self._moved(message) if isinstance(message, Proposal) else message)

    def _moved(self, proposal: Proposal) -> Proposal:
        head = self.core.chain.head
        header = msgspec.structs.replace(
            proposal.block.header,
            parent=head.block,
            parent_view=head.view,
            height=head.height + 1,
        )
        name = block_id(header)
        union = self.world.committee.union
        statement = notarize_bytes(union, header.epoch, header.view, header.parent_view, name)
        signature = signer(self.world.committee, self.index)(statement)
        vote = msgspec.structs.replace(
            proposal.notarize, parent_view=head.view, block=name, signature=signature
        )
        return Proposal(Block(header, proposal.block.payload), vote)
