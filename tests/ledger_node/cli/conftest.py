"""A terminal in an empty directory, with a passphrase in its environment."""

from pathlib import Path

import pytest

from ledger_node.crypto.passphrase import ENVIRONMENT
from tests.ledger_node.cli.terminal import Terminal


@pytest.fixture
def terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(ENVIRONMENT, "correct horse")
    monkeypatch.setenv("COLUMNS", "80")
    return Terminal(capsys)
