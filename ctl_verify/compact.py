"""State proofs in their shortest form, and as the text of QR codes.

Source: docs/formats.md, "Compact state proof"; RFC 9285 for Base45.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from types import NoneType
from typing import Any, Final

from ctl_verify.canonical import Value, decode
from ctl_verify.head import Checkpoint, checked
from ctl_verify.ics23 import BITS, EMPTY, bit, inner_hash, leaf_hash
from ctl_verify.merkle import MAX_PATH, MAX_SIZE
from ctl_verify.note import MAX_LINES, Line, is_name
from ctl_verify.policy import Policy
from ctl_verify.refusal import Malformed, Refused
from ctl_verify.state_proof import ProvenState, closing_block
from ctl_verify.tlog_proof import MAX_ENTRY, verify_parts

MAGIC: Final = "ctlproof1"
OPENING: Final = b"\x93\xa9" + MAGIC.encode()
MAX_FILE: Final = 256 * 1024
PREFIX: Final = "CTL1:"
PART_PREFIX: Final = "CTLP:"
MAX_TEXT: Final = 4296
MAX_CODES: Final = 16

TEXT: Final = "the text of the code is Base45"
PARTS: Final = "the codes are the parts of one proof, all of them, each once"
FORMAT: Final = "the file is a canonical compact state proof"
CHECK: Final = "the check bytes are those of the content: it was read without a mistake"
FIELDS: Final = "each field of the content is as long as it has to be"
STATE: Final = "the siblings lead from key and value to the state root of the block entry"

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


@dataclass(frozen=True)
class _Body:
    """The content as it is written. docs/formats.md says what each field is."""

    key: str
    value: bytes | None
    siblings: bytes
    neighbour: bytes | None
    entry: bytes
    index: int
    path: bytes
    origin: str
    size: int
    root: bytes
    key_id: bytes
    signature: bytes
    cosignatures: list[tuple[str, bytes, int, bytes]]


_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "key": (str,),
    "value": (bytes, NoneType),
    "siblings": (bytes,),
    "neighbour": (bytes, NoneType),
    "entry": (bytes,),
    "index": (int,),
    "path": (bytes,),
    "origin": (str,),
    "size": (int,),
    "root": (bytes,),
    "key id": (bytes,),
    "signature": (bytes,),
    "cosignatures": (list,),
}


def is_compact(data: bytes) -> bool:
    """Whether a file says it is one."""
    return data.startswith(OPENING)


def is_text(data: bytes) -> bool:
    """Whether a file says that it is text of codes."""
    return data.startswith((PREFIX.encode(), PART_PREFIX.encode()))


def from_text(data: bytes) -> bytes:
    """The file in the text of its codes, one a line, in any order. Raises Refused."""
    lines = re.split(r"[\r\n]+", data.decode("ascii", "replace"))
    texts = [line for line in lines if line]
    if len(texts) == 1 and texts[0].startswith(PREFIX):
        return _unbase45(PREFIX, texts[0])
    try:
        return _joined([_part(text) for text in texts])
    except Malformed as error:
        raise Refused(PARTS, str(error)) from error


def _joined(parts: list[tuple[int, int, bytes, bytes]]) -> bytes:
    pieces = {number: piece for number, _, _, piece in parts}
    if len(pieces) != len(parts) or len({(count, name) for _, count, name, _ in parts}) != 1:
        raise Malformed("one is there twice, or they are of different proofs")
    _, count, name, _ = parts[0]
    if sorted(pieces) != list(range(1, count + 1)):
        raise Malformed(f"there are not all of {count}")
    data = b"".join(pieces[number] for number in range(1, count + 1))
    if sha256(data).digest()[:4] != name:
        raise Malformed("put together they are not the proof they name")
    return data


def _part(text: str) -> tuple[int, int, bytes, bytes]:
    match decode(_unbase45(PART_PREFIX, text)):
        case [int(number), int(count), bytes(name), bytes(piece)] if (
            type(number) is type(count) is int
            and 1 <= number <= MAX_CODES
            and 2 <= count <= MAX_CODES
            and len(name) == 4
            and piece
        ):
            return number, count, name, piece
        case _:
            raise Malformed("a code holds no part of a proof")


def _unbase45(prefix: str, text: str) -> bytes:
    body = text.removeprefix(prefix)
    if body == text or len(body) > MAX_TEXT:
        raise Refused(TEXT, f"it does not open with {prefix}, or is too long")
    try:
        return b"".join(_group(body[at : at + 3]) for at in range(0, len(body), 3))
    except (ValueError, OverflowError) as error:
        raise Refused(TEXT, "it is not Base45") from error


def _group(digits: str) -> bytes:
    if len(digits) == 1:
        raise Malformed("the last group is cut short")
    value = 0
    for digit in reversed(digits):
        value = 45 * value + _ALPHABET.index(digit)
    return value.to_bytes(len(digits) - 1)


def verify_compact(data: bytes, policy: Policy) -> ProvenState:
    """What a compact state proof proves. Raises Refused."""
    body, checkpoint = _parse(data)
    entry = verify_parts(body.entry, body.index, _split(body.path), checkpoint, policy)
    block = closing_block(entry)
    try:
        root = _root(body)
    except Malformed as error:
        raise Refused(STATE, str(error)) from error
    if root != block.state_root:
        raise Refused(STATE, f"they lead to {root.hex()}, not to {block.state_root.hex()}")
    return ProvenState(body.key, body.value, block, entry)


def _root(body: _Body) -> bytes:
    path, siblings = sha256(body.key.encode()).digest(), _split(body.siblings)
    depth = len(siblings)
    node = _end(body, path, depth)
    for at, sibling in enumerate(siblings):
        turns_right = bit(path, depth - 1 - at)
        node = inner_hash(sibling, node) if turns_right else inner_hash(node, sibling)
    return node


def _end(body: _Body, path: bytes, depth: int) -> bytes:
    """Where the way ends: the key's leaf, that of another in its place, or nothing."""
    neighbour = body.neighbour
    if body.value is not None:
        if neighbour is not None:
            raise Malformed("a neighbour where a value is claimed")
        return leaf_hash(path, sha256(body.value).digest())
    if neighbour is None:
        return EMPTY
    theirs = neighbour[:32]
    if len(neighbour) != 64 or theirs == path:
        raise Malformed("the neighbour is the key itself, or not 64 bytes")
    if any(bit(theirs, at) != bit(path, at) for at in range(depth)):
        raise Malformed("the neighbour stands elsewhere than the key would")
    return leaf_hash(theirs, neighbour[32:])


