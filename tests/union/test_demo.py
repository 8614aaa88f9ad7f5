"""The demonstration as a user runs it: real processes, an empty directory, verified proofs."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.independent import WHY_ABSENT, go_verifier
from tests.patience import PATIENCE_S

DEMO = (sys.executable, "-m", "ledger_node.demo")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DEMO, *arguments], capture_output=True, text=True, timeout=2 * PATIENCE_S, check=False
    )


def nodes_on(directory: Path) -> list[int]:
    """Ids of node processes whose data lies below a directory."""
    found = []
    for proc in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (proc / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(a.startswith(str(directory).encode() + b"/") for a in arguments) and b"run" in (
            arguments
        ):
            found.append(int(proc.name))
    return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a demonstration that ran to its end."""
    directory = tmp_path_factory.mktemp("union") / "demo"
    done = run("--dir", str(directory))
    assert done.returncode == 0, done.stdout + done.stderr
    return directory


def test_the_report_says_what_happened(told: Path) -> None:
    report = json.loads((told / "report.json").read_text())
    assert report["members"] == ["AM", "BY", "KG", "KZ", "RU"]
    assert report["records_accepted"] >= 30
    assert report["records_rejected"] == 2
    assert report["proofs_verified"] == len(list((told / "proofs").glob("*.tlog-proof"))) >= 10
    assert report["log_size"] > report["records_accepted"]
    assert len(bytes.fromhex(report["log_root"])) == 32
    assert 0 < report["finality_ms"]["p50"] <= report["finality_ms"]["p95"]


def test_a_program_that_shares_no_code_verifies_every_proof(told: Path) -> None:
    verifier = go_verifier()
    if verifier is None:
        pytest.skip(WHY_ABSENT)
    proofs = sorted(str(path) for path in (told / "proofs").glob("*.tlog-proof"))
    checked = subprocess.run(
        [str(verifier), str(told / "union.policy"), *proofs],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count("ok ") == len(proofs)
    flipped = subprocess.run(
        [str(verifier), str(told / "union.policy"), str(told / "flipped.tlog-proof")],
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert flipped.returncode == 1


def test_no_node_is_left_behind(told: Path) -> None:
    assert nodes_on(told) == []


def test_particulars_stay_with_the_declaring_member(told: Path) -> None:
    stored = {
        path.name: len(list((path / "node/payloads").glob("*")))
        for path in told.iterdir()
        if (path / "node").is_dir()
    }
    assert stored.pop("KG") > 0
    assert set(stored.values()) == {0}
    plaintext = b"Plastic toys"
    for ledger in told.glob("*/node/ledger/*"):
        assert plaintext not in ledger.read_bytes()


def test_an_interrupted_run_ends_its_nodes_and_the_next_one_succeeds(tmp_path: Path) -> None:
    directory = tmp_path / "demo"
    process = subprocess.Popen(
        [*DEMO, "--dir", str(directory)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "BY-INSURER" in line and "undertakes" in line:
            break
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert nodes_on(directory) == []


INTERRUPTED_WHILE_LOADING = """
import os, runpy, signal, sys
class Interrupter:
    def find_spec(self, name, *_):
        if name == "ledger_node.demo.refusals":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupter())
sys.argv = ["demo", "--dir", sys.argv[1]]
runpy.run_module("ledger_node.demo", run_name="__main__")
"""


def test_a_run_that_is_interrupted_before_it_began_says_so_in_one_line(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_WHILE_LOADING, str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "interrupted\n")


def test_a_kept_union_goes_on_until_it_is_stopped(tmp_path: Path) -> None:
    directory = tmp_path / "demo"
    try:
        kept = run("--dir", str(directory), "--keep")
        assert kept.returncode == 0, kept.stdout + kept.stderr
        assert len(nodes_on(directory)) == 5
        shown = subprocess.run(
            [
                sys.executable,
                "-m",
                "ledger_node.cli.main",
                "status",
                "--data",
                str(directory / "KG/node"),
            ],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
            env={**os.environ, "COLUMNS": "100"},
        )
        assert shown.returncode == 0, shown.stdout + shown.stderr
    finally:
        stopped = run("--dir", str(directory), "--stop")
    assert stopped.stdout.startswith("stopped:")
    assert nodes_on(directory) == []
