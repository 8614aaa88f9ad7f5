"""Field types that several subjects use. A field's form is part of its type."""

from typing import Annotated

from contracts.kernel.form import Form, code, number, octets, whole, words
from contracts.kernel.rules import CODE
from contracts.references.declaration_number import is_eaeu_declaration_number
from contracts.references.grn import is_grn
from contracts.references.mrn import is_mrn

MAX_TIME_MS = 253_402_300_799_999
"""The last millisecond of the year 9999."""

MAX_MONEY = 10**15
"""Ten trillion major units: above any real sum, far below what would not fit 64 bits."""

ParticipantId = Annotated[
    str,
    code(
        "participant id",
        r"[A-Z0-9][A-Z0-9./-]{1,34}",
        "2 to 35 of A–Z, 0–9, dot, slash, hyphen; first a letter or digit",
    ),
]
MemberCode = Annotated[str, code("member", r"[A-Z]{2}", "ISO 3166-1 alpha-2 code")]
Currency = Annotated[str, code("currency", r"[A-Z]{3}", "ISO 4217 code")]
Lrn = Annotated[
    str,
    code("LRN", r"[A-Za-z0-9][A-Za-z0-9._-]{0,21}", "1 to 22 letters, digits, dot, _ or hyphen"),
]
Mrn = Annotated[
    str,
    Form(
        "MRN",
        "transit MRN of 18 characters with its check digit",
        CODE,
        is_mrn,
        whole(r"[0-9]{2}[A-Z]{2}[A-Z0-9]{12}[J-M][0-9]"),
    ),
]
Grn = Annotated[
    str,
    Form(
        "GRN",
        "GRN of 17 or 24 characters with its check digit",
        CODE,
        is_grn,
        whole(r"[0-9]{2}[A-Z]{2}[A-Z0-9]{12}[0-9](?:[A-Z][0-9]{6})?"),
    ),
]
EaeuNumber = Annotated[
    str,
    Form(
        "EAEU declaration number",
        "office (8 digits) / DDMMYY / serial (7 digits)",
        CODE,
        is_eaeu_declaration_number,
        whole(r"[0-9]{8}/[0-9]{6}/[0-9]{7}"),
    ),
]
TransportId = Annotated[
    str,
    code(
        "transport id",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "UUID in lower case",
    ),
]
SealId = Annotated[
    str, code("seal id", r"[A-Z0-9][A-Z0-9.-]{0,34}", "1 to 35 of A–Z, 0–9, dot, hyphen")
]
Place = Annotated[
    str, code("place", r"[A-Z]{2}[A-Z2-9]{3}", "UN/LOCODE: country and three characters")
]
Time = Annotated[int, number("time, ms since 1970 UTC", 0, MAX_TIME_MS)]
Money = Annotated[int, number("amount in minor units", 1, MAX_MONEY)]
Count = Annotated[int, number("count", 0, 99_999)]
Digest = Annotated[bytes, octets("SHA-256 digest", 32)]
Name = Annotated[str, words("name", 140)]
Reason = Annotated[str, words("reason", 512)]
Note = Annotated[str, words("note", 512, least=0)]
