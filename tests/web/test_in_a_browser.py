"""The verification page as people use it: in a real browser, by clicks and files and pictures."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ledger_node.audit.certificate import certify, code
from ledger_node.audit.verify_page import verification_page
from ledger_node.ledger.code_text import encode_code, encode_codes
from ledger_node.ledger.compact_proof import compact
from tests.ledger_node.ledger.sample_state import (
    ABSENT_KEY,
    GRN,
    GUARANTEE_KEY,
    OTHER_MRN,
    SampleState,
    state_entries,
)
from tests.ledger_node.log.sample_union import policy
from tests.web.chromium import Page, Protocol, browser, installed

HOSTILE = "seal/<img/src=x>"
LARGE = "seal/LARGE"
STATE = SampleState(state_entries() | {HOSTILE: b"\x81\xa1<", LARGE: b"v" * 4000})
FILE = compact(STATE.proof(GUARANTEE_KEY))
RULES = policy().format()

pytestmark = pytest.mark.asyncio(loop_scope="module")

OLDER = """
const usual = crypto.subtle.importKey.bind(crypto.subtle);
crypto.subtle.importKey = (form, key, algorithm, ...rest) => algorithm === "Ed25519"
  ? Promise.reject(new DOMException("Unrecognized name.", "NotSupportedError"))
  : usual(form, key, algorithm, ...rest);
"""
"""A browser of before 2025: without Ed25519."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Protocol]:
    if installed() is None:
        reason = "no Chromium is installed: the verification page is NOT tested in a browser"
        print(reason)
        pytest.skip(reason)
    async with browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture
def html(tmp_path: Path) -> Path:
    (tmp_path / "union.policy").write_bytes(RULES)
    path = tmp_path / "verify.html"
    path.write_text(verification_page())
    return path


@pytest_asyncio.fixture(loop_scope="module")
async def page(chromium: Protocol, html: Path) -> Page:
    """The page, with the policy chosen."""
    opened = await chromium.open(html)
    await opened.choose("#policy-file", html.parent / "union.policy")
    await opened.until("document.querySelector('#policy-says').innerText !== ''")
    return opened


async def verdict(page: Page) -> str:
    await page.until("!document.querySelector('#result').hidden")
    return await page.text("#result h2")


async def test_a_good_file_is_proven_in_words(page: Page, tmp_path: Path) -> None:
    (tmp_path / "guarantee.ctlproof").write_bytes(FILE)
    said = await page.text("#policy-says")
    assert said == "Log ledger.example/union; cosignatures asked for: 4 of 5 (AM, BY, KZ, KG, RU)"
    await page.choose("#proof-file", tmp_path / "guarantee.ctlproof")
    assert await verdict(page) == "Proven"
    told = await page.text("#result .said")
    assert told.startswith(f"At 2026-09-21 14:13:20 UTC, guarantee {GRN} was active, with a free")
    rows = await page.text("#result dl")
    assert "AM at 2026-09-21" in rows
    assert "asked for: 4 of 5 (AM, BY, KZ, KG, RU)" in rows
    assert "reference_amount\n50000" in await page.text("#result details")
    assert page.errors == []


async def test_a_flipped_file_is_refused_with_the_step(page: Page, tmp_path: Path) -> None:
    at = FILE.index(b"GB-INSURER")
    (tmp_path / "bad").write_bytes(FILE[:at] + b"X" + FILE[at + 1 :])
    await page.choose("#proof-file", tmp_path / "bad")
    assert await verdict(page) == "Not proven"
    assert "the check bytes are those of the content" in await page.text("#result dl")


async def test_every_flip_of_a_byte_is_refused_by_the_browsers_own_crypto(page: Page) -> None:
    refused = await page.run(
        f"""(async () => {{
          const file = await CtlVerify.fromText({encode_code(FILE)!r});
          const rules = new TextEncoder().encode(document.querySelector("#policy").value);
          await CtlVerify.verify(file, rules);
          let [count, steps] = [0, new Set()];
          for (let at = 0; at < file.length; at += 1) {{
            const changed = file.slice();
            changed[at] ^= 1 << at % 8;
            try {{ await CtlVerify.verify(changed, rules); }}
            catch (error) {{
              if (!(error instanceof CtlVerify.Refused)) throw error;
              count += 1;
              steps.add(error.step);
            }}
          }}
          return [file.length, count, steps.size];
        }})()"""
    )
    assert refused[0] == refused[1] == len(FILE)
    assert refused[2] >= 2


async def test_this_browsers_ed25519_and_the_pages_own_agree(page: Page) -> None:
    """Which of the two is used depends on the browser; both say that the log's signature holds."""
    agree = await page.run(
        """(async () => {
          const [key, other] = [new Uint8Array(32).fill(1), new Uint8Array(64)];
          return (await (await CtlVerify.ed25519())(key, other, other))
            === (await CtlVerify.plainEd25519(key, other, other));
        })()"""
    )
    assert agree is True


