"""Walking the state tree from its root: what each page says must lie below it.

Every step is checked by the step before: a page is opened only against the hash its parent holds,
a value counts only if it hashes to what its leaf says. So a tree can be taken page by page and
value by value from sources nobody trusts, in any order that puts parents before children, and
what is wrong is known to be wrong on its own, before anything else arrives.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from ledger_node.state.errors import CorruptPage, EntryMismatch
from ledger_node.state.page import (
    EMPTY,
    FIRST_SLOT,
    HASH_SIZE,
    PATH_NIBBLES,
    SLOTS,
    NodeReader,
    Page,
    open_page,
    page_key,
)


@dataclass(frozen=True, slots=True)
class PageRef:
    """A page that the tree says there is. path: 32 bytes that begin with its nibbles."""

    depth: int
    path: bytes
    digest: bytes

    @property
    def key(self) -> bytes:
        """Its key in the tree's own key space."""
        return page_key(self.depth, self.path)

    def open(self, stored: bytes) -> Page:
        """The page, if `stored` is it. Raises CorruptPage."""
        return open_page(stored, self.depth, self.path, self.digest)


@dataclass(frozen=True, slots=True)
class LeafRef:
    """An entry that the tree says there is: SHA-256 of its key, SHA-256 of its value."""

    path: bytes
    value_hash: bytes

    def matches(self, key: bytes, value: bytes) -> bool:
        """Whether this is the entry."""
        return sha256(key).digest() == self.path and sha256(value).digest() == self.value_hash

    def check(self, key: bytes, value: bytes) -> None:
        """Whether this is the entry. Raises EntryMismatch."""
        if sha256(key).digest() != self.path:
            raise EntryMismatch(self.path, f"key {key[:80]!r} lies on another path")
        if sha256(value).digest() != self.value_hash:
            raise EntryMismatch(self.path, f"value of {key[:80]!r} is another")


Ref: TypeAlias = PageRef | LeafRef


def root_ref(root: bytes) -> PageRef | None:
    """Where a walk begins; None for the tree without entries."""
    return None if root == EMPTY else PageRef(0, bytes(HASH_SIZE), root)


def below(ref: PageRef, page: Page) -> Iterator[Ref]:
    """What lies in the slots of a page, from left to right."""
    for slot in range(FIRST_SLOT, FIRST_SLOT + SLOTS):
        record = page.leaves[slot]
        if record is not None:
            yield LeafRef(record[:HASH_SIZE], record[HASH_SIZE:])
        elif page.holds_page(slot):
            nibble = slot - FIRST_SLOT
            yield PageRef(ref.depth + 1, _with_nibble(ref, nibble), page.hashes[slot])


def walk(reader: NodeReader, root: bytes) -> Iterator[tuple[Ref, bytes]]:
    """Every page and leaf of a tree, pages before what lies below them, leaves in order of path.

    With each page its stored form, with a leaf b"". Raises CorruptPage.
    """
    first = root_ref(root)
    waiting: list[Ref] = [] if first is None else [first]
    while waiting:
        ref = waiting.pop()
        if isinstance(ref, LeafRef):
            yield ref, b""
            continue
        stored = reader.get(ref.key)
        if stored is None:
            raise CorruptPage(ref.key, "missing")
        page = ref.open(stored)
        yield ref, stored
        waiting.extend(reversed(list(below(ref, page))))


def _with_nibble(ref: PageRef, nibble: int) -> bytes:
    """The page's path with the nibble at its depth set."""
    assert ref.depth < PATH_NIBBLES, "a page lies within its path"
    whole, odd = divmod(ref.depth, 2)
    byte = ref.path[whole] | nibble if odd else nibble << 4
    return (ref.path[:whole] + bytes((byte,))).ljust(HASH_SIZE, b"\0")
