"""A compact state proof as the text of QR codes: one code where it fits, else several.

    CTL1: Base45(file)                                        the whole file in one code
    CTLP: Base45([number, count, file id, piece])             one of several codes, from 1

Every character is of the alphanumeric mode of QR codes, so a byte takes 8.25 bits, and any scanner
hands the text over as it is. Several codes are scanned in any order; a piece is a canonical array
whose file id, the first 4 bytes of SHA-256(file), tells which codes belong together. Sources: RFC
9285; ISO/IEC 18004 (a code holds 4,296 such characters). Format: docs/formats.md.
"""

from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Final

import msgspec

from ledger_node.codec import DecodeError, decode, encode

PREFIX: Final = "CTL1:"
PART_PREFIX: Final = "CTLP:"
MAX_CODE_CHARACTERS: Final = 4296
"""Of a QR code of version 40 at level L."""

MAX_CODE_BYTES: Final = (MAX_CODE_CHARACTERS - len(PREFIX)) // 3 * 2
"""Longest file that fits one code, 2,860 bytes."""

PIECE_BYTES: Final = 1400
"""Of a file in one of several codes: so few that a telephone reads each at once."""

MAX_CODES: Final = 16
MAX_TEXT: Final = MAX_CODES * (MAX_CODE_CHARACTERS + 2)
"""Characters of all codes of a file, one a line."""

_ID_SIZE: Final = 4
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES: Final = {character: value for value, character in enumerate(_ALPHABET)}


class CodeStep(StrEnum):
    """The checks of text from codes, in their order."""

    TEXT = "the text of the code is Base45"
    PARTS = "the codes are the parts of one proof, all of them, each once"


class CodeTextError(ValueError):
    """Text that no codes of ours hold. step: the failing check; reason: text."""

    def __init__(self, step: CodeStep, reason: str) -> None:
        super().__init__(f"text of a code: {reason}")
        self.step = step
        self.reason = reason


class _Part(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    number: Annotated[int, msgspec.Meta(ge=1, le=MAX_CODES)]
    count: Annotated[int, msgspec.Meta(ge=2, le=MAX_CODES)]
    file_id: Annotated[bytes, msgspec.Meta(min_length=_ID_SIZE, max_length=_ID_SIZE)]
    piece: Annotated[bytes, msgspec.Meta(min_length=1)]


def is_code_text(data: bytes) -> bool:
    """Whether a file says that it is text of codes."""
    return data.startswith((PREFIX.encode(), PART_PREFIX.encode()))


def code_count(size: int) -> int:
    """Codes that a file of so many bytes takes."""
    return 1 if size <= MAX_CODE_BYTES else -(-size // PIECE_BYTES)


def encode_codes(data: bytes) -> tuple[str, ...]:
    """The text of each code. data: at most MAX_CODES * PIECE_BYTES."""
    count = code_count(len(data))
    assert count <= MAX_CODES, f"{len(data)} bytes take {count} codes"
    if count == 1:
        return (encode_code(data),)
    size = -(-len(data) // count)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return tuple(
        PART_PREFIX + _base45(encode(_Part(number, count, _file_id(data), piece)))
        for number, piece in enumerate(pieces, start=1)
    )


def decode_codes(texts: Sequence[str]) -> bytes:
    """The file in the texts of its codes, given in any order. Raises CodeTextError."""
    if len(texts) == 1 and texts[0].startswith(PREFIX):
        return decode_code(texts[0])
    parts = {part.number: part for part in map(_part, texts)}
    if not parts or len(parts) != len(texts):
        raise CodeTextError(CodeStep.PARTS, "there are none, or one is there twice")
    first = next(iter(parts.values()))
    if any((each.count, each.file_id) != (first.count, first.file_id) for each in parts.values()):
        raise CodeTextError(CodeStep.PARTS, "they are of different proofs")
    missing = [number for number in range(1, first.count + 1) if number not in parts]
    if missing or len(parts) != first.count:
        named = ", ".join(map(str, missing))
        raise CodeTextError(CodeStep.PARTS, f"of {first.count} codes these are missing: {named}")
    data = b"".join(parts[number].piece for number in sorted(parts))
    if _file_id(data) != first.file_id:
        raise CodeTextError(CodeStep.PARTS, "put together they are not the proof they name")
    return data


def encode_code(data: bytes) -> str:
    """The text of the one code that holds a file."""
    return PREFIX + _base45(data)


def decode_code(text: str) -> bytes:
    """The file in the text of its one code. Raises CodeTextError."""
    return _unbase45(PREFIX, text)


def _part(text: str) -> _Part:
    content = _unbase45(PART_PREFIX, text)
    try:
        return decode(_Part, content, what="part of a proof")
    except DecodeError as error:
        raise CodeTextError(CodeStep.PARTS, str(error)) from error


def _file_id(data: bytes) -> bytes:
    return sha256(data).digest()[:_ID_SIZE]


def _base45(data: bytes) -> str:
    return "".join(_group(data[at : at + 2]) for at in range(0, len(data), 2))


def _unbase45(prefix: str, text: str) -> bytes:
    body = text.removeprefix(prefix)
    if len(text) - len(body) != len(prefix) or len(body) > MAX_CODE_CHARACTERS:
        raise CodeTextError(CodeStep.TEXT, f"it does not open with {prefix}, or is too long")
    return b"".join(_bytes(body[at : at + 3]) for at in range(0, len(body), 3))


def _group(pair: bytes) -> str:
    rest, size = int.from_bytes(pair), len(pair) + 1
    digits = []
    for _ in range(size):
        rest, digit = divmod(rest, 45)
        digits.append(_ALPHABET[digit])
    return "".join(digits)


def _bytes(group: str) -> bytes:
    try:
        value = 0
        for character in reversed(group):
            value = 45 * value + _VALUES[character]
        if len(group) < 2:
            raise CodeTextError(CodeStep.TEXT, "the last group is cut short")
        return value.to_bytes(len(group) - 1)
    except (KeyError, OverflowError) as error:
        raise CodeTextError(CodeStep.TEXT, "it is not Base45") from error
