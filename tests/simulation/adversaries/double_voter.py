"""Votes twice: for a block and for another, for an outcome and for another."""

import msgspec

from consensus.block import Member
from consensus.messages import Finalize, Message, Notarize
from tests.simulation.adversaries.lies import signed
from tests.simulation.member import SimulatedMember


class DoubleVoter(SimulatedMember):
    """Says each honest vote, and the one that contradicts it to members drawn at random."""

    def say(self, to: list[Member], message: Message) -> None:
        """Send, and contradict."""
        self.post(to, message)
        if isinstance(message, Notarize):
            lie: Message = signed(self, msgspec.structs.replace(message, block=bytes(32)))
        elif isinstance(message, Finalize):
            lie = signed(self, msgspec.structs.replace(message, outcome=bytes(32)))
        else:
            return
        self.post([other for other in to if self.world.random.random() < 0.5], lie)
