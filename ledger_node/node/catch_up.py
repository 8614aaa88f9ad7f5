"""Final blocks for a member that is behind: as many at a time as one frame carries well.

Every run ends with a certificate, so the receiver needs no trust: it checks the chain back to its
own head, executes, and compares the outcome with what the certificate says.
"""

from typing import Final

from consensus.block import Block
from consensus.messages import FinalisedRun
from ledger_node.codec import encode
from ledger_node.ledger.finality import certified
from ledger_node.storage.snapshot import Snapshot

RUN_BLOCKS: Final = 32
"""Blocks after which a run ends at the next certificate."""

RUN_BYTES: Final = 1024 * 1024
"""A run that holds more ends at the last certificate before, if there is one."""

MAX_RUN_BYTES: Final = 4 * 1024 * 1024 - 128 * 1024
"""What a frame holds of blocks, beside the certificate of 100 members and an epoch's last blocks:
more than 100,000 submissions that became final all at once."""


class RunTooLong(Exception):
    """So much became final at once that no frame holds it. first, last: heights; size: bytes."""

    def __init__(self, first: int, last: int, size: int) -> None:
        super().__init__(f"blocks {first} to {last} have {size} bytes and one certificate")
        self.first = first
        self.last = last
        self.size = size


def finalised_run(snapshot: Snapshot, after_height: int) -> FinalisedRun | None:
    """The blocks above `after_height` up to a certificate; None if there is none above it, or if
    they lie before this node's snapshot and are not here yet.

    Raises RunTooLong when they do not fit a frame: then a snapshot is the only way.
    """
    stop = _first_missing(snapshot, after_height + 1)
    run: FinalisedRun | None = None
    blocks: list[Block] = []
    size = 0
    end = snapshot.certificate_from(after_height + 1)
    for final in snapshot.blocks(after_height):
        if end is None or end[0] >= stop:
            return run
        blocks.append(final.block)
        size += len(encode(final.block))
        if size > (MAX_RUN_BYTES if run is None else RUN_BYTES):
            if run is None:
                raise RunTooLong(after_height + 1, end[0], size)
            return run
        if final.block.header.height < end[0]:
            continue
        proof = certified(end[1])
        run = FinalisedRun((*blocks, *proof.beyond), proof.finalization)
        last = end[0] + 1 == stop
        if last or len(blocks) >= RUN_BLOCKS or _ends_epoch(snapshot, end[0]):
            return run
        end = snapshot.certificate_from(end[0] + 1)
    return run


def _ends_epoch(snapshot: Snapshot, height: int) -> bool:
    """Whether the block above is of another epoch: a certificate speaks for its own only."""
    here, above = snapshot.block(height), snapshot.block(height + 1)
    assert here is not None, "certificates are of final blocks"
    return above is not None and above.block.header.epoch != here.block.header.epoch


def _first_missing(snapshot: Snapshot, height: int) -> int:
    """The lowest height at or above `height` whose block is not here."""
    gap = snapshot.gap
    if gap is None or height >= gap.end_height:
        return snapshot.tip.header.height + 1
    return max(gap.next_height, height)
