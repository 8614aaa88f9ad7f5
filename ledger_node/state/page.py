"""Pages: the unit in which the state tree is shown to others, four of its levels in one value.

A page covers the paths that share its first `depth` nibbles (4 bits each) and has 16 slots, one
for each next nibble. A slot is empty, holds the one leaf there is below it, or holds the hash
of the page below it, which then has at least two leaves. The inner nodes between the page's top
and its slots are left out: they are hashed on reading, so no page is used before it has been
checked against the hash its parent holds, and nobody's bytes can mislead anyone. Snapshots and
backups carry pages, proofs are read off them; a store makes them of its rows (stored.py).

Stored form: page bitmap and leaf bitmap (2 bytes each, big endian, bit n = slot n), then in slot
order the hashes of the pages below (32 bytes each), then the leaf records (path || value hash,
64 bytes each): 4 to 1028 bytes. Each page has exactly one form.
"""

from functools import cache
from hashlib import sha256
from struct import Struct
from typing import Final, Protocol

from ledger_node.codec import Digest
from ledger_node.state.errors import CorruptPage

EMPTY: Final = Digest(bytes(32))
"""Hash of an empty subtree, and root of a tree without entries (ICS-23 `empty_child`)."""

LEAF_PREFIX: Final = b"\x00"
INNER_PREFIX: Final = b"\x01"

HASH_SIZE: Final = 32
LEAF_SIZE: Final = 64
PATH_NIBBLES: Final = 64

SLOTS: Final = 16
FIRST_SLOT: Final = 16
"""Nodes of a page are numbered like a heap: 1 is the top, 2n and 2n+1 lie below n, slots are
16 to 31."""

_BITMAPS: Final = Struct(">HH")

_new_inner = sha256(INNER_PREFIX).copy
"""A hash object that has seen the inner prefix; cheaper to copy than to set up anew."""


class NodeReader(Protocol):
    """Where pages come from: a database, or a snapshot of one."""

    def get(self, key: bytes, /) -> bytes | None:
        """The value under `key` of the tree's own key space, None if there is none."""
        ...


def page_key(depth: int, path: bytes) -> bytes:
    """Storage key of the page at `depth` nibbles on the way to `path`: depth, then nibbles."""
    whole = depth >> 1
    if depth & 1:
        return bytes((depth, *path[:whole], path[whole] & 0xF0))
    return bytes((depth,)) + path[:whole]


def slot_of(depth: int, path: bytes) -> int:
    """Node number of the slot that `path` goes through in a page at `depth` nibbles."""
    byte = path[depth >> 1]
    return FIRST_SLOT + (byte & 15 if depth & 1 else byte >> 4)


def leaf_hash(record: bytes) -> bytes:
    """Hash of a leaf; record: path (32 bytes) || value hash (32 bytes)."""
    return sha256(LEAF_PREFIX + record).digest()


class Page:
    """A page in memory: the hashes of its 31 nodes and, where a node is a leaf, its record.

    A leaf that is alone below a node *is* that node (the tree's collapse rule), so a record
    stands at its slot and at every node up to where it meets a neighbour.
    """

    __slots__ = ("hashes", "leaf_bits", "leaves", "page_bits")

    def __init__(self) -> None:
        self.hashes: list[bytes] = [EMPTY] * (2 * SLOTS)
        self.leaves: list[bytes | None] = [None] * (2 * SLOTS)
        self.leaf_bits = 0
        self.page_bits = 0

    @property
    def is_single_leaf(self) -> bool:
        """Whether all the page holds is one leaf."""
        return self.leaves[1] is not None

    def holds_page(self, slot: int) -> bool:
        """Whether a further page lies below `slot`."""
        return bool(self.page_bits >> (slot - FIRST_SLOT) & 1)

    def put(self, slot: int, digest: bytes, leaf: bytes | None) -> None:
        """Fill `slot` with a leaf (its hash, its record), a page (its hash, None) or nothing
        (EMPTY, None); `rehash` must follow."""
        bit = 1 << (slot - FIRST_SLOT)
        self.hashes[slot] = digest
        self.leaves[slot] = leaf
        self.leaf_bits &= ~bit
        self.page_bits &= ~bit
        if leaf is not None:
            self.leaf_bits |= bit
        elif digest != EMPTY:
            self.page_bits |= bit

    def rehash(self, bits: int) -> bytes:
        """Bring the nodes above the slots in the bitmap up to date; the hash of the top."""
        hashes, leaves = self.hashes, self.leaves
        for node in _nodes_above(bits):
            right = 2 * node + 1
            left_hash, right_hash = hashes[right - 1], hashes[right]
            if left_hash == EMPTY and (right_hash == EMPTY or leaves[right] is not None):
                hashes[node] = right_hash
                leaves[node] = leaves[right]
            elif right_hash == EMPTY and leaves[right - 1] is not None:
                hashes[node] = left_hash
                leaves[node] = leaves[right - 1]
            else:
                hasher = _new_inner()
                hasher.update(left_hash + right_hash)
                hashes[node] = hasher.digest()
                leaves[node] = None
        return hashes[1]

    def encode(self) -> bytes:
        """The stored form."""
        pages = [self.hashes[slot] for slot in _slots(self.page_bits)]
        leaves = [self.leaves[slot] for slot in _slots(self.leaf_bits)]
        form = _form(len(pages), len(leaves))
        return form.pack(self.page_bits, self.leaf_bits, *pages, *leaves)


