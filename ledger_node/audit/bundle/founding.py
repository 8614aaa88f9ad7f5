"""What a bundle's founding document says: the union's identity, first members and contracts.

The document stands at the head of a bundle, so that the rosters that follow from it are known
before anything else, and again as the first entry of the log, for which the checkpoint vouches.
Its id is the union's identity and stands in every signed message.
Format: docs/formats.md, "Genesis".
"""

from dataclasses import dataclass

from contracts import GenesisMember
from ledger_node.audit.bundle.refusal import BundleRefused, Place, Step
from ledger_node.codec import DecodeError, Digest, decode
from ledger_node.genesis.document import Genesis, check_genesis, union_id
from ledger_node.genesis.rules import GenesisError
from ledger_node.ledger.execution import ContractSet


@dataclass(frozen=True)
class Founding:
    """The union as its genesis founds it. document: its canonical bytes."""

    genesis: Genesis
    union: Digest
    document: bytes

    def first_state(self, contracts: ContractSet) -> tuple[tuple[str, bytes], ...]:
        """The objects the contracts of the genesis begin with."""
        members = [
            GenesisMember(card.member, card.member, card.registrar) for card in self.genesis.members
        ]
        return contracts.first_state(members)


def read_founding(document: bytes) -> Founding:
    """The union that a document founds. Raises BundleRefused."""
    try:
        genesis = decode(Genesis, document, what="genesis")
        check_genesis(genesis)
    except (DecodeError, GenesisError) as error:
        raise BundleRefused(Step.FOUNDING, Place(entry=0, height=0), str(error)) from error
    return Founding(genesis, union_id(genesis), document)
