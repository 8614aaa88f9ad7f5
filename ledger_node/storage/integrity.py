"""Whether a database is whole at its head: what is checked before it is served or built upon.

The head's roots must be those of the frontier, of the tiles, of the last block entry and of the
state tree's top page; its block and certificate must be there. The past is not read:
its damage shows when it is used, and `ledger-node verify` walks the whole log.
"""

from pathlib import Path

from consensus.block import block_id
from ledger_node.codec import DecodeError
from ledger_node.ledger.entries import BlockEntry, decode_entry
from ledger_node.log.errors import LogError
from ledger_node.log.merkle import leaf_hash, tree_root
from ledger_node.log.tiles import TileHashes
from ledger_node.state.errors import StateTreeError
from ledger_node.state.page import EMPTY, read_page
from ledger_node.storage import schema
from ledger_node.storage.errors import StorageCorrupt
from ledger_node.storage.snapshot import Snapshot


def check_head(path: Path, snapshot: Snapshot) -> None:
    """Raise StorageCorrupt naming the first thing that differs."""
    _check_block(path, snapshot)
    _check_log(path, snapshot)
    _check_last_entry(path, snapshot)
    _check_state(path, snapshot)


def _differs(path: Path, item: str, found: object, expected: object) -> StorageCorrupt:
    def shown(value: object) -> str:
        return value.hex() if isinstance(value, bytes) else str(value)

    return StorageCorrupt(path, item, f"{shown(found)}, the head says {shown(expected)}")


def _check_block(path: Path, snapshot: Snapshot) -> None:
    tip = snapshot.tip
    height = tip.header.height
    block = snapshot.block(height)
    if block is None or block.block_id != block_id(tip.header):
        raise _differs(path, f"block {height}", block and block.block_id, tip.block_id)
    if block.tree_size != tip.tree_size:
        raise _differs(path, "tree size of the last block", block.tree_size, tip.tree_size)
    certified = snapshot.certificate_from(height)
    if height > 0 and (certified is None or certified[0] != height):
        raise StorageCorrupt(path, f"certificate of block {height}", "missing")


def _check_log(path: Path, snapshot: Snapshot) -> None:
    tip = snapshot.tip
    stored = snapshot.stored_log_root
    if tip.log_root != stored:
        raise _differs(path, "root of the log frontier", tip.log_root, stored)
    try:
        root = tree_root(tip.tree_size, TileHashes(snapshot, tip.tree_size))
    except LogError as error:
        raise StorageCorrupt(path, "tiles", str(error)) from error
    if root != tip.log_root:
        raise _differs(path, "root over the tiles", root, tip.log_root)
    if snapshot.raw(schema.entry_key(tip.tree_size)) is not None:
        raise StorageCorrupt(path, f"entry {tip.tree_size}", "lies beyond the log")


def _check_last_entry(path: Path, snapshot: Snapshot) -> None:
    tip = snapshot.tip
    item = f"entry {tip.tree_size - 1}"
    data = snapshot.log_entry(tip.tree_size - 1) or b""
    hashed = TileHashes(snapshot, tip.tree_size).node(0, tip.tree_size - 1)
    if leaf_hash(data) != hashed:
        raise StorageCorrupt(path, item, "does not hash to its leaf in the tiles")
    try:
        entry = decode_entry(data)
    except DecodeError as error:
        raise StorageCorrupt(path, item, error.reason) from error
    if not isinstance(entry, BlockEntry) or entry.block != tip.block_id:
        raise StorageCorrupt(path, item, "is not the block entry of the last block")
    if entry.state_root != tip.state_root:
        raise _differs(path, "state root in the last block entry", entry.state_root, tip.state_root)


def _check_state(path: Path, snapshot: Snapshot) -> None:
    root = snapshot.tip.state_root
    if root == EMPTY:
        return
    try:
        read_page(snapshot, 0, bytes(32), root)
    except StateTreeError as error:
        raise StorageCorrupt(path, "state tree", str(error)) from error
