"""`ledger-node audit`, as an auditor uses it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ledger_node.audit.bundle.selection import Blocks, Everything
from ledger_node.cli.outcome import ExitCode
from tests.contracts.sample_union import MRN
from tests.ledger_node.audit.bundle.audited_union import AuditedUnion, journey, populated
from tests.ledger_node.audit.bundle.frames import flip, with_entry
from tests.ledger_node.audit.bundle.test_export_bundle import static_files
from tests.ledger_node.cli.terminal import Terminal
from tests.patience import PATIENCE_S

UNION = journey()


@pytest.fixture
def auditor(terminal: Terminal, tmp_path: Path) -> Terminal:
    """A terminal with a policy, a bundle and the static log at hand."""
    Path("union.policy").write_bytes(UNION.policy.format())
    Path("all.bundle").write_bytes(UNION.bundle(Everything()))
    Path("log").mkdir()
    static_files(tmp_path / "log", UNION.source(), UNION.size)
    return terminal


def test_a_good_bundle_is_verified_and_explained(auditor: Terminal) -> None:
    answer = auditor.run("audit", "verify", "--policy", "union.policy", "all.bundle")
    assert answer.code == ExitCode.OK, answer
    assert answer.out.startswith("all.bundle: VERIFIED")
    for words in ("executed again from genesis", "cosigned by", "yes: every entry of the log"):
        assert words in answer.out
    assert answer.err == "", "no bar where no one watches"


def test_a_tampered_bundle_is_refused_with_the_place_and_exit_code_1(auditor: Terminal) -> None:
    Path("bad.bundle").write_bytes(with_entry(UNION.bundle(Everything()), 40, flip))
    answer = auditor.run("audit", "verify", "--policy", "union.policy", "bad.bundle")
    assert answer.code == ExitCode.REFUSED
    assert "NOT VERIFIED" in answer.out
    assert "entry 40" in answer.out
    answer = auditor.run("audit", "verify", "--policy", "union.policy", "--json", "bad.bundle")
    plain = json.loads(answer.out)
    assert (plain["verified"], plain["step"], plain["entry"]) == (False, "INCLUSION", 40)


def test_json_says_what_was_and_was_not_shown(auditor: Terminal) -> None:
    Path("few.bundle").write_bytes(UNION.bundle(Blocks(3, 5)))
    answer = auditor.run("audit", "verify", "--policy", "union.policy", "--json", "few.bundle")
    plain = json.loads(answer.out)
    assert plain["verified"]
    assert not plain["executed"]
    assert plain["selection"] == {"kind": "blocks", "first": 3, "last": 5}


def test_static_tiles_become_a_bundle_of_a_movement(auditor: Terminal) -> None:
    answer = auditor.run("audit", "export", "--tiles", "log", "--movement", MRN, "--out", "one")
    assert answer.code == ExitCode.OK, answer
    assert f"37 of the log's {UNION.size}" in answer.out
    answer = auditor.run("audit", "verify", "--policy", "union.policy", "one")
    assert answer.code == ExitCode.OK
    assert "NOT executed again" in answer.out


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (ExitCode.USAGE, ["--tiles", "log", "--from", "2026-01-01"]),
        (ExitCode.USAGE, ["--tiles", "log", "--blocks", "5-3"]),
        (ExitCode.USAGE, ["--tiles", "log", "--blocks", "1-3", "--movement", MRN]),
        (ExitCode.USAGE, ["--data", "node"]),
        (ExitCode.REFUSED, ["--tiles", "log", "--participant", "NOBODY"]),
        (ExitCode.NO_NODE, ["--tiles", "nowhere"]),
    ],
)
def test_an_export_that_cannot_be_leaves_no_file(
    auditor: Terminal, code: ExitCode, arguments: list[str]
) -> None:
    auditor.fails(code, "audit", "export", *arguments, "--out", "none.bundle")
    assert not list(Path().glob("*none*"))


def test_a_fork_is_answered_with_the_culprits_and_their_signatures(auditor: Terminal) -> None:
    fork = populated(AuditedUnion())
    fork.close()
    Path("fork.bundle").write_bytes(fork.bundle(Everything()))
    answer = auditor.run("audit", "diff", "--policy", "union.policy", "all.bundle", "fork.bundle")
    assert answer.code == ExitCode.FORK
    assert answer.out.startswith("FORKED")
    assert "AM's two signatures:" in answer.out
    (fork_file,) = Path().glob("*.fork-evidence")
    checked = auditor.run("verify", "--policy", "union.policy", str(fork_file))
    assert checked.code == ExitCode.OK, checked
    same = auditor.run("audit", "diff", "--policy", "union.policy", "all.bundle", "all.bundle")
    assert same.code == ExitCode.OK
    assert same.out.startswith("SAME")


def test_a_report_is_written_to_a_file_or_into_a_directory(auditor: Terminal) -> None:
    command = ["audit", "report", "--policy", "union.policy", "all.bundle", "--movement", MRN]
    for out, written in (("one.html", Path("one.html")), ("log", Path("log/report.html"))):
        answer = auditor.run(*command, "--out", out)
        assert answer.code == ExitCode.OK, answer
        assert f"Movement {MRN}" in written.read_text()


def test_no_report_of_a_bundle_that_is_refused(auditor: Terminal) -> None:
    Path("bad.bundle").write_bytes(with_entry(UNION.bundle(Everything()), 40, flip))
    command = ["audit", "report", "--policy", "union.policy", "--out", "r.html", "bad.bundle"]
    assert "entry 40" in auditor.fails(ExitCode.REFUSED, *command)
    assert not Path("r.html").exists()


def test_an_audit_needs_no_part_of_a_node(auditor: Terminal) -> None:
    """Verified, compared and reported without network, database schema or node in the process."""
    script = (
        "import sys\n"
        "from ledger_node.cli.main import main\n"
        "codes = [main(['audit', 'verify', '--policy', 'union.policy', 'all.bundle']),\n"
        "  main(['audit', 'diff', '--policy', 'union.policy', 'all.bundle', 'all.bundle']),\n"
        "  main(['audit', 'report', '--policy', 'union.policy', '--out', 'r', 'all.bundle'])]\n"
        "parts = ('network', 'node', 'api', 'storage', 'client', 'interop', 'demo')\n"
        "bad = [m for m in sys.modules if m == 'aiohttp' or m == 'lxml' or\n"
        "  any(m == f'ledger_node.{p}' or m.startswith(f'ledger_node.{p}.') for p in parts)]\n"
        "print(codes, bad)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "[0, 0, 0] []", done
