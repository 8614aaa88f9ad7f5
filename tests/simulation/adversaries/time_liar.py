"""Stamps its blocks with times that are not: at the edge of what is accepted, and far beyond."""

import msgspec

from consensus.block import Member
from consensus.messages import Message, Proposal
from tests.simulation.adversaries.lies import proposed
from tests.simulation.clocks import MAX_CLOCK_SKEW_MS
from tests.simulation.member import SimulatedMember

LIES_MS = (MAX_CLOCK_SKEW_MS, MAX_CLOCK_SKEW_MS - 40, -MAX_CLOCK_SKEW_MS, 86_400_000, -(10**12))


class TimeLiar(SimulatedMember):
    """One time a view, so that it does not contradict itself."""

    def say(self, to: list[Member], message: Message) -> None:
        """Change the time of each own proposal."""
        if isinstance(message, Proposal) and message.notarize.member == self.index:
            header = message.block.header
            lie = header.time_ms + LIES_MS[header.view % len(LIES_MS)]
            changed = msgspec.structs.replace(header, time_ms=max(lie, 0))
            message = proposed(self, changed, message.block.payload)
        self.post(to, message)
