"""What travels between nodes beside consensus: submissions, cosignatures, snapshots.

One frame is one canonical msgpack array that starts with its kind's number. Everything is checked
again by the receiver; a frame carries no authority of its own. Format: docs/formats.md.
"""

from typing import Final, TypeAlias, cast

import msgspec

from ledger_node.codec import decode, encode

MAX_FRAME_BYTES: Final = 4 * 1024 * 1024
MAX_IDS_WANTED: Final = 1024
"""Submission ids in one request."""


class _Frame(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Base of all frames."""


class ConsensusFrame(_Frame, frozen=True, tag=1):
    """A consensus message, in the bytes of consensus.messages."""

    message: bytes


class GossipFrame(_Frame, frozen=True, tag=2):
    """Submissions that clients handed to the sending node."""

    submissions: tuple[bytes, ...]


class BodiesWanted(_Frame, frozen=True, tag=3):
    """The sender misses these submissions."""

    ids: tuple[bytes, ...]


class BodiesFrame(_Frame, frozen=True, tag=4):
    """Submissions that the receiver asked for."""

    submissions: tuple[bytes, ...]


class CosignatureFrame(_Frame, frozen=True, tag=5):
    """The sender's cosignature/v1 over the union's checkpoint of this size and root.

    epoch: whose cosigner key made it.
    signature: 8 bytes of timestamp and 64 of Ed25519, as c2sp.org/tlog-cosignature has it.
    """

    epoch: int
    size: int
    root: bytes
    signature: bytes


class EvidenceFrame(_Frame, frozen=True, tag=6):
    """Two signed votes of one member that contradict each other, in the bytes of consensus."""

    first: bytes
    second: bytes


class SnapshotWanted(_Frame, frozen=True, tag=16):
    """The sender asks whether it can have the ledger at a height; 0: at the latest one."""

    height: int


class SnapshotOffer(_Frame, frozen=True, tag=17):
    """The answer: a manifest (node.snapshot.forms), b"" if that height is not held."""

    height: int
    manifest: bytes


class ChunkWanted(_Frame, frozen=True, tag=18):
    """The sender asks for parts of a snapshot. request: repeated in the answer; height: which
    snapshot; kind: of node.snapshot.forms.ChunkKind; names: what it says there."""

    request: int
    height: int
    kind: int
    names: tuple[bytes, ...]


class ChunkFrame(_Frame, frozen=True, tag=19):
    """The answer: the first of what was asked for; nothing if it is not held."""

    request: int
    items: tuple[bytes, ...]


Frame: TypeAlias = (
    ConsensusFrame
    | GossipFrame
    | BodiesWanted
    | BodiesFrame
    | CosignatureFrame
    | EvidenceFrame
    | SnapshotWanted
    | SnapshotOffer
    | ChunkWanted
    | ChunkFrame
)

_FRAME = cast("type[Frame]", Frame)


def decode_frame(data: bytes) -> Frame:
    """The frame in `data`. Raises DecodeError: too long, unknown kind, wrong shape."""
    return decode(_FRAME, data, what="peer frame", limit=MAX_FRAME_BYTES)


def encode_frame(frame: Frame) -> bytes:
    """Canonical bytes of a frame."""
    return encode(frame)
