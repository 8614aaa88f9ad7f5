"""`ledger-node verifier`: what it writes works where nothing of the ledger is installed."""

import subprocess
import sys
from pathlib import Path

from ctl_verify.pack import packed
from ledger_node.audit.verify_page import verification_page
from tests.ledger_node.audit import sample_ledger as sample
from tests.ledger_node.cli.terminal import Terminal
from tests.patience import PATIENCE_S

PROVER = sample.prover()


def test_the_kit_checks_a_proof_with_python_alone(terminal: Terminal) -> None:
    Path("union.policy").write_bytes(PROVER.policy.format())
    made = terminal.run("verifier", "kit", "--policy", "union.policy")
    assert made.code == 0, made
    assert {path.name for path in Path("kit").iterdir()} == {
        "ctl-verify.pyz",
        "verify.html",
        "README.txt",
        "union.policy",
    }
    Path("kit/release.tlog-proof").write_bytes(PROVER.file(sample.ACCEPTED_RECORD))
    arguments = ("--policy", "union.policy", "release.tlog-proof")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "ctl-verify.pyz", *arguments],
        cwd="kit",
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    assert "PROVEN: transit.discharge, accepted" in done.stdout


def test_without_a_policy_the_files_are_the_same_for_every_union(terminal: Terminal) -> None:
    for _ in range(2):
        assert terminal.run("verifier", "kit").code == 0
    assert Path("kit/ctl-verify.pyz").read_bytes() == packed()
    assert Path("kit/verify.html").read_text() == verification_page()
    assert not Path("kit/union.policy").exists()


def test_what_is_no_policy_is_not_handed_on(terminal: Terminal) -> None:
    Path("bad").write_bytes(b"quorum union\n")
    assert "policy line 1" in terminal.fails(2, "verifier", "kit", "--policy", "bad")
    assert not Path("kit").exists()
