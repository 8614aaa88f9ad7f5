"""Two bundles side by side: up to where their entries are the same, and what both made final after.

Entries are compared one by one as the two streams come; of what follows the first that differs only
block headers and certificates are kept, up to a bound, for evidence of conflicting finality.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from consensus.block import BlockHeader, block_id
from ledger_node.audit.bundle.blocks import LoggedBlock
from ledger_node.audit.bundle.certificates import FinalBlock
from ledger_node.audit.bundle.difference import difference
from ledger_node.audit.bundle.reader import BundleReader
from ledger_node.audit.bundle.walk import Walk
from ledger_node.audit.conflict import (
    MAX_HEADERS,
    Branch,
    ConflictRefused,
    ProvenConflict,
    prove_conflict,
)
from ledger_node.codec import encode
from ledger_node.ledger.finality import certified

MAX_KEPT: Final = MAX_HEADERS // 2
"""Blocks of a branch that are kept: a branch ends with the next certificate, a few blocks on."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first log index at which both bundles have an entry, and not the same. height: of the
    block there; found: text."""

    index: int
    height: int
    found: str


class Side:
    """One of two bundles, gone through once. Raises BundleRefused on the way."""

    def __init__(self, reader: BundleReader) -> None:
        self._reader = reader
        self._walk = iter(Walk(reader, tolerant=True))
        self._parts = False
        self.headers: list[BlockHeader] = []
        """Of blocks that follow each other, from the one where the bundles part."""
        self.finals: list[FinalBlock] = []
        """Certificates of these."""

    @property
    def document(self) -> bytes:
        """The founding one."""
        return self._reader.founding.document

    def steps(self, epoch: int) -> tuple[bytes, ...] | None:
        """How the epochs before `epoch` ended, if the bundle tells."""
        return self._reader.succession.steps_to(epoch)

    def entries(self) -> Iterator[tuple[int, bytes, LoggedBlock]]:
        """Every entry with its index and block, until told that the bundles part. A block after a
        gap comes with the entry of the one below."""
        end = 0
        for found in self._walk:
            if isinstance(found, FinalBlock):
                self._final(found)
            if not isinstance(found, LoggedBlock):
                continue
            if self._parts:
                self._header(found)
                continue
            if found.first != end and found.parent is not None:
                yield found.first - 1, encode(found.parent), found
            end = found.end
            for index, entry in enumerate(found.entries, found.first):
                yield index, entry, found

    def parts_with(self, block: LoggedBlock) -> None:
        """From this block on the two bundles are different."""
        self._parts = True
        self._header(block)

    def _header(self, block: LoggedBlock) -> None:
        header = block.block.header
        follows = not self.headers or header.parent == block_id(self.headers[-1])
        if follows and len(self.headers) < MAX_KEPT:
            self.headers.append(header)

    def _final(self, found: FinalBlock) -> None:
        if self.headers and found.block.header == self.headers[-1]:
            self.finals.append(found)


def common_entries(one: Side, other: Side) -> tuple[int, Divergence | None]:
    """How many entries both have alike, and the first that they have not. Goes through all of
    both bundles."""
    streams = (one.entries(), other.entries())
    mine, theirs = next(streams[0], None), next(streams[1], None)
    common, divergence = 0, None
    while mine is not None and theirs is not None:
        if mine[0] == theirs[0] and mine[1] == theirs[1]:
            common += 1
        elif mine[0] == theirs[0]:
            found = difference(mine[1], theirs[1], "the first", "the second")
            divergence = Divergence(mine[0], mine[2].closing.height, found)
            one.parts_with(mine[2])
            other.parts_with(theirs[2])
            break
        ahead = mine[0] - theirs[0]
        if ahead <= 0:
            mine = next(streams[0], None)
        if ahead >= 0:
            theirs = next(streams[1], None)
    for stream in streams:
        for _ in stream:
            pass
    return common, divergence


def conflict_of(one: Side, other: Side) -> ProvenConflict | None:
    """The evidence that both branches were made final, if the bundles hold the certificates."""
    branches = _two_blocks(one, other) or _two_outcomes(one, other)
    if branches is None:
        return None
    epoch = branches[0].headers[0].epoch
    steps = one.steps(epoch)
    if steps is None:
        steps = other.steps(epoch)
    if steps is None:
        return None
    try:
        return prove_conflict(one.document, steps, *branches)
    except ConflictRefused:
        return None


def _two_blocks(one: Side, other: Side) -> tuple[Branch, Branch] | None:
    """Branches from the first height at which the two have different blocks."""
    pairs = zip(one.headers, other.headers, strict=False)
    for at, (mine, theirs) in enumerate(pairs):
        if mine != theirs:
            first, second = _branch(one, at), _branch(other, at)
            return None if first is None or second is None else (first, second)
    return None


def _branch(side: Side, at: int) -> Branch | None:
    """From a header up to the first block above it that was made final."""
    bottom = side.headers[at].height
    final = next((each for each in side.finals if each.block.header.height >= bottom), None)
    if final is None:
        return None
    proof = certified(final.certificate)
    up_to = side.headers[at : final.block.header.height - side.headers[0].height + 1]
    beyond = [block.header for block in proof.beyond]
    return Branch.of([*up_to, *beyond], proof.finalization)


def _two_outcomes(one: Side, other: Side) -> tuple[Branch, Branch] | None:
    """The first block that was made final on both sides with different outcomes."""
    theirs = {each.finalization.block: each for each in other.finals}
    for mine in one.finals:
        match = theirs.get(mine.finalization.block)
        if match is not None and match.finalization.outcome != mine.finalization.outcome:
            return _alone(mine), _alone(match)
    return None


def _alone(final: FinalBlock) -> Branch:
    proof = certified(final.certificate)
    finalised = proof.beyond[-1] if proof.beyond else final.block
    return Branch.of([finalised.header], proof.finalization)
