"""The state tree by its definition: no pages, no batches, one recursion over the whole map.

Also a store of a tree's rows, and keys to grow trees from: ones whose paths run together for long,
so that a few entries already make a tree deeper than a page, and strangers to all of them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import pairwise

from ledger_node.state import Update, path_of, stored_page

ZERO = bytes(32)


def naive_root(entries: Mapping[bytes, bytes]) -> bytes:
    """Root over `entries`, straight from the definition."""
    leaves = {sha256(k).digest(): sha256(v).digest() for k, v in entries.items()}
    return _subtree(leaves, 0)


def _subtree(leaves: Mapping[bytes, bytes], depth: int) -> bytes:
    if not leaves:
        return ZERO
    if len(leaves) == 1:
        ((path, value_hash),) = leaves.items()
        return sha256(b"\x00" + path + value_hash).digest()
    halves: tuple[dict[bytes, bytes], dict[bytes, bytes]] = ({}, {})
    for path, value_hash in leaves.items():
        halves[path[depth // 8] >> (7 - depth % 8) & 1][path] = value_hash
    left, right = (_subtree(half, depth + 1) for half in halves)
    return sha256(b"\x01" + left + right).digest()


class Store:
    """Entries and the rows of their tree, as the storage layer keeps them: TreeRows, and the
    NodeReader of its pages."""

    def __init__(self) -> None:
        self.entries: dict[bytes, bytes] = {}
        self.leaf_rows: dict[bytes, bytes] = {}
        self.branch_rows: dict[bytes, bytes] = {}
        self.reads = 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Store):
            return NotImplemented
        ours = (self.entries, self.leaf_rows, self.branch_rows)
        return ours == (other.entries, other.leaf_rows, other.branch_rows)

    __hash__ = None  # type: ignore[assignment] - it changes

    def apply(self, changes: Mapping[bytes, bytes | None], update: Update) -> None:
        """Write changes, and what the update by them says."""
        for rows, writes in (
            (self.entries, changes),
            (self.leaf_rows, update.leaves),
            (self.branch_rows, update.branches),
        ):
            for key, value in writes.items():
                if value is None:
                    rows.pop(key, None)
                else:
                    rows[key] = value

    def leaves(self, first: bytes, last: bytes) -> Iterator[tuple[bytes, bytes]]:
        for path, key in self._range(self.leaf_rows, first, last):
            yield path, sha256(self.entries.get(key, b"")).digest()

    def branches(self, first: bytes, last: bytes) -> Iterator[tuple[bytes, bytes]]:
        return self._range(self.branch_rows, first, last)

    def _range(
        self, rows: dict[bytes, bytes], first: bytes, last: bytes
    ) -> Iterator[tuple[bytes, bytes]]:
        self.reads += 1
        return ((key, rows[key]) for key in sorted(rows) if first <= key <= last)

    def get(self, key: bytes, /) -> bytes | None:
        return stored_page(self, key)


def shared_bits(a: bytes, b: bytes) -> int:
    """Length of the common beginning of two paths, in bits."""
    return 256 - (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).bit_length()


_CANDIDATES = sorted((b"movement/%d" % n for n in range(20_000)), key=path_of)


def _close_keys(pairs: int) -> list[bytes]:
    """The keys of the pairs whose paths share the longest beginnings."""
    closest = sorted(
        pairwise(_CANDIDATES), key=lambda pair: -shared_bits(path_of(pair[0]), path_of(pair[1]))
    )
    return sorted({key for pair in closest[:pairs] for key in pair})


def _crowds(nibbles: int, count: int) -> list[list[bytes]]:
    """The largest groups of keys whose paths share that many nibbles."""
    groups = defaultdict(list)
    for key in _CANDIDATES:
        groups[path_of(key).hex()[:nibbles]].append(key)
    return sorted(groups.values(), key=len)[-count:]


CLOSE_KEYS = _close_keys(pairs=12)
"""Pairs of them share 24 bits and more: six pages deep."""

CROWDS = _crowds(nibbles=3, count=2)
"""Each more than a bucket holds: a branch three nibbles down."""

FAR_KEYS = [b"guarantee/%d" % n for n in range(24)]

KEYS = [*dict.fromkeys((*CLOSE_KEYS, *CROWDS[0], *CROWDS[1], *FAR_KEYS))]
