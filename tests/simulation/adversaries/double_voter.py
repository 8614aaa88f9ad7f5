"""Votes for everything: any block it hears of, and nullify and finalize in the same view."""

import msgspec

from consensus.block import Member
from consensus.messages import (
    Finalize,
    Message,
    Notarize,
    Nullify,
    finalize_bytes,
    notarize_bytes,
    nullify_bytes,
)
from tests.simulation.member import SimulatedMember
from tests.simulation.signing import signer


class DoubleVoter(SimulatedMember):
    """Says each honest vote, and the one that contradicts it, to members drawn at random."""

    def say(self, to: list[Member], message: Message) -> None:
        """Send, and contradict."""
        self.post(to, message)
        union, sign = self.world.committee.union, signer(self.world.committee, self.index)
        for other in to:
            if self.world.random.random() < 0.5:
                continue
            match message:
                case Notarize():
                    block = bytes(32)
                    text = notarize_bytes(
                        union, message.epoch, message.view, message.parent_view, block
                    )
                    lie = msgspec.structs.replace(message, block=block, signature=sign(text))
                    self.post([other], lie)
                case Finalize():
                    text = nullify_bytes(union, message.epoch, message.view)
                    self.post([other], Nullify(message.epoch, message.view, self.index, sign(text)))
                    outcome = bytes(32)
                    text = finalize_bytes(
                        union, message.epoch, message.view, message.block, outcome
                    )
                    wrong = msgspec.structs.replace(message, outcome=outcome, signature=sign(text))
                    self.post([other], wrong)
                case _:
                    pass
