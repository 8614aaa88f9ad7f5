"""`ledger-node certificate`, and `verify` on what it makes."""

import sys
from pathlib import Path

import pytest

from ledger_node.ledger.code_text import encode_code
from tests.ledger_node.cli.terminal import Terminal
from tests.ledger_node.ledger.sample_state import ABSENT_KEY, GUARANTEE_KEY, SampleState
from tests.ledger_node.log.sample_union import policy

STATE = SampleState()


@pytest.fixture
def given(terminal: Terminal) -> Terminal:
    """union.policy and state proofs in the current directory."""
    Path("union.policy").write_bytes(policy().format())
    Path("strict.policy").write_bytes(policy(5).format())
    Path("free.state-proof").write_bytes(STATE.proof(GUARANTEE_KEY).format())
    Path("none.state-proof").write_bytes(STATE.proof(ABSENT_KEY).format())
    return terminal


RULES = ("--policy", "union.policy")
STRICT = ("--policy", "strict.policy")


def test_a_certificate_is_written_with_its_proof_and_both_verify(given: Terminal) -> None:
    asked = ("certificate", GUARANTEE_KEY, *RULES, "--from", "free.state-proof")
    made = given.run(*asked, "--out", "page.html")
    assert made.code == 0
    proof = Path("page.ctlproof").read_bytes()
    assert "<svg" in Path("page.html").read_text()
    Path("scanned.txt").write_text(encode_code(proof) + "\n")
    told = given.run("verify", *RULES, "page.ctlproof", "scanned.txt", "free.state-proof")
    assert told.code == 0
    assert told.out.count("PROVEN: the state of guarantee/") == 3
    assert told.out.splitlines()[-1] == "3 of 3 proven"


def test_without_weasyprint_the_page_is_html(
    given: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    asked = ("certificate", ABSENT_KEY, *RULES, "--from", "none.state-proof")
    made = given.run(*asked, "--out", "page.pdf")
    assert made.code == 0
    assert "customs-trust-ledger[pdf]" in made.out
    assert Path("page.html").exists()
    assert not Path("page.pdf").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        ((ABSENT_KEY, *RULES, "--from", "free.state-proof", "--out", "a.pdf"), 1, "not of"),
        ((GUARANTEE_KEY, *RULES, "--from", "free.state-proof", "--out", "a.txt"), 2, "neither"),
        ((GUARANTEE_KEY, *RULES, "--from", "union.policy", "--out", "a.pdf"), 1, "refused at"),
        ((GUARANTEE_KEY, *STRICT, "--from", "free.state-proof", "--out", "a.pdf"), 1, "quorum"),
    ],
)
def test_what_makes_no_certificate_is_said_and_nothing_written(
    given: Terminal, arguments: tuple[str, ...], code: int, reason: str
) -> None:
    assert reason in given.fails(code, "certificate", *arguments)
    assert not Path("a.pdf").exists()
    assert not Path("a.ctlproof").exists()


def test_a_damaged_file_is_named_with_its_step(given: Terminal) -> None:
    given.run("certificate", GUARANTEE_KEY, *RULES, "--from", "free.state-proof", "--out", "p.html")
    good = Path("p.ctlproof").read_bytes()
    Path("bad").write_bytes(good[:300] + bytes([good[300] ^ 1]) + good[301:])
    Path("misread").write_text("CTL1:abc")
    told = given.run("verify", *RULES, "bad", "misread")
    assert told.code == 1
    said = " ".join(told.out.split())
    assert "the check bytes are those of the content" in said
    assert "the text of the code is Base45" in said
