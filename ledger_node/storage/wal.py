"""Write-ahead log: what must be on disk before it is sent, in one file of checksummed frames.

    file  = "ctlwal2\\n" salt(16) check(8) frame*
    frame = salt(16) length(4, big-endian) check(8) group
    group = canonical array of the payloads synced together
    check = first 8 bytes of SHA-256(salt || frame offset(8, big-endian) || length || group);
            of the file's header: of SHA-256(salt)

`append` buffers, `sync` makes everything appended durable with one write and one fdatasync: a
group commit, and all or nothing. A frame is written only after the one before it was synced, so a
crash can tear the last frame and no other. Hence on opening, bad bytes with nothing valid after
them are cut off and reported; bad bytes with a valid frame after them are damage, and an error.
The salt, random for each file, opens every frame, so that one is found again after bad bytes;
nobody who fills payloads knows it, and the check covers the offset, so none can be made up.
Limit: damage to the last synced frame looks like a torn one. The other members' certificates are
the answer to disks that rot or lie about fdatasync, not this file.
"""

import fcntl
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ledger_node.codec import DecodeError, decode, encode
from ledger_node.storage.errors import LogFull, StorageCorrupt, StorageFailed, StorageInUse

_MAGIC: Final = b"ctlwal2\n"
_SALT_SIZE: Final = 16
_LENGTH_SIZE: Final = 4
_CHECK_SIZE: Final = 8
_FILE_HEADER_SIZE: Final = len(_MAGIC) + _SALT_SIZE + _CHECK_SIZE
_FRAME_HEADER_SIZE: Final = _SALT_SIZE + _LENGTH_SIZE + _CHECK_SIZE
_PAYLOAD_OVERHEAD: Final = 5
"""The most that msgpack puts before a byte string, or before an array."""

MAX_PAYLOAD_BYTES: Final = 4 * 1024 * 1024
"""A journal record is a vote, a certificate or a block of ids; the largest stays below 4 MiB."""
MAX_GROUP_BYTES: Final = 16 * 1024 * 1024
"""Bytes synced at once: also what a hostile length can make a reader hash."""
MAX_FILE_BYTES: Final = 256 * 1024 * 1024
"""Read whole at start. The owner compacts with `rewrite` long before."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What a log held when it was opened. torn_bytes: cut off its tail, 0 after a clean stop."""

    payloads: tuple[bytes, ...]
    torn_bytes: int


