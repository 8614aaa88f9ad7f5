"""The laws that rules cite, written once, and how each citation was checked.

A source is one or more citations joined by "; ". Every citation is in `CITATIONS`, or says that it
follows Common Transit practice, where the Union leaves a detail to national practice, or is a
ledger rule: what the ledger adds on its own. An article is named only where it is confirmed that it
says so; where only the chapter or the treaty is certain, that is cited. A test holds rules to it.
"""

from collections.abc import Mapping

_CODE = "EAEU Customs Code"
_DECISION_170 = "Collegium Decision 170 of 13 December 2017 as amended by 62 of 1 July 2025"
_RKC_TRANSIT = "RKC, Specific Annex E, chapter 1 (customs transit)"
_SEALS = "the Agreement on the Use of Navigation Seals (Moscow, 19 April 2022)"

LEDGER = "Ledger rule"
COMMON_TRANSIT = "Follows Common Transit practice"

CC_9 = f"{_CODE}, chapter 9 (security for payment of duties and taxes)"
CC_17 = f"{_CODE}, chapter 17 (customs declaring)"
CC_22 = f"{_CODE}, chapter 22 (customs transit); {_RKC_TRANSIT}"
CC_143 = f"{_CODE}, Art. 143; {_RKC_TRANSIT}"
CC_144 = f"{_CODE}, Art. 144; {_RKC_TRANSIT}"
CC_145 = f"{_CODE}, Art. 145"
CC_148_149 = f"{_CODE}, Arts 148–149; {_DECISION_170}"
CC_150 = f"{_CODE}, Art. 150"
CC_151 = f"{_CODE}, Art. 151; {_DECISION_170}"
CERTIFICATES = f"{_CODE}, Art. 147(5); Collegium Decision 151 of 24 October 2023"
CONTROLS = "SAFE Framework of Standards (mutual recognition of controls)"
OFFENCES = "RKC, Specific Annex H (offences)"
SEALS = f"{LEDGER} under {_SEALS}"
SEALS_ATTACHING = f"{SEALS}; Collegium Decisions 128 and 129 of 2023"
SEALS_EXCHANGE = f"{SEALS}; Collegium Decision 139 of 14 September 2023"

CITATIONS: Mapping[str, str] = {
    CC_9: "chapter and subject; the articles on methods and on general security are not cited, as "
    "their text was not at hand",
    CC_17: "chapter and subject",
    f"{_CODE}, chapter 22 (customs transit)": "chapter and subject, by the text of Art. 142; the "
    "article on where a debt is payable is not cited, as its text was not at hand",
    f"{_CODE}, Art. 143": "article and subject: conditions of placing goods under the procedure, "
    "security and identification among them",
    f"{_CODE}, Art. 144": "article and subject: the time limit; Decisions 170 and 62 rest on Art. "
    "144(3) and (4) where they set one. Its figures were not compared",
    CC_145: "article and subject: the place of delivery, by Art. 117 of the Russian Federal Law "
    "289 of 2018, which refers to it; Decision 170 rests on Art. 145(7)",
    f"{_CODE}, Art. 147(5)": "by Decision 151, which rests on it",
    f"{_CODE}, Arts 148–149": "articles and subject: what happens on the way; Decision 170 rests "
    "on Arts 148(3) and 149(2)",
    CC_150: "article and subject: duties of the carrier",
    f"{_CODE}, Art. 151": "article and subject: completion; Decision 170 rests on Art. 151(10) and "
    "(13)",
    _DECISION_170: "text: completion on arrival at the place of delivery; delivery of a part "
    "completes that part",
    "Collegium Decision 151 of 24 October 2023": "text: certificates of security",
    "Collegium Decisions 128 and 129 of 2023": "129 by its text (activation and deactivation, "
    "22 August 2023); 128 by number and subject",
    "Collegium Decision 139 of 14 September 2023": "text: exchange between operators",
    _RKC_TRANSIT: "text of its first standards (field of application, security); the rest "
    "by chapter",
    OFFENCES: "annex and subject",
    CONTROLS: "text of the 2018 edition: mutual recognition of controls",
}
"""Every citation of a law, and what of it was compared with the published text."""


def with_practice(source: str) -> str:
    """A citation of a law whose detail follows Common Transit practice."""
    return f"{source}; follows Common Transit practice"


def ncts(detail: str) -> str:
    """A citation of an NCTS code list or message, e.g. ncts("G08")."""
    return f"Follows Common Transit practice (NCTS {detail})"
