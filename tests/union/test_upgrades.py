"""A union changes a rule by vote, live: real nodes under load, one of which lacks the new code."""

import asyncio
import io
import logging
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from consensus.block import BlockHeader, BlockId, block_id
from consensus.messages import Notarize, Proposal
from contracts.governance.changes import ContractSetChange
from contracts.governance.records import CastVote, ProposeContractSet
from ledger_node.audit.bundle.export import export_bundle
from ledger_node.audit.bundle.refusal import BundleRefused, Step
from ledger_node.audit.bundle.selection import Everything
from ledger_node.audit.bundle.source import StaticLog, from_url
from ledger_node.audit.bundle.verify import verify_bundle
from ledger_node.contract_sets.shelf import ContractSets
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.ledger.execution import ContractSetMissing
from ledger_node.log.policy import parse_policy
from ledger_node.node.config import DataDirectory
from ledger_node.node.journal import decode_journal
from ledger_node.node.seat import NodeError
from ledger_node.storage.database import Database
from ledger_node.storage.wal import WriteAheadLog
from tests.patience import until
from tests.union.changed_rules import RULE, changed_rules, shell
from tests.union.founding import found_union
from tests.union.governing import DAY_MS, FIVE, Nodes, loaded
from tests.union.snapshots import NEW as JOINING
from tests.union.snapshots import OLD, found_four

NEW = changed_rules()
WITH_CODE = FIVE[:4]
LATE = "RU"
WATCH = "ledger_node.node.upgrades"
NOTICE = 30
"""Blocks from the proposal to the new rule: many minutes for a union with nothing else to do."""


def install(directory: DataDirectory) -> None:
    ContractSets(directory.contract_sets).keep(NEW)


async def decide(nodes: Nodes, *voters: str) -> int:
    """The first proposes the new rules, the others vote; the height from which they judge."""
    height = nodes.node("AM").database.latest.tip.header.height + NOTICE
    closes_ms = time.time_ns() // 1_000_000 + DAY_MS
    change = ContractSetChange(NEW.digest, height)
    proposed = await nodes.registrar(voters[0]).act(
        ProposeContractSet(change, "no shell companies", closes_ms)
    )
    assert proposed.accepted, proposed.rejections
    number = (await nodes.clients["AM"].object("charter/union")).value["proposals"]
    for code in voters[1:]:
        assert (await nodes.registrar(code).act(CastVote(number, True))).accepted
    return height


async def until_known(nodes: Nodes, *codes: str) -> None:
    """Until the nodes know that another contract set is coming."""
    await until(lambda: all(nodes.node(c).upgrades.coming is not None for c in codes))


async def until_height(nodes: Nodes, height: int, *codes: str) -> None:
    async def there() -> bool:
        return all(nodes.node(c).database.latest.tip.header.height >= height for c in codes)

    await until(there)


def blocks_voted_for(directory: DataDirectory) -> list[BlockHeader]:
    """Those that a stopped node's journal shows it voted to notarize."""
    journal = WriteAheadLog(directory.journal)
    journal.close()
    records = [decode_journal(payload) for payload in journal.replay.payloads]
    proposed = [record.block.header for record in records if isinstance(record, Proposal)]
    headers = {block_id(header): header for header in proposed}
    voted = [record.block for record in records if isinstance(record, Notarize)]
    return [headers[BlockId(block)] for block in voted]


async def test_a_rule_changes_by_vote_and_a_node_without_the_code_stops_until_it_has_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger=WATCH)
    union = found_union(tmp_path, *FIVE)
    late = union.members[LATE].directory
    for code in WITH_CODE:
        install(union.members[code].directory)
    async with AsyncExitStack() as stack, AsyncExitStack() as late_stack:
        nodes, late_nodes = Nodes(union, stack), Nodes(union, late_stack)
        await asyncio.gather(nodes.start(*WITH_CODE), late_nodes.start(LATE))
        before = await nodes.registrar("AM").act(shell("BEFORE"))
        assert before.accepted
        from_height = await decide(nodes, *WITH_CODE)

        # Warned of while there is time, in the log and in the status.
        await until_known(nodes, *WITH_CODE)
        await until_known(late_nodes, LATE)
        upgrade = (await late_nodes.clients[LATE].status()).upgrade
        assert upgrade is not None
        assert (upgrade.contract_set, upgrade.from_height) == (NEW.digest.hex(), from_height)
        assert not upgrade.installed
        assert "ledger-node contracts install FILE.zip" in upgrade.problem
        known = (await nodes.clients["AM"].status()).upgrade
        assert known is not None
        assert known.installed
        warnings = {
            r.getMessage() for r in caplog.records if (r.name, r.levelname) == (WATCH, "WARNING")
        }
        assert warnings == {upgrade.problem}
        assert f"needed from height {from_height}" in upgrade.problem

        # Under load the others go on, by the new rule; the late one stops before it.
        async with loaded(nodes.registrar("KG")):
            await until_height(nodes, from_height + 5, *WITH_CODE)
            status = await nodes.clients["AM"].status()
            assert status.contract_set == NEW.digest.hex()
            assert status.upgrade is None
            after = await nodes.registrar("AM").act(shell("AFTER"))
            assert [record.rule for record in after.records] == [RULE]

            stopped = late_nodes.node(LATE)

            async def it_stopped() -> bool:
                return not stopped.running

            await until(it_stopped)
            with pytest.raises(BaseExceptionGroup) as failure:
                await late_stack.aclose()
            missing = failure.value.subgroup(ContractSetMissing)
            assert missing is not None
            assert NEW.digest.hex() in str(missing.exceptions[0])
            with Database.open(late.ledger, union.id) as database:
                assert database.latest.tip.header.height == from_height - 1
            assert max(header.height for header in blocks_voted_for(late)) < from_height

            # It does not start without, and goes on with the code.
            with pytest.raises(NodeError, match="is not installed here"):
                union.node(LATE)
            install(late)
            await nodes.start(LATE)
            await until_height(nodes, from_height + 10, LATE)
        await nodes.agree(*FIVE)

        # Who comes new replays both rules to the same roots.
        behind = nodes.node(LATE).database.latest.tip
        await nodes.node("AM").checkpoints.covering(behind.tree_size)
        out = io.BytesIO()
        log = StaticLog(from_url(nodes.running["AM"].server.url))
        await asyncio.to_thread(export_bundle, log, Everything(), out)
        policy = parse_policy((await nodes.clients["AM"].policy()).encode())
    out.seek(0)
    found = await asyncio.to_thread(verify_bundle, out, policy, ContractSets(given=[NEW]))
    assert found.executed
    assert found.last.closing.contract_set == NEW.digest
    assert found.last.closing.state_root == behind.state_root
    out.seek(0)
    with pytest.raises(BundleRefused) as refused:
        await asyncio.to_thread(verify_bundle, out, policy, ContractSets())
    assert refused.value.step is Step.CONTRACTS
    assert refused.value.place.height == from_height
    assert NEW.digest.hex() in refused.value.found


