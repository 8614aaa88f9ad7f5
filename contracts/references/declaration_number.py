"""The EAEU declaration number: office code (8 digits) / DDMMYY / serial (7 digits)."""

import re

_NUMBER = re.compile(r"[0-9]{8}/([0-9]{2})([0-9]{2})([0-9]{2})/[0-9]{7}", re.ASCII)
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_eaeu_declaration_number(text: str) -> bool:
    """True if `text` has the form of a declaration number and its date is in the calendar."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return False
    day, month, year = (int(part) for part in match.groups())
    if not 1 <= month <= 12:
        return False
    leap = month == 2 and year % 4 == 0  # exact for 2000 to 2099
    return 1 <= day <= _DAYS[month - 1] + leap
