"""The verifier as a stranger has it: one file, any Python of 3.11 or later, nothing else."""

import ast
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ctl_verify.pack import packed
from tests.ledger_node.audit.proof_files import FILES
from tests.ledger_node.cli.terminal import process
from tests.ledger_node.log.sample_union import policy

PACKAGE = Path(__file__).parents[2] / "ctl_verify"
OFFLINE = frozenset(
    {
        "argparse",
        "base64",
        "collections",
        "contextlib",
        "dataclasses",
        "datetime",
        "enum",
        "functools",
        "hashlib",
        "importlib",
        "io",
        "itertools",
        "json",
        "pathlib",
        "pkgutil",
        "re",
        "shutil",
        "sys",
        "textwrap",
        "types",
        "typing",
        "zipfile",
    }
)
"""All of the standard library that it may use: nothing that connects to anything."""


@dataclass(frozen=True)
class Program:
    """ctl-verify.pyz in a directory of its own, and no environment at all."""

    directory: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # -I and -S: no site packages, no user's, nothing of the current directory.
        return subprocess.run(
            [sys.executable, "-I", "-S", "ctl-verify.pyz", *arguments],
            cwd=self.directory,
            env={"COLUMNS": "100"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture
def program(tmp_path: Path) -> Program:
    (tmp_path / "ctl-verify.pyz").write_bytes(packed())
    (tmp_path / "union.policy").write_bytes(policy().format())
    for file in FILES:
        if file.policy == policy():
            (tmp_path / file.kind).write_bytes(file.data)
    return Program(tmp_path)


KINDS = [file.kind for file in FILES if file.policy == policy()]


def test_it_says_what_the_command_says(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    done = program.run("--policy", "union.policy", *KINDS)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"{len(KINDS)} of {len(KINDS)} proven\n")
    monkeypatch.chdir(program.directory)
    answer = process("verify", "--policy", "union.policy", *KINDS, COLUMNS="100")
    assert answer.code == 0
    assert done.stdout == answer.out


def test_a_spoilt_file_is_refused_with_the_step(program: Program) -> None:
    good = program.directory / "accepted record"
    good.write_bytes(good.read_bytes().replace(b"index 3", b"index 4"))
    done = program.run("--policy", "union.policy", "accepted record", "block", "missing")
    assert done.returncode == 1
    assert "accepted record: NOT PROVEN" in done.stdout
    assert "failed at   the path leads from the entry to the checkpoint's root" in done.stdout
    assert "missing: NOT PROVEN" in done.stdout
    assert done.stdout.endswith("1 of 3 proven, 2 NOT PROVEN\n")


def test_json_holds_step_and_words(program: Program) -> None:
    (program.directory / "noise").write_bytes(b"\x1b[2J")
    done = program.run("--json", "--policy", "union.policy", "block", "noise")
    report = json.loads(done.stdout)
    assert (done.returncode, report["proven"], report["not_proven"]) == (1, 1, 1)
    assert report["files"][0]["headline"] == "PROVEN: block 1"
    assert report["files"][1]["step"] == "the file is a tlog-proof"
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--policy", "missing", "block"), "No such file"),
        (("--policy", "block", "block"), "policy line 1"),
        (("--genesis", "block", "block"), "the genesis is sound"),
        (("--policy", "union.policy", "--history", "block", "block"), "goes with --genesis"),
        (("block",), "one of the arguments --policy --genesis is required"),
        (("--policy", "union.policy"), "FILE"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_line(
    program: Program, arguments: tuple[str, ...], told: str
) -> None:
    done = program.run(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_an_older_python_is_told_what_is_missing() -> None:
    first = (PACKAGE / "__main__.py").read_text().split("from ctl_verify")[0]
    compile(first, "__main__.py", "exec", ast.PyCF_ONLY_AST)
    ast.parse(first, feature_version=(3, 4))
    assert "sys.exit(" in first


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield node.module or ""


def test_it_uses_the_standard_library_alone_and_can_reach_nobody() -> None:
    assert sys.stdlib_module_names >= OFFLINE
    for module in PACKAGE.glob("*.py"):
        roots = {name.split(".")[0] for name in imported(module.read_text())}
        assert roots <= OFFLINE | {"ctl_verify"}, module


def test_each_module_uses_only_those_named_above_it() -> None:
    text = (PACKAGE / "__init__.py").read_text()
    listed = [line.split()[0] for line in text.splitlines() if line.startswith("    ")]
    found = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__", "pack"}
    assert set(listed) == found
    for at, name in enumerate(listed):
        for used in imported((PACKAGE / f"{name}.py").read_text()):
            if used.startswith("ctl_verify."):
                assert used.split(".")[1] in listed[:at], f"{name} uses {used}"


def test_the_same_sources_give_the_same_file(program: Program, tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "ctl_verify.pack", str(tmp_path / "new" / "again.pyz")],
        check=False,
        timeout=120,
    )
    assert made.returncode == 0
    again = (tmp_path / "new" / "again.pyz").read_bytes()
    assert hashlib.sha256(again).digest() == hashlib.sha256(packed()).digest()
