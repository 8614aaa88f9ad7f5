"""Orders submissions whose bodies it keeps from the others, or from all but one of them."""

from consensus.block import Member
from tests.simulation.member import SimulatedMember
from tests.simulation.network import Bodies, Packet


class WithheldBodies(SimulatedMember):
    """What clients give it, it tells nobody, or one; asked for bodies, it answers nothing."""

    def whisper(self, to: Member, packet: Packet) -> None:
        """Swallow bodies, except for one confidant and what that one knows already."""
        confidant = self.others()[0]
        if not isinstance(packet, Bodies) or (to == confidant and self._tells(packet)):
            super().whisper(to, packet)

    def _tells(self, packet: Bodies) -> bool:
        """The same for the same bodies; a third of them."""
        return any(each[-1] % 3 == 0 for each in packet.ids[:1])
