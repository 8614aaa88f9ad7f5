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
    outcome, signers = _votes(finalization, ids[-1], header_of(run[-1])[3], roster, union)
    return Finalized(ids[0], outcome, signers)


def _votes(
    fields: list[Value], block: bytes, view: int, roster: Roster, union: bytes
) -> tuple[bytes, tuple[str, ...]]:
    """The outcome that a finalization of the block names, and who voted for it: a quorum."""
    match fields:
        case [int(epoch), int(voted), bytes(named), bytes(outcome), list(signatures)]:
            pass
        case _:
            raise Malformed("a certificate has other fields")
    if (epoch, voted, named) != (roster.epoch, view, block) or len(outcome) != 32:
        raise Malformed("the certificate is for another block")
    committee = roster.committee
    statement = b"ctl/finalize/v1\0" + encode([union, epoch, voted, named, outcome])
    signers: list[int] = []
    for each in signatures:
        match each:
            case [int(member), bytes(signature)] if _last(signers) < member < len(committee):
                pass
            case _:
                raise Malformed("votes of a certificate are not by members in ascending order")
        if not keys.verify(committee[member].consensus, statement, signature):
            raise Malformed(f"the vote of {committee[member].member} does not hold")
        signers.append(member)
    if len(signers) < roster.quorum:
        raise Malformed(f"{len(signers)} votes are no quorum")
    return outcome, tuple(committee[member].member for member in signers)


def _last(signers: list[int]) -> int:
    """The number that the next one must exceed."""
    return signers[-1] if signers else -1


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
