"""References as customs write them: MRN, GRN, EAEU declaration numbers, codes, times.

Pure text and arithmetic: whether a reference is well formed, never whether what it names exists.
"""

from contracts.references.check_digit import check_digit
from contracts.references.declaration_number import is_eaeu_declaration_number
from contracts.references.grn import is_grn, make_grn
from contracts.references.mrn import is_mrn, make_mrn

__all__ = [
    "check_digit",
    "is_eaeu_declaration_number",
    "is_grn",
    "is_mrn",
    "make_grn",
    "make_mrn",
]