class WriteAheadLog:
    """An exclusively locked log file. Not for concurrent use: one task owns it."""

    def __init__(self, path: Path) -> None:
        """Open or create. `replay` then holds what was there.

        Raises StorageInUse, StorageCorrupt, and LogFull for a file beyond MAX_FILE_BYTES.
        """
        self._path = path
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._failed: str | None = None
        self._lock = _lock(path)
        self._file = -1
        try:
            if not path.exists():
                self._replace(())
            self.replay = self._open()
        except BaseException:  # whatever stopped us, the lock must not outlive the attempt
            self.close()
            raise

    @property
    def size(self) -> int:
        """Bytes of synced file. When to `rewrite` it is up to the owner."""
        return self._end

    def append(self, payload: bytes) -> None:
        """Queue one record for the next `sync`. Raises LogFull, StorageFailed."""
        self._check_usable()
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise LogFull(self._path, "a payload", MAX_PAYLOAD_BYTES)
        grown = self._pending_bytes + len(payload) + _PAYLOAD_OVERHEAD
        if grown > MAX_GROUP_BYTES - _PAYLOAD_OVERHEAD:
            raise LogFull(self._path, "what is synced at once", MAX_GROUP_BYTES)
        if self._end + _FRAME_HEADER_SIZE + grown > MAX_FILE_BYTES:
            raise LogFull(self._path, "the file", MAX_FILE_BYTES)
        self._pending.append(payload)
        self._pending_bytes = grown

    def sync(self) -> None:
        """Return when everything appended is on disk. Raises StorageFailed, for good.

        After a failed fdatasync the kernel may have dropped the pages and forgotten the error:
        trying again would report success for bytes that are gone. So the log stays failed.
        """
        self._check_usable()
        if not self._pending:
            return
        frame = _frame(self._salt, self._end, self._pending)
        try:
            _write_all(self._file, frame, self._end)
            os.fdatasync(self._file)
        except OSError as error:
            raise self._fail(error) from error
        self._end += len(frame)
        self._drop_pending()

    def rewrite(self, payloads: Iterable[bytes]) -> None:
        """Replace the whole log, atomically: after a crash it is the old or the new one.

        What was appended and not synced is dropped: the caller states the whole new content.
        """
        self._check_usable()
        content = tuple(payloads)
        try:
            self._replace(content)
        except OSError as error:
            raise self._fail(error) from error
        self._drop_pending()
        os.close(self._file)
        self._open()

    def close(self) -> None:
        """Release file and lock. What was appended and not synced is dropped, as by a crash."""
        for descriptor in (self._file, self._lock):
            if descriptor >= 0:
                os.close(descriptor)
        self._file = self._lock = -1
        self._failed = "closed"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def _check_usable(self) -> None:
        if self._failed is not None:
            raise StorageFailed(self._path, f"write-ahead log is unusable: {self._failed}")

    def _fail(self, error: OSError) -> StorageFailed:
        self._failed = error.strerror or str(error)
        return StorageFailed(self._path, self._failed)

    def _drop_pending(self) -> None:
        self._pending.clear()
        self._pending_bytes = 0

    def _replace(self, payloads: Iterable[bytes]) -> None:
        salt = secrets.token_bytes(_SALT_SIZE)
        data = bytearray(_file_header(salt))
        for payload in payloads:
            if len(payload) > MAX_PAYLOAD_BYTES:
                raise LogFull(self._path, "a payload", MAX_PAYLOAD_BYTES)
            data += _frame(salt, len(data), [payload])
        if len(data) > MAX_FILE_BYTES:
            raise LogFull(self._path, "the file", MAX_FILE_BYTES)
        fresh = self._path.with_name(self._path.name + ".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            _write_all(descriptor, bytes(data), 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        fresh.replace(self._path)
        _sync_directory(self._path.parent)

    def _open(self) -> Replay:
        self._file = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        if os.fstat(self._file).st_size > MAX_FILE_BYTES:
            raise LogFull(self._path, "the file", MAX_FILE_BYTES)
        data = self._path.read_bytes()
        # The file header is written before the file gets its name: it cannot be torn.
        if len(data) < _FILE_HEADER_SIZE or not data.startswith(_MAGIC):
            raise StorageCorrupt(self._path, "file header", "not a write-ahead log")
        self._salt = data[len(_MAGIC) : len(_MAGIC) + _SALT_SIZE]
        # Under another salt no frame is valid, and all that was voted would pass for a torn tail.
        if data[:_FILE_HEADER_SIZE] != _file_header(self._salt):
            raise StorageCorrupt(self._path, "file header", "damaged: its check does not match")
        try:
            payloads, self._end = _read_frames(self._salt, data)
        except DecodeError as error:
            raise StorageCorrupt(self._path, error.what, error.reason) from error
        torn = len(data) - self._end
        if torn:
            later = _find_frame(self._salt, data, self._end + 1)
            if later is not None:
                raise StorageCorrupt(
                    self._path,
                    f"frame at byte {self._end}",
                    f"damaged, though a valid frame follows at byte {later}",
                )
            os.ftruncate(self._file, self._end)
            os.fsync(self._file)
        return Replay(tuple(payloads), torn)


def _file_header(salt: bytes) -> bytes:
    return _MAGIC + salt + sha256(salt).digest()[:_CHECK_SIZE]


def _check(salt: bytes, offset: int, length: bytes, group: bytes) -> bytes:
    return sha256(salt + offset.to_bytes(8, "big") + length + group).digest()[:_CHECK_SIZE]


def _frame(salt: bytes, offset: int, payloads: list[bytes]) -> bytes:
    group = encode(payloads)
    length = len(group).to_bytes(_LENGTH_SIZE, "big")
    return salt + length + _check(salt, offset, length, group) + group


def _group_at(salt: bytes, data: bytes, offset: int) -> bytes | None:
    """The encoded group in the valid frame at `offset`, None when there is none."""
    start = offset + _FRAME_HEADER_SIZE
    check_start = start - _CHECK_SIZE
    length_start = check_start - _LENGTH_SIZE
    length = int.from_bytes(data[length_start:check_start], "big")
    if start + length > len(data) or not 1 <= length <= MAX_GROUP_BYTES:
        return None
    if data[offset:length_start] != salt:
        return None
    group = data[start : start + length]
    expected = _check(salt, offset, data[length_start:check_start], group)
    return group if data[check_start:start] == expected else None


def _read_frames(salt: bytes, data: bytes) -> tuple[list[bytes], int]:
    """The payloads from the start of the file, and the offset where the valid frames end."""
    payloads: list[bytes] = []
    offset = _FILE_HEADER_SIZE
    while (group := _group_at(salt, data, offset)) is not None:
        payloads += decode(list[bytes], group, what="write-ahead group", limit=MAX_GROUP_BYTES)
        offset += _FRAME_HEADER_SIZE + len(group)
    return payloads, offset


def _find_frame(salt: bytes, data: bytes, start: int) -> int | None:
    """Offset of the first valid frame at or after `start`."""
    offset = data.find(salt, start)
    while offset >= 0:
        if _group_at(salt, data, offset) is not None:
            return offset
        offset = data.find(salt, offset + 1)
    return None


def _write_all(descriptor: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def _lock(path: Path) -> int:
    """A lock that lasts as long as the descriptor. Beside the log, since `rewrite` renames that."""
    lock_path = path.with_name(path.name + ".lock")
    descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StorageInUse(path, "write-ahead log") from error
    return descriptor


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
