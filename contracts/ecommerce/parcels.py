"""Proof that a parcel is in a register, by the register's Merkle root.

The register is an RFC 6962 tree over SHA-256. A leaf is the 32-byte commitment to a parcel's salted
particulars, so neither the leaf nor the path to the root shows anything about any parcel. Proofs
are checked as RFC 9162 section 2.1.3.2 says. The one place where contracts hash: SHA-256 is a
function of its bytes, the same everywhere.
"""

from hashlib import sha256

from contracts.ecommerce import rules
from contracts.ecommerce.objects import BulkDeclaration
from contracts.kernel.rule import require

MAX_PATH = 24
"""Hashes in a proof: enough for 16 million parcels."""


def require_in_register(
    declaration: BulkDeclaration, index: int, commitment: bytes, path: tuple[bytes, ...]
) -> None:
    """Refuse a parcel that the path does not lead from to the root of the declaration."""
    require(
        index < declaration.parcels
        and root_of(index, declaration.parcels, commitment, path) == declaration.root,
        rules.PARCEL_PROVEN,
        index=index,
        parcels=declaration.parcels,
        path=len(path),
    )


def root_of(index: int, size: int, leaf: bytes, path: tuple[bytes, ...]) -> bytes | None:
    """The root that a path leads to from the leaf at `index` of `size`; None if it ends wrongly."""
    node, last = index, size - 1
    found = _leaf_hash(leaf)
    for sibling in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            found = _node_hash(sibling, found)
            while node & 1 == 0 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            found = _node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    return found if last == 0 else None


def _leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
