"""Certificates: what a reader sees, and that a scanner others wrote reads the code."""

import io
import re
from importlib import import_module

import pytest
import zxingcpp
from PIL import Image

from ledger_node.audit.certificate import CertificateRefused, certify, code
from ledger_node.audit.verify import Proven, examine
from ledger_node.codec import encode
from ledger_node.ledger.code_text import (
    MAX_CODE_BYTES,
    decode_code,
    decode_codes,
    encode_code,
    encode_codes,
)
from ledger_node.ledger.state_proof import StateProofRefused
from tests.contracts.sample_union import MRN, SampleUnion
from tests.ledger_node.ledger.sample_state import (
    ABSENT_KEY,
    GRN,
    GUARANTEE_KEY,
    OTHER_MRN,
    RESERVATION_KEY,
    SampleState,
    state_entries,
)
from tests.ledger_node.log.sample_union import policy

STATE = SampleState()
RULES = policy()
MANY = policy(5)


def text_of(page: str) -> str:
    without = re.sub(r"<(style|svg)[^>]*>.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", without).split())


def scanned(proof: bytes) -> bytes:
    """What a scanner reads from a print of the code."""
    picture = io.BytesIO()
    code(encode_code(proof)).save(picture, kind="png", scale=3, border=4)
    (found,) = zxingcpp.read_barcodes(Image.open(picture).convert("L"))
    return decode_code(found.text)


def test_the_page_says_what_holds_when_and_who_vouches() -> None:
    told = text_of(certify(STATE.proof(GUARANTEE_KEY).format(), RULES).page)
    assert f"At 2026-09-21 14:13:20 UTC, guarantee {GRN} was active" in told
    assert "a free amount of 38000 EUR of 50000 covered, in minor units" in told
    assert "block 7, 2026-09-21 14:13:20 UTC" in told
    assert "checkpoint 6 entries, root" in told
    assert "asked for: 4 of 5 (AM, BY, KZ, KG, RU)" in told
    for member in ("AM", "BY", "KZ", "KG"):
        assert f"ledger.example/union/{member}+" in told
    assert "union/RU+" not in told


def test_an_absence_and_an_older_state_are_told_as_such() -> None:
    told = text_of(certify(STATE.proof(ABSENT_KEY).format(), RULES).page)
    assert f"movement {OTHER_MRN} was not open on guarantee {GRN}" in told
    older = SampleState(after=1).proof(GUARANTEE_KEY).format()
    assert "later ones may have changed it" in text_of(certify(older, RULES).page)


@pytest.mark.parametrize("key", [GUARANTEE_KEY, RESERVATION_KEY, ABSENT_KEY])
def test_a_scanner_reads_the_whole_proof_from_the_code(key: str) -> None:
    proof = certify(STATE.proof(key).format(), RULES).proof
    assert scanned(proof) == proof
    assert isinstance(examine(scanned(proof), RULES), Proven)


def with_value(size: int) -> bytes:
    """The state proof of an object of so many bytes."""
    entries = state_entries() | {"seal/BIG": b"v" * size}
    return SampleState(entries).proof("seal/BIG").format()


def test_the_longest_proof_that_fits_one_code_is_read_from_it() -> None:
    size = MAX_CODE_BYTES - len(certify(with_value(1000), RULES).proof) + 1000
    made = certify(with_value(size), RULES)
    assert (len(made.proof), made.codes) == (MAX_CODE_BYTES, 1)
    assert scanned(made.proof) == made.proof
    assert certify(with_value(size + 1), RULES).codes == 3


def test_a_longer_one_stands_in_several_codes_that_any_scanner_reads() -> None:
    made = certify(with_value(9000), RULES)
    assert made.codes == 7
    texts = []
    for number, text in enumerate(encode_codes(made.proof), start=1):
        picture = io.BytesIO()
        code(text).save(picture, kind="png", scale=3, border=4)
        (found,) = zxingcpp.read_barcodes(Image.open(picture).convert("L"))
        texts.append(found.text)
        assert f"{number} of 7</div>" in made.page
    assert made.page.count("<svg") == 7
    assert decode_codes(texts[::-1]) == made.proof
    assert isinstance(examine("\n".join(texts).encode(), RULES), Proven)


def test_one_longer_than_any_codes_is_refused() -> None:
    with pytest.raises(CertificateRefused, match="16 codes hold 22400"):
        certify(with_value(23_000), RULES)


def test_a_proof_that_proves_nothing_makes_no_certificate() -> None:
    with pytest.raises(StateProofRefused):
        certify(STATE.proof(GUARANTEE_KEY).format(), policy(5))


def test_what_a_participant_wrote_cannot_act_in_the_page() -> None:
    state = SampleState(state_entries() | {"seal/<script>&": b"\xc0"})
    page = certify(state.proof("seal/<script>&").format(), RULES).page
    assert "<script>" not in page
    assert "seal &lt;script&gt;&amp;" in page


def test_it_is_one_page_on_paper() -> None:
    """At its fullest: more fields than are shown, every member a cosigner."""
    value = encode(SampleUnion().completed().show(f"movement/{MRN}"))
    key = f"movement/{MRN}"
    state = SampleState(state_entries() | {key: value}, rules=MANY)
    page = certify(state.proof(key).format(), MANY).page
    assert f"movement {MRN} was completed and closed" in text_of(page)
    assert "more, all of them in the code" in text_of(page)
    try:
        weasyprint = import_module("weasyprint")
    except (ImportError, OSError) as missing:
        print(f"the PDF of a certificate is NOT tested: {missing}")
        pytest.skip(str(missing))
    assert len(weasyprint.HTML(string=page).render().pages) == 1
