"""The tables of the database: one prefix byte each, and the forms of keys and values.

    M  name                      -> head, format, roster, gap  what it is, how far it goes
    B  height                    -> StoredBlock         final blocks
    b  block id                  -> height
    C  height                    -> certificate         opaque bytes, for the last block of a commit
    S  submission id             -> StoredLocation      final submissions
    s  submission id             -> submission          bodies waiting to become final
    E  log index                 -> log entry
    T  level, tile index         -> tile                hashes so far, up to 8,192 bytes
    O  object key                -> object              the state itself
    P  path                      -> object key          the leaves of the state tree, see
    N  place                     -> hash                state/stored.py; and its branches
    n  page key                  -> page                of a state that is on its way in
    H  object key, 0, log index  -> (empty)             entries that changed an object
    K  epoch                     -> step                how the epoch ended, proven; opaque here

Numbers are 8 bytes big-endian (a tile's level one byte), so that tables iterate in order. Object
keys hold no zero byte, so that one key's history is no prefix of another's. Values are canonical
encodings or raw bytes. A change of any of this raises FORMAT.
"""

from typing import Final

import msgspec

from consensus.block import Block, BlockHeader

FORMAT: Final = 2

META: Final = b"M"
BLOCK: Final = b"B"
BLOCK_HEIGHT: Final = b"b"
CERTIFICATE: Final = b"C"
SUBMISSION: Final = b"S"
STAGED: Final = b"s"
ENTRY: Final = b"E"
TILE: Final = b"T"
OBJECT: Final = b"O"
LEAF: Final = b"P"
BRANCH: Final = b"N"
PAGE: Final = b"n"
HISTORY: Final = b"H"
EPOCH: Final = b"K"

FORMAT_KEY: Final = META + b"format"
HEAD_KEY: Final = META + b"head"
ROSTER_KEY: Final = META + b"roster"
"""The roster of the epoch that the head is in, opaque here."""
GAP_KEY: Final = META + b"gap"

NUMBER_SIZE: Final = 8
MAX_NUMBER: Final = 2**64 - 1


class StoredFormat(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the database is. version: of this schema; union: 32-byte identity."""

    version: int
    union: bytes


class StoredHead(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """How far the database goes. frontier: encoded; roots: of the log and of the state."""

    header: BlockHeader
    frontier: bytes
    log_root: bytes
    state_root: bytes


class StoredBlock(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A final block. Its entries have the log indexes from first_index up to below tree_size."""

    block: Block
    first_index: int
    tree_size: int


class StoredLocation(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where a final submission stands: height of its block, index of its submission entry.

    log_index: None while its entry lies in the gap.
    """

    height: int
    log_index: int | None


class StoredGap(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a ledger that began with a snapshot does not hold yet of the time before.

    Entries next_index .. end_index - 1 and blocks next_height .. end_height - 1. It is filled from
    below, block by block; the row goes when nothing is missing.
    """

    next_index: int
    end_index: int
    next_height: int
    end_height: int


def number(value: int) -> bytes:
    """A height or log index as it stands in keys."""
    return value.to_bytes(NUMBER_SIZE, "big")


def block_key(height: int) -> bytes:
    return BLOCK + number(height)


def certificate_key(height: int) -> bytes:
    return CERTIFICATE + number(height)


def epoch_key(epoch: int) -> bytes:
    return EPOCH + number(epoch)


def entry_key(index: int) -> bytes:
    return ENTRY + number(index)


def tile_key(level: int, index: int) -> bytes:
    return TILE + bytes((level,)) + number(index)


def object_key(key: str) -> bytes:
    return OBJECT + key.encode()


def history_prefix(key: str) -> bytes:
    assert "\x00" not in key, "object keys are made of references, which are visible text"
    return HISTORY + key.encode() + b"\x00"


def history_key(key: str, log_index: int) -> bytes:
    return history_prefix(key) + number(log_index)


def last_number(key: bytes) -> int:
    """The number at the end of a key."""
    return int.from_bytes(key[-NUMBER_SIZE:], "big")


def after_prefix(prefix: bytes) -> bytes:
    """The least key above all that start with `prefix`, whose last byte is below 255."""
    assert prefix[-1] < 0xFF, "UTF-8 text and table names never end in 255"
    return prefix[:-1] + bytes((prefix[-1] + 1,))
