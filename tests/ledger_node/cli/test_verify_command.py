"""`ledger-node verify` on files as they come: good, damaged, foreign, hostile."""

import io
import json
from hashlib import sha256
from pathlib import Path

import pytest

from ledger_node.audit.bundle.diff import compare
from ledger_node.audit.bundle.refusal import Step
from ledger_node.audit.bundle.selection import Concerning, Everything
from ledger_node.genesis.readable import write_json
from ledger_node.log.proof import MAX_PROOF
from tests.contracts.sample_union import MRN
from tests.ledger_node.audit import sample_ledger as sample
from tests.ledger_node.audit.bundle.audited_union import journey
from tests.ledger_node.audit.bundle.forked_union import bundle_of, forked
from tests.ledger_node.audit.bundle.frames import flip, with_entry
from tests.ledger_node.cli.terminal import Terminal
from tests.ledger_node.log.sample_union import policy

PROVER = sample.prover()


@pytest.fixture
def proofs(terminal: Terminal) -> list[str]:
    """Proof files of every entry, and union.policy, in the current directory."""
    Path("union.policy").write_bytes(PROVER.policy.format())
    names = [f"entry-{index}.tlog-proof" for index in range(len(PROVER.leaves))]
    for index, name in enumerate(names):
        Path(name).write_bytes(PROVER.file(index))
    return names


def test_good_files_are_proven_and_counted(terminal: Terminal, proofs: list[str]) -> None:
    answer = terminal.run("verify", "--policy", "union.policy", *proofs)
    assert answer.code == 0
    assert answer.out.splitlines()[-1] == "7 of 7 proven"
    assert "entry-3.tlog-proof: PROVEN: transit.discharge, accepted" in answer.out
    assert "signed by   GB000246" in answer.out


def test_the_report_fits_a_terminal_and_cannot_act_on_it(
    terminal: Terminal, proofs: list[str]
) -> None:
    lines = terminal.run("verify", "--policy", "union.policy", *proofs).out.splitlines()
    assert all(line.isprintable() for line in lines)
    assert [line for line in lines if len(line) > 80 and " " in line.strip()[13:]] == []


def test_json_says_the_same(terminal: Terminal, proofs: list[str]) -> None:
    Path("bad").write_bytes(b"nothing")
    answer = terminal.run("verify", "--json", "--policy", "union.policy", *proofs, "bad")
    report = json.loads(answer.out)
    assert answer.code == 1
    assert (report["proven"], report["not_proven"]) == (7, 1)
    assert report["files"][4]["entry"]["refusal"]["rule"] == sample.RULE
    assert report["files"][7]["step"] == "the file is a tlog-proof"


def _flipped(good: bytes) -> bytes:
    middle = len(good) // 2
    return good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :]


@pytest.mark.parametrize(
    ("content", "step"),
    [
        (_flipped(PROVER.file(3)), "failed at"),
        (PROVER.file(3)[:-1], "the file is a tlog-proof"),
        (PROVER.file(3)[:200], "the file is a tlog-proof"),
        (b"", "it is empty"),
        (PROVER.file(3).replace(b"\n", b"\r\n"), "lines were made to end in CR LF"),
        (b"\xef\xbb\xbf" + PROVER.file(3), "with a byte order mark"),
        (PROVER.policy.format(), "a trust policy: give it as --policy"),
        (b"\xff\xfe" * 100, "the file is a tlog-proof"),
        (b"a" * (MAX_PROOF + 1), "longer than is accepted"),
        (PROVER.file(3).replace(b"index 3", b"index 4"), "the path leads from"),
        (PROVER.file(3).replace(b"extra ", b"extras "), "the file is a tlog-proof"),
    ],
    ids=[
        "flipped",
        "cut by one",
        "cut",
        "empty",
        "CR LF",
        "BOM",
        "policy",
        "not UTF-8",
        "huge",
        "moved",
        "misspelt",
    ],
)
def test_a_bad_file_is_named_with_the_step_it_fails_at(
    terminal: Terminal, proofs: list[str], content: bytes, step: str
) -> None:
    Path("bad").write_bytes(content)
    answer = terminal.run("verify", "--policy", "union.policy", proofs[0], "bad")
    assert answer.code == 1
    assert "bad: NOT PROVEN" in answer.out
    assert step in answer.out
    assert answer.out.splitlines()[-1] == "1 of 2 proven, 1 NOT PROVEN"


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_file_that_cannot_be_read_is_not_proven(
    terminal: Terminal, proofs: list[str], name: str
) -> None:
    answer = terminal.run("verify", "--policy", "union.policy", name)
    assert answer.code == 1
    assert "the file can be read" in answer.out


def test_another_unions_policy_proves_nothing(terminal: Terminal, proofs: list[str]) -> None:
    Path("other.policy").write_bytes(policy(quorum=1, members=("GB",)).format())
    answer = terminal.run("verify", "--policy", "other.policy", *proofs)
    assert answer.code == 1
    assert answer.out.splitlines()[-1] == "0 of 7 proven, 7 NOT PROVEN"


def test_a_stricter_quorum_is_upheld(terminal: Terminal, proofs: list[str]) -> None:
    Path("strict.policy").write_bytes(policy(quorum=5).format())
    answer = terminal.run("verify", "--policy", "strict.policy", proofs[0])
    assert answer.code == 1
    assert "quorum" in answer.out


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no quorum line"),
        (b"quorum union\n", "policy line 1"),
        (b"log \x00\n", "control character"),
        (b"#" * 300_000, "larger than is accepted"),
        (b"quorum none", "does not end in a newline"),
        (PROVER.policy.format().replace(b"\n", b"\r\n"), "never in CR LF"),
    ],
)
def test_a_bad_policy_is_a_usage_error_with_line_and_rule(
    terminal: Terminal, proofs: list[str], content: bytes, reason: str
) -> None:
    Path("bad.policy").write_bytes(content)
    assert reason in terminal.fails(2, "verify", "--policy", "bad.policy", proofs[0])


