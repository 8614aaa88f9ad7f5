"""Every command of docs/operators/join.md, run as it stands there but for its ports, on a union of
real node processes: a sixth state observes, then becomes a member."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger_node.cli.node_process import NodeProcess, free_address
from tests.ledger_node.cli.test_quickstart import BLOCK, Reader

PAGE = Path(__file__).parents[2] / "docs" / "operators" / "join.md"
DEMO = (sys.executable, "-m", "ledger_node.demo")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A directory in which a union of five was left running."""
    directory = tmp_path / "var" / "demo"
    try:
        kept = subprocess.run(
            [*DEMO, "--dir", str(directory), "--keep"],
            capture_output=True,
            text=True,
            timeout=480,
            check=False,
        )
        assert kept.returncode == 0, kept.stdout + kept.stderr
        yield tmp_path
    finally:
        subprocess.run([*DEMO, "--dir", str(directory), "--stop"], timeout=120, check=True)


def test_a_sixth_state_joins_as_the_page_says(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PAGE.read_text(encoding="utf-8")
    for address in ("127.0.0.1:8600", "7600"):
        free = free_address()
        text = text.replace(address, free if ":" in address else free.partition(":")[2])
    blocks = BLOCK.findall(text)
    at = next(number for number, (background, _) in enumerate(blocks) if background)
    reader = Reader(place)
    printed = "".join(reader.types(block) for _, block in blocks[:at])
    assert "it is proposal 1" in printed
    assert "UZ" in printed
    assert "observes; node at 127.0.0.1" in printed
    passphrase = next(line for line in reader.typed if "PASSPHRASE=" in line).partition("=")[2]
    monkeypatch.setenv("LEDGER_NODE_PASSPHRASE", passphrase.strip("'"))
    with NodeProcess(place / "uz-node"):
        joined = "".join(reader.types(block) for _, block in blocks[at + 1 :])
    assert "epoch 2, on the block at height" in joined
    assert "it is proposal 2" in joined
    assert "epoch 3, on the block at height" in joined
    assert (place / "union-3.policy").read_text().count("\nwitness ") == 6
