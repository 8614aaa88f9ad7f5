"""Sends garbage, votes far ahead and requests without end."""

from consensus.block import Member
from consensus.messages import Fetch, Message
from consensus.state import VIEW_WINDOW
from tests.simulation.adversaries.lies import nullify
from tests.simulation.member import SimulatedMember
from tests.simulation.network import BodiesWanted, Packet

EVERY_MS = 10


class Flooder(SimulatedMember):
    """What it sends must cost the others little memory and no progress."""

    def start(self) -> None:
        """Begin to flood."""
        super().start()
        self.later(EVERY_MS, self._flood)

    def _flood(self) -> None:
        other = self.world.random.choice(self.others())
        for _ in range(3):
            self.whisper(other, self._junk())
        self.post([other], self._far_ahead())
        self.post([other], self._greedy())
        self.later(EVERY_MS, self._flood)

    def say(self, to: list[Member], message: Message) -> None:
        """What it has to say besides is honest."""
        self.post(to, message)

    def _junk(self) -> Packet:
        random = self.world.random
        if random.random() < 0.2:
            return BodiesWanted(tuple(random.randbytes(32) for _ in range(10)))
        return random.randbytes(random.randrange(80))

    def _far_ahead(self) -> Message:
        ahead = self.world.random.choice((1, VIEW_WINDOW, VIEW_WINDOW + 1, 10**6, 10**12))
        return nullify(self, int(self.core.view) + ahead)

    def _greedy(self) -> Message:
        random = self.world.random
        blocks = tuple(random.randbytes(32) for _ in range(3))
        return Fetch(random.choice((-1, 0)), blocks, tuple(range(1, 30)))
