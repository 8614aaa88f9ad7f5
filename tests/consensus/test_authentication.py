"""What `authenticate` refuses, each thing with a reason that names it."""

import msgspec
import pytest

from consensus.authentication import Authenticated, authenticate
from consensus.block import Block, Member, View, payload_root
from consensus.messages import (
    FETCH_LIMIT,
    BlockReply,
    Fetch,
    FinalisedRun,
    Message,
    MessageRefused,
)
from tests.consensus.builders import Sayings, submission
from tests.simulation.signing import Verifier, committee_of

COMMITTEE = committee_of(4, 7)
SAY = Sayings(COMMITTEE)
BLOCK = SAY.block(1, payload=[submission(1)])
CHILD = SAY.block(2, BLOCK)
replace = msgspec.structs.replace


def check(message: Message) -> Authenticated[Message]:
    return authenticate(message, Member(0), COMMITTEE, Verifier(COMMITTEE))


def with_header(block: Block, **changes: object) -> Block:
    return Block(replace(block.header, **changes), block.payload)


@pytest.mark.parametrize(
    "message",
    [
        SAY.notarize(1, BLOCK),
        SAY.nullify(1, 5),
        SAY.finalize(1, BLOCK),
        SAY.notarization(BLOCK),
        SAY.nullification(5),
        SAY.finalization(BLOCK),
        SAY.proposal(BLOCK),
        Fetch(0, (bytes(32),), (1,)),
        BlockReply(BLOCK),
        FinalisedRun((BLOCK, CHILD), SAY.finalization(CHILD)),
    ],
    ids=lambda m: type(m).__name__,
)
def test_what_correct_members_say_is_believed(message: Message) -> None:
    assert check(message).message == message


REFUSED: dict[str, tuple[Message, str]] = {
    "vote of another epoch": (replace(SAY.nullify(1, 5), epoch=2), "epoch 2 is not ours"),
    "vote for view 0": (SAY.nullify(1, 0), "view is below 1"),
    "vote of a stranger": (replace(SAY.nullify(1, 5), member=4), "not in the committee"),
    "vote of a negative member": (replace(SAY.nullify(1, 5), member=-1), "not in the committee"),
    "short signature": (replace(SAY.nullify(1, 5), signature=bytes(63)), "not 64 bytes"),
    "wrong signature": (replace(SAY.nullify(1, 5), signature=bytes(64)), "does not verify"),
    "another's signature": (replace(SAY.nullify(1, 5), member=2), "does not verify"),
    "signature for another view": (replace(SAY.nullify(1, 5), view=6), "does not verify"),
    "short block id": (replace(SAY.notarize(1, BLOCK), block=bytes(31)), "block id"),
    "short outcome": (replace(SAY.finalize(1, BLOCK), outcome=bytes(31)), "outcome digest"),
    "parent view not below": (replace(SAY.notarize(1, BLOCK), parent_view=1), "parent view"),
    "certificate below a quorum": (
        replace(SAY.nullification(5), signatures=SAY.nullification(5).signatures[:2]),
        "fewer signatures than a quorum",
    ),
    "certificate with one signer twice": (
        replace(SAY.nullification(5), signatures=(SAY.nullification(5).signatures[0],) * 3),
        "ascending member order",
    ),
    "certificate out of order": (
        replace(SAY.nullification(5), signatures=SAY.nullification(5).signatures[::-1]),
        "ascending member order",
    ),
    "certificate signed by a stranger": (
        replace(
            SAY.nullification(5),
            signatures=(*SAY.nullification(5).signatures[:2], (9, bytes(64))),
        ),
        "signed by a stranger",
    ),
    "certificate with one bad signature": (
        replace(
            SAY.nullification(5),
            signatures=(*SAY.nullification(5).signatures[:2], (2, bytes(64))),
        ),
        "does not verify",
    ),
    "certificate of votes for something else": (
        replace(SAY.finalization(BLOCK), outcome=bytes(32)),
        "does not verify",
    ),
    "block of another union": (
        BlockReply(with_header(BLOCK, union=bytes(32))),
        "another union",
    ),
    "block of another epoch": (BlockReply(with_header(BLOCK, epoch=2)), "epoch 2"),
    "block at height 0": (BlockReply(with_header(BLOCK, height=0)), "height is below 1"),
    "block by another than the leader": (
        BlockReply(with_header(BLOCK, proposer=COMMITTEE.leader(View(2)))),
        "does not lead this view",
    ),
    "block with another payload": (
        BlockReply(Block(BLOCK.header, (submission(2),))),
        "payload root differs",
    ),
    "block with a short submission id": (
        BlockReply(
            Block(replace(BLOCK.header, payload_root=payload_root((b"x",))), (b"x",)),
        ),
        "submission id is not 32 bytes",
    ),
    "proposal signed by a follower": (
        replace(SAY.proposal(BLOCK), notarize=SAY.notarize(COMMITTEE.leader(View(2)), BLOCK)),
        "signed by another than its proposer",
    ),
    "proposal with a vote for another block": (
        replace(
            SAY.proposal(BLOCK),
            notarize=replace(SAY.proposal(BLOCK).notarize, block=bytes(32)),
        ),
        "vote is for another block",
    ),
    "proposal with a vote for another view": (
        replace(
            SAY.proposal(BLOCK),
            notarize=replace(SAY.proposal(BLOCK).notarize, view=5),
        ),
        "vote is for another view",
    ),
    "fetch of too many blocks": (
        Fetch(-1, (bytes(32),) * (FETCH_LIMIT + 1), ()),
        "too many blocks",
    ),
    "fetch of too many views": (Fetch(-1, (), (1,) * (FETCH_LIMIT + 1)), "too many views"),
    "fetch above a negative height": (Fetch(-2, (), ()), "height is below -1"),
    "fetch of view 0": (Fetch(-1, (), (0,)), "view is below 1"),
    "fetch of a short id": (Fetch(-1, (b"x",), ()), "block id"),
    "run of no block": (FinalisedRun((), SAY.finalization(BLOCK)), "holds no block"),
    "run that does not chain": (
        FinalisedRun((SAY.block(1), CHILD), SAY.finalization(CHILD)),
        "blocks do not chain",
    ),
    "run certified for another block": (
        FinalisedRun((BLOCK,), SAY.finalization(CHILD)),
        "certificate is for another block",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_this_is_refused(name: str) -> None:
    message, reason = REFUSED[name]
    with pytest.raises(MessageRefused, match=reason):
        check(message)


def test_a_vote_for_another_union_does_not_verify() -> None:
    elsewhere = Sayings(committee_of(4, 8))
    with pytest.raises(MessageRefused, match="does not verify"):
        check(elsewhere.nullify(1, 5))
