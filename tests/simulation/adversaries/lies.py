"""Signing what the core would not: the liars' pen."""

from typing import TypeVar

import msgspec

from consensus.block import Block, BlockHeader, block_id
from consensus.messages import Finalize, Notarize, Nullify, Proposal, signed_bytes
from tests.simulation.member import SimulatedMember
from tests.simulation.signing import signer

V = TypeVar("V", Notarize, Nullify, Finalize)


def signed(liar: SimulatedMember, vote: V) -> V:
    """The same statement, signed by the liar."""
    committee = liar.core.committee
    signature = signer(committee, liar.index)(signed_bytes(committee.union, vote))
    return msgspec.structs.replace(vote, member=int(liar.index), signature=signature)


def proposed(liar: SimulatedMember, header: BlockHeader, payload: tuple[bytes, ...]) -> Proposal:
    """A proposal of any block."""
    name = block_id(header)
    vote = Notarize(header.epoch, header.view, header.parent_view, name, liar.index, b"")
    return Proposal(Block(header, payload), signed(liar, vote))


def nullify(liar: SimulatedMember, view: int) -> Nullify:
    """The liar gives up on a view."""
    return signed(liar, Nullify(liar.core.committee.epoch, view, liar.index, b""))
