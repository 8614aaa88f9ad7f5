"""A wire on which consensus messages stay until the script moves them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consensus.block import Member
from consensus.messages import Message, decode_message, encode_message
from tests.simulation.member import SimulatedMember
from tests.simulation.network import Address, Bodies, BodiesWanted, Network, Packet


@dataclass(frozen=True, slots=True)
class _Letter:
    sender: Member
    source: Address
    address: Address
    message: Message


class HandMovedWire(Network):
    """What bodies say passes at once, between addresses that are connected."""

    muted: set[Address]

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # passed on as they came
        self._letters: list[_Letter] = []
        self.muted = set()

    def send(
        self, sender: Member, source: Address, receivers: Sequence[Member], packet: Packet
    ) -> None:
        """See Network."""
        if source in self.muted:
            return
        for address in map(Address, receivers):
            if isinstance(packet, Bodies | BodiesWanted):
                self._schedule.after(0, self._arrive, sender, source, address, packet)
            else:
                message = decode_message(packet) if isinstance(packet, bytes) else packet
                self._letters.append(_Letter(sender, source, address, message))

    def put(self, liar: SimulatedMember, receiver: SimulatedMember, message: Message) -> None:
        """Put a lie on the wire."""
        letter = _Letter(liar.index, liar.address, receiver.address, message)
        self._letters.append(letter)

    def deliver(self, kind: str | None, sender: int | None, receiver: int | None) -> bool:
        """Let what matches arrive, in the order of sending. Returns whether there was any."""
        letters = list(self._taken(kind, sender, receiver))
        for letter in letters:
            self._arrive(
                letter.sender, letter.source, letter.address, encode_message(letter.message)
            )
        return bool(letters)

    def drop(self, kind: str | None, sender: int | None, receiver: int | None) -> None:
        """Lose what matches."""
        list(self._taken(kind, sender, receiver))

    def _taken(
        self, kind: str | None, sender: int | None, receiver: int | None
    ) -> Iterator[_Letter]:
        letters, self._letters = self._letters, []
        for letter in letters:
            if (
                kind in (None, type(letter.message).__name__.lower())
                and sender in (None, letter.sender)
                and receiver in (None, letter.address)
            ):
                yield letter
            else:
                self._letters.append(letter)
