"""A snapshot of a later epoch: the node learns from the genesis on, step by step, who may vote."""

from contextlib import AsyncExitStack

import msgspec
import pytest

from contracts.governance.changes import EpochChange
from ledger_node.codec import decode, encode
from ledger_node.genesis.lineage import EpochStep
from ledger_node.node.node import Node
from ledger_node.node.snapshot.forms import SnapshotRefused
from ledger_node.node.snapshot.rosters import Rosters
from ledger_node.storage import schema
from tests.patience import until
from tests.union.founding import FoundedUnion
from tests.union.governing import Nodes, document
from tests.union.snapshots import GAP, LEDGER, NEW, OLD, agree, rows


async def in_epoch(nodes: Nodes, epoch: int) -> None:
    """Three of four decide, again and again, to go on as they are."""
    for following in range(2, epoch + 1):
        roster = nodes.node("AM").seat.roster
        members = list(nodes.union.members.values())
        await nodes.decide(EpochChange((), (), document(roster, members)), OLD)
        await nodes.until_epoch(following, *OLD)


async def test_a_member_that_missed_two_epochs_follows_their_ends(union: FoundedUnion) -> None:
    async with AsyncExitStack() as stack:
        nodes = Nodes(union, stack)
        await nodes.start(*OLD)
        await in_epoch(nodes, 3)
        old = nodes.node("AM")
        assert old.database.latest.tip.header.height > GAP
        await nodes.start(NEW)
        new = nodes.node(NEW)
        await until(lambda: new.running)
        assert new.seat.roster == old.seat.roster
        assert new.seat.roster.epoch == 3
        await until(lambda: new.database.latest.gap is None)
        await until(lambda: agree(new, old))
        assert rows(new, *LEDGER, schema.EPOCH) == rows(old, *LEDGER, schema.EPOCH)
        await refuses_what_is_no_end(union, old)


async def refuses_what_is_no_end(union: FoundedUnion, old: Node) -> None:
    first, second = (old.database.latest.epoch_step(epoch) for epoch in (1, 2))
    assert first is not None
    assert second is not None
    step = decode(EpochStep, first)
    later = decode(EpochStep, second)
    for wrong, reason in (
        (second, "epoch 2 is not ours"),
        (encode(msgspec.structs.replace(step, certificate=later.certificate)), "another block"),
        (encode(msgspec.structs.replace(step, state_root=later.state_root)), "roots"),
        (encode(msgspec.structs.replace(step, charter=later.charter)), "root"),
        (encode(msgspec.structs.replace(step, document=step.charter)), "not for"),
        (first[:-1], "epoch step"),
    ):
        with pytest.raises(SnapshotRefused, match=reason):
            Rosters(union.founding).follow(wrong)
    rosters = Rosters(union.founding)
    rosters.follow(first)
    rosters.follow(second)
    assert rosters.of(3) == old.seat.roster
