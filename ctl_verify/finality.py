"""Blocks, and the certificates by which a quorum made them final.

Sources: docs/formats.md, "Block" and "Policy history"; docs/consensus/protocol.md.
"""

from dataclasses import dataclass
from hashlib import sha256

from ctl_verify import keys
from ctl_verify.canonical import Value, decode, encode, tagged_digest
from ctl_verify.refusal import Malformed
from ctl_verify.union import Roster


@dataclass(frozen=True)
class Votes:
    """Finalize votes. signatures: by the member's number in the committee, ascending."""

    epoch: int
    view: int
    block: bytes
    outcome: bytes
    signatures: dict[int, bytes]


@dataclass(frozen=True)
class Finalized:
    """A block that a quorum finalized, with what outcome. signers: codes, of the votes."""

    block: bytes
    outcome: bytes
    signers: tuple[str, ...]


def check_final(block: list[Value], certificate: bytes, roster: Roster, union: bytes) -> Finalized:
    """The block, finalized by a quorum, or with it empty blocks above it. Raises Malformed."""
    match decode(certificate):
        case [6, *finalization]:
            above: list[list[Value]] = []
        case [10, list(blocks), [6, *finalization]]:
            above = [each for each in blocks if isinstance(each, list)]
            if len(above) != len(blocks) or any(len(each) != 2 or each[1] for each in above):
                raise Malformed("the certificate is for a later block that orders something")
        case _:
            raise Malformed("the certificate finalizes nothing")
    run = [block, *above]
    ids = [_checked_block(each, roster, union) for each in run]
    for at, each in enumerate(run[1:]):
        below = header_of(run[at])
        if header_of(each)[5] != ids[at] or header_of(each)[2] != below[2] + 1:
            raise Malformed("blocks of the certificate do not follow each other")
    votes = read_votes(finalization)
    if (votes.view, votes.block) != (header_of(run[-1])[3], ids[-1]):
        raise Malformed("the certificate is for another block")
    check_votes(votes, roster, union)
    committee = roster.committee
    signers = tuple(committee[member].member for member in votes.signatures)
    return Finalized(ids[0], votes.outcome, signers)


def read_votes(fields: list[Value]) -> Votes:
    """Finalize votes, of the fields after a finalization's tag, unchecked. Raises Malformed."""
    match fields:
        case [int(epoch), int(view), bytes(block), bytes(outcome), list(signatures)]:
            pass
        case _:
            raise Malformed("a certificate has other fields")
    found: dict[int, bytes] = {}
    for each in signatures:
        match each:
            case [int(member), bytes(signature)] if _last(found) < member:
                found[member] = signature
            case _:
                raise Malformed("votes of a certificate are not by members in ascending order")
    return Votes(epoch, view, block, outcome, found)


def check_votes(votes: Votes, roster: Roster, union: bytes) -> None:
    """A quorum of the epoch's committee cast them. Raises Malformed."""
    if votes.epoch != roster.epoch or len(votes.outcome) != 32:
        raise Malformed("the certificate is of another epoch, or its outcome is no digest")
    committee = roster.committee
    if _last(votes.signatures) >= len(committee):
        raise Malformed("a vote of a certificate is by nobody in the committee")
    if len(votes.signatures) < roster.quorum:
        raise Malformed(f"{len(votes.signatures)} votes are no quorum")
    named: list[Value] = [union, votes.epoch, votes.view, votes.block, votes.outcome]
    statement = b"ctl/finalize/v1\0" + encode(named)
    for member, signature in votes.signatures.items():
        if not keys.verify(committee[member].consensus, statement, signature):
            raise Malformed(f"the vote of {committee[member].member} does not hold")


def _last(found: dict[int, bytes]) -> int:
    """The number that the next one must exceed."""
    return next(reversed(found), -1)


def leader(union: bytes, epoch: int, view: int, members: int) -> int:
    """The member whose proposal counts in a view."""
    seed = b"ctl/rotation/v1\0" + union + epoch.to_bytes(8)
    rotation = sorted(range(members), key=lambda n: sha256(seed + n.to_bytes(4)).digest())
    return rotation[view % members]


def header_of(block: list[Value]) -> tuple[bytes, int, int, int, int, bytes, int, int, bytes]:
    """union, epoch, height, view, parent view, parent, time, proposer, payload root."""
    match block:
        case [
            [
                bytes(union),
                int(epoch),
                int(height),
                int(view),
                int(parent_view),
                bytes(parent),
                int(time_ms),
                int(proposer),
                bytes(payload_root),
            ],
            list(),
        ]:
            return union, epoch, height, view, parent_view, parent, time_ms, proposer, payload_root
        case _:
            raise Malformed("a block has other fields")


def _checked_block(block: list[Value], roster: Roster, union: bytes) -> bytes:
    """The id of a block that is well formed. Raises Malformed."""
    header = header_of(block)
    of_union, epoch, height, view, parent_view, parent, _, proposer, payload_root = header
    payload = block[1]
    ids = [each for each in payload if isinstance(each, bytes)] if isinstance(payload, list) else []
    if (of_union, epoch) != (union, roster.epoch) or payload != ids:
        raise Malformed("a block is of another union or epoch, or holds no ids")
    if view < 1 or not 0 <= parent_view < view or height < 1 or len(parent) != 32:
        raise Malformed("a block's place is not what it must be")
    if any(len(each) != 32 for each in ids) or payload_root != tagged_digest(
        "payload", b"".join(ids)
    ):
        raise Malformed("a block's payload root differs")
    if proposer != leader(union, epoch, view, len(roster.committee)):
        raise Malformed("a block's proposer does not lead its view")
    return tagged_digest("block", encode(list(header)))
