"""Gives up on each view that it also finalizes."""

from consensus.block import Member
from consensus.messages import Finalize, Message
from tests.simulation.adversaries.lies import nullify
from tests.simulation.member import SimulatedMember


class NullifyAndFinalize(SimulatedMember):
    """Breaks rule 8, and nothing else."""

    def say(self, to: list[Member], message: Message) -> None:
        """Let a nullify follow each finalize."""
        self.post(to, message)
        if isinstance(message, Finalize):
            self.post(to, nullify(self, message.view))
