"""Which contract set judges a block: read from the state at its parent, and fetched from a shelf.

The object `contract-set/union` names the set in force and the one voted to follow it, with the
height from which that one judges. It is an object like any other, so members agree on it as they
agree on everything, a replay finds it again at each height, and a skipped block's vote counts for
nothing. Its form, like the charter's, is read by this program and not by the set in force: a new
contract set must leave it as it is (docs/decisions/0013).
"""

from dataclasses import dataclass

from contracts.genesis import SET_OF_GENESIS
from contracts.governance.objects import CONTRACT_SET, UNION
from ledger_node.codec import Digest
from ledger_node.ledger.execution import ContractSet, ContractShelf, ReadObject

CONTRACT_SET_KEY = CONTRACT_SET.key(UNION)


@dataclass(frozen=True, slots=True)
class Following:
    """A set that was voted and does not judge yet. height: of the first block it will judge."""

    digest: Digest
    height: int


@dataclass(frozen=True, slots=True)
class ContractsInForce:
    """The contracts of one union. A ledger.execution.Contracts.

    of_genesis: the digest in the founding document.
    """

    shelf: ContractShelf
    of_genesis: bytes

    def digest_at(self, read: ReadObject, height: int) -> Digest:
        """The digest in force at `height`, of the block after the state or a later one.

        Of a later one it is only what is known by now.
        """
        value = read(CONTRACT_SET_KEY)
        assert value is not None, "a union has a contract set from its genesis on"
        return self._named(CONTRACT_SET.decode(CONTRACT_SET_KEY, value).at(height))

    def following(self, read: ReadObject, height: int) -> Following | None:
        """The set that was voted to follow the one in force at `height`."""
        value = read(CONTRACT_SET_KEY)
        assert value is not None, "a union has a contract set from its genesis on"
        kept = CONTRACT_SET.decode(CONTRACT_SET_KEY, value)
        if kept.next_digest is None or not kept.pending(height):
            return None
        return Following(self._named(kept.next_digest), kept.next_height)

    def judging(self, read: ReadObject, height: int) -> ContractSet:
        """See Contracts."""
        return self.shelf.get(self.digest_at(read, height), height)

    def founding(self) -> ContractSet:
        """The set that the genesis names, and the first state comes from.

        Raises ContractSetMissing.
        """
        return self.shelf.get(self.of_genesis, 0)

    def _named(self, digest: bytes) -> Digest:
        return Digest(self.of_genesis if digest == SET_OF_GENESIS else digest)
