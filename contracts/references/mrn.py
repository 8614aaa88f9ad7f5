"""The Movement Reference Number of a transit declaration.

18 characters: year (2), country of registration (2), 12 letters or digits, a procedure letter
(J to M for transit), a check digit. Example: 25GB000246TK0E6WJ1.
"""

import re

from contracts.references.check_digit import check_digit

_MRN = re.compile(r"[0-9]{2}[A-Z]{2}[A-Z0-9]{12}[J-M][0-9]", re.ASCII)


def is_mrn(text: str) -> bool:
    """True if `text` is a transit MRN with the right check digit."""
    return _MRN.fullmatch(text) is not None and check_digit(text[:17]) == text[17]


def make_mrn(year: int, country: str, serial: str, procedure: str = "J") -> str:
    """The MRN for a registration: year in full or its last two digits, serial of up to 12."""
    body = f"{year % 100:02d}{country}{serial:0>12}{procedure}"
    mrn = body + check_digit(body)
    if not is_mrn(mrn):
        raise ValueError(f"{mrn} is not a transit MRN")
    return mrn


def mrn_country(mrn: str) -> str:
    """The country that registered the declaration."""
    return mrn[2:4]


def mrn_year(mrn: str) -> int:
    """The last two digits of the year of registration."""
    return int(mrn[:2])
