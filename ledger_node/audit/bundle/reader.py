"""A bundle as a stream of log entries, each shown to be the one the checkpoint's root commits to.

What comes out of `BundleReader` is in the log: a reader after it can only find that the log itself
is wrong, that the bundle leaves something out, or that entries contradict each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from ledger_node.audit.bundle.difference import described
from ledger_node.audit.bundle.form import (
    EntriesFrame,
    Frame,
    FrameKind,
    FrameReader,
    Reads,
    Selection,
    read_end,
    read_entries,
    read_selection,
    read_tile,
)
from ledger_node.audit.bundle.refusal import BundleRefused, Place, Step
from ledger_node.audit.bundle.tree import BelievedTiles, edge_frontier, edge_widths
from ledger_node.codec.digests import DIGEST_SIZE
from ledger_node.log.checkpoint import parse_signed_checkpoint
from ledger_node.log.errors import LogError
from ledger_node.log.merkle import Frontier
from ledger_node.log.policy import Policy
from ledger_node.log.tiles import TILE_HEIGHT, TILE_WIDTH
from ledger_node.log.verified import CheckpointRefused, VerifiedCheckpoint, verify_checkpoint


@dataclass(frozen=True, slots=True)
class LoggedEntries:
    """Neighbouring entries of the log. leaf_hashes: of each; resumes: entries before were left
    out, and this is the frontier of the log up to here."""

    first: int
    entries: tuple[bytes, ...]
    leaf_hashes: tuple[bytes, ...]
    resumes: Frontier | None


@dataclass(frozen=True, slots=True)
class LoggedCertificate:
    """Bytes said to be the finalization of the block that ended with the last entry."""

    data: bytes
    frame: Frame


Logged: TypeAlias = LoggedEntries | LoggedCertificate


class BundleReader:
    """The head of a bundle, checked, and then its entries by iteration, once."""

    def __init__(self, file: Reads, policy: Policy) -> None:
        """Raises BundleRefused: form, checkpoint, or the tree's right edge."""
        self._frames = FrameReader(file)
        frame = self._expect(FrameKind.SELECTION)
        self.selection: Selection = read_selection(frame)
        self.checkpoint = _checkpoint(self._expect(FrameKind.CHECKPOINT), policy)
        self._tiles = self._edge()
        self._next = 0
        self.entries = 0
        """Entries read so far."""

    @property
    def size(self) -> int:
        """Entries in the checkpoint's log."""
        return self.checkpoint.checkpoint.size

    @property
    def position(self) -> int:
        """Log index after the last entry read."""
        return self._next

    def frontier(self, size: int) -> Frontier:
        """Of the first `size` entries; the stream must stand there, or within that tile."""
        return self._tiles.frontier(size)

    def __iter__(self) -> Iterator[Logged]:
        """Raises BundleRefused at the first thing that is not as it must be."""
        wants_entries = certifiable = False
        while True:
            frame = self._frames.next()
            match frame.kind:
                case FrameKind.TILE:
                    self._tiles.add(read_tile(frame), frame)
                    wants_entries, certifiable = True, False
                case FrameKind.ENTRIES:
                    yield self._entries(read_entries(frame), frame)
                    wants_entries, certifiable = False, True
                case FrameKind.CERTIFICATE if certifiable:
                    yield LoggedCertificate(frame.payload, frame)
                    certifiable = False
                case FrameKind.END if not wants_entries:
                    self._end(frame)
                    return
                case kind:
                    raise frame.refused(f"a frame {kind.name} does not belong here")

    def _end(self, frame: Frame) -> None:
        stated = read_end(frame)
        if stated != self.entries:
            raise frame.refused(f"the bundle holds {self.entries} entries, its end says {stated}")
        self._frames.check_end()

    def _expect(self, kind: FrameKind) -> Frame:
        frame = self._frames.next()
        if frame.kind is not kind:
            raise frame.refused(f"a frame {frame.kind.name} where {kind.name} must stand")
        return frame

    def _edge(self) -> BelievedTiles:
        """The partial tiles, the highest level first; together they give the root."""
        head = self.checkpoint.checkpoint
        edge: dict[int, bytes] = {}
        place = Place()
        for level, width in edge_widths(head.size).items():
            frame = self._expect(FrameKind.TILE)
            tile = read_tile(frame)
            index = (head.size >> (TILE_HEIGHT * level)) // TILE_WIDTH
            place = Place(byte=frame.offset)
            if (tile.level, tile.index) != (level, index):
                found = f"tile {tile.index} of level {tile.level} where {index} of {level} must be"
                raise frame.refused(found)
            if len(tile.hashes) != width * DIGEST_SIZE:
                found = f"tile {index} of level {level} has {len(tile.hashes)} bytes, not"
                raise frame.refused(f"{found} {width} hashes")
            edge[level] = tile.hashes
        if edge_frontier(head, edge).root() != head.root:
            found = "the partial tiles of the right edge do not give the root"
            raise BundleRefused(Step.TILES, place, found)
        return BelievedTiles(head.size, edge)

    def _entries(self, given: EntriesFrame, frame: Frame) -> LoggedEntries:
        first, end = given.first, given.first + len(given.entries)
        if first < self._next:
            found = f"entry {first} comes after entry {self._next - 1}"
            raise frame.refused(found)
        if first // TILE_WIDTH != (end - 1) // TILE_WIDTH:
            raise frame.refused(f"entries {first} to {end - 1} are not of one tile")
        if not self._tiles.leaf(end - 1):
            raise frame.refused(f"the tile of entries {first} to {end - 1} does not precede them")
        leaves = []
        for index, entry in enumerate(given.entries, first):
            leaf = sha256(b"\x00" + entry).digest()
            if leaf != self._tiles.leaf(index):
                found = f"{described(entry)} stands there, and the log has another entry"
                raise BundleRefused(Step.INCLUSION, Place(entry=index), found)
            leaves.append(leaf)
        resumes = None if first == self._next else self._tiles.frontier(first)
        self._next = end
        self.entries += len(leaves)
        return LoggedEntries(first, given.entries, tuple(leaves), resumes)


def _checkpoint(frame: Frame, policy: Policy) -> VerifiedCheckpoint:
    try:
        signed = parse_signed_checkpoint(frame.payload)
        if signed.checkpoint.extensions:
            raise frame.refused("it has extension lines", Step.CHECKPOINT)
        verified = verify_checkpoint(signed, policy)
    except CheckpointRefused as error:
        raise frame.refused(f"{error.step.value}; {error.detail}", Step.CHECKPOINT) from error
    except LogError as error:
        raise frame.refused(str(error), Step.CHECKPOINT) from error
    if not verified.checkpoint.size:
        raise frame.refused("the log is empty", Step.CHECKPOINT)
    return verified
