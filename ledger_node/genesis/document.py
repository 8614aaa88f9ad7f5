"""The genesis document: who founds a union, under which parameters and which contracts.

Its canonical encoding is hashed to the union id, which every signed message carries. It becomes
binding when every member's authority key has signed it; `ceremony` sees to that.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec

from ledger_node.codec import Digest, encode, tagged_digest
from ledger_node.genesis.card import MemberCard, check_card_fields
from ledger_node.genesis.rules import (
    MAX_TIME_MS,
    GenesisError,
    check_name,
    check_origin,
    check_range,
)

GENESIS_FORMAT: Final = 1
MAX_MEMBERS: Final = 100
_SIGNED: Final = b"ctl/genesis-signature/v1\x00"


class Parameters(msgspec.Struct, frozen=True, array_like=True):
    """What consensus runs on. Times in milliseconds, sizes in bytes."""

    delta_ms: int = 500
    """Assumed bound on the delay of a message between members."""
    heartbeat_ms: int = 10_000
    """How long an idle union goes without a block."""
    max_block_submissions: int = 512
    max_block_bytes: int = 2 * 1024 * 1024
    """Sum of the sizes of a block's submissions; one alone may have 1 MiB."""
    max_clock_skew_ms: int = 2_000
    """How far a block's time may lie from a voter's clock."""
    max_unexecuted_blocks: int = 4
    """Notarized blocks that may wait for execution before members stop voting for more.

    Each of them is held in memory, and an epoch ends so many blocks after the vote that ends it.
    """


_PARAMETER_RANGES: Final = {
    "delta_ms": (10, 60_000),
    "heartbeat_ms": (100, 3_600_000),
    "max_block_submissions": (1, 10_000),
    "max_block_bytes": (1024 * 1024, 64 * 1024 * 1024),
    "max_clock_skew_ms": (100, 600_000),
    "max_unexecuted_blocks": (1, 10),
}


class Genesis(msgspec.Struct, frozen=True, array_like=True):
    """The founding document of a union. members: cards sorted by member code."""

    format: int
    name: str
    origin: str
    """The log's origin line, and the key name of every member's log key."""
    created_ms: int
    parameters: Parameters
    contract_set: bytes
    """Hash of the contracts active from the first block."""
    members: tuple[MemberCard, ...]

    def card(self, member: str) -> MemberCard:
        """Raises GenesisError when there is no such member."""
        for card in self.members:
            if card.member == member:
                return card
        raise GenesisError("members", f"no member {member}")


class AuthoritySignature(msgspec.Struct, frozen=True, array_like=True):
    """One member's assent to a genesis."""

    member: str
    signature: bytes


class SignedGenesis(msgspec.Struct, frozen=True, array_like=True):
    """A genesis and the signatures collected so far, sorted by member code."""

    genesis: Genesis
    signatures: tuple[AuthoritySignature, ...]


def union_id(genesis: Genesis) -> Digest:
    """The union's identity: a hash over every byte of the document."""
    return tagged_digest("genesis", encode(genesis))


def signed_bytes(genesis: Genesis) -> bytes:
    """What an authority key signs."""
    return _SIGNED + union_id(genesis)


def check_genesis(genesis: Genesis) -> None:
    """Everything about a genesis but its signatures. Raises GenesisError naming the field."""
    check_range("format", genesis.format, GENESIS_FORMAT, GENESIS_FORMAT)
    check_name("name", genesis.name)
    check_origin("origin", genesis.origin)
    check_range("created_ms", genesis.created_ms, 0, MAX_TIME_MS)
    check_parameters(genesis.parameters)
    if len(genesis.contract_set) != 32:
        raise GenesisError("contract_set", "must be 32 bytes")
    if not 1 <= len(genesis.members) <= MAX_MEMBERS:
        raise GenesisError("members", f"must be 1 to {MAX_MEMBERS}")
    for index, card in enumerate(genesis.members):
        try:
            check_card_fields(card)
        except GenesisError as error:
            raise GenesisError(f"members[{index}].{error.field}", error.reason) from error
    for before, after in pairwise(genesis.members):
        if before.member >= after.member:
            raise GenesisError("members", f"{after.member}: codes must be unique and sorted")
    check_distinct(genesis.members)


def check_parameters(parameters: Parameters) -> None:
    """Whether every parameter is within its range. Raises GenesisError naming it."""
    for name, (low, high) in _PARAMETER_RANGES.items():
        check_range(f"parameters.{name}", getattr(parameters, name), low, high)


def check_distinct(cards: Sequence[MemberCard]) -> None:
    """No key serves twice, across members and purposes, and no two nodes share an address.

    Raises GenesisError naming the card and key.
    """
    keys: dict[bytes, str] = {}
    addresses: dict[tuple[str, int], str] = {}
    for index, card in enumerate(cards):
        for purpose, public in card.keys().items():
            owner = f"{card.member}'s {purpose} key"
            if public in keys:
                raise GenesisError(f"members[{index}].{purpose}", f"the same as {keys[public]}")
            keys[public] = owner
        address = (card.peer_host.lower(), card.peer_port)
        if address in addresses:
            raise GenesisError(
                f"members[{index}].peer_port", f"{addresses[address]} listens there too"
            )
        addresses[address] = card.member
