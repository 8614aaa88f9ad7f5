"""What makes a block final, in the form in which nodes keep it and show it to others.

A finalization names the block and the outcome of executing it, and is signed by a quorum of its
epoch's committee. The last block of an epoch may have become final by empty blocks above it, which
nobody executes and whose outcome is its own (docs/decisions/0008): they are kept with it.
Source: consensus/messages.py; docs/consensus/protocol.md, "Epochs".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from consensus.authentication import Claim, claims
from consensus.block import Block
from consensus.committee import Committee
from consensus.messages import (
    FinalisedRun,
    Finalization,
    MessageRefused,
    decode_message,
    encode_message,
)
from ledger_node.crypto.signatures import verify

CheckClaims = Callable[[Sequence[Claim]], bool]
"""Whether every claim's signature holds under its member's key in a committee."""


@dataclass(frozen=True, slots=True)
class Certified:
    """What makes a block final. beyond: empty blocks that carried an epoch's last one."""

    finalization: Finalization
    beyond: tuple[Block, ...] = ()


def certificate_bytes(finalization: Finalization, beyond: tuple[Block, ...]) -> bytes:
    """The form in which it is kept."""
    return encode_message(FinalisedRun(beyond, finalization) if beyond else finalization)


def certified(data: bytes) -> Certified:
    """What `certificate_bytes` wrote, unchecked. Raises MessageRefused for anything else."""
    message = decode_message(data)
    match message:
        case Finalization():
            return Certified(message)
        case FinalisedRun():
            return Certified(message.finalization, message.blocks)
        case _:
            raise MessageRefused(f"a {type(message).__name__} finalises nothing")


def check_final(
    block: Block, certificate: bytes, committee: Committee, check: CheckClaims
) -> Certified:
    """The finalization by which a quorum made `block` final, itself or by empty blocks above it.

    Raises MessageRefused.
    """
    proof = certified(certificate)
    if any(each.payload for each in proof.beyond):
        raise MessageRefused("it is for a later block that orders something")
    run = FinalisedRun((block, *proof.beyond), proof.finalization)
    if not check(claims(run, committee)):
        raise MessageRefused("a signature does not verify")
    return proof


def checker(committee: Committee) -> CheckClaims:
    """The check that looks each signature up under its member's key, every time."""

    def check(made: Sequence[Claim]) -> bool:
        return all(verify(committee.keys[c.member], c.statement, c.signature) for c in made)

    return check
