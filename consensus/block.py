"""Blocks: what members agree on. A block orders submission ids; their bodies travel apart.

The header is hashed to the block id, and the id is what votes name. Height counts blocks,
view counts attempts: a skipped view leaves a gap in views, never in heights. `time_ms` is the
proposer's clock, later than the parent's; nothing after consensus knows another time.
"""

from hashlib import sha256
from typing import NewType

import msgspec

View = NewType("View", int)
"""Attempt number within an epoch, from 1. View 0 is the epoch's starting block."""
Height = NewType("Height", int)
"""Number of blocks below this one on its chain. The genesis block has height 0."""
BlockId = NewType("BlockId", bytes)
"""32 bytes: SHA-256("ctl/block/v1" || 0x00 || header)."""
SubmissionId = NewType("SubmissionId", bytes)
"""32 bytes naming a submission; consensus never looks inside."""
Member = NewType("Member", int)
"""Index of a member in its epoch's committee, from 0."""

ID_SIZE = 32


class BlockHeader(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The hashed part of a block. Every field is signed through the block id."""

    union: bytes
    epoch: int
    height: int
    view: int
    parent_view: int
    parent: bytes
    time_ms: int
    proposer: int
    payload_root: bytes


class Block(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A header with the submission ids it orders."""

    header: BlockHeader
    payload: tuple[bytes, ...]


_encode = msgspec.msgpack.Encoder().encode


def payload_root(payload: tuple[bytes, ...]) -> bytes:
    """32-byte commitment to an ordered list of 32-byte submission ids."""
    return sha256(b"ctl/payload/v1\x00" + b"".join(payload)).digest()


def block_id(header: BlockHeader) -> BlockId:
    """The name of a block: the digest of its canonical header (docs/formats.md)."""
    return BlockId(sha256(b"ctl/block/v1\x00" + _encode(header)).digest())


def genesis_block(union: bytes, time_ms: int) -> Block:
    """Height 0, view 0: the block every chain of `union` starts from. Nobody proposes it."""
    return Block(
        header=BlockHeader(
            union=union,
            epoch=0,
            height=0,
            view=0,
            parent_view=0,
            parent=bytes(ID_SIZE),
            time_ms=time_ms,
            proposer=0,
            payload_root=payload_root(()),
        ),
        payload=(),
    )
