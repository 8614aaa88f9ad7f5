"""A bundle as a stream of frames, and of log entries that are shown to stand in the log.

Source: docs/audit-bundles.md, "The file", "Frames", "The tree".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NoReturn

from ctl_verify.head import Head
from ctl_verify.merkle import leaf_hash, node_hash, root_of
from ctl_verify.refusal import Malformed, Refused

MAGIC: Final = b"ctl/audit-bundle/v2\n"

FORM: Final = "the file is a whole audit bundle"
TILES: Final = "the hash tiles lead to the checkpoint's root"
INCLUSION: Final = "each entry is the one that stands in the log at its index"

SELECTION, CHECKPOINT, TILE, ENTRIES, CERTIFICATE, END = range(1, 7)
GENESIS, STEP, CONTRACTS, STATE, ORDERED, PROOF = range(7, 13)

_MOST: Final = {
    SELECTION: 656,
    CHECKPOINT: 256 * 1024,
    TILE: 9 + 8192,
    ENTRIES: 10 + 256 * (2 + 65_535),
    CERTIFICATE: 64 * 1024 + 64,
    END: 16,
    GENESIS: 65_535,
    STEP: 512 * 1024,
    CONTRACTS: 17 << 19,
    STATE: 38 * 1024 * 1024 // 10,
    ORDERED: 38 * 1024 * 1024 // 10,
    PROOF: 512 * 1024 + 64,
}
"""Kind of frame → bytes of its payload at most."""


@dataclass(frozen=True)
class Frame:
    """A frame; at: its offset in the file."""

    kind: int
    payload: bytes
    at: int

    def refuse(self, reason: str, step: str = FORM) -> NoReturn:
        """This frame is not what it must be."""
        raise Refused(step, f"byte {self.at}: {reason}")


def frames(file: BinaryIO) -> Iterator[Frame]:
    """The frames up to the end, after which there is nothing. Raises Refused."""
    at = len(MAGIC)
    if file.read(at) != MAGIC:
        raise Refused(FORM, f"it does not open with {MAGIC[:-1].decode()}")
    while True:
        head = file.read(5)
        kind, length = (head[0] if head else 0), int.from_bytes(head[1:])
        if len(head) < 5 or length > _MOST.get(kind, -1):
            raise Refused(FORM, f"byte {at}: a frame is cut short, unknown or too long")
        payload = file.read(length)
        frame = Frame(kind, payload, at)
        if len(payload) < length:
            frame.refuse("the frame is cut short")
        if kind == END and file.read(1):
            frame.refuse("there are bytes after the end")
        yield frame
        if kind == END:
            return
        at += 5 + length


class Tree:
    """The hash tiles of a log that have come so far: the right edge, and the last of each level."""

    def __init__(self, head: Head) -> None:
        self.size = head.size
        self._root = head.root
        self._edge: dict[int, tuple[int, list[bytes]]] = {}
        self._last: dict[int, tuple[int, list[bytes]]] = {}

    def take_edge(self, stream: Iterator[Frame]) -> None:
        """The partial tiles, the highest level first; they give the root. Raises Refused."""
        for level in reversed(range((self.size.bit_length() + 7) // 8)):
            width = self.size >> 8 * level & 255
            if width:
                frame = next(stream)
                found, index, hashes = _tile(frame)
                if (found, index, len(hashes)) != (level, self.size >> 8 * (level + 1), width):
                    frame.refuse("it is not the partial tile that stands here")
                self._edge[level] = index, hashes
        if self.size == 0 or self.root_at(self.size) != self._root:
            raise Refused(TILES, "the partial tiles do not give the checkpoint's root")

    def take_tile(self, frame: Frame) -> None:
        """A full tile, whose hash is in the tile above. Raises Refused."""
        level, index, hashes = _tile(frame)
        if len(hashes) != 256:
            frame.refuse("a partial tile where a full one must stand")
        if self._hash(level + 1, index) != root_of(hashes):
            frame.refuse("its hash is not the one in the tile above", TILES)
        self._last[level] = index, hashes

    def entries(self, frame: Frame) -> list[tuple[int, bytes]]:
        """The entries of a frame with their indexes. Raises Refused."""
        first, count = int.from_bytes(frame.payload[:8]), int.from_bytes(frame.payload[8:10])
        found: list[tuple[int, bytes]] = []
        at = 10
        while at < len(frame.payload):
            length = int.from_bytes(frame.payload[at : at + 2])
            entry = frame.payload[at + 2 : at + 2 + length]
            if len(entry) < length:
                frame.refuse("an entry is cut short")
            index = first + len(found)
            if self._hash(0, index) != leaf_hash(entry):
                raise Refused(INCLUSION, f"entry {index}: it is not")
            found.append((index, entry))
            at += 2 + length
        if not found or len(found) != count or first >> 8 != found[-1][0] >> 8:
            frame.refuse("it holds another number of entries, or of more than one tile")
        return found

    def root_at(self, size: int) -> bytes:
        """The root of the first `size` entries, up to where entries or tiles have come."""
        subtrees: list[bytes] = []
        for level in reversed(range((size.bit_length() + 7) // 8)):
            hashes = self._tile(level, size >> 8 * (level + 1))[: size >> 8 * level & 255]
            while hashes:
                width = 1 << len(hashes).bit_length() - 1
                subtrees.append(root_of(hashes[:width]))
                hashes = hashes[width:]
        root = subtrees.pop()
        while subtrees:
            root = node_hash(subtrees.pop(), root)
        return root

    def _tile(self, level: int, index: int) -> list[bytes]:
        for tiles in (self._last, self._edge):
            at, hashes = tiles.get(level, (-1, []))
            if at == index:
                return hashes
        return []

    def _hash(self, level: int, index: int) -> bytes | None:
        hashes = self._tile(level, index >> 8)
        return hashes[index & 255] if index & 255 < len(hashes) else None


def _tile(frame: Frame) -> tuple[int, int, list[bytes]]:
    data = frame.payload
    if frame.kind != TILE or len(data) < 9 or (len(data) - 9) % 32:
        frame.refuse("it is no tile, where one must stand")
    hashes = [data[at : at + 32] for at in range(9, len(data), 32)]
    return data[0], int.from_bytes(data[1:9]), hashes


def bundle_end(frame: Frame) -> tuple[int, int]:
    """Entries in the bundle, and the height of the last block with a certificate."""
    if len(frame.payload) != 16:
        raise Malformed("the end has another length")
    return int.from_bytes(frame.payload[:8]), int.from_bytes(frame.payload[8:])
