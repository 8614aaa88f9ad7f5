"""Files that people take for proofs, and proofs that were changed on their way by a program that
meant well: what is told of them, in place of what is wrong with their bytes.

Nothing is decided here: such files prove nothing either way.
"""

from typing import Final

from ledger_node.ledger.code_text import is_code_text

_ELSEWHERE: Final = (
    (b"ctl/audit-bundle/v2\n", "an audit bundle: `ledger-node audit verify` checks it"),
    (
        b"customs-trust-ledger/conflicting-finality@v1\n",
        "evidence of conflicting finality: `ledger-node audit conflict` checks it",
    ),
    (b"customs-trust-ledger/policy-history@v1\n", "a policy history: give it as --history"),
    (b"ctlbkp1\n", "a backup: `ledger-node restore` checks it"),
    (b"%PDF-", "a PDF: what can be checked is the text of its code, or the .ctlproof beside it"),
    (b'{\n  "genesis": {\n', "a genesis: give it as --genesis"),
)
"""By how they open."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_AS_MADE: Final = "have it passed on as it was made, in an archive if need be"


def mistaken_for_a_proof(data: bytes) -> str | None:
    """What the file is, in words that go on from "it is"; None if it may be a proof."""
    if not data:
        return "empty"
    for opening, kind in _ELSEWHERE:
        if data.startswith(opening):
            return kind
    if data.startswith((b"log ", b"# ")) and b"\nquorum " in data:
        return "a trust policy: give it as --policy"
    if data.startswith(_BYTE_ORDER_MARK):
        return f"text that was saved again, with a byte order mark: {_AS_MADE}"
    first = data[:256].partition(b"\n")[0]
    if first.endswith(b"\r") and first[:-1].isascii() and not is_code_text(data):
        return f"a file whose lines were made to end in CR LF: {_AS_MADE}"
    if data.startswith(b"ctl/audit-bundle/"):
        return "an audit bundle of a form that this program does not know"
    return None