def test_a_missing_policy_is_a_usage_error(terminal: Terminal, proofs: list[str]) -> None:
    assert "No such file" in terminal.fails(2, "verify", "--policy", "none", proofs[0])


def test_a_hostile_file_name_is_escaped(terminal: Terminal, proofs: list[str]) -> None:
    Path("a\x1b[2Jb").write_bytes(b"x")
    answer = terminal.run("verify", "--policy", "union.policy", "a\x1b[2Jb")
    assert "a\\x1b[2Jb: NOT PROVEN" in answer.out


def test_a_statement_is_written_of_what_was_found(terminal: Terminal, proofs: list[str]) -> None:
    Path("bad").write_bytes(b"nothing")
    given = ("verify", "--policy", "union.policy", "--statement")
    answer = terminal.run(*given, "said.html", proofs[3], "bad")
    assert answer.code == 1
    page = Path("said.html").read_text()
    assert "PROVEN: transit.discharge, accepted" in page
    assert "NOT PROVEN" in page
    assert "exists" in terminal.fails(2, *given, "said.html", proofs[3])
    assert "neither" in terminal.fails(2, *given, "said.txt", proofs[3])
    told = terminal.fails(4, *given, "nowhere/said.html", proofs[3])
    assert "nowhere/said.html: No such file or directory" in told
    assert not Path("said.txt").exists()


# ---------------------------------------------------------------- bundles, conflicting finality

UNION = journey()
ALL = UNION.bundle(Everything())
FORKED = forked()[0].union


@pytest.fixture
def bundles(terminal: Terminal) -> Terminal:
    """Bundles, one of them tampered with, and what to trust, in the current directory."""
    Path("union.policy").write_bytes(UNION.policy.format())
    Path("genesis.json").write_text(write_json(UNION.document))
    Path("all.bundle").write_bytes(ALL)
    Path("some.bundle").write_bytes(UNION.bundle(Concerning("movement", MRN)))
    Path("bad.bundle").write_bytes(with_entry(ALL, 40, flip))
    return terminal


@pytest.mark.parametrize("trust", [("--policy", "union.policy"), ("--genesis", "genesis.json")])
def test_bundles_are_executed_and_told_among_proofs(
    bundles: Terminal, trust: tuple[str, str]
) -> None:
    answer = bundles.run("verify", *trust, "all.bundle", "bad.bundle", "some.bundle")
    assert answer.code == 1
    assert "all.bundle: PROVEN: an audit bundle" in answer.out
    assert "executed again from genesis" in answer.out
    assert "bad.bundle: NOT PROVEN" in answer.out
    assert f"failed at   {Step.INCLUSION.value}" in answer.out
    assert "entry 40" in answer.out
    assert "some.bundle: PROVEN, but for outcomes: an audit bundle" in answer.out
    assert answer.out.endswith("2 of 3 proven, 1 NOT PROVEN\n")


def test_bundles_are_told_to_programs(bundles: Terminal) -> None:
    given = ("verify", "--json", "--genesis", "genesis.json")
    good, bad = json.loads(bundles.run(*given, "all.bundle", "bad.bundle").out)["files"]
    assert good["proven"]
    assert good["executed_from"] == 0
    assert (bad["proven"], bad["step"]) == (False, Step.INCLUSION.value)


def test_a_statement_about_bundles_has_the_digests_of_whole_files(bundles: Terminal) -> None:
    given = ("verify", "--policy", "union.policy", "--statement", "said.html")
    assert bundles.run(*given, "all.bundle", "bad.bundle").code == 1
    page = Path("said.html").read_text()
    for name in ("all.bundle", "bad.bundle"):
        data = Path(name).read_bytes()
        assert f"{len(data)} bytes, SHA-256 {sha256(data).hexdigest()}" in page


def test_evidence_of_conflicting_finality_is_told_among_proofs(terminal: Terminal) -> None:
    one, other = (io.BytesIO(bundle_of(history)) for history in forked())
    conflict = compare(one, other, FORKED.policy).conflict
    assert conflict is not None
    Path("both.conflict-evidence").write_bytes(conflict.format())
    Path("cut.conflict-evidence").write_bytes(conflict.format()[:-1])
    Path("genesis.json").write_text(write_json(FORKED.document))
    Path("union.policy").write_bytes(FORKED.policy.format())
    answer = terminal.run(
        "verify", "--genesis", "genesis.json", "both.conflict-evidence", "cut.conflict-evidence"
    )
    assert answer.code == 1
    assert "both.conflict-evidence: PROVEN: two histories were made final" in answer.out
    assert "culprits    AM, consensus key" in answer.out
    assert "cut.conflict-evidence: NOT PROVEN" in answer.out
    answer = terminal.run("verify", "--policy", "union.policy", "both.conflict-evidence")
    assert answer.code == 1
    assert "give --genesis in its place" in answer.out


def test_a_history_that_is_none_is_a_usage_error(bundles: Terminal) -> None:
    for data, reason in ((b"", "does not end in a newline"), (b"a\n", "line 1"), (ALL, "newline")):
        Path("bad.history").write_bytes(data)
        given = ("--genesis", "genesis.json", "--history", "bad.history")
        assert reason in bundles.fails(2, "verify", *given, "all.bundle")
