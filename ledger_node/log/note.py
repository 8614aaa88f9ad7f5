"""Signed notes: text, and the lines of those who signed it.

A parsed `Note` proves nothing yet: its text counts only once a signature of a known key over it
has been verified. Parsing is strict (UTF-8, no control characters, one spelling of base64), so
a note that parses formats back to the same bytes.

Source: c2sp.org/signed-note, with verifier keys ("vkeys") as name+id+base64(type || key).
"""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from hashlib import sha256
from typing import Final, Protocol

from ledger_node.crypto.signatures import verify_ed25519
from ledger_node.log.errors import LogError

MAX_NOTE: Final = 256 * 1024
"""Bytes of a note; room for MAX_SIGNATURES lines with long names."""

MAX_SIGNATURES: Final = 128
"""Signature lines in a note; the spec asks for at least 16, a large union needs one a member."""

ED25519_KEY: Final = 32
ED25519_SIGNATURE: Final = 64


class NoteRule(StrEnum):
    """What a note, a key or a signature breaks."""

    TOO_LARGE = "longer than is accepted"
    UTF8 = "not valid UTF-8"
    CONTROL = "holds a control character other than newline"
    NO_SIGNATURES = "no blank line with signature lines after it"
    FINAL_NEWLINE = "does not end in one newline"
    TOO_MANY_SIGNATURES = "more signature lines than are accepted"
    SIGNATURE_LINE = "not of the form: em dash, key name, base64"
    KEY_NAME = "a key name is empty or holds a space, a plus or a control character"
    BASE64 = "not canonical base64"
    SIGNATURE_LENGTH = "the signature has the wrong length for its key"
    VKEY = "not of the form: name+id+base64"
    KEY_TYPE = "the key's signature type is not supported here"
    KEY_LENGTH = "the public key has the wrong length"
    KEY_ID = "the key id does not match the key"
    OTHER_KEY = "the signature names another key"
    ORIGIN = "the key is not named as the log's origin"
    TIMESTAMP = "the timestamp is out of range"
    INVALID = "the signature does not verify"


class NoteError(LogError):
    """rule: what is broken; where: the line, key or field it was found at."""

    def __init__(self, rule: NoteRule, where: str) -> None:
        super().__init__(f"{where}: {rule.value}")
        self.rule = rule
        self.where = where


class SignatureType(IntEnum):
    """The byte that tells apart what a key signs and how."""

    ED25519 = 0x01
    COSIGNATURE_V1 = 0x04
    """Timestamped Ed25519 of c2sp.org/tlog-cosignature."""


class NoteSigner(Protocol):
    """Holds the private half of an Ed25519 key."""

    def sign(self, message: bytes, /) -> bytes:
        """64 bytes of signature over `message`."""
        ...


def decode_base64(text: str, where: str) -> bytes:
    """The bytes of standard padded base64 in its one spelling. Raises NoteError(BASE64)."""
    try:
        raw = b64decode(text, validate=True)
    except ValueError as error:
        raise NoteError(NoteRule.BASE64, where) from error
    if b64encode(raw).decode("ascii") != text:
        raise NoteError(NoteRule.BASE64, where)
    return raw


def encode_base64(raw: bytes) -> str:
    """Standard padded base64."""
    return b64encode(raw).decode("ascii")


def _check_name(name: str) -> None:
    if not name or any(char.isspace() or char == "+" or char < " " for char in name):
        raise NoteError(NoteRule.KEY_NAME, f"key name {name[:100]!r}")


