"""The file: one line of magic, then frames, each a kind, a length and a payload.

Every length is bounded by its kind before anything is read, so a hostile file costs at most one
frame of memory. The order of frames is checked by `reader` and `verify`.
Format: docs/audit-bundles.md, "Frames".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import BinaryIO, Final, Protocol, TypeVar

import msgspec

from ledger_node.audit.bundle.refusal import BundleRefused, Place, Step
from ledger_node.audit.bundle.selection import (
    MAX_REFERENCE,
    Selection,
    SelectionRefused,
    decode_selection,
)
from ledger_node.codec import DecodeError, decode, encode
from ledger_node.contract_sets.packing import MAX_BARE
from ledger_node.genesis.lineage import MAX_STEP_BYTES
from ledger_node.ledger.entries import MAX_ENTRY_BYTES
from ledger_node.log.note import MAX_NOTE
from ledger_node.log.tiles import (
    MAX_BUNDLE,
    TILE_BYTES,
    TileError,
    decode_entry_bundle,
    encode_entry_bundle,
)
from ledger_node.state import MAX_PROOF_BYTES

MAGIC: Final = b"ctl/audit-bundle/v2\n"

LARGEST_KEPT: Final = 64 * 1024
"""Bytes of what made a block final: a finalization with a hundred signatures has some 7 KiB."""

ITEM_BYTES: Final = 3 * 1024 * 1024
"""Beyond what any page or object of the state, and any block without bodies, takes."""
FRAME_BYTES: Final = 768 * 1024
"""A frame of items ends with the one that reaches this."""
_ITEMS: Final = FRAME_BYTES + ITEM_BYTES + 64 * 1024

T = TypeVar("T")

_HEAD: Final = Struct(">BI")
_TILE: Final = Struct(">BQ")
_ENTRIES: Final = Struct(">QH")
_END: Final = Struct(">QQ")


class FrameKind(IntEnum):
    """The byte that opens a frame."""

    SELECTION = 1
    CHECKPOINT = 2
    TILE = 3
    ENTRIES = 4
    CERTIFICATE = 5
    END = 6
    GENESIS = 7
    STEP = 8
    CONTRACTS = 9
    STATE = 10
    ORDERED = 11
    PROOF = 12


_LIMITS: Final = {
    FrameKind.SELECTION: 16 + 5 * MAX_REFERENCE,
    FrameKind.CHECKPOINT: MAX_NOTE,
    FrameKind.TILE: _TILE.size + TILE_BYTES,
    FrameKind.ENTRIES: _ENTRIES.size + MAX_BUNDLE,
    FrameKind.CERTIFICATE: LARGEST_KEPT + 64,
    FrameKind.END: _END.size,
    FrameKind.GENESIS: MAX_ENTRY_BYTES,
    FrameKind.STEP: MAX_STEP_BYTES,
    FrameKind.CONTRACTS: MAX_BARE,
    FrameKind.STATE: _ITEMS,
    FrameKind.ORDERED: _ITEMS,
    FrameKind.PROOF: 2 * MAX_PROOF_BYTES + 64,
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


class CertificateFrame(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """[before, certificate]: what made the block that ended with the last entry final.

    before: height of the block whose certificate stands before this one in the bundle, 0 if none
    does, so that one left out is missed; certificate: as ledger.finality writes it.
    """

    before: int
    certificate: bytes


@dataclass(frozen=True, slots=True)
class EndFrame:
    """entries: how many the bundle holds; certified: height of the last certificate's block."""

    entries: int
    certified: int


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

    def frame(self, kind: FrameKind, payload: bytes) -> None:
        """A frame of any kind. Longer ones than are read again are a defect of the caller."""
        assert len(payload) <= _LIMITS[kind], f"{kind.name}: {len(payload)} bytes"
        self._file.write(_HEAD.pack(kind, len(payload)))
        self._file.write(payload)

    def selection(self, selection: Selection) -> None:
        """The first frame."""
        self.frame(FrameKind.SELECTION, encode(selection))

    def tile(self, tile: TileFrame) -> None:
        """A hash tile."""
        self.frame(FrameKind.TILE, _TILE.pack(tile.level, tile.index) + tile.hashes)

    def entries(self, first: int, entries: Sequence[bytes]) -> None:
        """1 to 256 entries. Raises TileError for what no log holds."""
        head = _ENTRIES.pack(first, len(entries))
        self.frame(FrameKind.ENTRIES, head + encode_entry_bundle(entries))

    def certificate(self, before: int, certificate: bytes) -> None:
        """Of the block whose last entry was written last."""
        self.frame(FrameKind.CERTIFICATE, encode(CertificateFrame(before, certificate)))

    def items(self, kind: FrameKind, items: Sequence[bytes]) -> None:
        """Items of a STATE or ORDERED frame."""
        self.frame(kind, encode(tuple(items)))

    def end(self, entries: int, certified: int) -> None:
        """The last frame; see EndFrame."""
        self.frame(FrameKind.END, _END.pack(entries, certified))


def read_selection(frame: Frame) -> Selection:
    """What the bundle says it holds. Raises BundleRefused."""
    try:
        return decode_selection(frame.payload)
    except SelectionRefused as error:
        raise frame.refused(error.reason) from error


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


def read_certificate(frame: Frame) -> CertificateFrame:
    """A certificate, unchecked. Raises BundleRefused."""
    return read_form(CertificateFrame, frame, Step.CERTIFICATE)


def read_items(frame: Frame) -> tuple[bytes, ...]:
    """Items of a STATE or ORDERED frame, unchecked. Raises BundleRefused."""
    items = read_form(tuple[bytes, ...], frame)
    if not items:
        raise frame.refused(f"a frame {frame.kind.name} without items")
    return items


def read_form(kind: type[T], frame: Frame, step: Step = Step.FORM) -> T:
    """The value that a frame holds. Raises BundleRefused."""
    try:
        return decode(kind, frame.payload, what=f"{frame.kind.name} frame")
    except DecodeError as error:
        raise frame.refused(str(error), step) from error


def read_end(frame: Frame) -> EndFrame:
    """What the bundle says it had. Raises BundleRefused."""
    if len(frame.payload) != _END.size:
        raise frame.refused(f"an END frame holds {_END.size} bytes")
    return EndFrame(*_END.unpack(frame.payload))
