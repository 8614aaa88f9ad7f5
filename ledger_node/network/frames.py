"""Frames on the wire: several small ones in a WebSocket message, a large one over several.

A message is one byte of class (0 urgent, 1 bulk) and pieces. A piece is a 4-byte head, big-endian,
and that many bytes: the top bit of the head says that the frame goes on in the next piece of this
class, the other bits are the length. Classes are put together apart, so an urgent frame may pass
between the parts of a bulk one.
"""

from collections.abc import Iterator
from enum import IntEnum
from struct import Struct
from typing import Final

from ledger_node.network.limits import MAX_FRAME

HEAD: Final = Struct(">I")
MORE: Final = 1 << 31


class FrameClass(IntEnum):
    """URGENT is consensus: it passes everything else. BULK is the rest."""

    URGENT = 0
    BULK = 1


class FramingError(ValueError):
    """A message that is not as above. reason: text for people, short enough for a close frame."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Assembler:
    """Messages of one link in, whole frames out. Holds at most MAX_FRAME bytes a class."""

    def __init__(self) -> None:
        self._partial = {kind: bytearray() for kind in FrameClass}

    def feed(self, message: bytes) -> Iterator[bytes]:
        """The frames that `message` completes. Raises FramingError at the first bad piece."""
        if not message or message[0] not in (FrameClass.URGENT, FrameClass.BULK):
            raise FramingError("message: unknown frame class")
        partial = self._partial[FrameClass(message[0])]
        at = 1
        while at < len(message):
            if at + HEAD.size > len(message):
                raise FramingError("piece: head cut short")
            (head,) = HEAD.unpack_from(message, at)
            start, size = at + HEAD.size, head & ~MORE
            at = start + size
            if at > len(message):
                raise FramingError("piece: shorter than its head says")
            if not size:
                raise FramingError("piece: empty")
            if len(partial) + size > MAX_FRAME:
                raise FramingError(f"frame: more than {MAX_FRAME} bytes")
            if head & MORE:
                partial += message[start:at]
            elif partial:
                partial += message[start:at]
                frame = bytes(partial)
                partial.clear()
                yield frame
            else:
                yield message[start:at]