def _utf8(text: str, where: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NoteError(NoteRule.UTF8, where) from error


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name it signs under and what it signs."""

    name: str
    type: SignatureType
    public: bytes
    """The raw 32-byte Ed25519 key."""

    key_id: bytes = field(init=False)
    """4 bytes; with the name it tells which key made a signature."""

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public) != ED25519_KEY:
            raise NoteError(NoteRule.KEY_LENGTH, f"key {self.name}")
        name = _utf8(self.name, "key name")
        digest = sha256(name + b"\n" + bytes([self.type]) + self.public).digest()
        object.__setattr__(self, "key_id", digest[:4])

    def format(self) -> str:
        """The vkey, e.g. "example.com/log+8a3f51c2+AbV1…"."""
        material = encode_base64(bytes([self.type]) + self.public)
        return f"{self.name}+{self.key_id.hex()}+{material}"


def parse_vkey(text: str) -> VerifierKey:
    """A vkey in its one spelling (lower-case id, canonical base64). Raises NoteError."""
    # Base64 may hold a plus, a name may not: the first two separate the fields.
    fields = text.split("+", 2)
    if len(fields) != 3 or not re.fullmatch("[0-9a-f]{8}", fields[1]):
        raise NoteError(NoteRule.VKEY, f"key {text[:100]!r}")
    name, key_id, material = fields
    raw = decode_base64(material, f"key {name}")
    try:
        kind = SignatureType(raw[0])
    except (IndexError, ValueError) as error:
        raise NoteError(NoteRule.KEY_TYPE, f"key {name}") from error
    key = VerifierKey(name, kind, raw[1:])
    if key.key_id.hex() != key_id:
        raise NoteError(NoteRule.KEY_ID, f"key {name}")
    return key


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line, unchecked. signature: what follows the key id, by the key's type."""

    name: str
    key_id: bytes
    signature: bytes

    def is_by(self, key: VerifierKey) -> bool:
        """Whether the line says that `key` made it; says nothing of its truth."""
        return self.name == key.name and self.key_id == key.key_id

    def format(self) -> str:
        """The line, without its newline."""
        return f"— {self.name} {encode_base64(self.key_id + self.signature)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note. text: all before the blank line, with its final newline; unchecked."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def format(self) -> bytes:
        """The note's bytes."""
        lines = "".join(f"{signature.format()}\n" for signature in self.signatures)
        return f"{self.text}\n{lines}".encode()


def parse_note(data: bytes) -> Note:
    """The parts of a signed note, none of them verified. Raises NoteError."""
    if len(data) > MAX_NOTE:
        raise NoteError(NoteRule.TOO_LARGE, f"note of {len(data)} bytes")
    try:
        content = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteError(NoteRule.UTF8, f"byte {error.start} of the note") from error
    if re.search(r"[\x00-\x09\x0b-\x1f]", content):
        raise NoteError(NoteRule.CONTROL, "note")
    blank = content.rfind("\n\n")
    if blank < 0:
        raise NoteError(NoteRule.NO_SIGNATURES, "note")
    block = content[blank + 2 :]
    if not block.endswith("\n"):
        raise NoteError(NoteRule.FINAL_NEWLINE, "note")
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(NoteRule.TOO_MANY_SIGNATURES, f"note with {len(lines)} signatures")
    signatures = tuple(_parse_signature(line, at) for at, line in enumerate(lines, start=1))
    return Note(content[: blank + 1], signatures)


def _parse_signature(line: str, position: int) -> NoteSignature:
    where = f"signature line {position}"
    fields = line.split(" ")
    if len(fields) != 3 or fields[0] != "—":
        raise NoteError(NoteRule.SIGNATURE_LINE, where)
    _check_name(fields[1])
    raw = decode_base64(fields[2], where)
    if len(raw) < 5:
        raise NoteError(NoteRule.SIGNATURE_LENGTH, where)
    return NoteSignature(fields[1], raw[:4], raw[4:])


def sign_note(text: str, key: VerifierKey, signer: NoteSigner) -> NoteSignature:
    """The line by which `key`, of type ED25519, signs `text`.

    Raises NoteError also when `signer` turns out not to hold the private half of `key`: a line
    that does not verify is never handed out.
    """
    signature = NoteSignature(key.name, key.key_id, signer.sign(_utf8(text, "note")))
    verify_note_signature(text, key, signature)
    return signature


def verify_note_signature(text: str, key: VerifierKey, signature: NoteSignature) -> None:
    """Check a line by a `key` of type ED25519 over `text`. Raises NoteError."""
    where = f"signature of {key.name}"
    if key.type is not SignatureType.ED25519:
        raise NoteError(NoteRule.KEY_TYPE, where)
    if not signature.is_by(key):
        raise NoteError(NoteRule.OTHER_KEY, where)
    if len(signature.signature) != ED25519_SIGNATURE:
        raise NoteError(NoteRule.SIGNATURE_LENGTH, where)
    if not verify_ed25519(key.public, _utf8(text, where), signature.signature):
        raise NoteError(NoteRule.INVALID, where)
