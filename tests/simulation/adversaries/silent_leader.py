"""Votes like everyone, and never proposes."""

from consensus.block import Member
from consensus.messages import Message, Proposal
from tests.simulation.member import SimulatedMember


class SilentLeader(SimulatedMember):
    """Too alive to be known as silent: its votes in other views arrive."""

    def say(self, to: list[Member], message: Message) -> None:
        """Swallow own proposals."""
        if not (isinstance(message, Proposal) and message.notarize.member == self.index):
            self.post(to, message)
