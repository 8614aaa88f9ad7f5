"""A compact state proof as the text of a QR code: `CTL1:` and Base45.

Every character is of the alphanumeric mode of QR codes, so a byte takes 8.25 bits, and any scanner
hands the text over as it is. Source: RFC 9285; ISO/IEC 18004 (a code holds 4,296 such characters).
"""

from typing import Final

PREFIX: Final = "CTL1:"
MAX_CODE_CHARACTERS: Final = 4296
"""Of a QR code of version 40 at level L."""

MAX_CODE_BYTES: Final = (MAX_CODE_CHARACTERS - len(PREFIX)) // 3 * 2
"""Longest file that fits one code, 2,860 bytes."""

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES: Final = {character: value for value, character in enumerate(_ALPHABET)}


class CodeTextError(ValueError):
    """Text that no code of ours holds. reason: text."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"text of a code: {reason}")
        self.reason = reason


def encode_code(data: bytes) -> str:
    """The text for a code."""
    return PREFIX + "".join(_group(data[at : at + 2]) for at in range(0, len(data), 2))


def decode_code(text: str) -> bytes:
    """The file in a code's text. Raises CodeTextError."""
    body = text.removeprefix(PREFIX)
    if len(text) - len(body) != len(PREFIX) or len(body) > MAX_CODE_CHARACTERS:
        raise CodeTextError(f"it does not open with {PREFIX}, or is too long")
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
            raise CodeTextError("the last group is cut short")
        return value.to_bytes(len(group) - 1)
    except (KeyError, OverflowError) as error:
        raise CodeTextError("it is not Base45") from error
