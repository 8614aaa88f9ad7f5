"""The check digit of MRNs and GRNs, the one of ISO 6346 container numbers.

Digits count at face value; letters from A = 10 upwards, skipping multiples of 11 (B = 12,
K = 21, L = 23, U = 32, V = 34, Z = 38). The value at place i, from 0 on the left, weighs 2^i;
the sum modulo 11, modulo 10, is the check digit.

Modulo 11, 2 is 13 and a value is one digit to base 13: so the sum is a number to that base, read
from its end, which Python reads in one step.
"""


class _Digits(dict[int, str]):
    """What stands for each character, for `str.translate`; what has no value is no digit."""

    def __missing__(self, character: int) -> str:
        return "?"


_LETTER_VALUES = (value for value in range(10, 39) if value % 11)
_DIGITS = _Digits(
    {ord(digit): digit for digit in "0123456789"}
    | {
        ord(letter): "0123456789a"[value % 11]
        for letter, value in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _LETTER_VALUES, strict=True)
    }
)


def check_digit(body: str) -> str:
    """The check digit for `body` (upper-case letters and digits), as one character.

    Raises ValueError on any other character.
    """
    try:
        total = int(body.translate(_DIGITS)[::-1], 13)
    except ValueError:
        raise ValueError(f"{body!r}: not all of it has a value in a check digit") from None
    return str(total % 11 % 10)
