"""A node that starts again, and peers whose clocks or links differ: neither is a fault."""

import time
from pathlib import Path

import pytest

from contracts import encode_record
from ledger_node.ledger.submission import VerifiedSubmission, build_submission
from ledger_node.node import node as node_module
from ledger_node.node.frames import GossipFrame
from ledger_node.node.mempool import Mempool, MempoolLimits
from ledger_node.node.receipts import Stage
from tests.ledger_node.api.served import registration
from tests.patience import PATIENCE_S, until
from tests.union.founding import FoundedUnion, found_union
from tests.union.running import running


def entry(union: FoundedUnion, name: str, lifetime_ms: int = 60_000) -> VerifiedSubmission:
    expiry_ms = time.time_ns() // 1_000_000 + lifetime_ms
    record = encode_record(registration(name))
    return build_submission(union.id, "AM", union.registrar("AM"), [record], expiry_ms)


async def test_a_restart_with_more_bodies_than_the_mempool_holds_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    union = found_union(tmp_path, "AM")
    node = union.node("AM")
    kept = [entry(union, f"AM-{number}") for number in range(5)]
    node.database.stage(kept)
    node.database.close()
    node._journal.close()
    small = MempoolLimits(submissions=2)
    monkeypatch.setattr(node_module, "Mempool", lambda: Mempool(small))
    async with running(union, "AM") as member:
        ledger = member.node.database

        def final() -> list[VerifiedSubmission]:
            return [each for each in kept if ledger.latest.ordered(each.id)]

        await until(lambda: len(final()) == 2)
        staged = {body.id for body in ledger.all_staged()}
        assert {each.id for each in kept} - {each.id for each in final()} <= staged


async def test_a_body_that_expired_leaves_the_disk_also_without_room_for_it_in_the_mempool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    union = found_union(tmp_path, "AM")
    node = union.node("AM")
    late, live = entry(union, "AM-1", lifetime_ms=-1), entry(union, "AM-2")
    node.database.stage([late, live])
    node.database.close()
    node._journal.close()
    monkeypatch.setattr(node_module, "Mempool", lambda: Mempool(MempoolLimits(submissions=0)))
    async with running(union, "AM") as member:
        await until(lambda: member.node.database.all_staged() == [live])


async def test_bodies_that_became_final_are_not_kept_twice(tmp_path: Path) -> None:
    union = found_union(tmp_path, "AM")
    one = entry(union, "AM-1")
    async with running(union, "AM") as member:
        await member.node.admission.submit(one.to_bytes())
        assert (await member.node.admission.final_receipt(one.id, PATIENCE_S)).stage is Stage.FINAL
        member.node.database.stage([one])
    async with running(union, "AM") as member:
        await until(lambda: member.node.running)
        assert member.node.database.all_staged() == []
        assert len(member.node.mempool) == 0


async def test_an_expired_submission_told_by_a_peer_is_dropped_without_blame(
    tmp_path: Path,
) -> None:
    union = found_union(tmp_path, "AM")
    late = entry(union, "AM-1", lifetime_ms=-1)
    far = entry(union, "AM-2", lifetime_ms=48 * 3_600_000)
    async with running(union, "AM") as member:
        for each in (late, far):
            await member.node.admission.hear(GossipFrame((each.to_bytes(),)))
            assert member.node.admission.receipt(each.id).stage is Stage.UNKNOWN
