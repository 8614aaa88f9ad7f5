"""Proposes one block to half of the union and another to the rest."""

import msgspec

from consensus.block import Member
from consensus.messages import Message, Proposal
from tests.simulation.adversaries.lies import proposed
from tests.simulation.member import SimulatedMember


class EquivocatingLeader(SimulatedMember):
    """Its two blocks differ in their time. Everything else it does is honest."""

    def say(self, to: list[Member], message: Message) -> None:
        """Send a twin of each own proposal to every second member."""
        if isinstance(message, Proposal) and message.notarize.member == self.index:
            self.post(to[0::2], message)
            self.post(to[1::2], self._twin(message))
        else:
            self.post(to, message)

    def _twin(self, proposal: Proposal) -> Proposal:
        header = proposal.block.header
        other = msgspec.structs.replace(header, time_ms=header.time_ms + 1)
        return proposed(self, other, proposal.block.payload)
