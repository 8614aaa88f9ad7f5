"""A node far behind takes a snapshot from its peers: real nodes, some of which lie or die."""

import asyncio
from dataclasses import replace

import msgspec
import pytest

from ledger_node.client import ApiProblem, LedgerClient, Participant
from ledger_node.client.retries import Retries
from ledger_node.ledger.payload import check_orderable
from ledger_node.ledger.refusal import SubmissionRefused, SubmissionRule
from ledger_node.node.snapshot import joining
from ledger_node.node.snapshot.part import Snapshots
from ledger_node.storage import schema
from tests.ledger_node.api.served import registration
from tests.patience import until
from tests.union.founding import FoundedUnion
from tests.union.running import running
from tests.union.snapshots import LEDGER, NEW, agree, history, rows


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


async def never(_self: Snapshots) -> None:
    """The past stays where it is."""
    await asyncio.Event().wait()


async def test_until_the_past_is_here_it_says_so_and_orders_nothing_twice(
    union: FoundedUnion, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with history(union) as old:
        first = Participant(
            LedgerClient(old["AM"].server.url), union.id, "AM", union.registrar("AM")
        ).sign(registration("AM-ONCE"))
        async with LedgerClient(old["AM"].server.url, union.members["AM"].token) as client:
            await client.settle(first)
        monkeypatch.setattr(Snapshots, "backfill", never)
        async with running(union, NEW) as new:
            await until(lambda: new.node.running)
            token = union.members[NEW].token
            impatient = Retries(total_s=0.0)
            async with LedgerClient(new.server.url, token, retries=impatient) as client:
                status = await client.status()
                assert status.missing is not None
                assert (status.missing.first_entry, status.missing.first_height) == (2, 1)
                # The state is here, whole, and what comes from now on.
                assert (await client.object("participant/AM-ONCE")).value["id"] == "AM-ONCE"
                for question in (
                    client.entry(2),
                    client.history_page("participant/AM-ONCE"),
                    client.submission(first.id.hex()),
                    client.submit(first),
                ):
                    with pytest.raises(ApiProblem) as refused:
                        await question
                    assert refused.value.kind == "not-yet-here"
                registrar = Participant(client, union.id, NEW, union.registrar(NEW))
                view = await registrar.act(registration("KZ-1", member=NEW))
                assert (await client.entry(view.records[0].log_index)).kind == "record"
            ordering = new.node.database.latest
            with pytest.raises(SubmissionRefused) as replayed:
                check_orderable(first, union.id, ordering.tip.header.time_ms + 1, ordering)
            assert replayed.value.rule is SubmissionRule.REPLAY


async def test_a_node_that_is_a_little_behind_catches_up_in_runs(
    union: FoundedUnion, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = union.members[NEW]
    patient = msgspec.structs.replace(new.settings, snapshot_gap=1_000)
    union = replace(union, members={**union.members, NEW: replace(new, settings=patient)})
    monkeypatch.setattr(joining, "QUICKEST_BLOCK_MS", 0)
    async with history(union) as old, running(union, NEW) as fourth:
        await until(lambda: fourth.node.running)
        assert fourth.node.database.latest.tip.header.height == 0
        await until(lambda: agree(fourth.node, old["AM"].node))
        assert fourth.node.database.latest.gap is None
