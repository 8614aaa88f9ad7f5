"""Proposes one block to half of the union and another to the rest."""

import msgspec

from consensus.block import Block, Member, block_id
from consensus.messages import Message, Proposal, notarize_bytes
from tests.simulation.member import SimulatedMember
from tests.simulation.signing import signer


class EquivocatingLeader(SimulatedMember):
    """Its two blocks differ in their time. Everything else it does is honest."""

    def say(self, to: list[Member], message: Message) -> None:
        """Send a twin of each own proposal to every second member."""
        if isinstance(message, Proposal):
            self.post(to[0::2], message)
            self.post(to[1::2], self._twin(message))
        else:
            self.post(to, message)

    def _twin(self, proposal: Proposal) -> Proposal:
        header = proposal.block.header
        header = msgspec.structs.replace(header, time_ms=header.time_ms + 1)
        name = block_id(header)
        union = self.world.committee.union
        statement = notarize_bytes(union, header.epoch, header.view, header.parent_view, name)
        signature = signer(self.world.committee, self.index)(statement)
        vote = msgspec.structs.replace(proposal.notarize, block=name, signature=signature)
        return Proposal(Block(header, proposal.block.payload), vote)
