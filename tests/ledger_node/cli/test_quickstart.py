"""Every command of docs/operators/quickstart.md, run as it stands there but for its ports."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ledger_node.cli.node_process import NodeProcess, free_address
from tests.patience import PATIENCE_S

PAGE = Path(__file__).parents[3] / "docs" / "operators" / "quickstart.md"
BLOCK = re.compile(r"^```sh( background)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = "ledger-node run --data am-node"


class Reader:
    """Someone who types what the page says into one terminal, in an empty directory."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.typed: list[str] = []

    def types(self, block: str) -> str:
        """What the block prints. It must succeed, line by line."""
        programs = Path(sys.executable).parent
        exports = "\n".join(line for line in self.typed if line.startswith("export "))
        script = f"set -eu\nPATH={programs}:$PATH\n{exports}\n{block}"
        self.typed += block.splitlines()
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.place,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, (block, done.stdout, done.stderr)
        return done.stdout


def test_a_newcomer_gets_from_nothing_to_a_proof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = PAGE.read_text(encoding="utf-8")
    for address in ("127.0.0.1:8443", "7000"):
        free = free_address()
        text = text.replace(address, free if ":" in address else free.partition(":")[2])
    blocks = BLOCK.findall(text)
    at = next(number for number, (background, _) in enumerate(blocks) if background)
    assert [block.strip() for background, block in blocks if background] == [RUN]
    reader = Reader(tmp_path)
    for _, block in blocks[:at]:
        reader.types(block)
    passphrase = next(line for line in reader.typed if "PASSPHRASE=" in line).partition("=")[2]
    monkeypatch.setenv("LEDGER_NODE_PASSPHRASE", passphrase.strip("'"))
    with NodeProcess(tmp_path / "am-node"):
        printed = "".join(reader.types(block) for _, block in blocks[at + 1 :])
    assert "AM's node of Trial union: ready" in printed
    assert "registry.register: accepted, log entry" in printed
    assert "REFUSED under RE-006" in printed
    assert "exit code 1" in printed
    assert "registration.tlog-proof: PROVEN: registry.register, accepted" in printed
    assert printed.rstrip().endswith("1 of 1 proven")


def test_every_exit_code_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"\n| {code} | " in text for code in (0, 1, 2, 3, 4, 5, 130))
