"""The authenticated state tree: a sparse Merkle tree over SHA-256(key), updated once per block.

Its hashes are those of the ICS-23 `smt` proof specification:

    path  = SHA-256(key)
    leaf  = SHA-256(0x00 || path || SHA-256(value))
    inner = SHA-256(0x01 || left || right)          empty = 32 zero bytes

and a subtree with a single leaf is that leaf. The root therefore depends on the entries alone,
never on the order or the batches in which they came.

`update` is pure: it reads pages through a `NodeReader` and returns what to write. Speculative
execution stacks `Overlay`s of such writes over the database and throws them away again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeAlias

from ledger_node.codec import Digest
from ledger_node.state.errors import EmptyEntry
from ledger_node.state.page import (
    EMPTY,
    FIRST_SLOT,
    HASH_SIZE,
    NodeReader,
    Page,
    leaf_hash,
    page_key,
    read_page,
    slot_of,
)

EMPTY_ROOT: Final = EMPTY
"""Root of a tree without entries, where every ledger starts."""


def path_of(key: bytes) -> bytes:
    """Where an entry lives in the tree: SHA-256 of its key, read from the top bit down."""
    return sha256(key).digest()


@dataclass(frozen=True, slots=True)
class Update:
    """The outcome of a batch of changes.

    root: root hash of the tree with the changes made; writes: pages to put (bytes) or delete
    (None), by their key in the tree's own key space, to be written together or not at all.
    """

    root: Digest
    writes: dict[bytes, bytes | None]


@dataclass(frozen=True, slots=True)
class Overlay:
    """Pages as they will be once `writes` are in `base`, which may itself be an overlay."""

    base: NodeReader
    writes: Mapping[bytes, bytes | None]

    def get(self, key: bytes, /) -> bytes | None:
        if key in self.writes:
            return self.writes[key]
        return self.base.get(key)


def update(reader: NodeReader, root: Digest, changes: Mapping[bytes, bytes | None]) -> Update:
    """The tree under `root` after `changes`: key to its new value, or None to delete it.

    Setting a key to the value it has, and deleting one that is not there, change nothing.
    Raises EmptyEntry: an empty key or value. CorruptPage: the stored tree is damaged.
    """
    batch = _Batch(reader)
    edits = sorted(_edit(key, value) for key, value in changes.items())
    if not edits:
        return Update(root, {})
    top, _ = batch.page(0, root, edits)
    return Update(Digest(top), batch.writes)


_Node: TypeAlias = tuple[bytes, bytes | None]
"""What stands in a slot: its hash, and its record if it is a leaf."""

_Edit: TypeAlias = tuple[bytes, bytes | None]
"""A changed entry: its path, and the leaf record it gets or None if it goes."""


def _edit(key: bytes, value: bytes | None) -> _Edit:
    if not key:
        raise EmptyEntry("key", key)
    path = path_of(key)
    if value is None:
        return path, None
    if not value:
        raise EmptyEntry("value", key)
    return path, path + sha256(value).digest()


class _Batch:
    """One update under way: every page on the way to a change is visited exactly once."""

    def __init__(self, reader: NodeReader) -> None:
        self.reader = reader
        self.writes: dict[bytes, bytes | None] = {}

    def page(self, depth: int, digest: bytes, edits: Sequence[_Edit]) -> _Node:
        """Make `edits` (sorted, not empty) in the page of hash `digest`; what replaces it."""
        path = edits[0][0]
        page = Page() if digest == EMPTY else read_page(self.reader, depth, path, digest)
        changed = 0
        for slot, below in _by_slot(depth, edits):
            node, leaf = self.slot(depth + 1, page, slot, below)
            if node != page.hashes[slot]:
                page.put(slot, node, leaf)
                changed |= 1 << (slot - FIRST_SLOT)
        if changed:
            digest = page.rehash(changed)
            # Below the root, a page of one leaf or none is not kept: its parent's slot takes it.
            kept = digest != EMPTY and (depth == 0 or not page.is_single_leaf)
            self.writes[page_key(depth, path)] = page.encode() if kept else None
        return digest, page.leaves[1]

    def slot(self, depth: int, page: Page, slot: int, edits: Sequence[_Edit]) -> _Node:
        """Make `edits` in what stands in one slot; depth: that of the page below the slot."""
        if page.holds_page(slot):
            return self.page(depth, page.hashes[slot], edits)
        leaves = _merge(page.leaves[slot], edits)
        if len(leaves) > 1:
            return self.page(depth, EMPTY, leaves)
        for _, leaf in leaves:
            if leaf is not None:
                return leaf_hash(leaf), leaf
        return EMPTY, None


def _by_slot(depth: int, edits: Sequence[_Edit]) -> Iterable[tuple[int, Sequence[_Edit]]]:
    """`edits`, sorted by path, split by the slot they go through in a page at `depth`."""
    if len(edits) == 1:
        return ((slot_of(depth, edits[0][0]), edits),)
    groups: dict[int, list[_Edit]] = {}
    for edit in edits:
        groups.setdefault(slot_of(depth, edit[0]), []).append(edit)
    return groups.items()


def _merge(leaf: bytes | None, edits: Sequence[_Edit]) -> Sequence[_Edit]:
    """The leaves left when `edits` meet a slot with `leaf` in it, sorted by path."""
    leaves = [edit for edit in edits if edit[1] is not None]
    if leaf is not None:
        path = leaf[:HASH_SIZE]
        if all(edit[0] != path for edit in edits):
            leaves.append((path, leaf))
            leaves.sort()
    return leaves
