"""From bytes of a peer to a message the core may believe: structure, then signatures.

The core takes only `Authenticated` messages, and only `authenticate` makes them. Signature checks
are handed to a function of the shell, which runs them in threads and may skip those it made
before; the criterion is the shell's one library (docs/decisions/0003).
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from consensus.block import ID_SIZE, Block, Member, View, block_id, payload_root
from consensus.committee import Committee
from consensus.messages import (
    FETCH_LIMIT,
    SIGNATURE_SIZE,
    BlockReply,
    Certificate,
    Fetch,
    FinalisedRun,
    Finalization,
    Finalize,
    Message,
    MessageRefused,
    Notarization,
    Notarize,
    Nullification,
    Nullify,
    Proposal,
    Vote,
    signed_bytes,
)

M = TypeVar("M", bound=Message)
M_co = TypeVar("M_co", bound=Message, covariant=True)


class Claim(msgspec.Struct, frozen=True):
    """ "`member` signed `statement`", to be checked with the member's consensus key."""

    member: Member
    statement: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Authenticated(Generic[M_co]):
    """A well-formed message whose every signature was checked. `sender` is the link's peer."""

    sender: Member
    message: M_co


def claims(message: Message, committee: Committee) -> tuple[Claim, ...]:
    """The signatures `message` stands on, after checking everything about it but those.

    Raises MessageRefused naming the first thing that is wrong.
    """
    match message:
        case Notarize() | Nullify() | Finalize():
            return (_vote_claim(message, committee),)
        case Notarization() | Nullification() | Finalization():
            return _certificate_claims(message, committee)
        case Proposal():
            return _proposal_claims(message, committee)
        case Fetch():
            _check_fetch(message)
            return ()
        case BlockReply():
            _check_block(message.block, committee)
            return ()
        case FinalisedRun():
            return _run_claims(message, committee)


def authenticate(
    message: M,
    sender: Member,
    committee: Committee,
    verify: Callable[[Sequence[Claim]], bool],
) -> Authenticated[M]:
    """The believable form of a message. Raises MessageRefused: malformed or a signature is bad."""
    if not verify(claims(message, committee)):
        raise MessageRefused(f"{type(message).__name__}: a signature does not verify")
    return Authenticated(sender, message)


def _require(condition: bool, message: object, reason: str) -> None:
    if not condition:
        raise MessageRefused(f"{type(message).__name__}: {reason}")


def _check_position(message: Vote | Certificate, committee: Committee) -> None:
    _require(message.epoch == committee.epoch, message, f"epoch {message.epoch} is not ours")
    _require(message.view >= 1, message, "view is below 1")
    if isinstance(message, Notarize | Notarization):
        _require(0 <= message.parent_view < message.view, message, "parent view is out of order")
    if not isinstance(message, Nullify | Nullification):
        _require(len(message.block) == ID_SIZE, message, "block id is not 32 bytes")
    if isinstance(message, Finalize | Finalization):
        _require(len(message.outcome) == ID_SIZE, message, "outcome digest is not 32 bytes")


def _vote_claim(vote: Vote, committee: Committee) -> Claim:
    _check_position(vote, committee)
    _require(vote.member in committee, vote, f"member {vote.member} is not in the committee")
    _require(len(vote.signature) == SIGNATURE_SIZE, vote, "signature is not 64 bytes")
    return Claim(Member(vote.member), signed_bytes(committee.union, vote), vote.signature)


def _certificate_claims(certificate: Certificate, committee: Committee) -> tuple[Claim, ...]:
    _check_position(certificate, committee)
    members = [member for member, _ in certificate.signatures]
    _require(
        all(a < b for a, b in itertools.pairwise(members)),
        certificate,
        "signatures are not in ascending member order",
    )
    _require(all(m in committee for m in members), certificate, "signed by a stranger")
    _require(len(members) >= committee.quorum, certificate, "fewer signatures than a quorum")
    _require(
        all(len(signature) == SIGNATURE_SIZE for _, signature in certificate.signatures),
        certificate,
        "signature is not 64 bytes",
    )
    statement = signed_bytes(committee.union, certificate)
    return tuple(Claim(Member(m), statement, s) for m, s in certificate.signatures)


def _check_block(block: Block, committee: Committee) -> None:
    header = block.header
    _require(header.union == committee.union, block, "made for another union")
    _require(header.epoch == committee.epoch, block, f"epoch {header.epoch} is not ours")
    _require(header.view >= 1, block, "view is below 1")
    _require(0 <= header.parent_view < header.view, block, "parent view is out of order")
    _require(len(header.parent) == ID_SIZE, block, "parent id is not 32 bytes")
    _require(header.height >= 1, block, "height is below 1")
    _require(all(len(i) == ID_SIZE for i in block.payload), block, "submission id is not 32 bytes")
    _require(header.payload_root == payload_root(block.payload), block, "payload root differs")
    _require(
        header.proposer == committee.leader(View(header.view)),
        block,
        "proposer does not lead this view",
    )


def _proposal_claims(proposal: Proposal, committee: Committee) -> tuple[Claim, ...]:
    header, vote = proposal.block.header, proposal.notarize
    _check_block(proposal.block, committee)
    _require(vote.member == header.proposer, proposal, "signed by another than its proposer")
    _require(vote.view == header.view, proposal, "vote is for another view")
    _require(vote.parent_view == header.parent_view, proposal, "vote has another parent view")
    _require(vote.block == block_id(header), proposal, "vote is for another block")
    return (_vote_claim(vote, committee),)


def _check_fetch(fetch: Fetch) -> None:
    _require(fetch.after_height >= -1, fetch, "height is below -1")
    _require(len(fetch.blocks) <= FETCH_LIMIT, fetch, "asks for too many blocks")
    _require(len(fetch.views) <= FETCH_LIMIT, fetch, "asks for too many views")
    _require(all(len(i) == ID_SIZE for i in fetch.blocks), fetch, "block id is not 32 bytes")
    _require(all(v >= 1 for v in fetch.views), fetch, "view is below 1")


def _run_claims(run: FinalisedRun, committee: Committee) -> tuple[Claim, ...]:
    _require(len(run.blocks) >= 1, run, "holds no block")
    for block in run.blocks:
        _check_block(block, committee)
    for parent, child in itertools.pairwise(run.blocks):
        _require(child.header.parent == block_id(parent.header), run, "blocks do not chain")
        _require(child.header.height == parent.header.height + 1, run, "heights have a gap")
    last = run.blocks[-1].header
    _require(run.finalization.block == block_id(last), run, "certificate is for another block")
    _require(run.finalization.view == last.view, run, "certificate is for another view")
    return _certificate_claims(run.finalization, committee)
