"""The append-only Merkle tree: hashing, roots, inclusion and consistency proofs.

Everything here is a pure function over hashes; where hashes are kept is the caller's matter
(`HashReader`). A tree of n leaves is fully determined by its leaf hashes in order, and its
`Frontier` (the roots of its perfect subtrees) is all one needs to append and to know the root.

Source: RFC 6962 section 2.1 with SHA-256; the iterative algorithms are those of RFC 9162
sections 2.1.3 and 2.1.4 (same tree, same proofs).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final, Protocol

from ledger_node.codec.canonical import DecodeError, decode, encode
from ledger_node.codec.digests import DIGEST_SIZE, Digest
from ledger_node.log.errors import LogError

EMPTY_ROOT: Final = Digest(sha256(b"").digest())
"""The root of a tree without leaves."""

MAX_TREE_SIZE: Final = 2**63 - 1
"""Other implementations of these formats hold sizes in signed 64-bit integers."""

MAX_PATH: Final = 63
"""Most hashes in an inclusion path: the height of a tree of MAX_TREE_SIZE leaves."""


class MerkleRule(StrEnum):
    """What a proof, or the question it should answer, breaks."""

    SIZE = "the tree size is out of range"
    INDEX = "the index lies outside the tree"
    ORDER = "the old tree is larger than the new one"
    EMPTY_OLD_TREE = "nothing can be proven about an empty old tree"
    HASH_LENGTH = "a hash is not 32 bytes long"
    PATH_TOO_LONG = "the path has more hashes than the tree has levels"
    PATH_TOO_SHORT = "the path ends below the root"
    OLD_ROOT = "the path does not lead to the old root"
    ROOT = "the path does not lead to the root"


class InclusionError(LogError):
    """A leaf is not shown to be in a tree. rule: the failing step; index, size: the question."""

    def __init__(self, rule: MerkleRule, index: int, size: int) -> None:
        super().__init__(f"inclusion of leaf {index} in a tree of {size}: {rule.value}")
        self.rule = rule
        self.index = index
        self.size = size


class ConsistencyError(LogError):
    """A tree is not shown to be a prefix of another. rule: the failing step; old, new: sizes."""

    def __init__(self, rule: MerkleRule, old: int, new: int) -> None:
        super().__init__(f"consistency of a tree of {old} with one of {new}: {rule.value}")
        self.rule = rule
        self.old = old
        self.new = new


class HashReader(Protocol):
    """Where the hashes of a tree are read from."""

    def node(self, level: int, index: int) -> Digest:
        """The root of the perfect subtree over leaves [index << level, (index + 1) << level)."""
        ...


def leaf_hash(entry: bytes) -> Digest:
    """SHA-256(0x00 || entry)."""
    return Digest(sha256(b"\x00" + entry).digest())


def node_hash(left: bytes, right: bytes) -> Digest:
    """SHA-256(0x01 || left || right)."""
    return Digest(sha256(b"\x01" + left + right).digest())


def _parents(nodes: Sequence[Digest]) -> list[Digest]:
    """The next level up of an even number of neighbours."""
    return [
        Digest(sha256(b"\x01" + left + right).digest())
        for left, right in zip(nodes[::2], nodes[1::2], strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree's compact range: the roots of its perfect subtrees, largest (leftmost) first.

    There is one for each set bit of `size`; the rest of the tree is never needed to append.
    """

    size: int
    hashes: tuple[Digest, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_TREE_SIZE:
            raise DecodeError("frontier", f"size {self.size} is out of range")
        if len(self.hashes) != self.size.bit_count():
            raise DecodeError("frontier", f"{len(self.hashes)} hashes do not fit {self.size}")
        if any(len(digest) != DIGEST_SIZE for digest in self.hashes):
            raise DecodeError("frontier", MerkleRule.HASH_LENGTH.value)

    @classmethod
    def empty(cls) -> "Frontier":
        """The frontier of a tree without leaves."""
        return cls(0, ())

    def extend(self, leaf_hashes: Iterable[Digest]) -> "Frontier":
        """The frontier after appending `leaf_hashes` in order; costs about one hash a leaf.

        Works level by level: an unpaired subtree that waits at a level is the left neighbour of
        the first new node there, and the last node without a right neighbour waits in turn.
        """
        nodes = list(leaf_hashes)
        size = self.size + len(nodes)
        waiting = list(self.hashes)
        kept: list[Digest] = []
        rest = self.size
        while nodes or rest:
            if rest & 1:
                nodes.insert(0, waiting.pop())
            if len(nodes) & 1:
                kept.append(nodes.pop())
            nodes = _parents(nodes)
            rest >>= 1
        kept.reverse()
        return Frontier(size, tuple(kept))

    def root(self) -> Digest:
        """The root of the tree."""
        return _bag(self.hashes)

    def encode(self) -> bytes:
        """Canonical bytes: [size, [hash, ...]]."""
        return encode((self.size, self.hashes))

    @classmethod
    def decode(cls, data: bytes) -> "Frontier":
        """Inverse of `encode`. Raises DecodeError."""
        size, hashes = decode(
            tuple[int, tuple[bytes, ...]], data, what="frontier", limit=16 + 34 * MAX_PATH
        )
        return cls(size, tuple(Digest(digest) for digest in hashes))


def _bag(hashes: Sequence[Digest]) -> Digest:
    """The root over neighbouring perfect subtrees of falling size."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def root_of(leaf_hashes: Iterable[Digest]) -> Digest:
    """The root of the tree of these leaves."""
    level = list(leaf_hashes)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        # A last node without a neighbour is a subtree as it stands: it moves up.
        last = level[-1:] if len(level) & 1 else []
        level = _parents(level[: len(level) & ~1]) + last
    return level[0]


class InMemoryHashes:
    """A HashReader over leaf hashes held in memory, for small trees such as a submission's."""

    def __init__(self, leaf_hashes: Iterable[Digest]) -> None:
        level = list(leaf_hashes)
        self.size = len(level)
        self._levels = [level]
        while len(level) > 1:
            level = _parents(level[: len(level) & ~1])
            self._levels.append(level)

    def node(self, level: int, index: int) -> Digest:
        """See HashReader. Raises IndexError for a subtree that is not complete."""
        return self._levels[level][index]


def range_root(begin: int, end: int, reader: HashReader) -> Digest:
    """The root over leaves [begin, end), of which `begin` starts a subtree of that width.

    Needs 0 <= begin < end, `begin` a multiple of the least power of two >= end - begin.
    """
    parts: list[Digest] = []
    rest = end - begin
    while rest:
        level = rest.bit_length() - 1
        parts.append(reader.node(level, begin >> level))
        begin += 1 << level
        rest -= 1 << level
    return _bag(parts)


def tree_root(size: int, reader: HashReader) -> Digest:
    """The root of the tree of the first `size` leaves."""
    return range_root(0, size, reader)


def _split(width: int) -> int:
    """The largest power of two smaller than `width`, where RFC 6962 splits a tree."""
    return 1 << ((width - 1).bit_length() - 1)


def inclusion_path(index: int, size: int, reader: HashReader) -> tuple[Digest, ...]:
    """The sibling hashes from leaf `index` up to below the root of the tree of `size` leaves.

    Raises InclusionError when there is no such leaf. Source: RFC 6962 section 2.1.1.
    """
    if not 0 < size <= MAX_TREE_SIZE:
        raise InclusionError(MerkleRule.SIZE, index, size)
    if not 0 <= index < size:
        raise InclusionError(MerkleRule.INDEX, index, size)
    path: list[Digest] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(range_root(middle, end, reader))
            end = middle
        else:
            path.append(range_root(begin, middle, reader))
            begin = middle
    path.reverse()
    return tuple(path)


def consistency_path(old: int, new: int, reader: HashReader) -> tuple[Digest, ...]:
    """The hashes that show the tree of `old` leaves to be a prefix of the one of `new`.

    Raises ConsistencyError unless 0 < old <= new. Source: RFC 6962 section 2.1.2.
    """
    _check_sizes(old, new)
    path: list[Digest] = []
    begin, end = 0, new
    while end != old:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(range_root(middle, end, reader))
            end = middle
        else:
            path.append(range_root(begin, middle, reader))
            begin = middle
    if begin:
        # The old tree is not itself a node of the new one: its last subtree has to be given.
        path.append(range_root(begin, end, reader))
    path.reverse()
    return tuple(path)


def _check_sizes(old: int, new: int) -> None:
    if not 0 <= new <= MAX_TREE_SIZE or old < 0:
        raise ConsistencyError(MerkleRule.SIZE, old, new)
    if old > new:
        raise ConsistencyError(MerkleRule.ORDER, old, new)
    if old == 0:
        raise ConsistencyError(MerkleRule.EMPTY_OLD_TREE, old, new)


def _all_digests(*hashes: bytes) -> bool:
    return all(len(digest) == DIGEST_SIZE for digest in hashes)


def verify_inclusion(
    index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes
) -> None:
    """Check that `leaf` (a leaf hash) stands at `index` of the tree with `size` and `root`.

    Raises InclusionError naming the failing step. Source: RFC 9162 section 2.1.3.2.
    """
    if not 0 < size <= MAX_TREE_SIZE:
        raise InclusionError(MerkleRule.SIZE, index, size)
    if not 0 <= index < size:
        raise InclusionError(MerkleRule.INDEX, index, size)
    if not _all_digests(leaf, root, *path):
        raise InclusionError(MerkleRule.HASH_LENGTH, index, size)
    node, last, result = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise InclusionError(MerkleRule.PATH_TOO_LONG, index, size)
        if node & 1 or node == last:
            result = node_hash(sibling, result)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise InclusionError(MerkleRule.PATH_TOO_SHORT, index, size)
    if result != root:
        raise InclusionError(MerkleRule.ROOT, index, size)


def verify_consistency(
    old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Check that the tree with `old` leaves and `old_root` is a prefix of the new one.

    Raises ConsistencyError naming the failing step. Source: RFC 9162 section 2.1.4.2.
    """
    _check_sizes(old, new)
    if not _all_digests(old_root, new_root, *path):
        raise ConsistencyError(MerkleRule.HASH_LENGTH, old, new)
    if old == new:
        if path:
            raise ConsistencyError(MerkleRule.PATH_TOO_LONG, old, new)
        if old_root != new_root:
            raise ConsistencyError(MerkleRule.ROOT, old, new)
        return
    # A complete old tree is itself the first node; RFC 9162 leaves it out of the path.
    nodes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not path:
        raise ConsistencyError(MerkleRule.PATH_TOO_SHORT, old, new)
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_result = new_result = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            raise ConsistencyError(MerkleRule.PATH_TOO_LONG, old, new)
        if node & 1 or node == last:
            old_result = node_hash(sibling, old_result)
            new_result = node_hash(sibling, new_result)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            new_result = node_hash(new_result, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ConsistencyError(MerkleRule.PATH_TOO_SHORT, old, new)
    if old_result != old_root:
        raise ConsistencyError(MerkleRule.OLD_ROOT, old, new)
    if new_result != new_root:
        raise ConsistencyError(MerkleRule.ROOT, old, new)
