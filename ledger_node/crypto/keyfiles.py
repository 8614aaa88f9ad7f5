"""Encrypted key files: one private key with its purpose and owner, unlocked by a passphrase.

A JSON object: the header in clear (format, purpose, owner, suite, public key, scrypt parameters,
nonce) and the private key under ChaCha20-Poly1305 (RFC 8439), its key made from the passphrase by
scrypt (RFC 7914). The canonical encoding of the header is the associated data, so no field of it
can be changed. Files are written 0600, whole or not at all, never over another, and refused when
anyone but their owner may read them. The scrypt parameters are bounded before they are used.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ledger_node.codec import encode
from ledger_node.codec.wording import in_words
from ledger_node.crypto.signatures import (
    SignatureError,
    SoftwareSigner,
    Suite,
    public_key,
)

FORMAT: Final = "ctl-key/v1"
MAX_FILE_SIZE: Final = 16 * 1024
MAX_OWNER_SIZE: Final = 128


class KeyPurpose(StrEnum):
    """What a key may sign. A member's keys are distinct, one a purpose."""

    AUTHORITY = "authority"
    REGISTRAR = "registrar"
    CONSENSUS = "consensus"
    COSIGNER = "cosigner"
    LOG = "log"
    TLS = "tls"
    PARTICIPANT = "participant"


class KeyFileError(ValueError):
    """Root of this module's errors. path: the file; reason: text for people."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"key file {path}: {reason}")
        self.path = path
        self.reason = reason


class KeyFileAccessError(KeyFileError):
    """The file is missing, not a file, in the way of a new one, or open to others."""


class KeyFileFormatError(KeyFileError):
    """Truncated, not JSON of the format, or a field out of its bounds."""


class KeyFileLockedError(KeyFileError):
    """The passphrase is wrong, or the file was altered: the cipher cannot tell which."""


class KeyFilePurposeError(KeyFileError):
    """A sound key, for another purpose or owner than asked for."""


class Scrypt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """RFC 7914 parameters: n cost (a power of two), r block size, p parallelisation."""

    n: int = 2**15
    r: int = 8
    p: int = 1
    salt: str = ""

    def problem(self) -> str | None:
        """Why these parameters are refused: weaker than ours, or beyond 128 MiB of memory."""
        if not 2**14 <= self.n <= 2**17 or self.n & (self.n - 1):
            return "kdf.n: must be a power of two from 2^14 to 2^17"
        if self.r != 8:
            return "kdf.r: must be 8"
        if not 1 <= self.p <= 4:
            return "kdf.p: must be 1 to 4"
        if _unhex(self.salt, 16) is None:
            return "kdf.salt: must be 16 bytes of lower-case hex"
        return None

    def derive(self, passphrase: bytes) -> bytes:
        """32 bytes of key. Takes n·r·128 bytes of memory, 32 MiB as written by us."""
        salt = bytes.fromhex(self.salt)
        memory = 128 * self.r * (self.n + self.p + 2)
        return hashlib.scrypt(
            passphrase, salt=salt, n=self.n, r=self.r, p=self.p, maxmem=memory, dklen=32
        )


class KeyHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a key file tells without its passphrase. Text of bytes is lower-case hex."""

    format: str
    purpose: KeyPurpose
    owner: str
    suite: int
    public: str
    kdf: Scrypt
    nonce: str

    def associated_data(self) -> bytes:
        """The canonical encoding of every field, bound to the ciphertext."""
        kdf = [self.kdf.n, self.kdf.r, self.kdf.p, self.kdf.salt]
        purpose = self.purpose.value
        return encode([self.format, purpose, self.owner, self.suite, self.public, kdf, self.nonce])


class _Container(KeyHeader, frozen=True, forbid_unknown_fields=True):
    ciphertext: str


@dataclass(frozen=True)
class UnlockedKey:
    """A key ready to sign, and what it is for. owner: member code or participant id."""

    purpose: KeyPurpose
    owner: str
    signer: SoftwareSigner


