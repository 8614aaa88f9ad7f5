"""Makes certificates that a quorum never signed."""

from consensus.block import Member, block_id
from consensus.messages import (
    Certificate,
    Finalization,
    Message,
    Notarization,
    Nullification,
    Proposal,
    Signatures,
)
from consensus.quorum import quorum
from tests.simulation.adversaries.lies import nullify
from tests.simulation.member import SimulatedMember


class CertificateForger(SimulatedMember):
    """Its own signature in everyone's place, too few signatures, signatures of another view."""

    def say(self, to: list[Member], message: Message) -> None:
        """After each honest message, a forged certificate now and then."""
        self.post(to, message)
        if isinstance(message, Proposal):
            name = block_id(message.block.header)
            self.post(to, self._finalization(message.block.header.view, name))
        if self.world.random.random() < 0.3:
            self.post(to, self._forged(int(self.core.view)))

    def _forged(self, view: int) -> Certificate:
        epoch, random = self.core.committee.epoch, self.world.random
        return random.choice(
            (
                Nullification(epoch, view, self._in_everyones_place(view)),
                Nullification(epoch, view, self._in_everyones_place(view)[:1]),
                Nullification(epoch, view, self._of_another_view(view)),
                Nullification(epoch, view, self._once_and_again(view)),
                Notarization(epoch, view, view - 1, bytes(32), self._in_everyones_place(view)),
                self._finalization(view, bytes(32)),
            )
        )

    def _finalization(self, view: int, block: bytes) -> Finalization:
        signatures = self._in_everyones_place(view)
        return Finalization(self.core.committee.epoch, view, block, bytes(32), signatures)

    def _in_everyones_place(self, view: int) -> Signatures:
        own = nullify(self, view).signature
        return tuple((m, own) for m in range(quorum(len(self.core.committee))))

    def _once_and_again(self, view: int) -> Signatures:
        own = nullify(self, view).signature
        return ((self.index, own),) * quorum(len(self.core.committee))

    def _of_another_view(self, view: int) -> Signatures:
        for current in self.core.rounds.values():
            if current.view != view and current.nullification is not None:
                return current.nullification.signatures
        return self._in_everyones_place(view)
