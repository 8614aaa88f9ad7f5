"""What a bundle's genesis block says: who the members are, under which limits and contracts.

The genesis entry is in the log, so the policy's witnesses vouch for it; nothing else is asked. Its
id is the union's identity and stands in every signed message, so an auditor who knows the union by
its id can compare it. Format: docs/formats.md, "Genesis".
"""

from dataclasses import dataclass

from consensus.committee import Committee
from contracts import GenesisMember
from ledger_node.audit.bundle.refusal import BundleRefused, Place, Step
from ledger_node.codec import DecodeError, Digest, decode
from ledger_node.genesis.document import Genesis, check_genesis, union_id
from ledger_node.genesis.rules import GenesisError
from ledger_node.ledger.execution import ContractSet
from ledger_node.ledger.payload import PayloadLimits

FOUNDING_EPOCH = 1
"""The only epoch there is so far: a change of members would open the next."""


@dataclass(frozen=True)
class Founding:
    """The union as its genesis founds it. document: its canonical bytes."""

    genesis: Genesis
    union: Digest
    document: bytes

    @property
    def committee(self) -> Committee:
        """Who votes in the founding epoch."""
        cards = self.genesis.members
        return Committee(
            self.union,
            FOUNDING_EPOCH,
            tuple(card.member for card in cards),
            tuple(card.consensus for card in cards),
        )

    @property
    def limits(self) -> PayloadLimits:
        """What a block may hold."""
        given = self.genesis.parameters
        return PayloadLimits(given.max_block_submissions, given.max_block_bytes)

    def first_state(self, contracts: ContractSet) -> tuple[tuple[str, bytes], ...]:
        """The objects the contracts of the genesis begin with."""
        members = [
            GenesisMember(card.member, card.member, card.registrar) for card in self.genesis.members
        ]
        return contracts.first_state(members)


def read_founding(document: bytes, origin: str) -> Founding:
    """The founding document of the log `origin`. Raises BundleRefused."""
    place = Place(entry=0, height=0)
    try:
        genesis = decode(Genesis, document, what="genesis")
        check_genesis(genesis)
    except (DecodeError, GenesisError) as error:
        raise BundleRefused(Step.FOUNDING, place, str(error)) from error
    if genesis.origin != origin:
        found = f"it founds the log {genesis.origin}, the checkpoint is of {origin}"
        raise BundleRefused(Step.FOUNDING, place, found)
    return Founding(genesis, union_id(genesis), document)
