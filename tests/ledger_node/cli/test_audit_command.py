"""`ledger-node audit`, as an auditor uses it."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ledger_node.audit.bundle.export import export_bundle
from ledger_node.audit.bundle.selection import Blocks, Everything
from ledger_node.cli.outcome import ExitCode
from ledger_node.contract_sets.packing import pack
from ledger_node.genesis.policy_history import format_history
from ledger_node.genesis.readable import write_json
from tests.contracts.sample_union import MRN
from tests.ledger_node.audit.bundle.audited_union import AuditedUnion, journey, populated
from tests.ledger_node.audit.bundle.forked_union import bundle_of, forked
from tests.ledger_node.audit.bundle.frames import flip, with_entry
from tests.ledger_node.audit.bundle.governed_union import governed
from tests.ledger_node.audit.bundle.test_export_bundle import static_files
from tests.ledger_node.cli.terminal import Terminal
from tests.patience import PATIENCE_S
from tests.union.changed_rules import changed_rules

UNION = journey()
NEW = changed_rules()


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


class Screen(io.StringIO):
    """Somebody watches."""

    def isatty(self) -> bool:
        return True


def test_whoever_watches_sees_how_far_it_is(
    auditor: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal, standard error shows a bar; what was found goes to standard output."""
    screen = Screen()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", screen)
    answer = auditor.run("audit", "verify", "--policy", "union.policy", "all.bundle")
    assert answer.out.startswith("all.bundle: VERIFIED")
    assert "verifying" in screen.getvalue()
    assert "%" in screen.getvalue()


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
        (ExitCode.LOCAL, ["--data", "node"]),
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


def test_a_fork_in_consensus_is_proven_with_the_genesis_alone(auditor: Terminal) -> None:
    one, other = forked()
    Path("four.json").write_text(write_json(one.union.document))
    Path("one.bundle").write_bytes(bundle_of(one))
    Path("other.bundle").write_bytes(bundle_of(other))
    given = ("--genesis", "four.json", "one.bundle", "other.bundle", "--evidence", "found")
    answer = auditor.run("audit", "diff", *given)
    assert answer.code == ExitCode.FORK
    assert "diverge at    entry 2, in block 1" in answer.out
    (evidence,) = Path("found").glob("*.conflict-evidence")
    assert len(list(Path("found").glob("*.fork-evidence"))) == 1
    answer = auditor.run("audit", "conflict", "--genesis", "four.json", str(evidence))
    assert answer.code == ExitCode.OK
    assert "PROVEN: two histories were made final" in answer.out
    assert "culprits AM, consensus key 01" in " ".join(answer.out.split())
    answer = auditor.run("audit", "conflict", "--genesis", "four.json", "--json", str(evidence))
    plain = json.loads(answer.out)
    assert plain["culprits"] == ["AM", "BY"]
    assert [each["member"] for each in plain["signed_both"]] == ["AM", "BY"]
    evidence.write_bytes(evidence.read_bytes().replace(b"culprits AM BY", b"culprits KG KZ"))
    answer = auditor.run("audit", "conflict", "--genesis", "four.json", str(evidence))
    assert (answer.code, "NOT PROVEN" in answer.out) == (ExitCode.REFUSED, True)
    answer = auditor.run("verify", "--policy", "union.policy", str(evidence))
    assert (answer.code, "give --genesis in its place" in answer.out) == (ExitCode.REFUSED, True)


# ------------------------------------------------------------ a union that changed


CHANGED = governed()


@pytest.fixture
def years_later(terminal: Terminal) -> Terminal:
    """A terminal with a genesis, a bundle, and the log as it was published."""
    source = CHANGED.source()
    source.known_sets = {NEW.digest: NEW.sources}
    out = io.BytesIO()
    export_bundle(source, Everything(), out)
    Path("all.bundle").write_bytes(out.getvalue())
    Path("genesis.json").write_text(write_json(CHANGED.document))
    Path("new.zip").write_bytes(pack(NEW.sources))
    Path("union.history").write_text(format_history(CHANGED.steps))
    Path("log").mkdir()
    static_files(Path("log"), source, CHANGED.size)
    return terminal


def test_from_the_genesis_alone_every_epoch_and_every_rule_is_found(years_later: Terminal) -> None:
    answer = years_later.run("audit", "verify", "--genesis", "genesis.json", "all.bundle")
    assert answer.code == ExitCode.OK, answer
    for words in (
        "the policy of epoch 4 follows from it",
        "executed again from genesis",
        f"contract set {NEW.digest.hex()}, in the bundle",
        f"4, upon block {CHANGED.roster.from_height}: AM, BY, KG, UZ",
    ):
        assert words in " ".join(answer.out.split()), answer.out


def test_carried_contracts_are_left_alone_when_told_so(years_later: Terminal) -> None:
    command = ("audit", "verify", "--genesis", "genesis.json", "--no-carried-contracts")
    answer = years_later.run(*command, "all.bundle")
    assert answer.code == ExitCode.REFUSED
    assert "carried sets are not to be executed" in " ".join(answer.out.split())
    answer = years_later.run(*command, "--contracts", "new.zip", "all.bundle")
    assert answer.code == ExitCode.OK


def test_a_period_from_static_files_is_executed_from_the_state_before_it(
    years_later: Terminal,
) -> None:
    tiles = ("--tiles", "log", "--history", "union.history", "--contracts", "new.zip")
    chosen = ("--blocks", "28-35", "--with-state", "--out", "part.bundle")
    answer = years_later.run("audit", "export", *tiles, *chosen)
    assert answer.code == ExitCode.OK, answer
    assert "how 3 ended" in answer.out
    answer = years_later.run("audit", "verify", "--genesis", "genesis.json", "part.bundle")
    assert answer.code == ExitCode.OK, answer
    assert "executed again from the state after block 27" in " ".join(answer.out.split())


def test_a_subject_is_traced_from_static_files(years_later: Terminal) -> None:
    chosen = ("--participant", "UZ/ONE", "--with-state", "--out", "one.bundle")
    tiles = ("--tiles", "log", "--history", "union.history", "--contracts", "new.zip")
    answer = years_later.run("audit", "export", *tiles, *chosen)
    assert answer.code == ExitCode.OK, answer
    answer = years_later.run("audit", "verify", "--genesis", "genesis.json", "one.bundle")
    assert "changed participant/UZ/ONE for good" in " ".join(answer.out.split())


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (ExitCode.USAGE, ["--tiles", "log", "--with-state"]),
        (ExitCode.USAGE, ["--tiles", "log", "--url", "http://127.0.0.1:1"]),
        (ExitCode.USAGE, ["--tiles", "log", "--node", "http://127.0.0.1:1"]),
        (ExitCode.USAGE, ["--tiles", "log", "--history", "genesis.json"]),
        (ExitCode.USAGE, ["--tiles", "log", "--checkpoint", "log/checkpoint"]),
        (ExitCode.USAGE, ["--node", "http://127.0.0.1:1", "--history", "union.history"]),
        (ExitCode.USAGE, ["--node", "http://127.0.0.1:1", "--checkpoint", "log/checkpoint"]),
        (ExitCode.USAGE, []),
        (ExitCode.NO_NODE, ["--node", "http://127.0.0.1:1"]),
        (ExitCode.REFUSED, ["--tiles", "log", "--blocks", "32-35", "--with-state"]),
    ],
)
def test_an_export_that_cannot_be_made_says_why(
    years_later: Terminal, code: ExitCode, arguments: list[str]
) -> None:
    years_later.fails(code, "audit", "export", *arguments, "--out", "none.bundle")
    assert not list(Path().glob("*none*"))


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
