"""Votes and certificates of one view as bits of an int, one bit for a vote and its certificate.

Bit 0 is nullify; then one notarize bit for each block of the view, then one finalize bit for each.
A set of votes is a ballot; a set of certificates is one too: the bits that a quorum has said.
"""

from collections.abc import Iterator, Sequence

from tests.model.blocks import Tree

NULLIFY = 1


class Alphabet:
    """Which bit means what in one view of a tree."""

    def __init__(self, tree: Tree, view: int) -> None:
        self.tree = tree
        self.view = view
        self.blocks = tree.of_view[view]
        size = len(self.blocks)
        self.all_notarize = ((1 << size) - 1) << 1
        self.all_finalize = ((1 << size) - 1) << (1 + size)
        self.everything = NULLIFY | self.all_notarize | self.all_finalize
        self.width = 1 + 2 * size

    def notarize(self, block: int) -> int:
        """The bit of notarize(view, block)."""
        return 2 << (block - self.blocks.start)

    def finalize(self, block: int) -> int:
        """The bit of finalize(view, block)."""
        return self.notarize(block) << len(self.blocks)

    def notarized(self, ballot: int) -> list[int]:
        """Blocks whose notarize bit is in `ballot`."""
        return [block for block in self.blocks if ballot & self.notarize(block)]

    def finalized(self, ballot: int) -> list[int]:
        """Blocks whose finalize bit is in `ballot`."""
        return [block for block in self.blocks if ballot & self.finalize(block)]

    def describe(self, bit: int) -> str:
        """One vote in words."""
        if bit == NULLIFY:
            return f"nullify({self.view})"
        found = self.notarized(bit)
        kind, block = ("notarize", found[0]) if found else ("finalize", self.finalized(bit)[0])
        return f"{kind}({self.view}, {self.tree.name(block)})"


def bits(ballot: int) -> Iterator[int]:
    """The single votes of a ballot, lowest first."""
    while ballot:
        lowest = ballot & -ballot
        yield lowest
        ballot ^= lowest


def said_by_at_least(count: int, ballots: Sequence[int], everything: int) -> int:
    """The votes that at least `count` of the ballots hold; `everything` if that is nobody."""
    reached = [everything] + [0] * max(count, 0)
    for ballot in ballots:
        for level in range(len(reached) - 1, 0, -1):
            reached[level] |= reached[level - 1] & ballot
    return reached[-1]