def write_key_file(path: Path, key: UnlockedKey, passphrase: bytes, *, n: int = Scrypt().n) -> None:
    """Writes `key` to a new file, 0600, on disk when this returns.

    n: the scrypt cost. Raises KeyFileAccessError: the file exists or cannot be written.
    """
    signer = key.signer
    header = _Container(
        format=FORMAT,
        purpose=key.purpose,
        owner=key.owner,
        suite=int(signer.suite),
        public=signer.public.hex(),
        kdf=Scrypt(n=n, salt=os.urandom(16).hex()),
        nonce=os.urandom(12).hex(),
        ciphertext="",
    )
    problem = _header_problem(header)
    if problem:
        raise KeyFileFormatError(path, problem)
    cipher = ChaCha20Poly1305(header.kdf.derive(passphrase))
    sealed = cipher.encrypt(
        bytes.fromhex(header.nonce), signer.private_bytes(), header.associated_data()
    )
    container = msgspec.structs.replace(header, ciphertext=sealed.hex())
    _write_new(path, msgspec.json.format(msgspec.json.encode(container), indent=2) + b"\n")


def read_key_header(path: Path) -> KeyHeader:
    """The checked header, without a passphrase. Raises KeyFileAccessError, KeyFileFormatError."""
    return _read(path)


def read_key_file(
    path: Path, passphrase: bytes, *, purpose: KeyPurpose | None = None, owner: str | None = None
) -> UnlockedKey:
    """The key in the file, once it is known to be sound and of the purpose and owner asked for.

    Raises KeyFileAccessError, KeyFileFormatError, KeyFilePurposeError, KeyFileLockedError.
    """
    container = _read(path)
    if purpose is not None and container.purpose is not purpose:
        raise KeyFilePurposeError(path, f"a {container.purpose} key, not a {purpose} key")
    if owner is not None and container.owner != owner:
        raise KeyFilePurposeError(path, f"belongs to {container.owner}, not to {owner}")
    cipher = ChaCha20Poly1305(container.kdf.derive(passphrase))
    try:
        private = cipher.decrypt(
            bytes.fromhex(container.nonce),
            bytes.fromhex(container.ciphertext),
            container.associated_data(),
        )
    except InvalidTag as error:
        reason = "the passphrase does not open it, or it was altered"
        raise KeyFileLockedError(path, reason) from error
    signer = SoftwareSigner(Suite(container.suite), private)
    if signer.public.hex() != container.public:
        raise KeyFileFormatError(path, "public: not the public half of the key inside")
    return UnlockedKey(container.purpose, container.owner, signer)


def _read(path: Path) -> _Container:
    try:
        with path.open("rb") as handle:
            status = os.fstat(handle.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise KeyFileAccessError(path, "not a regular file")
            mode = stat.S_IMODE(status.st_mode)
            if mode & 0o077:
                raise KeyFileAccessError(path, f"mode {mode:04o} opens it to others; chmod 600 it")
            content = handle.read(MAX_FILE_SIZE + 1)
    except OSError as error:
        raise KeyFileAccessError(path, error.strerror or "cannot be read") from error
    if len(content) > MAX_FILE_SIZE:
        raise KeyFileFormatError(path, f"more than {MAX_FILE_SIZE} bytes")
    try:
        container = msgspec.json.decode(content, type=_Container)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise KeyFileFormatError(path, str(in_words(_Container, error))) from error
    problem = _header_problem(container)
    if problem is None and _unhex(container.ciphertext, 32 + 16) is None:
        problem = "ciphertext: must be 48 bytes of lower-case hex"
    if problem:
        raise KeyFileFormatError(path, problem)
    return container


def _header_problem(header: KeyHeader) -> str | None:
    if header.format != FORMAT:
        return f"format: must be {FORMAT}"
    if not 0 < len(header.owner.encode()) <= MAX_OWNER_SIZE or not header.owner.isprintable():
        return f"owner: must be 1 to {MAX_OWNER_SIZE} bytes of printable text"
    public = _unhex(header.public)
    try:
        if public is None or public_key(public)[0] != header.suite:
            return "public: must be a key of the suite, in lower-case hex"
    except SignatureError as error:
        return f"public: {error}"
    if _unhex(header.nonce, 12) is None:
        return "nonce: must be 12 bytes of lower-case hex"
    return header.kdf.problem()


def _unhex(text: str, size: int | None = None) -> bytes | None:
    """Bytes of lower-case hex without spaces, None for anything else or of another size."""
    try:
        value = bytes.fromhex(text)
    except ValueError:
        return None
    return value if value.hex() == text and size in (None, len(value)) else None


def _write_new(path: Path, content: bytes) -> None:
    """A rename puts a whole file in place; the directory is synced so that it stays."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        if path.exists():
            raise KeyFileAccessError(path, "exists; a key file is never overwritten")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
            partial.rename(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        raise KeyFileAccessError(path, error.strerror or "cannot be written") from error
