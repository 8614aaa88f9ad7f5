"""Says that executing gives something else than it gives."""

from hashlib import sha256

import msgspec

from consensus.block import Member
from consensus.messages import Finalization, Finalize, Message
from tests.simulation.adversaries.lies import signed
from tests.simulation.member import SimulatedMember


class WrongOutcome(SimulatedMember):
    """All liars of this kind agree on the wrong outcome, which is the worst they can do."""

    def say(self, to: list[Member], message: Message) -> None:
        """Change the outcome in each own finalize; keep back what shows the true one."""
        if isinstance(message, Finalization):
            return
        if isinstance(message, Finalize):
            wrong = sha256(b"wrong" + message.outcome).digest()
            message = signed(self, msgspec.structs.replace(message, outcome=wrong))
        self.post(to, message)
