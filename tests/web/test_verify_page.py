"""The verification page proves what `ledger-node verify` proves, and refuses what it refuses."""

import io
import json
import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import msgpack
import pytest
from PIL import Image, ImageChops, ImageFilter

from contracts import object_to_json
from ledger_node.audit.certificate import code
from ledger_node.audit.display import field_lines
from ledger_node.audit.state_words import sentence
from ledger_node.audit.verify import NotProven, Proven, StateFact, examine
from ledger_node.audit.verify_page import verification_page
from ledger_node.crypto.criterion import CASES
from ledger_node.crypto.signatures import SoftwareSigner, Suite
from ledger_node.ledger.code_text import MAX_CODE_BYTES, CodeStep, encode_code, encode_codes
from ledger_node.ledger.compact_proof import compact
from ledger_node.log.policy import Policy
from tests.contracts.sample_union import GRN, MRN, SampleUnion
from tests.ledger_node.ledger.sample_state import (
    ABSENT_KEY,
    GUARANTEE_KEY,
    RESERVATION_KEY,
    SampleState,
    state_entries,
)
from tests.ledger_node.log.sample_union import policy
from tests.patience import PATIENCE_S

PAGE = verification_page()
RUNNER = Path(__file__).with_name("run_page.mjs")
MOVEMENT_KEY, OTHER_KEY = f"movement/{MRN}", f"guarantee/{GRN}"
UNION = SampleUnion().completed()
STATE = SampleState(state_entries() | UNION.state)
KEYS = (
    MOVEMENT_KEY,
    OTHER_KEY,
    GUARANTEE_KEY,
    RESERVATION_KEY,
    ABSENT_KEY,
    "seal/NS-1",
    "movement/1",
    "member/AM",
    "strange/1",
    "constructor/1",
    *UNION.state,
)
FILES = {key: compact(STATE.proof(key)) for key in KEYS}

Case: TypeAlias = dict[str, Any]
Judge: TypeAlias = Callable[[Sequence[Case]], list[Any]]


def case(file: bytes, rules: Policy | None = None) -> Case:
    given = (rules or policy()).format()
    return {"file": b64encode(file).decode(), "policy": b64encode(given).decode()}


@pytest.fixture
def page(tmp_path: Path) -> Judge:
    node = shutil.which("node")
    if node is None:
        reason = "Node is not installed: the verification page is NOT tested"
        print(reason)
        pytest.skip(reason)

    path = tmp_path / "verify.html"
    path.write_text(PAGE)

    def judge(cases: Sequence[Case]) -> list[Any]:
        done = subprocess.run(
            [node, str(RUNNER), str(path)],
            input=json.dumps(cases),
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_S,
        )
        answers: list[Any] = json.loads(done.stdout)
        assert len(answers) == len(cases)
        return answers

    return judge


def resealed(file: bytes, place: int, value: object) -> bytes:
    """The file with another value in a field, and check bytes that fit: a forger's file."""
    magic, body, _ = msgpack.unpackb(file)
    fields = msgpack.unpackb(body)
    fields[place] = value
    body = msgpack.packb(fields)
    return bytes(msgpack.packb([magic, body, sha256(body).digest()[:4]]))


def forged(file: bytes) -> Iterator[bytes]:
    """Every field but the last with its first and last bits changed, and the cosignatures in
    every way that an order and a number can be wrong."""
    fields = msgpack.unpackb(msgpack.unpackb(file)[1])
    for place, value in enumerate(fields[:12]):
        if isinstance(value, bytes) and value:
            for at in {0, len(value) // 2, len(value) - 1}:
                yield resealed(file, place, value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :])
            yield resealed(file, place, value[:-1])
            yield resealed(file, place, value + bytes(32))
            yield resealed(file, place, value[32:])
            yield resealed(file, place, None)
        elif isinstance(value, str):
            yield resealed(file, place, value + "x")
            yield resealed(file, place, "")
            yield resealed(file, place, 1)
        elif isinstance(value, int):
            for other in (value + 1, value - 1, 0, 2**63, -1, True):
                if other is not value and other != value:
                    yield resealed(file, place, other)
        else:
            yield resealed(file, place, b"value")
            yield resealed(file, place, bytes(64))
    lines = fields[12]
    yield resealed(file, 12, lines[::-1])
    yield resealed(file, 12, lines[1:])
    yield resealed(file, 12, [])
    yield resealed(file, 12, [*lines, lines[-1]])
    for at in range(4):
        strange = [list(line) for line in lines]
        strange[1][at] = lines[2][at]
        yield resealed(file, 12, strange)
    yield resealed(file, 12, [[fields[7] + lines[0][0], *lines[0][1:]], *lines[1:]])


