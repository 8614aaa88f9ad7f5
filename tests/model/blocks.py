"""Every block that could exist in the modelled views: `variants` ones on each possible parent.

A block is its number; 0 is genesis, the finalised block the epoch starts from, in view 0. Two
variants of one parent in one view stand for an equivocating leader. More would add nothing: a
contradiction takes two blocks (docs/consensus/model.md).
"""

from dataclasses import dataclass, field

GENESIS = 0


@dataclass(slots=True)
class Tree:
    """The numbered blocks of views 1 to `views`. Filled once, then only read."""

    views: int
    variants: int
    of_view: list[range] = field(default_factory=lambda: [range(1)])
    """Blocks of each view; children of one parent are neighbours."""
    view: list[int] = field(default_factory=lambda: [0])
    """View of each block."""
    parent: list[int] = field(default_factory=lambda: [GENESIS])
    """Parent of each block; genesis is its own."""

    def __post_init__(self) -> None:
        for view in range(1, self.views + 1):
            first = len(self.view)
            for parent in range(first):
                self.parent.extend([parent] * self.variants)
            self.view.extend([view] * (first * self.variants))
            self.of_view.append(range(first, len(self.view)))

    def variant(self, block: int) -> int:
        """Which of its parent's children in its view the block is, from 0."""
        return (block - self.of_view[self.view[block]].start) % self.variants

    def descends(self, block: int, ancestor: int) -> bool:
        """Whether `ancestor` is `block` or one of its ancestors."""
        while self.view[block] > self.view[ancestor]:
            block = self.parent[block]
        return block == ancestor

    def name(self, block: int) -> str:
        """In words: "A2 on B1" is variant A of view 2, whose parent is variant B of view 1."""
        if block == GENESIS:
            return "genesis"
        return f"{self.short_name(block)} on {self.name(self.parent[block])}"

    def short_name(self, block: int) -> str:
        """Without the parent."""
        return f"{'ABCDEFGH'[self.variant(block)]}{self.view[block]}"
