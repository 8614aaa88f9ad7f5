"""The verification page proves what `ledger-node verify` proves, and refuses what it refuses."""

import json
import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, TypeAlias

import msgpack
import pytest

from ledger_node.audit.state_words import sentence
from ledger_node.audit.verify import NotProven, Proven, StateFact, examine
from ledger_node.codec import encode
from ledger_node.ledger.code_text import encode_code
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

PAGE = Path(__file__).parents[2] / "web/verify/index.html"
RUNNER = Path(__file__).with_name("run_page.mjs")
MOVEMENT_KEY, OTHER_KEY = f"movement/{MRN}", f"guarantee/{GRN}"
UNION = SampleUnion().completed()
STATE = SampleState(
    state_entries() | {key: encode(UNION.show(key)) for key in (MOVEMENT_KEY, OTHER_KEY)}
)
KEYS = (
    MOVEMENT_KEY,
    OTHER_KEY,
    GUARANTEE_KEY,
    RESERVATION_KEY,
    ABSENT_KEY,
    "seal/NS-1",
    "movement/1",
    "member/AM",
)
FILES = {key: compact(STATE.proof(key)) for key in KEYS}

Case: TypeAlias = dict[str, str]
Judge: TypeAlias = Callable[[Sequence[Case]], list[dict[str, Any]]]


def case(file: bytes, rules: Policy | None = None) -> Case:
    given = (rules or policy()).format()
    return {"file": b64encode(file).decode(), "policy": b64encode(given).decode()}


@pytest.fixture
def page() -> Judge:
    node = shutil.which("node")
    if node is None:
        reason = "Node is not installed: the verification page is NOT tested"
        print(reason)
        pytest.skip(reason)

    def judge(cases: Sequence[Case]) -> list[dict[str, Any]]:
        done = subprocess.run(
            [node, str(RUNNER), str(PAGE)],
            input=json.dumps(cases),
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_S,
        )
        answers: list[dict[str, Any]] = json.loads(done.stdout)
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
        assert (proven["height"], proven["newest"]) == ("7", True)
        assert [each["member"] for each in proven["cosigned"]] == ["AM", "BY", "KZ", "KG"]
        assert proven["quorum"] == "4 of 5 (AM, BY, KZ, KG, RU)"
        assert proven["time"] == "2026-09-21 14:13:20 UTC"


def test_it_reads_what_scanners_and_mail_give(page: Judge) -> None:
    file = FILES[GUARANTEE_KEY]
    plain = case(file)
    as_code = {"text": encode_code(file) + "\n", "policy": plain["policy"]}
    as_base64 = {"text": plain["file"], "policy": plain["policy"]}
    of_file = case(encode_code(file).encode())
    broken = {"text": encode_code(file)[:-1] + "\u00df", "policy": plain["policy"]}
    *good, bad = page([plain, as_code, as_base64, of_file, broken])
    assert all(answer == good[0] for answer in good)
    assert bad["step"] == "the text of the code is Base45"


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


def test_the_page_loads_nothing_and_runs_only_its_two_scripts() -> None:
    text = PAGE.read_text()
    parser = _Loads()
    parser.found = []
    parser.feed(text)
    assert parser.found == []
    assert "fetch(" not in text
    assert "innerHTML" not in text
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL)
    hashes = [f"'sha256-{b64encode(sha256(each.encode()).digest()).decode()}'" for each in scripts]
    assert len(hashes) == 2
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src {' '.join(hashes)};" in text
