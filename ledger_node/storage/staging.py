"""A ledger on its way in: a database of its own beside the ledger, until it is complete.

Rows are written in their final form as they arrive, each checked by the caller, unsynced: after a
crash what is missing is asked for again, and every page and object is checked again before it is
used. Only `complete` makes a ledger of it, with one synced batch that writes the head. What cannot
be read is thrown away: nothing here is the only copy of anything.

`take_place` then renames it over the old ledger. A crash in between leaves both directories, and
`finish_interrupted` does what was begun; it must run before the ledger is opened.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Final, Self

import msgspec

from consensus.block import Block, block_id
from ledger_node.codec import DecodeError, Digest, decode, encode
from ledger_node.ledger.chain import ExecutedBlock, Tip
from ledger_node.leveldb import plyvel
from ledger_node.log.merkle import Frontier
from ledger_node.log.tiles import TileKey
from ledger_node.state.stored import NoRows
from ledger_node.state.tree import NO_TREE, Leaf, Update, planted
from ledger_node.state.walk import LeafRef, PageRef, walk
from ledger_node.storage import schema
from ledger_node.storage.errors import StorageCorrupt, StorageFailed
from ledger_node.storage.rows import (
    LoggedBlock,
    open_leveldb,
    put_block,
    put_head,
    put_logged,
    told,
)

STAGING_KEY: Final = schema.META + b"staging"
_MARKER_VERSION: Final = 2
_PLANTED_AT_ONCE: Final = 16_384
_OF_THE_LOG: Final = (
    schema.BLOCK,
    schema.BLOCK_HEIGHT,
    schema.CERTIFICATE,
    schema.ENTRY,
    schema.TILE,
    schema.HISTORY,
    schema.EPOCH,
)


class Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """How far the walk down from `head` came that collects recent ids. next: b"" at its end."""

    head: bytes
    next: bytes


class _Marker(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the directory is for. root: of the state it began with; mixed: others came after."""

    version: int
    union: bytes
    root: bytes
    mixed: bool
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """What becomes the head. entry: its block entry; tiles: the last of each level; roster: of its
    epoch, None in the founding one; steps: by epoch, how those before it ended."""

    block: Block
    certificate: bytes
    frontier: Frontier
    state_root: bytes
    entry: bytes
    tiles: Mapping[TileKey, bytes]
    roster: bytes | None
    steps: Mapping[int, bytes]


