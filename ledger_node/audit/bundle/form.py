"""The file: one line of magic, then frames, each a kind, a length and a payload.

Every length is bounded by its kind before anything is read, so a hostile file costs at most one
frame of memory. The order of frames is checked by `reader`.
Format: docs/audit-bundles.md, "Frames".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import BinaryIO, Final, Protocol, TypeAlias, cast

import msgspec

from ledger_node.audit.bundle.refusal import BundleRefused, Place, Step
from ledger_node.codec import DecodeError, decode, encode
from ledger_node.log.note import MAX_NOTE
from ledger_node.log.tiles import (
    MAX_BUNDLE,
    TILE_BYTES,
    TileError,
    decode_entry_bundle,
    encode_entry_bundle,
)

MAGIC: Final = b"ctl/audit-bundle/v1\n"
MAX_REFERENCE: Final = 128
MAX_CERTIFICATE: Final = 64 * 1024
"""A finalization with a hundred signatures has some 7 KiB."""

_HEAD: Final = Struct(">BI")
_TILE: Final = Struct(">BQ")
_ENTRIES: Final = Struct(">QH")
_COUNT: Final = Struct(">Q")


class Everything(msgspec.Struct, frozen=True, array_like=True, tag=0, forbid_unknown_fields=True):
    """[0]: every entry of the checkpoint's log."""


class Blocks(msgspec.Struct, frozen=True, array_like=True, tag=1, forbid_unknown_fields=True):
    """[1, first, last]: every entry of the blocks of these heights."""

    first: int
    last: int


class Period(msgspec.Struct, frozen=True, array_like=True, tag=2, forbid_unknown_fields=True):
    """[2, from_ms, to_ms]: every block with from_ms <= time < to_ms.

    The block before and the block after, or the end of the log, stand in the bundle as well and
    show that there are no more.
    """

    from_ms: int
    to_ms: int


class Concerning(msgspec.Struct, frozen=True, array_like=True, tag=3, forbid_unknown_fields=True):
    """[3, subject, reference]: whole blocks with records on one subject, e.g. a movement.

    That no other block has such records is what the exporter says; the bundle does not show it.
    """

    subject: str
    reference: str


Selection: TypeAlias = Everything | Blocks | Period | Concerning

_SELECTION: Final = cast("type[Selection]", Selection)


class FrameKind(IntEnum):
    """The byte that opens a frame."""

    SELECTION = 1
    CHECKPOINT = 2
    TILE = 3
    ENTRIES = 4
    CERTIFICATE = 5
    END = 6


_LIMITS: Final = {
    FrameKind.SELECTION: 16 + 5 * MAX_REFERENCE,
    FrameKind.CHECKPOINT: MAX_NOTE,
    FrameKind.TILE: _TILE.size + TILE_BYTES,
    FrameKind.ENTRIES: _ENTRIES.size + MAX_BUNDLE,
    FrameKind.CERTIFICATE: MAX_CERTIFICATE,
    FrameKind.END: _COUNT.size,
}


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as it stands in the file. offset: of its first byte."""

    kind: FrameKind
    payload: bytes
    offset: int

    def refused(self, found: str, step: Step = Step.FORM) -> BundleRefused:
        """The refusal that names this frame."""
        return BundleRefused(step, Place(byte=self.offset), found)


@dataclass(frozen=True, slots=True)
class TileFrame:
    """Hashes of the tile (level, index), as many as the tree has there."""

    level: int
    index: int
    hashes: bytes


@dataclass(frozen=True, slots=True)
class EntriesFrame:
    """Neighbouring entries of one level-0 tile; first: log index of the first."""

    first: int
    entries: tuple[bytes, ...]


class Reads(Protocol):
    """What is asked of a file."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; b"" at the end."""
        ...


