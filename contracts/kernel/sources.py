"""The laws that rules cite, written once.

Articles are named where the text or an act that refers to it was read. Where only the chapter is
certain, the chapter is cited; where the Union leaves a detail to national practice, the rule
follows the Common Transit Convention and says so.
"""

CC_17 = "EAEU Customs Code, chapter 17 (customs declaring)"
CC_9 = "EAEU Customs Code, chapter 9 (security for payment of duties and taxes)"
CC_22 = "EAEU Customs Code, chapter 22 (Arts 142–154, customs transit)"
CC_142 = "EAEU Customs Code, Art. 142"
CC_143 = "EAEU Customs Code, Art. 143"
CC_144 = "EAEU Customs Code, Art. 144(3)–(4); Collegium Decision 170 of 13 December 2017"
CC_148_149 = "EAEU Customs Code, Arts 148–149; Collegium Decision 170 of 13 December 2017"
CC_150_1 = "EAEU Customs Code, Art. 150(1)(1)"
CC_150_2 = "EAEU Customs Code, Art. 150(1)(2)"
CC_151 = "EAEU Customs Code, Art. 151; Collegium Decision 170 of 13 December 2017"
COMMON_TRANSIT = "Follows Common Transit practice"
SEALS = "Agreement on the Use of Navigation Seals, Moscow, 19 April 2022"
SEALS_6 = "Agreement on the Use of Navigation Seals, Art. 6(1); Council Decision 75 of 4 July 2023"
SEALS_8 = "Agreement on the Use of Navigation Seals, Art. 8(1); Collegium Decision 128 of 2023"
SEALS_8_4 = "Agreement on the Use of Navigation Seals, Art. 8(4); Collegium Decision 129 of 2023"
SEALS_12 = "Agreement on the Use of Navigation Seals, Art. 12(2); Collegium Decision 36 of 2024"
LEDGER = "Ledger rule"


def with_practice(source: str) -> str:
    """A citation of a law whose detail follows Common Transit practice."""
    return f"{source}; follows Common Transit practice"


def ncts(detail: str) -> str:
    """A citation of an NCTS code list or message, e.g. ncts("G08")."""
    return f"Follows Common Transit practice (NCTS {detail})"
