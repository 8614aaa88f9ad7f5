"""The state tree by its definition: no pages, no batches, one recursion over the whole map.

Also keys to grow trees from: ones whose paths run together for long, so that a few entries
already make a tree deeper than a page, and strangers to all of them.
"""

from collections.abc import Mapping
from hashlib import sha256
from itertools import pairwise

from ledger_node.state import Update, path_of

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


def apply(pages: dict[bytes, bytes], update: Update) -> None:
    """Carry out an update's writes, as the storage layer does."""
    for key, value in update.writes.items():
        if value is None:
            del pages[key]
        else:
            pages[key] = value


def shared_bits(a: bytes, b: bytes) -> int:
    """Length of the common beginning of two paths, in bits."""
    return 256 - (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).bit_length()


def _close_keys(candidates: int, pairs: int) -> list[bytes]:
    """The keys of the pairs whose paths share the longest beginnings."""
    keys = sorted((b"movement/%d" % n for n in range(candidates)), key=path_of)
    closest = sorted(
        pairwise(keys), key=lambda pair: -shared_bits(path_of(pair[0]), path_of(pair[1]))
    )
    return sorted({key for pair in closest[:pairs] for key in pair})


CLOSE_KEYS = _close_keys(candidates=20_000, pairs=12)
"""Pairs of them share 24 bits and more: six pages deep."""

FAR_KEYS = [b"guarantee/%d" % n for n in range(24)]

KEYS = CLOSE_KEYS + FAR_KEYS