async def test_a_browser_without_ed25519_proves_the_same(chromium: Protocol, html: Path) -> None:
    page = await chromium.open(html, before=OLDER)
    assert await page.run("CtlVerify.ed25519().then((f) => f === CtlVerify.plainEd25519)")
    await page.fill("#policy", RULES.decode())
    await page.fill("#proof", encode_code(FILE))
    await page.click("#verify")
    assert await verdict(page) == "Proven"
    await page.fill("#policy", policy(5).format().decode())
    await page.click("#verify")
    await page.until("document.querySelector('#result h2').innerText === 'Not proven'")
    assert "none to spare" in await page.text("#result dl")


async def test_a_picture_of_the_code_is_read_and_proven(page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "code.png"
    code(encode_code(compact(STATE.proof(ABSENT_KEY)))).save(str(picture), scale=3, border=4)
    await page.choose("#proof-file", picture)
    assert await verdict(page) == "Proven: it did not exist"
    assert f"movement {OTHER_MRN} was not open on guarantee {GRN}" in await page.text(".said")
    assert await page.text("#proof-says") == "Code read."


async def test_a_picture_of_the_printed_page_is_enough(
    page: Page, chromium: Protocol, tmp_path: Path
) -> None:
    """One code, and several: the certificate as the browser draws it, given back to the page."""
    for key, codes in ((GUARANTEE_KEY, 1), (LARGE, 4)):
        made = certify(STATE.proof(key).format(), policy())
        assert made.codes == codes
        (tmp_path / "certificate.html").write_text(made.page)
        certificate = await chromium.open(tmp_path / "certificate.html")
        photo = tmp_path / f"photo-{codes}.png"
        photo.write_bytes(await certificate.picture(scale=2))
        await page.choose("#proof-file", photo)
        await page.until(f"document.querySelector('#result dl')?.innerText.includes({key!r})")
        assert await verdict(page) == "Proven"


async def test_several_codes_are_taken_one_by_one_in_any_order(page: Page, tmp_path: Path) -> None:
    *rest, first = encode_codes(compact(STATE.proof(LARGE)))
    (tmp_path / "one.txt").write_text(first)
    (tmp_path / "rest.txt").write_text("\n".join(rest))
    await page.choose("#proof-file", tmp_path / "one.txt")
    await page.until("document.querySelector('#proof-says').innerText !== ''")
    assert await page.text("#proof-says") == "1 of 4 codes read; still to come: 1, 2, 3"
    assert await page.run("document.querySelector('#result').hidden")
    await page.choose("#proof-file", tmp_path / "rest.txt")
    assert await verdict(page) == "Proven"
    assert await page.text("#proof-says") == "All codes read."


async def test_a_picture_without_a_code_is_told(page: Page, tmp_path: Path) -> None:
    (tmp_path / "page.png").write_bytes(await page.picture())
    await page.choose("#proof-file", tmp_path / "page.png")
    await page.until("document.querySelector('#proof-says').className.includes('bad')")
    assert "No code found in page.png" in await page.text("#proof-says")


async def test_what_is_no_policy_is_told_at_once(page: Page) -> None:
    await page.fill("#policy", "quorum union")
    await page.until("document.querySelector('#policy-says').className.includes('bad')")
    assert await page.text("#policy-says") == "This is no policy: quorum union"


@pytest.fixture
def html_with_policy(tmp_path: Path) -> Path:
    path = tmp_path / "with-policy.html"
    path.write_text(verification_page(RULES))
    return path


async def test_a_policy_can_come_with_the_page(chromium: Protocol, html_with_policy: Path) -> None:
    page = await chromium.open(html_with_policy)
    await page.until("document.querySelector('#policy-says').innerText !== ''")
    await page.fill("#proof", encode_code(FILE))
    await page.click("#verify")
    assert await verdict(page) == "Proven"


async def test_it_asks_nobody_and_lets_nothing_act(page: Page, tmp_path: Path) -> None:
    await page.fill("#proof", encode_code(compact(STATE.proof(HOSTILE))))
    await page.click("#verify")
    assert await verdict(page) == "Proven"
    assert HOSTILE in await page.text("#result dl")
    assert await page.run("document.querySelectorAll('#result img').length") == 0
    for attempt in (
        "fetch('https://example.org/').then(() => true, () => false)",
        "new Promise((done) => { const i = new Image(); i.onload = () => done(true);"
        " i.onerror = () => done(false); i.src = 'https://example.org/i.png'; })",
    ):
        assert await page.run(attempt) is False
    sent = [url for url in page.requests if not url.startswith(("file:", "blob:"))]
    # The two attempts above are noted when they are made; the page's own rules kept them here.
    assert all(url.startswith("https://example.org/") for url in sent)
