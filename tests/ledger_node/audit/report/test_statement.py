"""A statement says what the command says, names what was examined, and lets nothing act."""

import re
from hashlib import sha256
from importlib import import_module

import pytest

from ledger_node.audit.report.statement import Content, ExaminedFile, statement
from ledger_node.audit.verify import examine
from tests.ledger_node.audit import sample_ledger as sample
from tests.ledger_node.ledger.sample_state import GUARANTEE_KEY, RESERVATION_KEY, SampleState
from tests.ledger_node.log.sample_union import policy

PROVER = sample.prover()
TIME_MS = 1_790_000_000_000


def examined(name: str, data: bytes) -> ExaminedFile:
    return ExaminedFile(name, Content.of(data), examine(data, PROVER.policy), PROVER.policy)


def text_of(page: str) -> str:
    return " ".join(
        re.sub(r"<[^>]+>", " ", re.sub(r"<style.*?</style>", "", page, flags=re.S)).split()
    )


RECORDS = [examined(f"{at}.tlog-proof", PROVER.file(at)) for at in (2, 3, 4)]
BAD = examined("bad.tlog-proof", PROVER.file(3)[:-1])


def test_it_names_the_files_the_findings_and_the_policy() -> None:
    told = text_of(statement([*RECORDS, BAD], "a program", TIME_MS))
    assert "Made on 2026-09-21 14:13:20 UTC by a program" in told
    assert "4 file(s) were examined, and 3 of them prove" in told
    for each in (*RECORDS, BAD):
        assert each.content is not None
        assert f"{each.content.size} bytes, SHA-256 {each.content.digest.hex()}" in told
    good = PROVER.file(2)
    assert f"{len(good)} bytes, SHA-256 {sha256(good).hexdigest()}" in told
    assert "PROVEN: transit.discharge, accepted" in told
    assert "signed by GB000246, with the key" in told
    assert "bad.tlog-proof" in told
    assert "NOT PROVEN failed at the file is a tlog-proof" in told
    assert sha256(PROVER.policy.format()).hexdigest() in told
    assert "quorum union" in told


def test_state_proofs_are_told_together() -> None:
    state = SampleState()
    files = [
        ExaminedFile(
            key,
            Content.of(data := state.proof(key).format()),
            examine(data, policy()),
            policy(),
        )
        for key in (GUARANTEE_KEY, RESERVATION_KEY)
    ]
    told = text_of(statement(files, "a program", TIME_MS))
    assert "and all of them prove" in told
    assert "Together together: after block 7, no movement other than" in told


def test_what_a_participant_or_a_file_name_holds_cannot_act() -> None:
    page = statement([examined("<script>\x1b[2J", PROVER.file(4))], "a program", TIME_MS)
    assert "<script" not in page
    assert "\x1b" not in page
    assert "&lt;script&gt;" in page
    assert sample.HOSTILE not in page


def test_a_file_that_could_not_be_read_has_no_digest() -> None:
    absent = ExaminedFile("absent", None, examine(b"", policy()), policy())
    assert "bytes, SHA-256" not in text_of(statement([absent], "a program", TIME_MS))


def test_it_goes_on_paper() -> None:
    try:
        weasyprint = import_module("weasyprint")
    except (ImportError, OSError) as missing:
        print(f"the PDF of a statement is NOT tested: {missing}")
        pytest.skip(str(missing))
    page = statement(RECORDS, "a program", TIME_MS)
    assert 1 <= len(weasyprint.HTML(string=page).render().pages) <= 3
