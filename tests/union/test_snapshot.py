"""A node far behind takes a snapshot from its peers: real nodes, some of which lie or die."""

import pytest

from ledger_node.client import LedgerClient, Participant
from ledger_node.storage import schema
from tests.ledger_node.api.served import registration
from tests.union.founding import FoundedUnion
from tests.union.running import running
from tests.union.snapshots import LEDGER, NEW, agree, history, rows, until


async def test_a_member_that_starts_from_nothing_ends_with_the_same_ledger(
    union: FoundedUnion, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with history(union) as old, running(union, NEW) as new:
        await until(lambda: new.node.running)
        assert "snapshot taken" in caplog.text
        await until(lambda: new.node.database.latest.gap is None)
        await until(lambda: agree(new.node, old["AM"].node))
        assert rows(new.node, *LEDGER) == rows(old["AM"].node, *LEDGER)
        assert (
            rows(new.node, schema.CERTIFICATE).keys()
            <= rows(old["AM"].node, schema.CERTIFICATE).keys()
            | rows(old["BY"].node, schema.CERTIFICATE).keys()
        )


async def test_it_takes_part_from_there_on(union: FoundedUnion) -> None:
    async with history(union) as old, running(union, NEW) as new:
        await until(lambda: new.node.running)
        async with LedgerClient(new.server.url, union.members[NEW].token) as client:
            registrar = Participant(client, union.id, NEW, union.registrar(NEW))
            for number in range(3):
                view = await registrar.act(registration(f"KZ-{number}", member=NEW))
                assert view.accepted
        await until(lambda: agree(new.node, old["BY"].node))
