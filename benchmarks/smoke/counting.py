"""Counts hashes, signature checks and disk syncs of this process.

`install` comes before anything of the ledger is imported: what is imported by name is imported
counted. Counting costs time, so a process that counts is not one whose time is measured.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from nacl import bindings as sodium

COUNTS: Final[Counter[str]] = Counter()

_sha256: Final = hashlib.sha256


class _CountedHash:
    """A SHA-256 whose every result is counted."""

    __slots__ = ("_hash",)

    def __init__(self, data: bytes = b"", *, state: Any = None) -> None:
        self._hash = _sha256(data) if state is None else state

    def update(self, data: bytes) -> None:
        self._hash.update(data)

    def copy(self) -> "_CountedHash":
        return _CountedHash(state=self._hash.copy())

    def digest(self) -> bytes:
        COUNTS["hashes"] += 1
        found: bytes = self._hash.digest()
        return found

    def hexdigest(self) -> str:
        return self.digest().hex()


def _counted(call: Callable[..., Any], what: str) -> Callable[..., Any]:
    def counting(*given: Any, **named: Any) -> Any:
        COUNTS[what] += 1
        return call(*given, **named)

    return counting


def install() -> None:
    """Everything imported from now on is counted. Once a process."""
    patch.object(hashlib, "sha256", _CountedHash).start()
    sodium.crypto_sign_open = _counted(sodium.crypto_sign_open, "verifies")
    os.fdatasync = _counted(os.fdatasync, "syncs")
    os.fsync = _counted(os.fsync, "syncs")
    from ledger_node.storage.database import Database

    write = Database._batch

    @contextmanager
    def counting(self: Database, *, sync: bool) -> Iterator[Any]:
        COUNTS["syncs"] += sync  # LevelDB syncs its own log, out of Python's sight
        with write(self, sync=sync) as batch:
            yield batch

    patch.object(Database, "_batch", counting).start()
