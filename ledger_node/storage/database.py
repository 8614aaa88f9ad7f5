"""The database: final blocks and all they led to, in LevelDB, one atomic synced batch a commit.

A commit takes a run of executed blocks and the certificate of the last, and writes everything or
nothing: after a crash at any instant the database stands at the end of a commit, with a head, a
log, a state and a certificate that belong together. `open` checks that before anything is served.
Only one thread commits; another may fill in the past of a ledger that began with a snapshot from
peers; snapshots may be read by many.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from consensus.block import SubmissionId
from ledger_node.codec import DecodeError, decode, encode
from ledger_node.ledger.chain import ExecutedBlock
from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.ledger.submission import Submission, VerifiedSubmission, stored_submission
from ledger_node.leveldb import plyvel
from ledger_node.log.tiles import TileKey, tile_updates
from ledger_node.storage import schema
from ledger_node.storage.errors import (
    ForeignUnion,
    OutOfOrder,
    StorageCorrupt,
    StorageExists,
    StorageFailed,
    StorageMissing,
    UnknownFormat,
)
from ledger_node.storage.integrity import check_head
from ledger_node.storage.rows import (
    LoggedBlock,
    open_leveldb,
    put_block,
    put_head,
    put_logged,
    told,
)
from ledger_node.storage.snapshot import Snapshot
from ledger_node.storage.staging import STAGING_KEY, take_place


class Database:
    """The ledger database of one node, exclusively locked while open."""

    def __init__(self, path: Path, database: plyvel.DB) -> None:
        """Use `open` or `create`."""
        self._path = path
        self._db = database
        self._lock = Lock()
        """Held while rows and the view of them change together."""
        self._latest = Snapshot(path, database.snapshot())

    @classmethod
    def open(cls, path: Path, union: bytes) -> Self:
        """The database in a directory, checked.

        union: the 32-byte identity it must belong to. Raises StorageMissing, StorageInUse,
        ForeignUnion, UnknownFormat, StorageCorrupt.
        """
        if not path.is_dir():
            raise StorageMissing(path)
        raw = open_leveldb(path, create=False)
        try:
            _check_format(path, raw, union)
            database = cls(path, raw)
            check_head(path, database.latest)
        except plyvel.CorruptionError as error:
            raw.close()
            raise StorageCorrupt(path, "LevelDB", told(error)) from error
        except BaseException:  # whatever is wrong, the lock must not outlive the attempt
            raw.close()
            raise
        return database

    @classmethod
    def create(cls, path: Path, genesis: ExecutedBlock) -> Self:
        """A new database that holds the genesis block.

        A directory that an interrupted `create` left behind is used. Raises StorageExists,
        StorageInUse, StorageFailed.
        """
        header = genesis.block.header
        if header.height != 0 or genesis.first_index != 0:
            raise OutOfOrder(path, f"block of height {header.height} cannot be the first")
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        raw = open_leveldb(path, create=True)
        try:
            if raw.get(schema.FORMAT_KEY) is not None:
                raise StorageExists(path)
            with raw.write_batch(transaction=True, sync=True) as batch:
                put_block(batch, genesis)
                _put_tiles(batch, None, [genesis])
                put_head(batch, genesis.tip)
                found = schema.StoredFormat(schema.FORMAT, header.union)
                batch.put(schema.FORMAT_KEY, encode(found))
            return cls(path, raw)
        except plyvel.Error as error:
            raw.close()
            raise StorageFailed(path, told(error)) from error
        except BaseException:  # whatever is wrong, the lock must not outlive the attempt
            raw.close()
            raise

    @property
    def latest(self) -> Snapshot:
        """The ledger after the last commit. Keep it as long as one consistent view is needed."""
        return self._latest

    def commit(self, blocks: Sequence[ExecutedBlock], certificate: bytes) -> None:
        """Make a run of blocks final, durably and all at once.

        blocks: one upon the other, the first upon the head; certificate: opaque, for the last.
        Raises OutOfOrder, StorageFailed (the database must be reopened, it stands as before).
        """
        self._check_run(blocks)
        with self._lock:
            with self._batch(sync=True) as batch:
                for executed in blocks:
                    put_block(batch, executed)
                _put_tiles(batch, self._latest, blocks)
                put_head(batch, blocks[-1].tip)
                height = blocks[-1].block.header.height
                batch.put(schema.certificate_key(height), certificate)
            self._latest = Snapshot(self._path, self._db.snapshot())

    def _check_run(self, blocks: Sequence[ExecutedBlock]) -> None:
        if not blocks:
            raise OutOfOrder(self._path, "a commit of no blocks")
        before = self._latest.tip
        for executed in blocks:
            header = executed.block.header
            if (
                header.parent != before.block_id
                or header.height != before.header.height + 1
                or executed.first_index != before.tree_size
            ):
                raise OutOfOrder(
                    self._path,
                    f"block {header.height} at log index {executed.first_index} does not follow "
                    f"block {before.header.height}, which ends at {before.tree_size}",
                )
            before = executed.tip

    # ------------------------------------------------------------ a ledger taken from others

    def adopt(self, incoming: Path) -> None:
        """Go on with a complete incoming ledger instead of this one, which is deleted.

        Bodies that wait come along: votes may rely on them. Snapshots given out before can no
        longer be read. Raises StorageError: the node must be restarted, and finds either ledger
        whole.
        """
        waiting = self.all_staged()
        union = self._latest.tip.header.union
        with self._lock:
            self._db.close()
            take_place(self._path, incoming)
            self._db = open_leveldb(self._path, create=False)
            _check_format(self._path, self._db, union)
            self._db.delete(STAGING_KEY)
            self._latest = Snapshot(self._path, self._db.snapshot())
            check_head(self._path, self._latest)
        self.stage(body for body in waiting if not self._latest.ordered(body.id))

    def fill_tiles(self, tiles: Mapping[TileKey, bytes]) -> None:
        """Keep full tiles that were missing, checked by the caller. Raises StorageFailed."""
        with self._lock:
            with self._batch(sync=False) as batch:
                for key, hashes in tiles.items():
                    batch.put(schema.tile_key(key.level, key.index), hashes)
            self._latest = Snapshot(self._path, self._db.snapshot())

    def fill(
        self, first_index: int, entries: Sequence[bytes], blocks: Sequence[LoggedBlock]
    ) -> None:
        """Keep entries of the past and the blocks that end among them, checked by the caller.

        blocks: from the lowest missing one on. Not synced: what a crash loses is fetched again.
        Raises OutOfOrder, StorageFailed.
        """
        with self._lock:
            gap = self._latest.gap
            if gap is None or any(
                logged.stored.block.header.height != gap.next_height + number
                for number, logged in enumerate(blocks)
            ):
                raise OutOfOrder(self._path, "these blocks are not the ones that are missing")
            with self._batch(sync=False) as batch:
                for index, entry in enumerate(entries, first_index):
                    batch.put(schema.entry_key(index), entry)
                for logged in blocks:
                    put_logged(batch, logged)
                if blocks:
                    _move_gap(batch, gap, blocks[-1])
            self._latest = Snapshot(self._path, self._db.snapshot())

    # ------------------------------------------------------------ bodies that wait

    def keep_roster(self, roster: bytes, ended: int, step: bytes) -> None:
        """Keep, durably, the roster of the epoch that begins on the head, and the proof of how the
        epoch `ended` led to it. Raises StorageFailed."""
        with self._lock:
            with self._batch(sync=True) as batch:
                batch.put(schema.ROSTER_KEY, roster)
                batch.put(schema.epoch_key(ended), step)
            self._latest = Snapshot(self._path, self._db.snapshot())

    def roster(self) -> bytes | None:
        """The roster kept last; None in the founding epoch."""
        return self._db.get(schema.ROSTER_KEY)

    def stage(self, submissions: Iterable[VerifiedSubmission]) -> None:
        """Keep bodies, durably, until they become final or are dropped.

        A member that voted for a block must still have its bodies after a crash.
        Raises StorageFailed.
        """
        with self._batch(sync=True) as batch:
            for submission in submissions:
                batch.put(schema.STAGED + submission.id, submission.to_bytes())

    def staged(self, submission: SubmissionId) -> VerifiedSubmission | None:
        """A body that waits. Raises StorageCorrupt."""
        data = self._db.get(schema.STAGED + submission)
        return None if data is None else self._staged_body(submission, data)

    def all_staged(self) -> list[VerifiedSubmission]:
        """Every body that waits, for a node that starts. Raises StorageCorrupt."""
        rows = self._db.iterator(start=schema.STAGED, stop=schema.after_prefix(schema.STAGED))
        return [self._staged_body(SubmissionId(key[1:]), data) for key, data in rows]

    def drop_staged(self, submissions: Iterable[SubmissionId]) -> None:
        """Forget bodies that will not become final, such as expired ones. Not synced: harmless
        to repeat. Raises StorageFailed."""
        with self._batch(sync=False) as batch:
            for submission in submissions:
                batch.delete(schema.STAGED + submission)

    def _staged_body(self, name: SubmissionId, data: bytes) -> VerifiedSubmission:
        try:
            submission = stored_submission(data, self._latest.tip.header.union)
        except SubmissionRefused as error:
            raise StorageCorrupt(self._path, f"staged {name.hex()}", str(error)) from error
        _check_name(self._path, name, submission)
        return submission

    @contextmanager
    def _batch(self, *, sync: bool) -> Iterator["plyvel.WriteBatch"]:
        """Writes that happen together at the end, or not at all."""
        if self._db.closed:
            raise StorageFailed(self._path, "the database is closed")
        try:
            # Without `transaction`, plyvel would write half a batch when its block raises.
            with self._db.write_batch(transaction=True, sync=sync) as batch:
                yield batch
        except plyvel.Error as error:
            raise StorageFailed(self._path, told(error)) from error

    # ------------------------------------------------------------ life

    def close(self) -> None:
        """Release the directory. Snapshots can no longer be read."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()


