"""Says again what it heard long ago, as it was signed; also votes of the epoch before."""

from consensus.block import Member
from consensus.messages import Message, Nullify, message_epoch, nullify_bytes
from tests.simulation.member import SimulatedMember
from tests.simulation.network import Bodies, BodiesWanted, Packet
from tests.simulation.signing import signer

REMEMBERED = 300


class StaleReplay(SimulatedMember):
    """In the epoch before, every member gave up on every view: the worst they can have left.

    They did not, so only those are told who are past that epoch, and have to ignore it. One that
    is still in it would hear votes that hold, of correct members who never cast them.
    """

    def start(self) -> None:
        """Nothing heard yet."""
        self._heard: list[Packet] = []
        self._reached: dict[Member, int] = {}
        self._replayed: dict[Member, tuple[int, int]] = {}
        super().start()

    def receive(self, sender: Member, packet: Packet) -> None:
        """Remember what was said."""
        if not isinstance(packet, Bodies | BodiesWanted) and len(self._heard) < REMEMBERED:
            self._heard.append(packet)
        super().receive(sender, packet)

    def _hear(self, sender: Member, message: Message) -> None:
        """Who speaks of an epoch has reached it."""
        reached = max(self._reached.get(sender, 0), message_epoch(message) or 0)
        self._reached[sender] = reached
        super()._hear(sender, message)

    def say(self, to: list[Member], message: Message) -> None:
        """Repeat two old things after each new one."""
        self.post(to, message)
        random = self.world.random
        for other in to:
            if self._heard and random.random() < 0.5:
                self.whisper(other, random.choice(self._heard))
        now = (self.core.committee.epoch, int(self.core.view))
        past = [
            other
            for other in to
            if self._reached.get(other, 0) >= now[0] and self._replayed.get(other, (0, 0)) < now
        ]
        if past:
            self._replayed.update(dict.fromkeys(past, now))
            for member in range(len(self.core.committee)):
                self.post(past, self._of_the_epoch_before(Member(member), now[1]))

    def _of_the_epoch_before(self, member: Member, view: int) -> Nullify:
        committee = self.core.committee
        epoch = committee.epoch - 1
        signature = signer(committee, member)(nullify_bytes(committee.union, epoch, view))
        return Nullify(epoch, view, member, signature)
