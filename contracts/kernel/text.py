"""Which texts may stand on the ledger.

All nodes must agree, whatever Python they run, so characters are judged by the one Unicode
database that every Python version carries unchanged: `unicodedata.ucd_3_2_0`. Text is in
normal form C and holds only assigned, visible characters and plain spaces: no controls, no
format characters (bidirectional overrides, zero-width joiners), no line separators, no
private use.
"""

from unicodedata import ucd_3_2_0

_FORBIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def is_plain_text(text: str) -> bool:
    """True if `text` may stand on the ledger. The empty text may."""
    if text.isascii():
        return text.isprintable()
    if any(ucd_3_2_0.category(character) in _FORBIDDEN for character in text):
        return False
    return ucd_3_2_0.normalize("NFC", text) == text
