"""Runs a command as a person would, and holds what came back."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger_node.cli.main import main
from tests.patience import PATIENCE_S


@dataclass(frozen=True)
class Answer:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


class Terminal:
    """Commands inside this process, their paths relative to one directory."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def run(self, *arguments: str | Path) -> Answer:
        """`ledger-node ARGUMENTS`; argparse's own exits count as exits."""
        self._capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        captured = self._capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    def fails(self, code: int, *arguments: str | Path) -> str:
        """Standard error of a command that must end with `code`, with one clear line first."""
        answer = self.run(*arguments)
        assert answer.code == code, answer
        lines = answer.err.splitlines()
        assert lines[0].startswith(("error: ", "usage: ")), answer.err
        assert "Traceback" not in answer.err
        assert answer.err.count("error: ") == 1
        return answer.err


def process(*arguments: str | Path, **environment: str) -> Answer:
    """The same as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "ledger_node.cli.main", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=PATIENCE_S,
        check=False,
        env=os.environ | environment,
    )
    return Answer(done.returncode, done.stdout, done.stderr)