def _check_format(path: Path, raw: plyvel.DB, union: bytes) -> None:
    data = raw.get(schema.FORMAT_KEY)
    if data is None:
        raise StorageMissing(path)
    try:
        found = decode(schema.StoredFormat, data, what="format")
    except DecodeError as error:
        raise StorageCorrupt(path, "format", error.reason) from error
    if found.version != schema.FORMAT:
        raise UnknownFormat(path, found.version, schema.FORMAT)
    if found.union != union:
        raise ForeignUnion(path, found.union, union)


def _check_name(path: Path, name: SubmissionId, submission: Submission) -> None:
    if submission.id != name:
        raise StorageCorrupt(path, f"staged {name.hex()}", f"holds {submission.id.hex()}")


class _NoTiles:
    """A log.tiles.TileReader of the empty log."""

    def tile(self, level: int, index: int) -> bytes:  # noqa: ARG002 - whichever is asked for
        return b""


def _move_gap(batch: "plyvel.WriteBatch", gap: schema.StoredGap, last: LoggedBlock) -> None:
    """The gap begins above the block `last`, or is no more."""
    height = last.stored.block.header.height
    if height >= gap.end_height:
        batch.delete(schema.GAP_KEY)
        return
    left = schema.StoredGap(last.stored.tree_size, gap.end_index, height + 1, gap.end_height)
    batch.put(schema.GAP_KEY, encode(left))


def _put_tiles(
    batch: "plyvel.WriteBatch", before: Snapshot | None, blocks: Sequence[ExecutedBlock]
) -> None:
    leaves = [leaf for executed in blocks for leaf in executed.leaf_hashes]
    tiles = tile_updates(before or _NoTiles(), blocks[0].first_index, leaves)
    for key, hashes in tiles.items():
        batch.put(schema.tile_key(key.level, key.index), hashes)
