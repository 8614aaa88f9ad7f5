"""The ledger's proof files, judged by a program that knows only the C2SP specifications."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger_node.log.checkpoint import SignedCheckpoint
from ledger_node.log.cosignature import cosign
from ledger_node.log.policy import Policy
from ledger_node.log.proof import TlogProof, parse_proof
from tests.independent import WHY_ABSENT, go_verifier
from tests.ledger_node.log.sample_union import (
    TIME,
    SampleLog,
    cosigner_key,
    policy,
    sign,
    signer,
)
from tests.patience import PATIENCE_S

LOG = SampleLog(300)
FILE = LOG.proof(77).format()


@dataclass(frozen=True)
class Verdict:
    status: int
    lines: list[str]
    errors: str


class Verifier:
    """The Go program, and a directory for its files."""

    def __init__(self, program: Path, directory: Path) -> None:
        self.program = program
        self.directory = directory

    def judge(self, rules: bytes, proofs: Sequence[bytes]) -> Verdict:
        """What the program says of the proofs under a policy, a line for each."""
        policy_file = self.directory / "union.policy"
        policy_file.write_bytes(rules)
        files = []
        for number, proof in enumerate(proofs):
            files.append(self.directory / f"{number}.tlog-proof")
            files[-1].write_bytes(proof)
        done = subprocess.run(
            [self.program, policy_file, *files],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
        return Verdict(done.returncode, done.stdout.splitlines(), done.stderr)


@pytest.fixture
def verifier(tmp_path: Path) -> Verifier:
    program = go_verifier()
    if program is None:
        print(WHY_ABSENT)
        pytest.skip(WHY_ABSENT)
    return Verifier(program, tmp_path)


def test_proofs_of_trees_of_every_shape_are_accepted(verifier: Verifier) -> None:
    proofs = [
        SampleLog(size).proof(index).format()
        for size in (1, 2, 3, 4, 7, 8, 9, 31, 33, 255, 256, 257)
        for index in sorted({0, size // 2, size - 1})
    ]
    verdict = verifier.judge(policy().format(), proofs)
    assert verdict.status == 0, verdict
    assert len(verdict.lines) == len(proofs)
    assert all(line.startswith("ok ") for line in verdict.lines)


def test_what_it_reports_is_what_was_proven(verifier: Verifier) -> None:
    verdict = verifier.judge(policy(3).format(), [LOG.proof(77, 3).format()])
    assert verdict.lines[0].endswith(
        "entry 77 of 300 in ledger.example/union, 8 bytes, 3 cosignatures"
    )


def test_a_flip_of_any_byte_is_refused(verifier: Verifier) -> None:
    flipped = [
        FILE[:at] + bytes([FILE[at] ^ (1 << at % 7)]) + FILE[at + 1 :] for at in range(len(FILE))
    ]
    verdict = verifier.judge(policy().format(), flipped)
    accepted = [line for line in verdict.lines if not line.startswith("FAIL ")]
    assert (verdict.status, len(verdict.lines), accepted) == (1, len(FILE), [])


def test_a_file_without_any_one_of_its_lines_is_refused(verifier: Verifier) -> None:
    lines = FILE.splitlines(keepends=True)
    cut = [b"".join(lines[:at] + lines[at + 1 :]) for at in range(len(lines))]
    verdict = verifier.judge(policy().format(), [*cut, FILE])
    assert [line[:4] for line in verdict.lines] == ["FAIL"] * len(cut) + ["ok  "]


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (policy(5), "cosignatures do not make the quorum"),
        (policy(3, ("BY", "KZ", "KG")), "no signature by a log of the policy"),
        (policy(4, ("AM", "BY", "KZ", "RU")), "cosignatures do not make the quorum"),
    ],
)
def test_under_another_policy_the_same_file_is_refused(
    verifier: Verifier, rules: Policy, reason: str
) -> None:
    verdict = verifier.judge(rules.format(), [FILE])
    assert verdict.status == 1
    assert reason in verdict.lines[0]


def test_only_the_specs_are_applied_not_our_stricter_profile(verifier: Verifier) -> None:
    """Other writers may add cosignatures, in any order, and lines by keys we do not know."""
    head = LOG.checkpoint()
    stranger = cosign(head, cosigner_key("UZ"), signer("cosigner UZ"), TIME)
    signed = sign(head).with_signatures(stranger)
    loose = SignedCheckpoint(head, tuple(reversed(signed.signatures)))
    parts = parse_proof(FILE)
    data = TlogProof(parts.extra, parts.index, parts.path, loose).format()
    assert verifier.judge(policy().format(), [data]).status == 0


@pytest.mark.parametrize("rules", [b"", b"quorum none", b"quorum union\n", b"log x\nquorum none\n"])
def test_an_unusable_policy_is_an_error_of_its_own(verifier: Verifier, rules: bytes) -> None:
    verdict = verifier.judge(rules, [FILE])
    assert verdict.status == 2
    assert verdict.errors.startswith("policy ")


def test_a_missing_file_fails_alone(verifier: Verifier) -> None:
    (verifier.directory / "policy").write_bytes(policy().format())
    (verifier.directory / "good").write_bytes(FILE)
    done = subprocess.run(
        [verifier.program, "policy", "absent", "good"],
        cwd=verifier.directory,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 1
    assert [line[:4] for line in done.stdout.splitlines()] == ["FAIL", "ok  "]
