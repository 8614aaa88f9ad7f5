"""Making proofs: walking from the root to an entry, or to the two entries around a gap.

The tree knows paths and value hashes only. Proofs carry raw keys and values, so the storage
layer supplies them by path, and what it supplies is checked against the tree before use.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from ledger_node.codec import Digest
from ledger_node.state.errors import EmptyEntry, EmptyTree, EntryMismatch
from ledger_node.state.page import (
    EMPTY,
    FIRST_SLOT,
    HASH_SIZE,
    INNER_PREFIX,
    PATH_NIBBLES,
    SLOTS,
    NodeReader,
    Page,
    read_page,
    slot_of,
)
from ledger_node.state.proof import (
    SMT_SPEC,
    CommitmentProof,
    ExistenceProof,
    HashOp,
    InnerOp,
    NonExistenceProof,
)
from ledger_node.state.tree import path_of

EntryLookup: TypeAlias = Callable[[bytes], tuple[bytes, bytes] | None]
"""(path) -> (key, value) of the entry at that path in the version of the tree being proven,
None if there is none; path: SHA-256 of the key."""


def prove(reader: NodeReader, root: Digest, key: bytes, entry: EntryLookup) -> CommitmentProof:
    """Proof that `key` is in the tree under `root`, with its value, or that it is not.

    Raises EmptyEntry: an empty key. EmptyTree: no entries, so nothing to prove absence with.
    CorruptPage: the stored tree is damaged. EntryMismatch: `entry` disagrees with the tree.
    """
    if not key:
        raise EmptyEntry("key", key)
    if root == EMPTY:
        raise EmptyTree
    path = path_of(key)
    trail = _Trail.towards(reader, root, path)
    if trail.leaf is None:
        left, right = trail.neighbour(-1), trail.neighbour(+1)
    elif (found := trail.leaf[:HASH_SIZE]) == path:
        return _existence(trail, entry)
    elif found < path:
        left, right = trail, trail.neighbour(+1)
    else:
        left, right = trail.neighbour(-1), trail
    return NonExistenceProof(
        key=key,
        left=None if left is None else _existence(left, entry),
        right=None if right is None else _existence(right, entry),
    )


_Step: TypeAlias = tuple[Page, int]
"""A page and the slot taken in it."""


@dataclass(frozen=True, slots=True)
class _Trail:
    """A way from the root down to a slot that holds a leaf or nothing; root page first."""

    reader: NodeReader
    steps: tuple[_Step, ...]

    @staticmethod
    def towards(reader: NodeReader, root: Digest, path: bytes) -> "_Trail":
        """The way to where `path` is, or would be."""
        top = read_page(reader, 0, path, root), slot_of(0, path)
        return _Trail(reader, (top,))._down(lambda depth, _: slot_of(depth, path))

    @property
    def leaf(self) -> bytes | None:
        """The record (path || value hash) at the end of the trail, if there is a leaf."""
        page, slot = self.steps[-1]
        return page.leaves[slot]

    def neighbour(self, step: int) -> "_Trail | None":
        """The way to the nearest leaf on the left (step -1) or on the right (step 1)."""
        for level in reversed(range(len(self.steps))):
            page, slot = self.steps[level]
            end = FIRST_SLOT - 1 if step < 0 else FIRST_SLOT + SLOTS
            nearest = _first_in_use(page, range(slot + step, end, step))
            if nearest is not None:
                turned = _Trail(self.reader, (*self.steps[:level], (page, nearest)))
                return turned._down(lambda _, page: _outermost(page, -step))
        return None

    def _down(self, choose: Callable[[int, Page], int]) -> "_Trail":
        """Go on to the end, taking in each page the slot that choose(depth, page) names."""
        steps = self.steps
        page, slot = steps[-1]
        while page.holds_page(slot):
            nibbles = "".join(f"{slot - FIRST_SLOT:x}" for _, slot in steps)
            prefix = bytes.fromhex(nibbles.ljust(PATH_NIBBLES, "0"))
            page = read_page(self.reader, len(steps), prefix, page.hashes[slot])
            slot = choose(len(steps), page)
            steps = (*steps, (page, slot))
        return _Trail(self.reader, steps)


def _first_in_use(page: Page, slots: Iterable[int]) -> int | None:
    return next((slot for slot in slots if page.hashes[slot] != EMPTY), None)


def _outermost(page: Page, side: int) -> int:
    """The last slot in use on the given side of a page: leftmost (-1) or rightmost (1)."""
    slot = _first_in_use(page, range(FIRST_SLOT, FIRST_SLOT + SLOTS)[::-side])
    assert slot is not None, "a page that passed its checks is not empty"
    return slot


def _existence(trail: _Trail, entry: EntryLookup) -> ExistenceProof:
    """The proof for the leaf at the end of `trail`."""
    record = trail.leaf
    assert record is not None
    path, value_hash = record[:HASH_SIZE], record[HASH_SIZE:]
    found = entry(path)
    if found is None:
        raise EntryMismatch(path, "in the tree, but the lookup knows nothing of it")
    key, value = found
    if path_of(key) != path:
        raise EntryMismatch(path, "the lookup gave a key with another path")
    if sha256(value).digest() != value_hash:
        raise EntryMismatch(path, "the lookup gave another value than the tree commits to")
    return ExistenceProof(key, value, SMT_SPEC.leaf, tuple(_inner_ops(trail)))


def _inner_ops(trail: _Trail) -> Iterator[InnerOp]:
    """The operations from a leaf up to the root."""
    for page, slot in reversed(trail.steps):
        node = slot
        while node > 1:
            parent, sibling = node >> 1, page.hashes[node ^ 1]
            if page.leaves[parent] is not None:
                pass  # The leaf is alone below its parent: it is its parent.
            elif node & 1:
                yield InnerOp(HashOp.SHA256, INNER_PREFIX + sibling, b"")
            else:
                yield InnerOp(HashOp.SHA256, INNER_PREFIX, sibling)
            node = parent