# Which slots a bitmap names, and which nodes lie above them (each after all that lie below it),
# is looked up by the bitmap's lower byte (slots 16 to 23) and upper byte (slots 24 to 31).


def _slots_by_byte(first: int) -> list[tuple[int, ...]]:
    return [tuple(first + n for n in range(8) if byte >> n & 1) for byte in range(256)]


def _nodes_by_byte(slots_by_byte: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    above = [{slot >> up for slot in slots for up in (1, 2, 3)} for slots in slots_by_byte]
    return [tuple(sorted(nodes, reverse=True)) for nodes in above]


_LOWER_SLOTS: Final = _slots_by_byte(FIRST_SLOT)
_UPPER_SLOTS: Final = _slots_by_byte(FIRST_SLOT + 8)
_LOWER_NODES: Final = _nodes_by_byte(_LOWER_SLOTS)
_UPPER_NODES: Final = _nodes_by_byte(_UPPER_SLOTS)


def _slots(bits: int) -> tuple[int, ...]:
    return _LOWER_SLOTS[bits & 0xFF] + _UPPER_SLOTS[bits >> 8]


def _nodes_above(bits: int) -> tuple[int, ...]:
    return (*_LOWER_NODES[bits & 0xFF], *_UPPER_NODES[bits >> 8], 1)


@cache
def _form(pages: int, leaves: int) -> Struct:
    """The stored form of a page with so many slots in use; there are 153 of them."""
    return Struct(">HH" + f"{HASH_SIZE}s" * pages + f"{LEAF_SIZE}s" * leaves)


def read_page(reader: NodeReader, depth: int, path: bytes, expected: bytes) -> Page:
    """The page at `depth` nibbles on the way to `path`, checked to hash to `expected`.

    Raises CorruptPage: missing, malformed, or not the page its parent committed to.
    """
    key = page_key(depth, path)
    stored = reader.get(key)
    if stored is None:
        raise CorruptPage(key, "missing")
    return open_page(stored, depth, path, expected)


def open_page(stored: bytes, depth: int, path: bytes, expected: bytes) -> Page:
    """The page in its stored form, wherever it comes from, checked as by `read_page`.

    Raises CorruptPage.
    """
    key = page_key(depth, path)
    page = _decode(key, depth, stored)
    digest = page.rehash(page.page_bits | page.leaf_bits)
    if page.is_single_leaf and depth > 0:
        raise CorruptPage(key, "holds a single leaf, which belongs in the page above")
    if digest != expected:
        raise CorruptPage(key, f"hashes to {digest.hex()}, its parent says {expected.hex()}")
    return page


def _decode(key: bytes, depth: int, stored: bytes) -> Page:
    """A page with its slots filled in and the nodes above them not yet hashed."""
    if len(stored) < _BITMAPS.size:
        raise CorruptPage(key, f"{len(stored)} bytes, its bitmaps alone take {_BITMAPS.size}")
    page_bits, leaf_bits = _BITMAPS.unpack_from(stored)
    if leaf_bits & page_bits:
        raise CorruptPage(key, "a slot is both a leaf and a page")
    if page_bits and depth == PATH_NIBBLES - 1:
        raise CorruptPage(key, "a page below the last nibble of the path")
    page_slots, leaf_slots = _slots(page_bits), _slots(leaf_bits)
    form = _form(len(page_slots), len(leaf_slots))
    if len(stored) != form.size:
        raise CorruptPage(key, f"{len(stored)} bytes, its bitmaps say {form.size}")
    _, _, *contents = form.unpack(stored)
    if EMPTY in contents:
        raise CorruptPage(key, "a slot with an empty page")

    page = Page()
    page.page_bits, page.leaf_bits = page_bits, leaf_bits
    hashes, leaves = page.hashes, page.leaves
    for slot, digest in zip(page_slots, contents, strict=False):
        hashes[slot] = digest
    # A leaf's path must begin with the page's nibbles and its slot's, compared as one number.
    whole, shift = (depth + 2) >> 1, 0 if depth & 1 else 4
    first = (int.from_bytes(key[1:].ljust(whole, b"\0"), "big") >> shift) - FIRST_SLOT
    for slot, record in zip(leaf_slots, contents[len(page_slots) :], strict=True):
        if int.from_bytes(record[:whole], "big") >> shift != first + slot:
            raise CorruptPage(key, "a leaf whose path does not lead to its slot")
        leaves[slot] = record
        hashes[slot] = sha256(LEAF_PREFIX + record).digest()
    return page
