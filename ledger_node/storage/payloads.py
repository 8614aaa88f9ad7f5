"""The payload store of one member: the plaintext behind the commitments on the ledger.

One file a payload, named by its commitment, so the name says what the content must be: every read
checks it, and a torn, changed or misplaced file is an error, never an answer. Writing is atomic
(temporary file, fsync, rename, fsync of the directory); files are 0600 and directories 0700,
because this is the only place where commercial particulars lie in clear. Writing twice is
harmless. File content: canonical([group, salt, plaintext]).
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from ledger_node.codec import DecodeError, Digest, decode, encode
from ledger_node.codec.digests import DIGEST_SIZE
from ledger_node.ledger.particulars import (
    MAX_PLAINTEXT,
    ParticularGroup,
    Particulars,
    ParticularsError,
    check_opening,
)
from ledger_node.storage.errors import StorageError, StorageFailed

MAX_FILE = MAX_PLAINTEXT + 1024
"""Bytes of a payload file: the plaintext, its salt and group, and their msgpack headers."""

_UNFINISHED = ".unfinished"


class PayloadError(StorageError):
    """What is wrong with one payload. path: the store's directory; commitment: which payload."""

    def __init__(self, path: Path, commitment: bytes, reason: str) -> None:
        super().__init__(path, f"payload {commitment.hex()}: {reason}")
        self.commitment = commitment


class PayloadMissing(PayloadError):
    """There is no such payload in this store."""


class PayloadDamaged(PayloadError):
    """The file is there, but it is not what was committed to: torn, changed, or misplaced."""


class PayloadRefused(PayloadError):
    """A payload that does not open the commitment it was to be stored under. Nothing is stored."""


class PayloadStore:
    """The payloads below one directory, which is made if it does not exist."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, commitment: bytes, group: ParticularGroup, salt: bytes, plaintext: bytes) -> None:
        """Store a payload; on return it is on disk. A damaged copy is replaced by this good one.

        Raises PayloadRefused: not what the commitment was made of, or over 1 MiB. StorageFailed:
        the disk is full or not writable; nothing is stored then.
        """
        particulars = Particulars(group, salt, plaintext)
        try:
            check_opening(commitment, particulars)
        except ParticularsError as error:
            raise PayloadRefused(self._directory, commitment, str(error)) from error
        try:
            self.get(commitment)
            return
        except (PayloadMissing, PayloadDamaged):
            path = self._path(commitment)
        try:
            _write_atomically(path, encode(particulars))
        except OSError as error:
            raise StorageFailed(path, f"cannot be written: {error.strerror}") from error

    def get(self, commitment: bytes) -> Particulars:
        """The payload, checked against its commitment.

        Raises PayloadMissing, or PayloadDamaged when the file does not hold it.
        """
        path = self._path(commitment)
        try:
            data = _read_bounded(path)
        except FileNotFoundError as error:
            raise PayloadMissing(self._directory, commitment, "not in this store") from error
        except OSError as error:
            raise PayloadDamaged(
                self._directory, commitment, f"cannot be read: {error.strerror}"
            ) from error
        try:
            particulars = decode(Particulars, data, what="payload", limit=MAX_FILE)
            check_opening(commitment, particulars)
        except (DecodeError, ParticularsError) as error:
            raise PayloadDamaged(self._directory, commitment, str(error)) from error
        return particulars

    def exists(self, commitment: bytes) -> bool:
        """True if there is a file for it; only `get` says whether it is sound."""
        return self._path(commitment).is_file()

    def commitments(self) -> Iterator[Digest]:
        """The commitments there are files for, in order. Whatever else lies there is left out."""
        for folder in sorted(self._directory.iterdir()):
            if not folder.is_dir():
                continue
            for file in sorted(folder.iterdir()):
                commitment = _commitment_in(file)
                if commitment is not None and self._path(commitment) == file:
                    yield commitment

    def discard_unfinished(self) -> int:
        """Remove what a killed writer left behind; returns how many files.

        Only for the process that owns the store, before anything else writes to it.
        """
        leftovers = list(self._directory.glob(f"??/*{_UNFINISHED}"))
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)
        return len(leftovers)

    def _path(self, commitment: bytes) -> Path:
        """256 directories, so that a million payloads do not lie in one."""
        if len(commitment) != DIGEST_SIZE:
            raise PayloadMissing(
                self._directory, commitment, f"not a commitment: {len(commitment)} bytes, not 32"
            )
        name = commitment.hex()
        return self._directory / name[:2] / name


def _commitment_in(file: Path) -> Digest | None:
    try:
        commitment = bytes.fromhex(file.name)
    except ValueError:
        return None
    return Digest(commitment) if len(commitment) == DIGEST_SIZE else None


def _read_bounded(path: Path) -> bytes:
    """The file's bytes, at most one more than `MAX_FILE`; never through a symbolic link."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(MAX_FILE + 1)


def _write_atomically(path: Path, data: bytes) -> None:
    if not path.parent.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _sync_directory(path.parent.parent)
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}{_UNFINISHED}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(unfinished, flags, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:  # also on an interrupt: no plaintext is left lying about
        unfinished.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    """Make a new name in `directory` survive a power failure."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