def _parse(data: bytes) -> tuple[_Body, Checkpoint]:
    try:
        if len(data) > MAX_FILE:
            raise Malformed("it is too long")
        match decode(data):
            case [str(magic), bytes(content), bytes(check)] if magic == MAGIC:
                if check != sha256(content).digest()[:4]:
                    raise Refused(CHECK, "they are not")
            case _:
                raise Malformed("it is not")
        body = _typed(decode(content))
    except Malformed as error:
        raise Refused(FORMAT, str(error)) from error
    try:
        return body, _checked(body)
    except Malformed as error:
        raise Refused(FIELDS, str(error)) from error


def _typed(body: Value) -> _Body:
    if not isinstance(body, list) or len(body) != len(_KINDS):
        raise Malformed("the content has another number of fields")
    for value, (name, kinds) in zip(body, _KINDS.items(), strict=True):
        if type(value) not in kinds:
            raise Malformed(f"{name} is of another type")
    fields: list[Any] = list(body)
    fields[-1] = [_cosignature(line) for line in fields[-1]]
    found = _Body(*fields)
    if not (0 <= found.index <= MAX_SIZE and 0 <= found.size <= MAX_SIZE):
        raise Malformed("index or size is out of range")
    return found


def _cosignature(value: Value) -> tuple[str, bytes, int, bytes]:
    match value:
        case [str(name), bytes(key_id), int(time_s), bytes(signature)]:
            if not 0 <= time_s <= MAX_SIZE:
                raise Malformed("the time of a cosignature is out of range")
            return name, key_id, time_s, signature
        case _:
            raise Malformed("a cosignature has other fields")


def _checked(body: _Body) -> Checkpoint:
    """The checkpoint of a body whose fields are all as long as they have to be."""
    names = [name for name, _, _, _ in body.cosignatures]
    long_form = f"{body.origin}/"
    rules = (
        ("key", 1 <= len(body.key) <= 256 and all("!" <= char <= "~" for char in body.key)),
        ("value", body.value is None or 1 <= len(body.value) <= MAX_ENTRY),
        ("siblings", len(body.siblings) % 32 == 0 and len(body.siblings) <= 32 * BITS),
        ("entry", 1 <= len(body.entry) <= MAX_ENTRY),
        ("path", len(body.path) % 32 == 0 and len(body.path) <= 32 * MAX_PATH),
        ("root", len(body.root) == 32),
        ("key id", len(body.key_id) == 4),
        ("cosignatures", len(body.cosignatures) < MAX_LINES),
        ("name of a cosignature", all(map(is_name, names))),
        ("name of a cosignature", not any(name.startswith(long_form) for name in names)),
        ("key id of a cosignature", all(len(each[1]) == 4 for each in body.cosignatures)),
    )
    for name, holds in rules:
        if not holds:
            raise Malformed(f"{name} is not")
    lines = [Line(body.origin, body.key_id, body.signature)]
    for name, key_id, time_s, signature in body.cosignatures:
        full = f"{body.origin}{name}" if name.startswith("/") else name
        lines.append(Line(full, key_id, time_s.to_bytes(8) + signature))
    return checked(body.origin, body.size, body.root, (), tuple(lines))


def _split(data: bytes) -> list[bytes]:
    return [data[at : at + 32] for at in range(0, len(data), 32)]
