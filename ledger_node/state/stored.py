"""The tree as it is stored: one row for each leaf, one for each branch.

    path  -> key                every leaf; path = SHA-256(key)
    place -> hash (32 bytes)    every branch below the root's

A branch is four levels of the tree (branch.py). There is one where more than BUCKET leaves share
the nibbles that lead to it, and always one at the root; so the rows depend on the entries alone. An
entry that changes writes one hash for each branch above it, about 40 bytes each, where pages of
sixteen hashes would take ten times as much; its leaf's row stays, for its value is stored elsewhere
and hashed again where needed. Nothing here is believed: what is read must hash to what the tree
above it says (`load`, `page.open_page`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

from ledger_node.state.errors import CorruptPage
from ledger_node.state.page import (
    EMPTY,
    FIRST_SLOT,
    HASH_SIZE,
    INNER_PREFIX,
    LEAF_SIZE,
    PATH_NIBBLES,
    SLOTS,
    Page,
    leaf_hash,
    page_key,
)

BUCKET: Final = 8
"""Leaves below a slot of a branch that are hashed each time; with one more they get a branch."""

BUCKET_BYTES: Final = BUCKET * LEAF_SIZE

_PATH_BITS: Final = 8 * HASH_SIZE
_INNER_RIGHT: Final = INNER_PREFIX + EMPTY


class TreeRows(Protocol):
    """The rows of a tree at one version, unchanging while they are read."""

    def leaves(self, first: bytes, last: bytes) -> Iterable[tuple[bytes, bytes]]:
        """(path, value hash) of the leaves with first <= path <= last, in order."""
        ...

    def branches(self, first: bytes, last: bytes) -> Iterable[tuple[bytes, bytes]]:
        """(place, hash) of the branches with first <= place <= last, in order."""
        ...


class NoRows:
    """The rows of the tree without entries."""

    def leaves(self, first: bytes, last: bytes) -> Iterable[tuple[bytes, bytes]]:  # noqa: ARG002 - whichever are asked for
        """See TreeRows."""
        return ()

    branches = leaves


place_of = page_key
"""Where a branch is: its depth in nibbles, then the nibbles that lead to it. Also the key of the
page (page.py) that shows these four levels to others."""


@dataclass(frozen=True, slots=True)
class StoredSlots:
    """What lies below the sixteen slots of a branch or page.

    branches: hash of the branch below, by nibble; leaves: by nibble, elsewhere, the records
    (path || value hash) there, joined in order of path.
    """

    branches: dict[int, bytes]
    leaves: list[bytes]


def read_slots(rows: TreeRows, depth: int, path: bytes) -> StoredSlots:
    """What lies `depth` nibbles down on the way to `path`. Raises CorruptPage for rows that no
    tree has."""
    first, last = _ends(depth, path)
    branches: dict[int, bytes] = {}
    if depth < PATH_NIBBLES - 1:
        below = rows.branches(place_of(depth + 1, first), place_of(depth + 1, last))
        for place, digest in below:
            if len(digest) != HASH_SIZE:
                raise CorruptPage(place, f"a hash of {len(digest)} bytes")
            branches[_nibble(depth, place[1:])] = digest
    leaves: list[list[bytes]] = [[] for _ in range(SLOTS)]
    for start, stop in _gaps(branches):
        between = _towards(depth, first, start), _towards(depth, last, stop - 1)
        for found, value_hash in rows.leaves(*between):
            slot = leaves[_nibble(depth, found)]
            if len(found) != HASH_SIZE or len(slot) == BUCKET:
                raise CorruptPage(place_of(depth, path), f"leaf {found.hex()} does not belong")
            slot.append(found + value_hash)
    return StoredSlots(branches, [b"".join(records) for records in leaves])


def stored_page(rows: TreeRows, key: bytes) -> bytes | None:
    """The page with that key in the stored form of page.py; None if the tree has no such page.

    key: from anyone. Raises CorruptPage.
    """
    if not key or key[0] >= PATH_NIBBLES or len(key) != 1 + (key[0] + 1) // 2:
        return None
    depth, path = key[0], key[1:].ljust(HASH_SIZE, b"\0")
    if place_of(depth, path) != key:
        return None
    stored = read_slots(rows, depth, path)
    page = Page()
    for nibble, records in enumerate(stored.leaves):
        digest = stored.branches.get(nibble, EMPTY)
        if len(records) == LEAF_SIZE:
            page.put(FIRST_SLOT + nibble, leaf_hash(records), records)
        elif records:
            page.put(FIRST_SLOT + nibble, bucket_hash(hashed(records), 4 * depth + 4), None)
        elif digest != EMPTY:
            page.put(FIRST_SLOT + nibble, digest, None)
    single = page.page_bits == 0 and page.leaf_bits & (page.leaf_bits - 1) == 0
    return None if single and (depth > 0 or not page.leaf_bits) else page.encode()


# ------------------------------------------------------------ buckets: a few leaves below a slot


def hashed(records: bytes) -> bytes:
    """The bucket of some leaves: path || leaf hash each, from path || value hash each."""
    return b"".join(
        records[at : at + HASH_SIZE] + leaf_hash(records[at : at + LEAF_SIZE])
        for at in range(0, len(records), LEAF_SIZE)
    )


def bucket_hash(bucket: bytes, bit: int) -> bytes:
    """Hash of the subtree of a bucket's leaves; bit: how many bits lead to it.

    From left to right; a subtree is closed as soon as the next leaf parts from it higher up.
    """
    if len(bucket) <= LEAF_SIZE:
        return bucket[HASH_SIZE:] or EMPTY
    path = int.from_bytes(bucket[:HASH_SIZE])
    digest, depth = bucket[HASH_SIZE:LEAF_SIZE], _PATH_BITS
    open_: list[tuple[int, bytes, int, int]] = []
    for at in range(LEAF_SIZE, len(bucket), LEAF_SIZE):
        before, path = path, int.from_bytes(bucket[at : at + HASH_SIZE])
        parting = _PATH_BITS - (before ^ path).bit_length()
        while open_ and open_[-1][0] > parting:
            digest, depth = _closed(open_.pop(), before, digest, depth)
        open_.append((parting, digest, depth, before))
        digest, depth = bucket[at + HASH_SIZE : at + LEAF_SIZE], _PATH_BITS
    while open_:
        digest, depth = _closed(open_.pop(), path, digest, depth)
    return _raised(path, digest, depth, bit)


def _closed(
    left: tuple[int, bytes, int, int], path: int, digest: bytes, depth: int
) -> tuple[bytes, int]:
    """The node over what is to the left and what is to the right of a parting, and its depth."""
    parting, left_digest, left_depth, left_path = left
    if left_depth < _PATH_BITS:
        left_digest = _raised(left_path, left_digest, left_depth, parting + 1)
    if depth < _PATH_BITS:
        digest = _raised(path, digest, depth, parting + 1)
    return sha256(INNER_PREFIX + left_digest + digest).digest(), parting


def _raised(path: int, digest: bytes, depth: int, to: int) -> bytes:
    """The hash, `to` bits down, of a subtree at `depth` that is alone on the way. A single leaf
    is the same all the way and not for here; it counts as _PATH_BITS deep."""
    for level in range(depth - 1, to - 1, -1):
        if path >> (_PATH_BITS - 1 - level) & 1:
            digest = sha256(_INNER_RIGHT + digest).digest()
        else:
            digest = sha256(INNER_PREFIX + digest + EMPTY).digest()
    return digest


# ------------------------------------------------------------ where things are


def _ends(depth: int, path: bytes) -> tuple[bytes, bytes]:
    """The first and last path that share `depth` nibbles with `path`."""
    bits = 8 * HASH_SIZE - 4 * depth
    first = int.from_bytes(path.ljust(HASH_SIZE, b"\0")) >> bits << bits
    last = first | (1 << bits) - 1
    return first.to_bytes(HASH_SIZE), last.to_bytes(HASH_SIZE)


def _towards(depth: int, path: bytes, nibble: int) -> bytes:
    """The path with its nibble at `depth` set."""
    at, odd = divmod(depth, 2)
    byte = path[at] & 0xF0 | nibble if odd else nibble << 4 | path[at] & 0x0F
    return path[:at] + bytes((byte,)) + path[at + 1 :]


def _nibble(depth: int, path: bytes) -> int:
    byte = path[depth >> 1]
    return byte & 15 if depth & 1 else byte >> 4


def _gaps(branches: dict[int, bytes]) -> Iterator[tuple[int, int]]:
    """Runs of nibbles, the end excluded, that have no branch."""
    start = 0
    for nibble in (*branches, SLOTS):
        if start < nibble:
            yield start, nibble
        start = nibble + 1
