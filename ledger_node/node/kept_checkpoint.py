"""The published checkpoint on disk, so that a stopped node's log can still be published.

The file is for whoever copies the log out of the data directory; a node does not read it back. It
may be a second older than what was served, and is always one that the policy accepts.
"""

from pathlib import Path
from typing import Final

from ledger_node.log.note import MAX_NOTE
from ledger_node.log.published import CHECKPOINT_PATH, FileAbsent
from ledger_node.log.verified import VerifiedCheckpoint
from ledger_node.node.config import DataDirectory
from ledger_node.storage.database import Database
from ledger_node.storage.errors import StorageFailed
from ledger_node.storage.published import published_file

KEEP_S: Final = 1.0
"""How often a node writes it, if there is a newer one."""


class KeptCheckpoint:
    """The file, written whole or not at all. Not for two threads at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: VerifiedCheckpoint | None = None

    def keep(self, checkpoint: VerifiedCheckpoint | None) -> None:
        """Write the checkpoint, unless it is the one last written. Raises StorageFailed."""
        if checkpoint is None or checkpoint is self._kept:
            return
        partial = self._path.with_name(f".{self._path.name}.partial")
        try:
            partial.write_bytes(checkpoint.signed().format())
            partial.replace(self._path)
        except OSError as error:
            raise StorageFailed(self._path, f"cannot be written: {error.strerror}") from error
        self._kept = checkpoint


class StoredLog:
    """The log of a stopped node, as a PublishedLog."""

    def __init__(self, directory: DataDirectory, database: Database, size: int) -> None:
        """size: of the kept checkpoint."""
        self._directory = directory
        self._ledger = database.latest
        self._size = size

    @property
    def where(self) -> str:
        """The data directory."""
        return str(self._directory.root)

    async def file(self, path: str) -> bytes:
        """See log.published.PublishedLog. Raises also StorageError."""
        if path == CHECKPOINT_PATH:
            return read_kept(self._directory)
        found = published_file(self._ledger, path, self._size)
        if found is None:
            raise FileAbsent(self.where, path)
        return found


def read_kept(directory: DataDirectory) -> bytes:
    """The kept checkpoint's bytes. Raises FileAbsent."""
    try:
        with directory.checkpoint.open("rb") as file:
            return file.read(MAX_NOTE + 1)
    except FileNotFoundError as error:
        raise FileAbsent(str(directory.root), CHECKPOINT_PATH) from error
