"""The check digit of MRNs and GRNs, the one of ISO 6346 container numbers.

Digits count at face value; letters from A = 10 upwards, skipping multiples of 11 (B = 12,
K = 21, L = 23, U = 32, V = 34, Z = 38). The value at place i, from 0 on the left, weighs 2^i;
the sum modulo 11, modulo 10, is the check digit.
"""

_VALUES = {
    **{digit: value for value, digit in enumerate("0123456789")},
    **dict(
        zip(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            (value for value in range(10, 39) if value % 11),
            strict=True,
        )
    ),
}


def check_digit(body: str) -> str:
    """The check digit for `body` (upper-case letters and digits), as one character.

    Raises ValueError on any other character.
    """
    total = 0
    for place, character in enumerate(body):
        value = _VALUES.get(character)
        if value is None:
            raise ValueError(f"{character!r} at {place} has no value in a check digit")
        total += value << place
    return str(total % 11 % 10)
