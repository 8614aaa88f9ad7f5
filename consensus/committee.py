"""Who votes in an epoch: members in a fixed order, and who leads which view.

A committee holds for one epoch; membership and keys change only between epochs. Leaders rotate
over an order that the epoch seeds, so that everyone computes the same leader and no member
always follows the same predecessor in every epoch.
"""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from consensus.block import Member, View
from consensus.quorum import max_faulty, quorum


@dataclass(frozen=True)
class Committee:
    """Members of one epoch of one union.

    union: 32-byte union id; epoch: from 1; names: member codes in committee order, which gives
    each its `Member` index; keys: suite-tagged consensus public keys in the same order.
    """

    union: bytes
    epoch: int
    names: tuple[str, ...]
    keys: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not self.names or len(self.names) != len(self.keys):
            raise ValueError("a committee names at least one member and one key for each")
        if len(set(self.names)) != len(self.names) or len(set(self.keys)) != len(self.keys):
            raise ValueError("names and keys of a committee are unique")

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def quorum(self) -> int:
        """Votes that make a certificate."""
        return quorum(len(self.names))

    @cached_property
    def max_faulty(self) -> int:
        """Most members that may lie."""
        return max_faulty(len(self.names))

    @cached_property
    def rotation(self) -> tuple[Member, ...]:
        """Members in the order in which they lead this epoch's views."""

        def rank(member: int) -> bytes:
            seed = b"ctl/rotation/v1\x00" + self.union + self.epoch.to_bytes(8, "big")
            return sha256(seed + member.to_bytes(4, "big")).digest()

        return tuple(Member(m) for m in sorted(range(len(self.names)), key=rank))

    def leader(self, view: View) -> Member:
        """The member whose proposal counts in `view`."""
        return self.rotation[view % len(self.rotation)]

    def __contains__(self, member: object) -> bool:
        return isinstance(member, int) and 0 <= member < len(self.names)