class FrameReader:
    """The frames of a file, in order."""

    def __init__(self, file: Reads) -> None:
        """Raises BundleRefused: no audit bundle."""
        self._file = file
        self._offset = 0
        if self._exactly(len(MAGIC), "the first line") != MAGIC:
            found = f"the first line is not {MAGIC.decode().rstrip()!r}"
            raise BundleRefused(Step.FORM, Place(byte=0), found)

    def next(self) -> Frame:
        """The next frame. Raises BundleRefused: truncated, unknown or too long."""
        offset = self._offset
        number, length = _HEAD.unpack(self._exactly(_HEAD.size, "a frame's head"))
        try:
            kind = FrameKind(number)
        except ValueError:
            found = f"a frame of unknown kind {number}"
            raise BundleRefused(Step.FORM, Place(byte=offset), found) from None
        if length > _LIMITS[kind]:
            found = f"a frame {kind.name} of {length} bytes, at most {_LIMITS[kind]} are allowed"
            raise BundleRefused(Step.FORM, Place(byte=offset), found)
        return Frame(kind, self._exactly(length, f"a frame {kind.name}"), offset)

    def check_end(self) -> None:
        """Nothing follows. Raises BundleRefused."""
        if self._file.read(1):
            found = "there are bytes after the END frame"
            raise BundleRefused(Step.FORM, Place(byte=self._offset), found)

    def _exactly(self, count: int, what: str) -> bytes:
        data = self._file.read(count)
        while 0 < len(data) < count:
            more = self._file.read(count - len(data))
            if not more:
                break
            data += more
        if len(data) < count:
            found = f"the file ends inside {what}: {len(data)} of {count} bytes"
            raise BundleRefused(Step.FORM, Place(byte=self._offset), found)
        self._offset += count
        return data


class FrameWriter:
    """Writes a bundle frame by frame. The order is the caller's to keep."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        file.write(MAGIC)

    def selection(self, selection: Selection) -> None:
        """The first frame."""
        self._frame(FrameKind.SELECTION, encode(selection))

    def checkpoint(self, note: bytes) -> None:
        """The signed note."""
        self._frame(FrameKind.CHECKPOINT, note)

    def tile(self, tile: TileFrame) -> None:
        """A hash tile."""
        self._frame(FrameKind.TILE, _TILE.pack(tile.level, tile.index) + tile.hashes)

    def entries(self, first: int, entries: Sequence[bytes]) -> None:
        """1 to 256 entries. Raises TileError for what no log holds."""
        head = _ENTRIES.pack(first, len(entries))
        self._frame(FrameKind.ENTRIES, head + encode_entry_bundle(entries))

    def certificate(self, finalization: bytes) -> None:
        """Of the block whose last entry was written last."""
        self._frame(FrameKind.CERTIFICATE, finalization)

    def end(self, entries: int) -> None:
        """The last frame. entries: how many were written."""
        self._frame(FrameKind.END, _COUNT.pack(entries))

    def _frame(self, kind: FrameKind, payload: bytes) -> None:
        self._file.write(_HEAD.pack(kind, len(payload)))
        self._file.write(payload)


def read_selection(frame: Frame) -> Selection:
    """What the bundle says it holds. Raises BundleRefused."""
    try:
        selection: Selection = decode(_SELECTION, frame.payload, what="selection")
    except DecodeError as error:
        raise frame.refused(str(error)) from error
    match selection:
        case Blocks(first, last) if not 0 <= first <= last < 2**63:
            raise frame.refused(f"the heights {first} to {last} are no range")
        case Period(begin, end) if not 0 <= begin < end < 2**63:
            raise frame.refused(f"{begin} to {end} is no period")
        case Concerning(subject, reference) if not (
            0 < len(subject) <= MAX_REFERENCE and 0 < len(reference) <= MAX_REFERENCE
        ):
            raise frame.refused(f"subject and reference have 1 to {MAX_REFERENCE} characters")
    return selection


def read_tile(frame: Frame) -> TileFrame:
    """A tile's place and hashes, unchecked. Raises BundleRefused."""
    if len(frame.payload) < _TILE.size:
        raise frame.refused("a TILE frame without level and index")
    level, index = _TILE.unpack_from(frame.payload)
    return TileFrame(level, index, frame.payload[_TILE.size :])


def read_entries(frame: Frame) -> EntriesFrame:
    """Entries, unchecked. Raises BundleRefused."""
    if len(frame.payload) < _ENTRIES.size:
        raise frame.refused("an ENTRIES frame without index and number")
    first, count = _ENTRIES.unpack_from(frame.payload)
    if not count:
        raise frame.refused("an ENTRIES frame without entries")
    try:
        return EntriesFrame(first, decode_entry_bundle(frame.payload[_ENTRIES.size :], count))
    except TileError as error:
        raise frame.refused(str(error)) from error


def read_end(frame: Frame) -> int:
    """How many entries the bundle says it has. Raises BundleRefused."""
    if len(frame.payload) != _COUNT.size:
        raise frame.refused("an END frame holds 8 bytes")
    (count,) = _COUNT.unpack(frame.payload)
    return int(count)
