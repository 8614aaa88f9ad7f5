"""The node that the tests of the API ask."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.ledger_node.api.served import Served, served


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path) as running:
        yield running
