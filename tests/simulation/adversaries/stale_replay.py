"""Says again what it heard long ago, as it was signed; also votes of the epoch before."""

from consensus.block import Member
from consensus.messages import Message, Nullify, nullify_bytes
from tests.simulation.member import SimulatedMember
from tests.simulation.network import Bodies, BodiesWanted, Packet
from tests.simulation.signing import signer

REMEMBERED = 300


class StaleReplay(SimulatedMember):
    """In the epoch before, every member gave up on every view: the worst they can have left."""

    def start(self) -> None:
        """Nothing heard yet."""
        self._heard: list[Packet] = []
        self._replayed_view = 0
        super().start()

    def receive(self, sender: Member, packet: Packet) -> None:
        """Remember what was said."""
        if not isinstance(packet, Bodies | BodiesWanted) and len(self._heard) < REMEMBERED:
            self._heard.append(packet)
        super().receive(sender, packet)

    def say(self, to: list[Member], message: Message) -> None:
        """Repeat two old things after each new one."""
        self.post(to, message)
        random = self.world.random
        for other in to:
            if self._heard and random.random() < 0.5:
                self.whisper(other, random.choice(self._heard))
        if self.core.view > self._replayed_view:
            self._replayed_view = int(self.core.view)
            for member in range(len(self.core.committee)):
                self.post(to, self._of_the_epoch_before(Member(member), self._replayed_view))

    def _of_the_epoch_before(self, member: Member, view: int) -> Nullify:
        committee = self.core.committee
        epoch = committee.epoch - 1
        signature = signer(committee, member)(nullify_bytes(committee.union, epoch, view))
        return Nullify(epoch, view, member, signature)
