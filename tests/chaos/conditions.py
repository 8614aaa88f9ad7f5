"""Conditions of one node process, in a file that both it and its tormentor map into memory.

Numbers of 8 bytes each, little-endian. 0 is what the node would have without them.
"""

import mmap
import struct
from pathlib import Path
from typing import Final

_NUMBER: Final = struct.Struct("<q")


class _Condition:
    """One of the numbers, by its place in the file."""

    def __init__(self, place: int) -> None:
        self._at = place * _NUMBER.size

    def __get__(self, conditions: "Conditions", _owner: object) -> int:
        found: int = _NUMBER.unpack_from(conditions.memory, self._at)[0]
        return found

    def __set__(self, conditions: "Conditions", value: int) -> None:
        _NUMBER.pack_into(conditions.memory, self._at, value)


class Conditions:
    """The mapped file. Changes show in every process that maps it at once."""

    clock_off_ms = _Condition(0)
    """How far the wall clock is ahead; negative: behind."""
    sync_ms = _Condition(1)
    """What each sync of the disk costs on top."""
    chunk_names = _Condition(2)
    """How much of a snapshot it asks for in one question, at most; read when it starts."""
    chunks = _Condition(3)
    """How many questions about snapshots it answers since it started, before it waits for more."""
    lies = _Condition(4)
    """Whether the objects that it gives in snapshots are false."""

    _SIZE: Final = 5 * _NUMBER.size

    def __init__(self, path: Path) -> None:
        """Maps the file, which is made if there is none."""
        if not path.exists():
            path.write_bytes(bytes(self._SIZE))
        with path.open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), self._SIZE)