async def test_a_node_that_begins_anew_replays_old_rules_and_new_ones_to_the_same_roots(
    tmp_path: Path,
) -> None:
    union = found_union(tmp_path, *FIVE[:4])
    for member in union.members.values():
        install(member.directory)
    fresh = "KZ"
    async with AsyncExitStack() as stack:
        nodes = Nodes(union, stack)
        await nodes.start("AM", "BY", "KG")
        assert (await nodes.registrar("AM").act(shell("BEFORE"))).accepted
        from_height = await decide(nodes, "AM", "BY", "KG")
        async with loaded(nodes.registrar("KG")):
            await until_height(nodes, from_height + 5, "AM")
            assert (await nodes.registrar("AM").act(shell("AFTER"))).rejections
        # KZ was never there: its node has nothing but the genesis and the two sets.
        await nodes.start(fresh)
        await nodes.agree("AM", "BY", "KG", fresh)
        ours, theirs = nodes.node(fresh).database.latest, nodes.node("AM").database.latest
        assert ours.tip.state_root == theirs.tip.state_root
        assert ours.tip.log_root == theirs.tip.log_root
        assert ours.object("participant/BEFORE") is not None
        assert ours.object("participant/AFTER") is None
    directory = union.members[fresh].directory
    kept = {path.stem for path, _ in ContractSets(directory.contract_sets).packed()}
    assert kept == {NEW.digest.hex(), installed_contracts().digest.hex()}


async def test_a_node_that_takes_a_snapshot_of_newer_rules_stops_until_it_has_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    union = found_four(tmp_path)
    for code in OLD:
        install(union.members[code].directory)
    joining = union.members[JOINING].directory
    async with AsyncExitStack() as stack, AsyncExitStack() as joining_stack:
        nodes, joined = Nodes(union, stack), Nodes(union, joining_stack)
        await nodes.start(*OLD)
        from_height = await decide(nodes, *OLD)
        async with loaded(nodes.registrar("KG")):
            await until_height(nodes, from_height + 2, "AM")
        await joined.start(JOINING)

        async def it_said_so() -> bool:
            return any(r.levelname == "CRITICAL" and r.name == WATCH for r in caplog.records)

        await until(it_said_so)
        with pytest.raises(BaseExceptionGroup) as failure:
            await joining_stack.aclose()
        with Database.open(joining.ledger, union.id) as database:
            assert database.latest.tip.header.height >= from_height, "it took the snapshot"
        assert failure.value.subgroup(ContractSetMissing) is not None
        with pytest.raises(NodeError, match="is not installed here"):
            union.node(JOINING)
        install(joining)
        await nodes.start(JOINING)
        await nodes.agree(*OLD, JOINING)


async def test_no_vote_is_cast_for_a_block_that_cannot_be_judged_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    union = found_union(tmp_path, "AM", "BY")
    async with AsyncExitStack() as stack:
        nodes = Nodes(union, stack)
        await nodes.start("AM", "BY")
        lacking = nodes.node("BY")
        monkeypatch.setattr(lacking.upgrades, "can_judge", lambda read, height: False)
        act = asyncio.create_task(nodes.registrar("AM").act(shell("ONE")))

        async def views_went_by() -> bool:
            return lacking.core.view > 4

        await until(views_went_by)
        assert lacking.database.latest.tip.header.height == 0
        assert not act.done()
        monkeypatch.undo()
        assert (await act).accepted
        await nodes.agree("AM", "BY")
        first = lacking.database.latest.block(1)
    assert first is not None
    directory = union.members["BY"].directory
    assert min(h.view for h in blocks_voted_for(directory)) == first.block.header.view
