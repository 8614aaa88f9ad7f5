"""Final blocks for a member that is behind: as many at a time as one frame carries well.

Every run ends with a certificate, so the receiver needs no trust: it checks the chain back to its
own head, executes, and compares the outcome with what the certificate says.
"""

from typing import Final

from consensus.block import Block
from consensus.messages import FinalisedRun, Finalization, decode_message
from ledger_node.storage.snapshot import Snapshot

RUN_BLOCKS: Final = 32
"""Blocks after which a run ends at the next certificate."""


def finalised_run(snapshot: Snapshot, after_height: int) -> FinalisedRun | None:
    """The blocks above `after_height` up to a certificate; None if there is none above it."""
    end: tuple[int, bytes] | None = None
    found = snapshot.certificate_from(after_height + 1)
    while found is not None:
        end = found
        if end[0] >= after_height + RUN_BLOCKS:
            break
        found = snapshot.certificate_from(end[0] + 1)
    if end is None:
        return None
    height, certificate = end
    blocks: list[Block] = []
    for final in snapshot.blocks(after_height):
        blocks.append(final.block)
        if final.block.header.height == height:
            break
    finalization = decode_message(certificate)
    assert isinstance(finalization, Finalization), "certificates in the database finalise"
    return FinalisedRun(tuple(blocks), finalization)
