"""A published log as a directory of files, ready for a web server or object storage.

Each file is written beside its place and renamed into it, so that a reader sees all of it or none.
Tiles and bundles never change once the checkpoint that covers them is there; it is written last.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ledger_node.log.errors import LogError
from ledger_node.log.note import MAX_NOTE
from ledger_node.log.published import CHECKPOINT_PATH, FileAbsent, LogUnreachable
from ledger_node.log.tiles import MAX_BUNDLE, TileError, parse_tile_path

_PARTIAL: Final = ".p"
"""The end of the name of a directory with the partial forms of a tile."""


class TileDirectory:
    """A PublishedLog in a directory, and the writing of one."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def where(self) -> str:
        """The directory."""
        return str(self.root)

    async def file(self, path: str) -> bytes:
        """See PublishedLog."""
        return self.read(path)

    def read(self, path: str) -> bytes:
        """A file of the log. Raises FileAbsent, LogUnreachable."""
        if path != CHECKPOINT_PATH:
            try:
                parse_tile_path(path)
            except TileError as error:
                raise FileAbsent(self.where, path) from error
        limit = MAX_NOTE if path == CHECKPOINT_PATH else MAX_BUNDLE
        try:
            with (self.root / path).open("rb") as file:
                data = file.read(limit + 1)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise FileAbsent(self.where, path) from error
        except OSError as error:
            raise LogUnreachable(self.where, path, error.strerror or str(error)) from error
        if len(data) > limit:
            raise LogUnreachable(self.where, path, f"more than {limit} bytes")
        return data

    def write(self, path: str, content: bytes) -> None:
        """Put a file in its place, whole or not at all. Raises OSError."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = place.with_name(f".{place.name}.{os.getpid()}.partial")
        try:
            partial.write_bytes(content)
            partial.replace(place)
        finally:
            partial.unlink(missing_ok=True)

    def publish(self, checkpoint: bytes) -> None:
        """Put the checkpoint in its place, once all that was written before is on disk."""
        os.sync()
        self.write(CHECKPOINT_PATH, checkpoint)

    def prune(self) -> int:
        """Remove partial tiles and bundles whose full form is there; the number of files.

        Readers that still go by an older checkpoint take the full form instead
        (c2sp.org/tlog-tiles, "Partial tiles").
        """
        removed = 0
        for directory in self._superseded():
            for file in directory.iterdir():
                file.unlink()
                removed += 1
            directory.rmdir()
        return removed

    def _superseded(self) -> Iterator[Path]:
        for parent, directories, _ in os.walk(self.root / "tile"):
            for name in directories:
                if name.endswith(_PARTIAL):
                    full = Path(parent, name.removesuffix(_PARTIAL))
                    if full.is_file():
                        yield Path(parent, name)


class MirrorRefused(LogError):
    """What a log offers does not continue what the directory holds. reason: text."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason
