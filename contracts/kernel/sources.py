"""The laws that rules cite, written once.

An article is named only where it is confirmed that it says so; where only the chapter or the treaty
is certain, that is cited. Where the Union leaves a detail to national practice, the rule
follows the Common Transit Convention and says so. What the ledger adds on its own is a ledger rule,
with the law it serves.
"""

CC_17 = "EAEU Customs Code, chapter 17 (customs declaring)"
CC_9 = "EAEU Customs Code, chapter 9 (security for payment of duties and taxes)"
CC_22 = "EAEU Customs Code, chapter 22 (customs transit)"
CC_143 = "EAEU Customs Code, Art. 143"
CC_148_149 = "EAEU Customs Code, Arts 148–149; Collegium Decision 170 of 13 December 2017"
CC_150_1 = "EAEU Customs Code, Art. 150(1)(1)"
CC_150_2 = "EAEU Customs Code, Art. 150(1)(2)"
CC_151 = "EAEU Customs Code, Art. 151; Collegium Decision 170 of 13 December 2017"
CERTIFICATES = "EAEU Customs Code, chapter 22; Collegium Decision 151 of 24 October 2023"
COMMON_TRANSIT = "Follows Common Transit practice"
LEDGER = "Ledger rule"

_SEALS = "the Agreement on the Use of Navigation Seals (Moscow, 19 April 2022)"
SEALS = f"{LEDGER} under {_SEALS}"
SEALS_ATTACHING = f"{LEDGER} under {_SEALS} and Collegium Decision 128 of 22 August 2023"
SEALS_EXCHANGE = f"{LEDGER} under {_SEALS} and Collegium Decision 139 of 14 September 2023"


def with_practice(source: str) -> str:
    """A citation of a law whose detail follows Common Transit practice."""
    return f"{source}; follows Common Transit practice"


def ncts(detail: str) -> str:
    """A citation of an NCTS code list or message, e.g. ncts("G08")."""
    return f"Follows Common Transit practice (NCTS {detail})"
