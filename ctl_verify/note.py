"""Signed notes and keys with names. Sources: c2sp.org/signed-note, c2sp.org/tlog-cosignature."""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ctl_verify import ed25519
from ctl_verify.merkle import MAX_SIZE
from ctl_verify.refusal import Malformed

LOG: Final = 1
WITNESS: Final = 4
"""Signature types: a note's own, and a cosignature with a time."""

MAX_NOTE: Final = 256 * 1024
MAX_LINES: Final = 128


def unbase64(text: str) -> bytes:
    """Bytes of padded base64 in its one spelling. Raises Malformed."""
    try:
        raw = b64decode(text, validate=True)
    except ValueError as error:
        raise Malformed("not base64") from error
    if base64(raw) != text:
        raise Malformed("not canonical base64")
    return raw


def base64(raw: bytes) -> str:
    """Padded base64."""
    return b64encode(raw).decode("ascii")


def decimal(text: str) -> int | None:
    """A plain number below 2^63, None for anything else."""
    number = int(text) if re.fullmatch("0|[1-9][0-9]{0,18}", text) else None
    return number if number is not None and number <= MAX_SIZE else None


def is_name(name: str) -> bool:
    """Whether a key may have this name."""
    return bool(name) and not any(char.isspace() or char == "+" or char < " " for char in name)


@dataclass(frozen=True)
class Key:
    """A public key of a policy. text: as the policy has it; type: LOG or WITNESS."""

    name: str
    id: bytes
    type: int
    public: bytes
    text: str


@dataclass(frozen=True)
class Line:
    """A signature line, unchecked."""

    name: str
    id: bytes
    signature: bytes

    def is_by(self, key: Key) -> bool:
        """Whether it says so; nothing of its truth."""
        return (self.name, self.id) == (key.name, key.id)


@dataclass(frozen=True)
class Note:
    """text: all before the empty line that signatures follow, its newline included."""

    text: str
    lines: tuple[Line, ...]


def parse_key(text: str) -> Key:
    """A key as `name+id+base64`. Raises Malformed."""
    name, _, rest = text.partition("+")
    key_id, _, material = rest.partition("+")
    if not re.fullmatch("[0-9a-f]{8}", key_id) or not is_name(name):
        raise Malformed("not of the form: name+id+base64")
    raw = unbase64(material)
    if len(raw) != 33 or raw[0] not in (LOG, WITNESS):
        raise Malformed(f"the key {name} is of a kind or size that is not known")
    if sha256(_utf8(name) + b"\n" + raw).digest()[:4].hex() != key_id:
        raise Malformed(f"the key id of {name} is not that of its key")
    return Key(name, bytes.fromhex(key_id), raw[0], raw[1:], text)


def parse_note(data: bytes) -> Note:
    """The parts of a note. Raises Malformed."""
    if len(data) > MAX_NOTE:
        raise Malformed(f"{len(data)} bytes, longer than is accepted")
    try:
        content = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"byte {error.start} is not UTF-8") from error
    if re.search(r"[\x00-\x09\x0b-\x1f]", content):
        raise Malformed("a control character")
    blank = content.rfind("\n\n")
    if blank < 0 or not content.endswith("\n"):
        raise Malformed("no empty line with whole signature lines after it")
    lines = content[blank + 2 : -1].split("\n")
    if len(lines) > MAX_LINES:
        raise Malformed(f"{len(lines)} signature lines are more than are accepted")
    return Note(content[: blank + 1], tuple(_line(each) for each in lines))


def _line(text: str) -> Line:
    fields = text.split(" ")
    if len(fields) != 3 or fields[0] != "—" or not is_name(fields[1]):
        raise Malformed("a signature line is not: em dash, name, base64")
    raw = unbase64(fields[2])
    if len(raw) < 5:
        raise Malformed("a signature line is too short")
    return Line(fields[1], raw[:4], raw[4:])


def signed_by_log(text: str, key: Key, line: Line) -> bool:
    """Whether the line holds over the text, under a key of type LOG."""
    return ed25519.verify(key.public, _utf8(text), line.signature)


def cosigned_at(text: str, key: Key, line: Line) -> int | None:
    """The time in seconds that a valid cosignature states, under a key of type WITNESS."""
    time = int.from_bytes(line.signature[:8])
    if len(line.signature) != 72 or time > MAX_SIZE:
        return None
    message = _utf8(f"cosignature/v1\ntime {time}\n{text}")
    return time if ed25519.verify(key.public, message, line.signature[8:]) else None


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Malformed("text that is not UTF-8") from error
