"""A bundle as a stream of log entries, each shown to be the one the checkpoint's root commits to.

What comes out of `BundleReader` is in the log: a reader after it can only find that the log itself
is wrong, that the bundle leaves something out, or that entries contradict each other.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeAlias

from ledger_node.audit.bundle.anchor import Anchor, HeadRefused, accept_head
from ledger_node.audit.bundle.difference import described
from ledger_node.audit.bundle.form import (
    EntriesFrame,
    Frame,
    FrameKind,
    FrameReader,
    Reads,
    read_certificate,
    read_end,
    read_entries,
    read_selection,
    read_tile,
)
from ledger_node.audit.bundle.founding import read_founding
from ledger_node.audit.bundle.refusal import BundleRefused, Place, Step
from ledger_node.audit.bundle.selection import Selection
from ledger_node.audit.bundle.succession import EpochRefused, Succession
from ledger_node.audit.bundle.tree import BelievedTiles, edge_frontier, edge_widths
from ledger_node.codec.digests import DIGEST_SIZE
from ledger_node.genesis.ceremony import VerifiedGenesis
from ledger_node.log.merkle import Frontier, HashReader
from ledger_node.log.tiles import TILE_HEIGHT, TILE_WIDTH, TileHashes


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
    """Bytes said to be what made the block that ended with the last entry final.

    before: height of the block whose certificate is said to stand before this one, 0 for none.
    """

    before: int
    data: bytes
    frame: Frame


@dataclass(frozen=True, slots=True)
class Attached:
    """A frame of something that is not the log's: contracts, or the state before a range."""

    frame: Frame


Logged: TypeAlias = LoggedEntries | LoggedCertificate | Attached


_ATTACHED: Final = (
    FrameKind.CONTRACTS,
    FrameKind.STATE,
    FrameKind.ORDERED,
    FrameKind.PROOF,
)


class BundleReader:
    """The head of a bundle, checked, and then its entries by iteration, once."""

    def __init__(self, file: Reads, anchor: Anchor) -> None:
        """Raises BundleRefused: form, founding, epochs, checkpoint, or the tree's right edge."""
        self._frames = FrameReader(file)
        self.selection: Selection = read_selection(self._expect(FrameKind.SELECTION))
        self.founding = read_founding(self._expect(FrameKind.GENESIS).payload)
        if isinstance(anchor, VerifiedGenesis) and anchor.union != self.founding.union:
            found = f"it is of the union {self.founding.union.hex()}, the genesis given founds"
            found = f"{found} {anchor.union.hex()}"
            raise BundleRefused(Step.FOUNDING, Place(entry=0, height=0), found)
        self.succession = Succession(self.founding)
        note = self._follow_steps()
        try:
            self.head = accept_head(note.payload, anchor, self.founding, self.succession)
        except HeadRefused as error:
            raise note.refused(error.reason, Step.CHECKPOINT) from error
        self.checkpoint = self.head.checkpoint
        self._tiles = self._edge()
        self._watched: tuple[int, Callable[[HashReader], None]] | None = None
        self._next = 0
        self.entries = 0
        """Entries read so far."""
        self.certified = 0
        """Height of the last certificate's block as the end of the bundle says it."""

    @property
    def size(self) -> int:
        """Entries in the checkpoint's log."""
        return self.checkpoint.checkpoint.size

    @property
    def position(self) -> int:
        """Log index after the last entry read."""
        return self._next

    def watch(self, size: int, tell: Callable[[HashReader], None]) -> None:
        """Call `tell` when the stream comes by entry `size` - 1, if it does, with what is known of
        the tree then: all that proofs about its first `size` entries are made of."""
        self._watched = (size, tell)

    def __iter__(self) -> Iterator[Logged]:
        """Raises BundleRefused at the first thing that is not as it must be."""
        wants_entries = False
        while True:
            frame = self._frames.next()
            match frame.kind:
                case FrameKind.TILE:
                    self._tiles.add(read_tile(frame), frame)
                    wants_entries = True
                case FrameKind.ENTRIES:
                    yield self._entries(read_entries(frame), frame)
                    wants_entries = False
                case FrameKind.CERTIFICATE if not wants_entries:
                    given = read_certificate(frame)
                    yield LoggedCertificate(given.before, given.certificate, frame)
                case kind if kind in _ATTACHED and not wants_entries:
                    yield Attached(frame)
                case FrameKind.END if not wants_entries:
                    self._end(frame)
                    return
                case kind:
                    raise frame.refused(f"a frame {kind.name} does not belong here")

    def _end(self, frame: Frame) -> None:
        stated = read_end(frame)
        if stated.entries != self.entries:
            found = f"the bundle holds {self.entries} entries, its end says {stated.entries}"
            raise frame.refused(found)
        self.certified = stated.certified
        self._frames.check_end()

    def _follow_steps(self) -> Frame:
        """Learn the epochs; the frame after them, which must be the checkpoint."""
        frame = self._frames.next()
        while frame.kind is FrameKind.STEP:
            try:
                self.succession.follow(frame.payload)
            except EpochRefused as error:
                raise frame.refused(error.reason, Step.EPOCHS) from error
            frame = self._frames.next()
        if frame.kind is not FrameKind.CHECKPOINT:
            raise frame.refused(f"a frame {frame.kind.name} where CHECKPOINT must stand")
        return frame

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
        if self._watched is not None and first < self._watched[0] <= end:
            self._watched[1](TileHashes(self._tiles, self.size))
        resumes = None if first == self._next else self._tiles.frontier(first)
        self._next = end
        self.entries += len(leaves)
        return LoggedEntries(first, given.entries, tuple(leaves), resumes)
