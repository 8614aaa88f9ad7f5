"""Every step of docs/rule-authors.md, as it stands there, on a union of real node processes."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.ledger_node.cli.test_quickstart import BLOCK, Reader
from tests.union.test_join import place

__all__ = ["place"]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "rule-authors.md"
CLONE = "git clone --quiet CHECKOUT rules"
DIFF = re.compile(r"^```diff\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".*_cache", "vectors")


def test_a_rule_goes_from_a_sentence_to_a_refusal_as_the_page_says(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = PAGE.read_text(encoding="utf-8")
    blocks = [block for _, block in BLOCK.findall(text)]
    assert blocks[0].strip() == CLONE
    rules = shutil.copytree(ROOT, place / "rules", ignore=LEFT_OUT)
    diffs = DIFF.findall(text)
    assert len(diffs) == 3
    for diff in diffs:
        patched = subprocess.run(
            ["patch", "-p1"],
            input=diff,
            cwd=rules,
            capture_output=True,
            text=True,
            check=False,
        )
        assert patched.returncode == 0, (diff, patched.stdout)
    reader = Reader(place)
    printed = "".join(reader.types(block) for block in blocks[1:])
    plain = " ".join(printed.split())
    assert "RE-006" in plain
    assert " passed" in plain
    assert "+ RE-090 The name of a participant is not its id." in plain
    assert plain.count("installed ") == 5
    assert "it is proposal 1" in plain
    assert "its code is here" in plain
    assert "registry.register: accepted" in plain
    assert "REFUSED under RE-090" in plain
    assert "name: NAMELESS-2" in plain
    assert "exit code 1" in plain
    assert "all.bundle: VERIFIED" in plain
    assert "executed again from genesis, all as the log states" in plain
