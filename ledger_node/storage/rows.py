"""What a block comes to in rows of the tables, and how the tables are opened.

Shared by the ledger database, which commits blocks it executed, and by an incoming ledger, which
takes state from others and blocks of the past from the log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from consensus.block import SubmissionId, block_id
from ledger_node.codec import encode
from ledger_node.ledger.chain import ExecutedBlock, Tip
from ledger_node.leveldb import plyvel
from ledger_node.state.tree import Update
from ledger_node.storage import schema
from ledger_node.storage.errors import StorageCorrupt, StorageFailed, StorageInUse, StorageMissing

_WRITE_BUFFER_BYTES: Final = 16 * 1024 * 1024
_CACHE_BYTES: Final = 64 * 1024 * 1024


def open_leveldb(path: Path, *, create: bool) -> plyvel.DB:
    """The LevelDB in a directory. Raises StorageInUse, StorageMissing, StorageCorrupt,
    StorageFailed."""
    try:
        return plyvel.DB(
            str(path),
            create_if_missing=create,
            paranoid_checks=True,
            # A third of the space for half of the CPU that writing takes, most of it spent again
            # and again as LevelDB merges rows that are hashes for a good part.
            compression=None,
            write_buffer_size=_WRITE_BUFFER_BYTES,
            lru_cache_size=_CACHE_BYTES,
            bloom_filter_bits=10,
        )
    except plyvel.CorruptionError as error:
        raise StorageCorrupt(path, "LevelDB", told(error)) from error
    except plyvel.Error as error:
        # LevelDB has no error of its own for a held lock or a missing database, only these words.
        if "lock" in str(error):
            raise StorageInUse(path) from error
        if "does not exist" in str(error):
            raise StorageMissing(path) from error
        raise StorageFailed(path, told(error)) from error


def told(error: plyvel.Error) -> str:
    """What LevelDB says, which plyvel hands on as bytes."""
    return " ".join(
        part.decode(errors="replace") if isinstance(part, bytes) else str(part)
        for part in error.args
    )


@dataclass(frozen=True, slots=True)
class LoggedBlock:
    """What the log says of a block, whoever executed it.

    locations: submission id to the index of its submission entry; history: (object key, index of
    the entry that changed it); certificate: the finalization that names it, where one is known.
    """

    stored: schema.StoredBlock
    locations: Mapping[SubmissionId, int]
    history: Sequence[tuple[str, int]]
    certificate: bytes | None = None


def put_block(batch: "plyvel.WriteBatch", executed: ExecutedBlock) -> None:
    """Everything one block leads to, but tiles and head, which a run writes once."""
    stored = schema.StoredBlock(executed.block, executed.first_index, executed.tip.tree_size)
    put_logged(batch, LoggedBlock(stored, executed.locations, executed.history))
    for index, entry in enumerate(executed.entries, executed.first_index):
        batch.put(schema.entry_key(index), entry)
    for key, value in executed.changes.items():
        _put_or_delete(batch, schema.object_key(key), value)
    put_tree(batch, executed.state)


def put_tree(batch: "plyvel.WriteBatch", state: Update) -> None:
    """The rows of the state tree that change."""
    for path, row in state.leaves.items():
        _put_or_delete(batch, schema.LEAF + path, row)
    for place, digest in state.branches.items():
        _put_or_delete(batch, schema.BRANCH + place, digest)


def put_logged(batch: "plyvel.WriteBatch", logged: LoggedBlock) -> None:
    """A block, and where its submissions and the changes of its objects stand in the log."""
    header = logged.stored.block.header
    batch.put(schema.block_key(header.height), encode(logged.stored))
    batch.put(schema.BLOCK_HEIGHT + block_id(header), schema.number(header.height))
    for submission, log_index in logged.locations.items():
        location = schema.StoredLocation(header.height, log_index)
        batch.put(schema.SUBMISSION + submission, encode(location))
        batch.delete(schema.STAGED + submission)
    for key, log_index in logged.history:
        batch.put(schema.history_key(key, log_index), b"")
    if logged.certificate is not None:
        batch.put(schema.certificate_key(header.height), logged.certificate)


def put_head(batch: "plyvel.WriteBatch", tip: Tip) -> None:
    """How far the database goes."""
    head = schema.StoredHead(tip.header, tip.frontier.encode(), tip.log_root, tip.state_root)
    batch.put(schema.HEAD_KEY, encode(head))


def _put_or_delete(batch: "plyvel.WriteBatch", key: bytes, value: bytes | None) -> None:
    if value is None:
        batch.delete(key)
    else:
        batch.put(key, value)
