"""What can be wrong with a node's data on disk. Each error names the place and what differs.

None of these is repaired silently: a member that lost or altered its own data must know before it
votes again. The one loss that is normal, the torn tail of a write-ahead log, is not an error.
"""

from pathlib import Path


class StorageError(Exception):
    """Root of the errors of this layer. path: the directory or file concerned."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class StorageInUse(StorageError):
    """Another process holds the lock."""

    def __init__(self, path: Path, what: str = "directory") -> None:
        super().__init__(path, f"another process uses this {what}")


class StorageMissing(StorageError):
    """There is no ledger where one was expected."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "holds no ledger database")


class StorageExists(StorageError):
    """A ledger is to be created where there is one."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "already holds a ledger database")


class ForeignUnion(StorageError):
    """The directory belongs to another union. found, expected: 32-byte identities."""

    def __init__(self, path: Path, found: bytes, expected: bytes) -> None:
        super().__init__(path, f"belongs to union {found.hex()}, not to {expected.hex()}")
        self.found = found
        self.expected = expected


class UnknownFormat(StorageError):
    """The directory was written in a format this program cannot read. found, known: versions."""

    def __init__(self, path: Path, found: int, known: int) -> None:
        newer = "a newer program wrote it" if found > known else "an older program wrote it"
        super().__init__(path, f"storage format {found}, this program reads {known}: {newer}")
        self.found = found
        self.known = known


class StorageCorrupt(StorageError):
    """Stored bytes contradict each other. item: what differs, e.g. "log root"."""

    def __init__(self, path: Path, item: str, reason: str) -> None:
        super().__init__(path, f"{item}: {reason}")
        self.item = item


class NotYetHere(StorageError):
    """A part of the past that a ledger which began with a snapshot has not fetched yet.

    item: what was asked for. Nothing is wrong: another node has it, and soon this one.
    """

    def __init__(self, path: Path, item: str) -> None:
        super().__init__(
            path, f"{item}: lies before this node's snapshot and is still being fetched"
        )
        self.item = item


class StorageFailed(StorageError):
    """The disk refused a write. What was not synced is lost; nothing more is accepted."""


class LogFull(StorageError):
    """A payload or the file would pass its limit. limit: in bytes."""

    def __init__(self, path: Path, what: str, limit: int) -> None:
        super().__init__(path, f"{what} would pass {limit} bytes")
        self.limit = limit


class OutOfOrder(StorageError):
    """Blocks to commit do not continue the chain: a defect of the caller, nothing was written."""
