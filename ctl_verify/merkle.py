"""The log's tree: leaves, nodes, and the two kinds of proof. Sources: RFC 6962 section 2.1, and the
algorithms of RFC 9162 sections 2.1.3 and 2.1.4 for the same tree."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from ctl_verify.refusal import Malformed

MAX_SIZE: Final = 2**63 - 1
MAX_PATH: Final = 63


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry)."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\1" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, at least one."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(root_of(hashes[:half]), root_of(hashes[half:]))


def check_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """Return if the path leads from the leaf at `index` to the root of `size` leaves.

    Raises Malformed.
    """
    _check_hashes(leaf, root, *path)
    if not 0 <= index < size:
        raise Malformed(f"index {index} lies outside a tree of {size}")
    at, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Malformed("the path has more hashes than the tree has levels")
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise Malformed("the path ends below the root")
    if found != root:
        raise Malformed(f"the path leads to {found.hex()}, not to {root.hex()}")


def check_consistency(
    old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Return if the tree of `new` leaves begins with that of `old`. Raises Malformed."""
    _check_hashes(old_root, new_root, *path)
    if not 0 < old <= new:
        raise Malformed(f"a tree of {old} and one of {new}: nothing can be proven")
    if old == new:
        if path or old_root != new_root:
            raise Malformed("trees of one size have one root and an empty path")
        return
    hashes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not hashes:
        raise Malformed("the path ends below the root")
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    one = other = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise Malformed("the path has more hashes than the tree has levels")
        if at & 1 or at == last:
            one, other = node_hash(sibling, one), node_hash(sibling, other)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            other = node_hash(other, sibling)
        at, last = at >> 1, last >> 1
    if last or one != old_root or other != new_root:
        raise Malformed("the path does not lead to both roots")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(each) != 32 for each in hashes):
        raise Malformed("a hash is not 32 bytes long")
