"""The authenticated state tree: a sparse Merkle tree over SHA-256(key), updated once per block.

Its hashes are those of the ICS-23 `smt` proof specification:

    path  = SHA-256(key)
    leaf  = SHA-256(0x00 || path || SHA-256(value))
    inner = SHA-256(0x01 || left || right)          empty = 32 zero bytes

and a subtree with a single leaf is that leaf. The root therefore depends on the entries alone,
never on the order or the batches in which they came.

A `Tree` is a value: `update` gives another one, with the rows to write, and leaves the first as it
was. So blocks can be executed ahead of finality, side by side, and forgotten. Both share in memory
what they have in common; what a tree does not have in memory it reads, and checks, when a change
leads there. `spared` keeps memory bounded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from ledger_node.codec import Digest
from ledger_node.state.branch import Branch, load
from ledger_node.state.errors import EmptyEntry
from ledger_node.state.page import EMPTY, HASH_SIZE, LEAF_PREFIX, LEAF_SIZE
from ledger_node.state.stored import BUCKET_BYTES, TreeRows, place_of

EMPTY_ROOT: Final = EMPTY
"""Root of a tree without entries, where every ledger starts."""

MAX_BRANCHES: Final = 120_000
"""Branches kept in memory, about 2.5 kB each with the leaves in them: all of a state of up to some
five million objects, the most recently changed ones of a larger one."""


def path_of(key: bytes) -> bytes:
    """Where an entry lives in the tree: SHA-256 of its key, read from the top bit down."""
    return sha256(key).digest()


@dataclass(frozen=True, slots=True)
class Tree:
    """The tree under a root, as much of it in memory as was needed so far.

    root: its hash, which alone makes two trees equal; top: the branch there, None while it has not
    been read; held: branches in memory; stamp: of the branches made since it was last `spared`.
    """

    root: Digest
    top: Branch | None = field(default=None, compare=False, repr=False)
    held: int = field(default=0, compare=False)
    stamp: int = field(default=0, compare=False)

    def spared(self, most: int = MAX_BRANCHES) -> "Tree":
        """The same tree; if it holds more branches than that, without those that no change came
        by since the last time.

        They are gone from trees that share them, too, and read again when needed: to be called of
        a tree whose rows have been written.
        """
        if self.top is None or self.held <= most:
            return self
        return Tree(self.root, self.top, _forget_older(self.top, self.stamp), self.stamp + 1)


def _forget_older(branch: Branch, stamp: int) -> int:
    """Forget what is older below a branch; how many branches are left, it included."""
    left = 1
    for nibble, below in branch.branches():
        if below.stamp < stamp:
            branch.hold(nibble, None)
        else:
            left += _forget_older(below, stamp)
    return left


NO_TREE: Final = Tree(EMPTY_ROOT)
"""The tree without entries."""


@dataclass(frozen=True, slots=True)
class Update:
    """The outcome of a batch of changes.

    tree: with the changes made; leaves, branches: rows (stored.py) to put (bytes) or delete (None),
    by path and by place, to be written together with the changes or not at all.
    """

    tree: Tree
    leaves: dict[bytes, bytes | None]
    branches: dict[bytes, bytes | None]

    @property
    def root(self) -> Digest:
        """Hash of the tree with the changes made."""
        return self.tree.root


@dataclass(frozen=True, slots=True)
class Leaf:
    """An entry as the tree knows it. path: SHA-256 of its key."""

    path: bytes
    value_hash: bytes
    key: bytes


def update(rows: TreeRows, tree: Tree, changes: Mapping[bytes, bytes | None]) -> Update:
    """The tree after `changes`: key to its new value, or None to delete it.

    rows: those of `tree`, or of an older one that it has every branch in common with that is not in
    memory.
    Setting a key to the value it has, and deleting one that is not there, change nothing.
    Raises EmptyEntry: an empty key or value. CorruptPage: the stored tree is damaged.
    """
    if not changes:
        return Update(tree, {}, {})
    return _Batch(rows, tree, [_edit(key, value) for key, value in changes.items()]).update()


def planted(rows: TreeRows, tree: Tree, leaves: list[Leaf]) -> Update:
    """The tree with entries put in of which it is known only what they hash to. As `update`."""
    edits = [(each.path, _leaf(each.path, each.value_hash), each.key) for each in leaves]
    return _Batch(rows, tree, edits).update()


_Edit = tuple[bytes, bytes, bytes]
"""A changed entry: its path; what a bucket gets of it, b"" if it goes; its key."""


def _edit(key: bytes, value: bytes | None) -> _Edit:
    if not key:
        raise EmptyEntry("key", key)
    path = sha256(key).digest()
    if value is None:
        return path, b"", key
    if not value:
        raise EmptyEntry("value", key)
    return path, _leaf(path, sha256(value).digest()), key


def _leaf(path: bytes, value_hash: bytes) -> bytes:
    return path + sha256(LEAF_PREFIX + path + value_hash).digest()


class _Batch:
    """One update under way: every branch on the way to a change is visited exactly once."""

    def __init__(self, rows: TreeRows, tree: Tree, edits: Iterable[_Edit]) -> None:
        self.rows = rows
        self.tree = tree
        self.stamp = tree.stamp
        self.held = tree.held
        self.edits = sorted(edits)
        self.leaves: dict[bytes, bytes | None] = {}
        self.branches: dict[bytes, bytes | None] = {}

    def update(self) -> Update:
        """Do it."""
        top = self.tree.top
        if top is None:
            self.held += 1
            if self.tree.root == EMPTY:
                top = Branch.empty(self.stamp)
            else:
                top = load(self.rows, 0, bytes(HASH_SIZE), self.tree.root, self.stamp)
        changed = self.branch(0, top, 0, len(self.edits))
        assert isinstance(changed, Branch), "the top is kept, whatever it holds"
        tree = Tree(Digest(changed.digest), changed, self.held, self.stamp)
        return Update(tree, self.leaves, self.branches)

    def branch(self, depth: int, branch: Branch, start: int, stop: int) -> bytes | Branch:
        """Make the edits from `start` up to `stop` in a branch: itself if that changes nothing,
        the bucket that replaces it if too few leaves are left."""
        edits = self.edits
        whole, odd = depth >> 1, depth & 1
        changed: Branch | None = None
        bits = 0
        fewer = False
        at = start
        while at < stop:
            byte = edits[at][0][whole]
            nibble = byte & 15 if odd else byte >> 4
            end = at + 1
            while end < stop:
                byte = edits[end][0][whole]
                if (byte & 15 if odd else byte >> 4) != nibble:
                    break
                end += 1
            before = branch.slots[nibble]
            after: bytes | Branch
            if isinstance(before, bytes):
                after = self.bucket(depth, before, at, end)
                fewer = fewer or (isinstance(after, bytes) and len(after) < len(before))
            else:
                if before is None:
                    before = self.load(depth + 1, branch, nibble, edits[at][0])
                after = self.branch(depth + 1, before, at, end)
                fewer = fewer or isinstance(after, bytes)
            at = end
            if after is before:
                continue
            if changed is None:
                changed = branch.copy(self.stamp)
            changed.put(nibble, after, depth)
            bits |= 1 << nibble
        if changed is None:
            return branch
        place = place_of(depth, edits[start][0])
        if fewer and depth and (bucket := changed.as_bucket()) is not None:
            self.branches[place] = None
            self.held -= 1
            return bucket
        changed.rehash(bits)
        if depth:
            self.branches[place] = changed.digest
        return changed

    def load(self, depth: int, above: Branch, nibble: int, path: bytes) -> Branch:
        """A branch that was not in memory."""
        branch = load(self.rows, depth, path, above.below(nibble), self.stamp)
        above.hold(nibble, branch)
        self.held += 1
        return branch

    def bucket(self, depth: int, bucket: bytes, start: int, stop: int) -> bytes | Branch:
        """What edits make of a bucket below a branch at `depth`: the same object if nothing."""
        leaves = {
            bucket[at : at + HASH_SIZE]: bucket[at : at + LEAF_SIZE]
            for at in range(0, len(bucket), LEAF_SIZE)
        }
        changed = False
        for path, leaf, key in self.edits[start:stop]:
            before = leaves.get(path, b"")
            if leaf == before:
                continue
            changed = True
            if not leaf:
                del leaves[path]
                self.leaves[path] = None
                continue
            leaves[path] = leaf
            if not before:
                self.leaves[path] = key
        if not changed:
            return bucket
        after = b"".join(sorted(leaves.values()))
        return after if len(after) <= BUCKET_BYTES else self.grown(depth + 1, after)

    def grown(self, depth: int, bucket: bytes) -> Branch:
        """A branch of the leaves of an overfull bucket."""
        self.held += 1
        branch = Branch.empty(self.stamp)
        whole, odd = depth >> 1, depth & 1
        below: dict[int, list[bytes]] = {}
        for at in range(0, len(bucket), LEAF_SIZE):
            byte = bucket[at + whole]
            nibble = byte & 15 if odd else byte >> 4
            below.setdefault(nibble, []).append(bucket[at : at + LEAF_SIZE])
        for nibble, leaves in below.items():
            content: bytes | Branch = b"".join(leaves)
            if len(leaves) * LEAF_SIZE > BUCKET_BYTES:
                content = self.grown(depth + 1, b"".join(leaves))
            branch.put(nibble, content, depth)
        branch.rehash(0xFFFF)
        self.branches[place_of(depth, bucket)] = branch.digest
        return branch
