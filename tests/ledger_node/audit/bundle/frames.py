"""Bundles taken apart into frames and put together again, changed."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ledger_node.audit.bundle.form import (
    MAGIC,
    EntriesFrame,
    Frame,
    FrameKind,
    FrameReader,
    read_entries,
)
from ledger_node.log.tiles import encode_entry_bundle


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def read(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]


def split(bundle: bytes) -> list[Frame]:
    """The frames of a well-formed bundle."""
    reader = FrameReader(_Bytes(bundle))
    frames: list[Frame] = []
    while not frames or frames[-1].kind is not FrameKind.END:
        frames.append(reader.next())
    return frames


def join(frames: Sequence[Frame]) -> bytes:
    """A file of these frames, however sensible."""
    parts = [MAGIC]
    for frame in frames:
        parts += [bytes((frame.kind,)), len(frame.payload).to_bytes(4, "big"), frame.payload]
    return b"".join(parts)


def entries_payload(frame: EntriesFrame) -> bytes:
    head = frame.first.to_bytes(8, "big") + len(frame.entries).to_bytes(2, "big")
    return head + encode_entry_bundle(frame.entries)


def with_entry(bundle: bytes, index: int, change: Callable[[bytes], bytes]) -> bytes:
    """The bundle with one log entry changed."""
    frames = split(bundle)
    for at, frame in enumerate(frames):
        if frame.kind is FrameKind.ENTRIES:
            held = read_entries(frame)
            if held.first <= index < held.first + len(held.entries):
                entries = list(held.entries)
                entries[index - held.first] = change(entries[index - held.first])
                held = EntriesFrame(held.first, tuple(entries))
                frames[at] = replace(frame, payload=entries_payload(held))
    return join(frames)


def with_payload(bundle: bytes, at: int, change: Callable[[bytes], bytes]) -> bytes:
    """The bundle with the payload of frame number `at` changed."""
    frames = split(bundle)
    frames[at] = replace(frames[at], payload=change(frames[at].payload))
    return join(frames)


def with_checkpoint(bundle: bytes, note: bytes) -> bytes:
    """The bundle with another checkpoint."""
    (at,) = positions(bundle, FrameKind.CHECKPOINT)
    return with_payload(bundle, at, lambda _: note)


def positions(bundle: bytes, kind: FrameKind) -> list[int]:
    """Numbers of the frames of a kind."""
    return [at for at, frame in enumerate(split(bundle)) if frame.kind is kind]


def flip(data: bytes, at: int = -1) -> bytes:
    """One bit of one byte turned."""
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)
