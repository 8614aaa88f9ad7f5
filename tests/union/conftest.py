"""Fixtures of the whole-system tests."""

from pathlib import Path

import pytest

from ledger_node.node.snapshot import joining, part
from tests.patience import PATIENCE_S
from tests.union.founding import FoundedUnion
from tests.union.givers import Questions
from tests.union.snapshots import found_four


@pytest.fixture
def union(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FoundedUnion:
    """Of four, the last of which takes a snapshot when it is a few blocks behind.

    It waits for its peers as long as the test does: what is tested is what they say.
    """
    monkeypatch.setattr(joining, "PATIENCE_S", PATIENCE_S)
    monkeypatch.setattr(part, "Exchange", Questions)
    return found_four(tmp_path)
