"""Fixtures of the whole-system tests."""

from pathlib import Path

import pytest

from tests.union.founding import FoundedUnion
from tests.union.snapshots import found_four


@pytest.fixture
def union(tmp_path: Path) -> FoundedUnion:
    """Of four, the last of which takes a snapshot when it is a few blocks behind."""
    return found_four(tmp_path)
