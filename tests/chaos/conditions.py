"""Conditions of one node process, in a file that both it and its tormentor map into memory.

Two numbers, 8 bytes each, little-endian: by how many milliseconds the process's wall clock is off,
and how many milliseconds each sync of its disk takes longer than it would.
"""

import mmap
import struct
from pathlib import Path
from typing import Final

_NUMBER: Final = struct.Struct("<q")
_CLOCK_AT: Final = 0
_DISK_AT: Final = _NUMBER.size
_SIZE: Final = 2 * _NUMBER.size


class Conditions:
    """The mapped file. Changes show in every process that maps it at once."""

    def __init__(self, path: Path) -> None:
        """Maps the file, which is made if there is none."""
        if not path.exists():
            path.write_bytes(bytes(_SIZE))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _SIZE)

    @property
    def clock_off_ms(self) -> int:
        """How far the wall clock is ahead; negative: behind."""
        found: int = _NUMBER.unpack_from(self._memory, _CLOCK_AT)[0]
        return found

    @clock_off_ms.setter
    def clock_off_ms(self, off: int) -> None:
        _NUMBER.pack_into(self._memory, _CLOCK_AT, off)

    @property
    def sync_ms(self) -> int:
        """What each sync costs on top."""
        found: int = _NUMBER.unpack_from(self._memory, _DISK_AT)[0]
        return found

    @sync_ms.setter
    def sync_ms(self, cost: int) -> None:
        _NUMBER.pack_into(self._memory, _DISK_AT, cost)
