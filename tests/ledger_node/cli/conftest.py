"""A terminal in an empty directory, and one in a directory where a union was just founded.

Making a member's keys costs a second of scrypt, so the ceremony is held once, and its files are
copied to each test that starts from them.
"""

import shutil
from pathlib import Path

import pytest

from ledger_node.crypto.passphrase import ENVIRONMENT
from tests.ledger_node.cli import ceremony
from tests.ledger_node.cli.terminal import Terminal

PASSPHRASE = "correct horse"


@pytest.fixture
def terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(ENVIRONMENT, PASSPHRASE)
    monkeypatch.setenv("COLUMNS", "80")
    return Terminal(capsys)


@pytest.fixture(scope="session")
def founding(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with AM-keys, AM.card and a signed genesis.json of a union of one."""
    place = tmp_path_factory.mktemp("founding")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setenv(ENVIRONMENT, PASSPHRASE)
        ceremony.found("AM")
    return place


@pytest.fixture
def founded(terminal: Terminal, founding: Path, tmp_path: Path) -> Terminal:
    """A terminal where the files of `founding` lie."""
    shutil.copytree(founding, tmp_path, dirs_exist_ok=True)
    return terminal
