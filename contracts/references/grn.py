"""The Guarantee Reference Number.

17 characters: year (2), country (2), 12 letters or digits, a check digit. A voucher adds a letter
and six digits, which the check digit does not cover. Example: 20GB0000010000GX1.
"""

import re

from contracts.references.check_digit import check_digit

_GRN = re.compile(r"[0-9]{2}[A-Z]{2}[A-Z0-9]{12}[0-9](?:[A-Z][0-9]{6})?", re.ASCII)


def is_grn(text: str) -> bool:
    """True if `text` is a GRN, with or without a voucher number, with the right check digit."""
    return _GRN.fullmatch(text) is not None and check_digit(text[:16]) == text[16]


def make_grn(year: int, country: str, serial: str, voucher: str = "") -> str:
    """The GRN for a guarantee: year in full or its last two digits, serial of up to 12."""
    body = f"{year % 100:02d}{country}{serial:0>12}"
    grn = body + check_digit(body) + voucher
    if not is_grn(grn):
        raise ValueError(f"{grn} is not a GRN")
    return grn


def grn_country(grn: str) -> str:
    """The country whose office of guarantee keeps the guarantee."""
    return grn[2:4]


def is_voucher(grn: str) -> bool:
    """True if the GRN carries a voucher number."""
    return len(grn) > 17
