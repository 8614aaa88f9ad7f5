"""Listens and says nothing."""

from consensus.block import Member
from consensus.messages import Message
from tests.simulation.member import SimulatedMember


class Silent(SimulatedMember):
    """Dead to the others, and alive to itself."""

    def say(self, to: list[Member], message: Message) -> None:
        """Swallow it."""