class Staging:
    """One incoming ledger, exclusively locked while open. Also the state tree's NodeReader."""

    def __init__(self, path: Path, database: plyvel.DB, marker: _Marker) -> None:
        """Use `open`."""
        self.path = path
        self._db = database
        self._marker = marker

    @classmethod
    def open(cls, path: Path, union: bytes, root: bytes) -> Self:
        """What is there of an earlier attempt, or a new one, to hold the state under `root`.

        Raises StorageInUse, StorageFailed.
        """
        database, marker = _reopened(path, union)
        if database is None or marker is None:
            if database is not None:
                database.close()
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(mode=0o700, parents=True)
            database = open_leveldb(path, create=True)
            marker = _Marker(_MARKER_VERSION, union, root, mixed=False, cursor=Cursor(b"", b""))
        elif marker.root != root:
            marker = msgspec.structs.replace(marker, root=root, mixed=True)
        staging = cls(path, database, marker)
        staging._write_marker()
        return staging

    # ------------------------------------------------------------ what is here

    def get(self, key: bytes, /) -> bytes | None:
        """A page that came in. See NodeReader."""
        return self._db.get(schema.PAGE + key)

    def has_object(self, leaf: LeafRef) -> bool:
        """Whether the object of a leaf is here, whole."""
        key = self._db.get(schema.LEAF + leaf.path)
        if key is None:
            return False
        value = self._db.get(schema.OBJECT + key)
        return value is not None and leaf.matches(key, value)

    @property
    def cursor(self) -> Cursor:
        """How far recent ids are here."""
        return self._marker.cursor

    # ------------------------------------------------------------ what comes in

    def put_pages(self, pages: Iterable[tuple[PageRef, bytes]]) -> None:
        """Keep pages that were opened against their references."""
        with self._batch() as batch:
            for ref, stored in pages:
                batch.put(schema.PAGE + ref.key, stored)

    def put_objects(self, objects: Iterable[tuple[LeafRef, bytes, bytes]]) -> None:
        """Keep objects, (leaf, key, value) each, that were checked against their leaves."""
        with self._batch() as batch:
            for leaf, key, value in objects:
                batch.put(schema.LEAF + leaf.path, key)
                batch.put(schema.OBJECT + key, value)

    def put_ids(self, blocks: Sequence[Block], cursor: Cursor) -> None:
        """Keep what final blocks ordered, and how far down that is known now."""
        self._marker = msgspec.structs.replace(self._marker, cursor=cursor)
        with self._batch() as batch:
            for block in blocks:
                row = encode(schema.StoredLocation(block.header.height, None))
                for submission in block.payload:
                    batch.put(schema.SUBMISSION + submission, row)
            batch.put(STAGING_KEY, encode(self._marker))

    def complete(self, head: LedgerHead, genesis: ExecutedBlock) -> None:
        """Make a ledger of it, all of whose state is here, and close it.

        It lacks what lies between the genesis block and the head: see schema.StoredGap.
        Raises CorruptPage, StorageCorrupt, StorageFailed.
        """
        if self._marker.mixed:
            self.prune(head.state_root)
        self._plant(head.state_root)
        height = head.block.header.height
        last = head.frontier.size - 1
        with self._batch(sync=True) as batch:
            # An attempt that was completed and never took its place may have had another head.
            for table in (*_OF_THE_LOG, schema.PAGE):
                for row, _ in self.rows(table):
                    batch.delete(row)
            put_block(batch, replace(genesis, changes={}, state=Update(NO_TREE, {}, {})))
            stored = schema.StoredBlock(head.block, last, head.frontier.size)
            put_logged(batch, LoggedBlock(stored, {}, (), head.certificate))
            batch.put(schema.entry_key(last), head.entry)
            for key, hashes in head.tiles.items():
                batch.put(schema.tile_key(key.level, key.index), hashes)
            for epoch, step in head.steps.items():
                batch.put(schema.epoch_key(epoch), step)
            if head.roster is not None:
                batch.put(schema.ROSTER_KEY, head.roster)
            gap = schema.StoredGap(genesis.tip.tree_size, last, 1, height)
            batch.put(schema.GAP_KEY, encode(gap))
            put_head(
                batch,
                Tip(
                    header=head.block.header,
                    block_id=block_id(head.block.header),
                    frontier=head.frontier,
                    state_root=Digest(head.state_root),
                ),
            )
            found = schema.StoredFormat(schema.FORMAT, self._marker.union)
            batch.put(schema.FORMAT_KEY, encode(found))
        self.close()

    def _plant(self, root: bytes) -> None:
        """Hash the whole state once more, now from the rows that the ledger will go by, and write
        the branches above them."""
        with self._batch() as batch:
            for row, _ in self.rows(schema.BRANCH):
                batch.delete(row)
        tree = NO_TREE
        leaves = (self._leaf(row[1:], key) for row, key in self.rows(schema.LEAF))
        while some := list(islice(leaves, _PLANTED_AT_ONCE)):
            state = planted(NoRows(), tree, some)
            with self._batch() as batch:
                for place, digest in state.branches.items():
                    assert digest is not None, "branches only grow here"
                    batch.put(schema.BRANCH + place, digest)
            # Leaves come in order: what the next ones touch was touched by the last.
            tree = state.tree.spared()
        if tree.root != root:
            reason = f"its objects hash to {tree.root.hex()}, the head says {root.hex()}"
            raise StorageCorrupt(self.path, "state tree", reason)

    def _leaf(self, path: bytes, key: bytes) -> Leaf:
        value = self._db.get(schema.OBJECT + key)
        if value is None:
            raise StorageCorrupt(self.path, f"object {key!r}", "missing")
        return Leaf(path, sha256(value).digest(), key)

    def close(self) -> None:
        """Release the directory; what is in it stays for the next attempt."""
        self._db.close()

    def prune(self, root: bytes) -> None:
        """Drop what an earlier root left behind and this one does not hold."""
        pages: set[bytes] = set()
        paths = self.rows(schema.LEAF)
        stored = next(paths, None)
        with self._batch() as batch:
            for ref, _ in walk(self, root):
                if isinstance(ref, PageRef):
                    pages.add(ref.key)
                    continue
                while stored is not None and stored[0][1:] < ref.path:
                    _drop_object(batch, stored)
                    stored = next(paths, None)
                if stored is None or stored[0][1:] != ref.path:
                    raise StorageCorrupt(self.path, f"path {ref.path.hex()}", "missing")
                stored = next(paths, None)
            while stored is not None:
                _drop_object(batch, stored)
                stored = next(paths, None)
            for row, _ in self.rows(schema.PAGE):
                if row[1:] not in pages:
                    batch.delete(row)

    def rows(self, table: bytes) -> Iterator[tuple[bytes, bytes]]:
        """All rows of a table, in order of key."""
        return iter(self._db.iterator(start=table, stop=schema.after_prefix(table)))

    def _write_marker(self) -> None:
        with self._batch(sync=True) as batch:
            batch.put(STAGING_KEY, encode(self._marker))

    @contextmanager
    def _batch(self, *, sync: bool = False) -> Iterator["plyvel.WriteBatch"]:
        try:
            with self._db.write_batch(transaction=True, sync=sync) as batch:
                yield batch
        except plyvel.Error as error:
            raise StorageFailed(self.path, told(error)) from error


def _reopened(path: Path, union: bytes) -> tuple[plyvel.DB | None, _Marker | None]:
    """What an earlier attempt left, if it is usable."""
    if not path.is_dir():
        return None, None
    try:
        database = open_leveldb(path, create=True)
    except StorageCorrupt:
        return None, None
    try:
        data = database.get(STAGING_KEY)
        marker = None if data is None else decode(_Marker, data, what="marker of incoming ledger")
    except (plyvel.CorruptionError, DecodeError):
        marker = None
    if marker is not None and (marker.version, marker.union) != (_MARKER_VERSION, union):
        marker = None
    return database, marker


def _drop_object(batch: "plyvel.WriteBatch", row: tuple[bytes, bytes]) -> None:
    path, key = row
    batch.delete(path)
    batch.delete(schema.OBJECT + key)


# ---------------------------------------------------------------- taking the ledger's place


def take_place(ledger: Path, incoming: Path) -> None:
    """Put a complete ledger where the node looks for its own. Neither may be open."""
    old = _old(ledger)
    if ledger.exists():
        ledger.rename(old)
        _sync(ledger.parent)
    incoming.rename(ledger)
    _sync(ledger.parent)
    shutil.rmtree(old, ignore_errors=True)


def finish_interrupted(ledger: Path, incoming: Path) -> None:
    """End a `take_place` that a crash cut short, if there was one."""
    old = _old(ledger)
    if not old.exists():
        return
    if not ledger.exists():
        # The old ledger steps aside only when the incoming one is complete.
        (incoming if incoming.exists() else old).rename(ledger)
        _sync(ledger.parent)
    shutil.rmtree(old, ignore_errors=True)


def _old(ledger: Path) -> Path:
    return ledger.with_name(ledger.name + ".old")


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