def test_it_proves_what_the_command_proves_in_the_same_words(page: Judge) -> None:
    for key, answer in zip(KEYS, page([case(FILES[key]) for key in KEYS]), strict=True):
        found = examine(FILES[key], policy())
        assert isinstance(found, Proven)
        assert isinstance(found.fact, StateFact)
        proven = answer["proven"]
        said = sentence(key, found.fact.value, found.fact.raw)
        assert (proven["key"], proven["said"]) == (key, said)
        value = found.fact.value
        shown = [] if value is None else [list(row) for row in _lines(object_to_json(value))]
        if found.fact.raw is None or value is not None:
            assert proven["fields"] == shown
        else:
            assert f"{len(found.fact.raw)} bytes of an object" in proven["fields"][0][1]
        assert (proven["height"], proven["newest"]) == ("7", True)
        assert [each["member"] for each in proven["cosigned"]] == ["AM", "BY", "KZ", "KG"]
        assert proven["quorum"] == "4 of 5 (AM, BY, KZ, KG, RU)"
        assert proven["time"] == "2026-09-21 14:13:20 UTC"


def _lines(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """As the command shows them, but all of them."""
    found: list[tuple[str, str]] = []
    for name, value in fields.items():
        found += field_lines({name: value})
    return found


def test_it_reads_what_scanners_and_mail_give(page: Judge) -> None:
    file = FILES[GUARANTEE_KEY]
    plain = case(file)
    as_code = {"text": encode_code(file) + "\n", "policy": plain["policy"]}
    as_base64 = {"text": plain["file"], "policy": plain["policy"]}
    of_file = case(encode_code(file).encode())
    broken = {"text": encode_code(file)[:-1] + "\u00df", "policy": plain["policy"]}
    *good, bad = page([plain, as_code, as_base64, of_file, broken])
    assert all(answer == good[0] for answer in good)
    assert bad["step"] == CodeStep.TEXT


def test_it_puts_several_codes_together_and_tells_what_is_missing(page: Judge) -> None:
    large = compact(SampleState(state_entries() | {"seal/BIG": b"v" * 5000}).proof("seal/BIG"))
    parts = encode_codes(large)
    others = encode_codes(large + b"x")
    assert len(parts) == 5
    wrong = (
        parts[:-1],
        parts[1:],
        (*parts, parts[2]),
        (*parts[:-1], others[-1]),
        (parts[0],),
        (*parts[:-1], "CTLP:" + parts[-1][6:]),
        (*parts[:-1], "CTL1:" + parts[-1][5:]),
        (parts[0], encode_code(large)),
    )
    texts = ["\n".join(parts), "\r\n\r\n".join(reversed(parts)) + "\r\n"]
    texts += ["\n".join(each) for each in wrong]
    answers = page([{"text": each, "policy": case(large)["policy"]} for each in texts])
    assert [answer.get("proven", {}).get("key") for answer in answers[:2]] == ["seal/BIG"] * 2
    for text, answer in zip(texts, answers, strict=True):
        found = examine(text.encode(), policy())
        assert answer.get("step") == (found.step if isinstance(found, NotProven) else None)
    assert "missing: 5" in answers[2]["reason"]
    assert "missing: 1" in answers[3]["reason"]


def test_an_older_state_is_not_passed_off_as_the_newest(page: Judge) -> None:
    older = compact(SampleState(after=2).proof(GUARANTEE_KEY))
    assert page([case(older)])[0]["proven"]["newest"] is False


@pytest.mark.parametrize("key", [GUARANTEE_KEY, ABSENT_KEY])
def test_every_flipped_byte_is_refused(page: Judge, key: str) -> None:
    file = FILES[key]
    cases = [
        case(file[:at] + bytes([file[at] ^ 1 << at % 8]) + file[at + 1 :])
        for at in range(len(file))
    ]
    assert all("step" in answer for answer in page(cases))


def test_every_cut_and_what_comes_after_the_end_are_refused(page: Judge) -> None:
    file = FILES[GUARANTEE_KEY]
    cases = [case(file[:at]) for at in range(0, len(file), 7)]
    cases += [case(file + more) for more in (b"\x00", b"\xc0", file)]
    assert all("step" in answer for answer in page(cases))


@pytest.mark.parametrize("key", [GUARANTEE_KEY, ABSENT_KEY, "seal/NS-1"])
def test_forgeries_are_refused_as_the_command_refuses_them(page: Judge, key: str) -> None:
    files = list(forged(FILES[key]))
    assert len(files) > 60
    for file, answer in zip(files, page([case(file) for file in files]), strict=True):
        found = examine(file, policy())
        # A changed key may be absent as well: in so small a state both say so, and are right.
        if isinstance(found, NotProven):
            assert "step" in answer, (found, msgpack.unpackb(file))
        else:
            assert isinstance(found, Proven)
            assert isinstance(found.fact, StateFact)
            assert found.fact.raw is None
            assert answer["proven"]["key"] == found.fact.key != key


def test_under_another_policy_the_same_file_is_refused(page: Judge) -> None:
    file = FILES[GUARANTEE_KEY]
    steps = [
        answer["step"]
        for answer in page(
            [case(file, rules) for rules in (policy(5), policy(3), policy(3, ("BY", "KZ", "KG")))]
        )
    ]
    assert steps == [
        "the cosignatures meet the quorum with none to spare",
        "the cosignatures meet the quorum with none to spare",
        "the first signature is by a log of the policy",
    ]


def test_policies_that_are_none_are_refused(page: Judge) -> None:
    good = policy().format()
    file = b64encode(FILES[GUARANTEE_KEY]).decode()
    bad = [
        b"",
        good[:-1],
        good.replace(b"quorum union\n", b""),
        good + b"quorum none\n",
        good + good.splitlines(keepends=True)[0],
        good.replace(b"group union 4", b"group union 6"),
        good.replace(b"witness BY ", b"witness AM "),
        good.replace(b"+B", b"+C", 1),
        good + b"strange line\n",
    ]
    for answer in page([{"file": file, "policy": b64encode(each).decode()} for each in bad]):
        assert answer["step"] == "the policy is well formed"


class _Loads(HTMLParser):
    """Collects what a page would fetch or send."""

    found: list[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name for name, _ in attrs}
        if named & {"src", "href", "action", "srcset", "data"} or tag in ("link", "iframe"):
            self.found.append(tag)


def test_the_page_loads_nothing_and_runs_only_its_own_scripts() -> None:
    parser = _Loads()
    parser.found = []
    parser.feed(PAGE)
    assert parser.found == []
    for reach in ("fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "innerHTML", "eval("):
        assert reach not in PAGE
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", PAGE, re.DOTALL)
    hashes = [f"'sha256-{b64encode(sha256(each.encode()).digest()).decode()}'" for each in scripts]
    assert len(hashes) == 3
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src {' '.join(hashes)};" in PAGE


def test_a_policy_that_it_opens_with_is_text_and_nothing_else() -> None:
    given = b"# </textarea><script>alert(1)</script> & more\n" + policy().format()
    text = verification_page(given)
    assert text.count("<script") == PAGE.count("<script")
    assert "# &lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; more\n" in text


# ------------------------------------------------------------ without Web Crypto's Ed25519


def test_its_own_ed25519_decides_as_the_union_does(page: Judge) -> None:
    cases = [
        {"key": each.public, "message": each.message, "signature": each.signature} for each in CASES
    ]
    assert page(cases) == [each.valid for each in CASES]


def test_its_own_ed25519_takes_good_signatures_and_no_spoilt_ones(page: Judge) -> None:
    signer = SoftwareSigner(Suite.ED25519, bytes(range(32)))
    cases, wanted = [], []
    for size in (0, 1, 31, 64, 1000):
        message = bytes(range(256)) * 4
        signature = signer.sign(message[:size])
        for bit in (None, 0, 255, 256, 511):
            spoilt = bytearray(signature)
            if bit is not None:
                spoilt[bit // 8] ^= 1 << bit % 8
            given = (signer.public[1:], message[:size], bytes(spoilt))
            names = ("key", "message", "signature")
            cases.append({n: part.hex() for n, part in zip(names, given, strict=True)})
            wanted.append(bit is None)
    assert page(cases) == wanted


# ------------------------------------------------------------ its reader of codes


def picture_case(picture: Image.Image) -> Case:
    rgba = picture.convert("RGBA")
    return {
        "width": rgba.width,
        "height": rgba.height,
        "pixels": b64encode(rgba.tobytes()).decode(),
    }


def print_of(text: str, scale: int = 4) -> Image.Image:
    picture = io.BytesIO()
    code(text).save(picture, kind="png", scale=scale, border=4)
    return Image.open(picture).convert("L")


def views(flat: Image.Image) -> Iterator[Image.Image]:
    """A print as cameras see it: turned, out of focus, from the side, small, in bad light."""
    white = {"fillcolor": 255, "resample": Image.Resampling.BICUBIC}
    yield flat
    yield flat.rotate(8, expand=True, **white)
    yield flat.rotate(190, expand=True, **white)
    yield flat.filter(ImageFilter.GaussianBlur(1.2))
    aside = (1.02, 0.03, -8.0, 0.01, 1.03, -6.0, 4e-5, 3e-5)
    yield flat.transform(flat.size, Image.Transform.PERSPECTIVE, aside, **white)
    yield flat.resize((flat.width * 5 // 8, flat.height * 5 // 8))
    shade = Image.linear_gradient("L").resize(flat.size).point(lambda dark: 90 + dark // 2)
    yield ImageChops.multiply(flat, shade)


@pytest.mark.parametrize("size", [20, 300, 1400, MAX_CODE_BYTES])
def test_it_reads_codes_as_cameras_see_them(page: Judge, size: int) -> None:
    text = encode_code(Random(size).randbytes(size))
    cases = [picture_case(view) for view in views(print_of(text))]
    assert page(cases) == [[text]] * len(cases)


def test_it_reads_through_stains_as_the_standard_promises(page: Judge) -> None:
    text = encode_code(Random(1).randbytes(300))
    stained = print_of(text)
    stained.paste(0, (120, 130, 140, 150))
    assert page([picture_case(stained)]) == [[text]]


def test_it_reads_all_codes_of_one_picture(page: Judge) -> None:
    texts = [encode_code(Random(at).randbytes(400)) for at in range(4)]
    prints = [print_of(text, scale=3) for text in texts]
    sheet = Image.new("L", (2 * prints[0].width, 2 * prints[0].height), 255)
    for at, each in enumerate(prints):
        sheet.paste(each, (at % 2 * each.width, at // 2 * each.height))
    (found,) = page([picture_case(sheet)])
    assert sorted(found) == sorted(texts)


def test_pictures_without_a_code_give_none(page: Judge) -> None:
    grey = Image.new("L", (300, 200), 128)
    noise = Image.effect_noise((300, 300), 90)
    half = print_of(encode_code(bytes(300))).crop((0, 0, 300, 140))
    assert page([picture_case(each) for each in (grey, noise, half)]) == [[], [], []]
