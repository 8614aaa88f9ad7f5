"""A branch: four levels of the state tree in memory, with every hash in them.

Sixteen slots hold what lies below: a bucket of up to BUCKET leaves (path || leaf hash each, in
order), or a further branch. A change copies the branches on its way and shares the rest, so a tree
is a value: many versions stand side by side, and none disturbs another. What was hashed once is not
hashed again, and of what is not in memory (`None` in a slot) only the hash is kept.

A tree refers downwards only, so no cycle runs through it and reference counting frees all of it. It
is therefore kept out of the garbage collector, which would look at every leaf in memory again and
again: a struct with gc=False, and slots in a tuple, which the collector lets go of once it has seen
that nothing in it is tracked.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final, TypeAlias

import msgspec

from ledger_node.state.errors import CorruptPage
from ledger_node.state.page import EMPTY, FIRST_SLOT, HASH_SIZE, LEAF_SIZE, SLOTS
from ledger_node.state.stored import (
    BUCKET_BYTES,
    TreeRows,
    bucket_hash,
    hashed,
    place_of,
    read_slots,
)

Content: TypeAlias = "bytes | Branch | None"
"""What is below a slot: a bucket, empty or not; a branch; None for a branch not in memory."""

_PAIR: Final = 1 + 2 * HASH_SIZE


def _place(node: int) -> slice:
    """Where a node's hash is: in the record of its parent, after the inner prefix."""
    start = _PAIR * (node >> 1) + 1 + HASH_SIZE * (node & 1)
    return slice(start, start + HASH_SIZE)


_HASH: Final = tuple(_place(node) for node in range(2 * SLOTS))

_Step: TypeAlias = tuple[int, int, int, slice, slice]
"""A node to hash: its number, those below it, the record to hash, where the hash goes."""


def _steps_by_byte(first: int) -> list[tuple[_Step, ...]]:
    """For each choice of eight slots, what to hash above them, lower nodes before upper ones."""
    choices: list[tuple[_Step, ...]] = []
    for byte in range(256):
        slots = [first + n for n in range(8) if byte >> n & 1]
        above = sorted({slot >> up for slot in slots for up in (1, 2, 3)}, reverse=True)
        choices.append(tuple(_step(node) for node in above))
    return choices


def _step(node: int) -> _Step:
    record = slice(_PAIR * node, _PAIR * (node + 1))
    return node, 2 * node, 2 * node + 1, record, _HASH[node]


_LOWER: Final = _steps_by_byte(FIRST_SLOT)
_UPPER: Final = _steps_by_byte(FIRST_SLOT + 8)
_TOP: Final = (_step(1),)

_NO_NODES: Final = b"".join(
    (bytes(_PAIR), *(b"\x01" + bytes(2 * HASH_SIZE) for _ in range(1, SLOTS)))
)


class Branch(msgspec.Struct, gc=False, eq=False):
    """nodes: for each node of 1 to 15 what its hash is of: the prefix and the hashes below it; the
    hash of node 1, the top, is at the end of record 0. counts: leaves below each node, 2 for more;
    slots: what is below, by nibble; stamp: of the batch that last made it (tree.py).

    Nodes are numbered like a heap, the slots 16 to 31. Not to be changed once others may hold it,
    but for slots: what is not in memory may come and go.
    """

    nodes: bytearray
    counts: bytearray
    slots: tuple[Content, ...]
    stamp: int

    @staticmethod
    def empty(stamp: int) -> "Branch":
        """Without leaves."""
        return Branch(bytearray(_NO_NODES), bytearray(2 * SLOTS), (b"",) * SLOTS, stamp)

    def copy(self, stamp: int) -> "Branch":
        """One that can be changed."""
        return Branch(self.nodes.copy(), self.counts.copy(), self.slots, stamp)

    @property
    def digest(self) -> bytes:
        """Hash of the top."""
        return bytes(self.nodes[_HASH[1]])

    def below(self, nibble: int) -> bytes:
        """Hash of what is below a slot."""
        return bytes(self.nodes[_HASH[FIRST_SLOT + nibble]])

    def hold(self, nibble: int, content: Content) -> None:
        """Have something else in a slot, of the same hash or before `rehash`."""
        slots = self.slots
        self.slots = (*slots[:nibble], content, *slots[nibble + 1 :])

    def put(self, nibble: int, content: "bytes | Branch", depth: int) -> None:
        """Fill a slot; `rehash` must follow. depth: of this branch, in nibbles."""
        node = FIRST_SLOT + nibble
        self.hold(nibble, content)
        if isinstance(content, Branch):
            self.counts[node] = 2
            self.nodes[_HASH[node]] = content.nodes[_HASH[1]]
        else:
            self.counts[node] = min(len(content) // LEAF_SIZE, 2)
            self.nodes[_HASH[node]] = bucket_hash(content, 4 * depth + 4)

    def put_absent(self, nibble: int, digest: bytes) -> None:
        """Note that a branch not in memory is below a slot; `rehash` must follow."""
        self.hold(nibble, None)
        self.counts[FIRST_SLOT + nibble] = 2
        self.nodes[_HASH[FIRST_SLOT + nibble]] = digest

    def rehash(self, bits: int) -> None:
        """Bring the nodes above the slots in a bitmap up to date."""
        nodes, counts = self.nodes, self.counts
        for steps in (_LOWER[bits & 0xFF], _UPPER[bits >> 8], _TOP):
            for node, left, right, record, place in steps:
                count = counts[left] + counts[right]
                if count > 1:
                    counts[node] = 2
                    nodes[place] = sha256(nodes[record]).digest()
                else:  # a leaf that is alone below a node is that node
                    counts[node] = count
                    nodes[place] = nodes[_HASH[left if counts[left] else right]]

    def as_bucket(self) -> bytes | None:
        """All its leaves, if they are few enough to go into a slot of the branch above."""
        size = 0
        for content in self.slots:
            if not isinstance(content, bytes):
                return None
            size += len(content)
        if size > BUCKET_BYTES:
            return None
        return b"".join(content for content in self.slots if isinstance(content, bytes))

    def branches(self) -> Iterator["tuple[int, Branch]"]:
        """Those below that are in memory, with their nibbles."""
        for nibble, content in enumerate(self.slots):
            if isinstance(content, Branch):
                yield nibble, content


def load(rows: TreeRows, depth: int, path: bytes, expected: bytes, stamp: int) -> Branch:
    """The branch `depth` nibbles down on the way to `path`, checked to hash to `expected`.

    Raises CorruptPage.
    """
    stored = read_slots(rows, depth, path)
    branch = Branch.empty(stamp)
    for nibble, records in enumerate(stored.leaves):
        if records:
            branch.put(nibble, hashed(records), depth)
    for nibble, digest in stored.branches.items():
        branch.put_absent(nibble, digest)
    branch.rehash(0xFFFF)
    if branch.digest != expected:
        found = f"hashes to {branch.digest.hex()}, its parent says {expected.hex()}"
        raise CorruptPage(place_of(depth, path), found)
    return branch


def is_empty(branch: Branch) -> bool:
    """Whether there is no leaf below."""
    return branch.digest == EMPTY
