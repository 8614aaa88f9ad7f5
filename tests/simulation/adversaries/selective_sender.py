"""Says the truth, but each thing to some members only, drawn anew each time."""

from consensus.block import Member
from consensus.messages import Message
from tests.simulation.member import SimulatedMember


class SelectiveSender(SimulatedMember):
    """Lets certificates and votes exist that only some have seen."""

    def say(self, to: list[Member], message: Message) -> None:
        """Send to about a third."""
        self.post([other for other in to if self.world.random.random() < 0.35], message)
