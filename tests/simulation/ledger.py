"""A toy executor: the outcome of a block is a hash over its parent's outcome and its own id.

It asserts the core's side of the contract: parents are executed before children, blocks are
validated and built only on executed or executing ancestors, commits are consecutive.
"""

from collections.abc import Sequence
from hashlib import sha256

from consensus.block import Block, BlockId, block_id


class Ledger:
    """Final state and speculative results above it. Rebuilt from final blocks after a crash."""

    def __init__(self, final: Sequence[Block]) -> None:
        self.ordered: dict[bytes, int] = {}
        """Final submissions and the height that ordered each."""
        self._head = block_id(final[0].header)
        self._outcomes: dict[BlockId, bytes] = {self._head: bytes(32)}
        self._blocks: dict[BlockId, Block] = {}
        for block in final[1:]:
            self.announce(block)
            self.execute(block)
            self.commit(block)

    def announce(self, block: Block) -> None:
        """The core asked to execute `block`; its parent must have been announced before."""
        parent = BlockId(block.header.parent)
        assert parent == self._head or parent in self._blocks, "executed before its parent"
        name = block_id(block.header)
        assert name not in self._blocks, "executed twice"
        self._blocks[name] = block

    def can_execute(self, block: Block) -> bool:
        """Whether the parent's result is here."""
        return block.header.parent in self._outcomes

    def execute(self, block: Block) -> bytes:
        """The 32-byte outcome."""
        name = block_id(block.header)
        parent = self._outcomes[BlockId(block.header.parent)]
        outcome = sha256(parent + name + b"".join(block.payload)).digest()
        self._outcomes[name] = outcome
        return outcome

    def knows(self, parent: BlockId) -> bool:
        """Whether `parent` is the head or above it; otherwise the question came too late."""
        return parent == self._head or parent in self._blocks

    def is_ordered(self, submission: bytes, parent: BlockId) -> bool:
        """Whether `parent` or an ancestor of it orders the submission."""
        at = parent
        while at != self._head:
            block = self._blocks[at]
            if submission in block.payload:
                return True
            at = BlockId(block.header.parent)
        return submission in self.ordered

    def commit(self, block: Block) -> bytes:
        """Make an executed child of the head final. Returns its outcome."""
        name = block_id(block.header)
        assert block.header.parent == self._head, "committed out of order"
        for submission in block.payload:
            assert submission not in self.ordered, "a submission is ordered twice"
            self.ordered[submission] = block.header.height
        self._head = name
        outcome = self._outcomes[name]
        keep = {n: b for n, b in self._blocks.items() if b.header.height > block.header.height}
        self._outcomes = {n: o for n, o in self._outcomes.items() if n in keep or n == name}
        self._blocks = keep
        return outcome
