"""What snapshots are made of on the wire and in backup files: the manifest, and kinds of chunks.

Everything is bounded here, by limits that the giving side keeps and the taking side checks. A
chunk carries items; what makes an item right is said with its kind, and follows from what was
checked before it. docs/formats.md, "Snapshots and backups".
"""

from enum import IntEnum
from typing import Final, TypeVar

import msgspec

from consensus.block import Block
from ledger_node.codec import DecodeError, decode

T = TypeVar("T")

MAX_MANIFEST_BYTES: Final = 1024 * 1024
"""A block of at most 10,000 ids (340 kB), a certificate, an entry, at most eight tiles of 8 KiB."""

CHUNK_BYTES: Final = 768 * 1024
"""A chunk ends with the item that reaches this; with the greatest item it still fits a frame."""

MAX_ITEM_BYTES: Final = 3 * 1024 * 1024
"""Beyond what any page, tile, entry or block takes, and any object in the state."""


class ChunkKind(IntEnum):
    """What is asked for, by which names, and what an item is."""

    PAGES = 1
    """State at the height. Name: page key. Item: the page in its stored form."""
    OBJECTS = 2
    """State at the height. Name: path. Item: canonical [key, value]."""
    BLOCKS = 3
    """One name: block id. Items: canonical blocks, that one and those below it, downwards."""
    TILES = 4
    """Name: level (1 byte) and index (8). Item: the full tile."""
    ENTRIES = 5
    """One name: log index (8 bytes). Items: entries, that one and those after it."""
    CERTIFICATES = 6
    """One name: two heights (8 bytes each). Items: canonical [height, certificate], those kept of
    blocks between, both included."""
    STEPS = 7
    """Name: epoch (8 bytes). Item: how it ended, see node.lineage."""


MAX_NAMES: Final = {
    ChunkKind.PAGES: 512,
    ChunkKind.OBJECTS: 1024,
    ChunkKind.BLOCKS: 1,
    ChunkKind.TILES: 64,
    ChunkKind.ENTRIES: 1,
    ChunkKind.CERTIFICATES: 1,
    ChunkKind.STEPS: 8,
}
"""Names in one request."""

MAX_ITEMS: Final = {
    **MAX_NAMES,
    ChunkKind.BLOCKS: 2048,
    ChunkKind.ENTRIES: 4096,
    ChunkKind.CERTIFICATES: 4096,
}
"""Items in one answer. Where each name has its item, an answer is the first of those asked for."""

MAX_NAME_BYTES: Final = 64


class Manifest(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The ledger at one final block, as far as one message tells it.

    block: the head; certificate: as the database keeps it; frontier: of the log, encoded;
    state_root: of the state; entry: the last of the log, the block's; tiles: (level, index,
    hashes), the last tile of each level, from the lowest.
    """

    block: Block
    certificate: bytes
    frontier: bytes
    state_root: bytes
    entry: bytes
    tiles: tuple[tuple[int, int, bytes], ...]


class ObjectItem(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """[key, value] of an object."""

    key: bytes
    value: bytes


class CertificateItem(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """[height, certificate] of a final block."""

    height: int
    certificate: bytes


class SnapshotRefused(Exception):
    """Something of a snapshot is not what it must be. field: which part; reason: text for people.

    It could not have come from a correct node: whoever sent it is not to be asked again.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def decoded(kind: type[T], data: bytes, what: str, limit: int) -> T:
    """A form that came from outside. Raises SnapshotRefused."""
    try:
        return decode(kind, data, what=what, limit=limit)
    except DecodeError as error:
        raise SnapshotRefused(what, error.reason) from error
