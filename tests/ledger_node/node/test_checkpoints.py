"""Checkpoints over the change of an epoch: what came early counts, what came late does not."""

import asyncio

from ledger_node.log.checkpoint import Checkpoint
from ledger_node.log.cosignature import cosign
from ledger_node.log.policy import Policy
from ledger_node.node.checkpoints import CheckpointKeys, Checkpoints
from ledger_node.node.frames import CosignatureFrame
from ledger_node.node.witnesses import OutsideWitnesses, WitnessPlace
from tests.ledger_node.log.sample_union import (
    MEMBERS,
    SampleLog,
    StoredTiles,
    cosigner_key,
    log_key,
    policy,
    signer,
)
from tests.patience import PATIENCE_S, until

TIME = 1_790_000_000
HEAD, NEXT = SampleLog(7).checkpoint(), SampleLog(8).checkpoint()


def keys(epoch: int, rules: Policy | None = None) -> CheckpointKeys:
    """AM's."""
    return CheckpointKeys(
        epoch,
        rules or policy(),
        (log_key("AM"), signer("log AM")),
        (cosigner_key("AM"), signer("cosigner AM")),
    )


def cosignature(member: str, epoch: int, head: Checkpoint = HEAD) -> CosignatureFrame:
    line = cosign(head, cosigner_key(member), signer(f"cosigner {member}"), TIME)
    return CosignatureFrame(epoch, head.size, head.root, line.signature)


class Published:
    """AM's checkpoints in epoch 1, and the size of the newest published."""

    def __init__(self, witnesses: OutsideWitnesses | None = None) -> None:
        nobody = OutsideWitnesses([], StoredTiles, None)
        self.of = Checkpoints("AM", keys(1), lambda _: None, witnesses or nobody)

    @property
    def sizes(self) -> list[int]:
        latest = self.of.latest
        return [] if latest is None else [latest.checkpoint.size]

    def hears(self, *members: str, epoch: int) -> None:
        for member in members:
            assert self.of.hear(member, cosignature(member, epoch)) is None


def test_cosignatures_by_members_that_are_in_the_next_epoch_count_when_it_begins() -> None:
    found = Published()
    found.of.head_is_final(HEAD, TIME)
    found.hears("BY", "KZ", "KG", epoch=2)
    assert found.sizes == []
    found.of.begin_epoch(keys(2))
    found.of.head_is_final(HEAD, TIME)
    assert found.sizes == [HEAD.size]


def test_one_member_holds_no_more_than_its_newest_for_an_epoch_to_come() -> None:
    found = Published()
    for epoch in range(2, 1000):
        found.hears("BY", epoch=epoch)
    found.of.begin_epoch(keys(2))
    found.of.head_is_final(HEAD, TIME)
    found.hears("KZ", "KG", epoch=2)
    assert found.sizes == []
    found.hears("BY", epoch=2)
    assert found.sizes == [HEAD.size]


def test_cosignatures_of_the_epoch_before_count_no_more() -> None:
    found = Published()
    found.of.begin_epoch(keys(2))
    found.of.head_is_final(HEAD, TIME)
    found.hears("BY", "KZ", "KG", "RU", epoch=1)
    assert found.sizes == []


def test_who_is_no_member_of_the_epoch_cosigns_nothing() -> None:
    found = Published()
    four = MEMBERS[:4]
    found.hears("RU", epoch=2)
    found.of.begin_epoch(keys(2, policy(3, four)))
    found.of.head_is_final(HEAD, TIME)
    found.hears("BY", epoch=2)
    assert found.sizes == []
    found.hears("KZ", epoch=2)
    assert found.sizes == [HEAD.size]


async def test_who_waits_for_a_checkpoint_goes_on_waiting_in_the_next_epoch() -> None:
    found = Published()
    found.of.head_is_final(HEAD, TIME)
    waiting = asyncio.create_task(found.of.covering(HEAD.size))
    await asyncio.sleep(0)
    found.of.begin_epoch(keys(2))
    assert found.of.latest is None
    found.of.head_is_final(HEAD, TIME)
    found.hears("BY", "KZ", "KG", epoch=2)
    async with asyncio.timeout(PATIENCE_S):
        assert (await waiting).checkpoint == HEAD


async def test_what_outside_witnesses_are_too_late_with_is_not_published() -> None:
    """They are asked for the last head of an epoch, and answer in the next."""
    asked, answer = asyncio.Event(), asyncio.Event()

    async def post(url: str, body: bytes) -> tuple[int, bytes]:
        asked.set()
        await answer.wait()
        raise OSError("unreachable")

    place = WitnessPlace(cosigner_key("outsider"), "https://w.example")
    witnesses = OutsideWitnesses([place], StoredTiles, post)
    found = Published(witnesses)
    serving = asyncio.create_task(witnesses.run())
    found.of.head_is_final(HEAD, TIME)
    found.hears("BY", "KZ", "KG", epoch=1)
    await until(asked.is_set)
    found.of.begin_epoch(keys(2))
    found.of.head_is_final(NEXT, TIME)
    for member in ("BY", "KZ", "KG"):
        assert found.of.hear(member, cosignature(member, 2, NEXT)) is None
    answer.set()
    await until(lambda: NEXT.size in found.sizes)
    assert found.sizes == [NEXT.size]
    serving.cancel()
