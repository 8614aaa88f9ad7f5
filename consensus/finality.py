"""Which block each recent view made final, to know a finalization that denies it when it comes.

With at most f liars there is none. One that verifies proves more than f of them, and that two
histories are final: this member says so and stops (`forks`). Views before the window are not
known any more; there, comparing checkpoints shows a fork (docs/auditors.md).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from consensus.block import Block, BlockId, View, block_id
from consensus.chain import Head
from consensus.messages import Finalization

FINAL_WINDOW = 1024
"""Final blocks whose views are remembered."""


@dataclass(slots=True)
class FinalViews:
    """Mutable, owned by the core. Views of one epoch."""

    known_above: View
    """Of every view above this one, up to the head's, it is known which block it made final."""
    blocks: dict[View, BlockId] = field(default_factory=dict)
    """By view, in ascending order. A view in between that is not here was skipped."""
    outcomes: dict[View, bytes] = field(default_factory=dict)
    """By view, where it is known."""

    @staticmethod
    def at(head: Head, final: Iterable[Block], last: Finalization | None) -> "FinalViews":
        """Of a member that starts.

        final: consecutive blocks of this epoch up to the head, as many as are at hand; last: what
        finalised the head.
        """
        blocks = list(final)
        if blocks:
            assert block_id(blocks[-1].header) == head.block, "final blocks lead up to the head"
            known = FinalViews(View(blocks[0].header.parent_view))
        else:
            known = FinalViews(View(max(head.view - 1, 0)))
            if head.view:
                known.blocks[head.view] = head.block
        known.add(blocks, {} if last is None else {BlockId(last.block): last.outcome})
        return known

    def add(self, blocks: Iterable[Block], outcomes: Mapping[BlockId, bytes]) -> None:
        """These became final, on top of what is known."""
        for block in blocks:
            name, view = block_id(block.header), View(block.header.view)
            self.blocks[view] = name
            if name in outcomes:
                self.outcomes[view] = outcomes[name]
        while len(self.blocks) > FINAL_WINDOW:
            self.known_above = next(iter(self.blocks))
            del self.blocks[self.known_above]
            self.outcomes.pop(self.known_above, None)

    def deny(self, finalization: Finalization) -> bool:
        """Whether a finalization at or below the head's view is for another history than ours."""
        view = View(finalization.view)
        if view <= self.known_above:
            return False
        if self.blocks.get(view) != finalization.block:
            return True
        return self.outcomes.get(view, finalization.outcome) != finalization.outcome
