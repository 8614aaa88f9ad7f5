"""Blocks above the finalised head, and what is known of each: a small tree with one root.

Invariants: every kept block is above the head; finalising a block drops everything of its view
or below, so the tree holds at most a window of views; an executed block's parent is executed.
"""

from dataclasses import dataclass, field

from consensus.block import Block, BlockId, View, block_id


@dataclass(frozen=True, slots=True)
class Head:
    """The last finalised block."""

    view: View
    height: int
    block: BlockId
    time_ms: int

    @staticmethod
    def of(block: Block) -> "Head":
        """The head that finalising `block` makes."""
        header = block.header
        return Head(View(header.view), header.height, block_id(header), header.time_ms)


@dataclass(slots=True)
class Chain:
    """Mutable, owned by the core."""

    head: Head
    blocks: dict[BlockId, Block] = field(default_factory=dict)
    executing: set[BlockId] = field(default_factory=set)
    outcomes: dict[BlockId, bytes] = field(default_factory=dict)
    endings: dict[BlockId, int] = field(default_factory=dict)
    """Height of the epoch's last block, by executed block whose state says that it ends."""
    head_ending: int | None = None
    """The same for the head."""
    durable: set[BlockId] = field(default_factory=set)
    _positions: dict[BlockId, Head] = field(default_factory=dict)

    def add(self, block: Block) -> BlockId:
        """Keep a well-formed block. Returns its id."""
        name = block_id(block.header)
        if block.header.height > self.head.height and name not in self.blocks:
            self.blocks[name] = block
            self._positions[name] = Head.of(block)
        return name

    def knows(self, name: BlockId) -> bool:
        """Whether the block is the head or kept."""
        return name == self.head.block or name in self.blocks

    def position(self, name: BlockId) -> Head | None:
        """View, height and time of the head or a kept block."""
        if name == self.head.block:
            return self.head
        return self._positions.get(name)

    def is_executed(self, name: BlockId) -> bool:
        """Whether the result of the block is at hand to build on."""
        return name == self.head.block or name in self.outcomes

    def builds_on(self, name: BlockId) -> bool:
        """Whether the block was given for execution, so that others may stand on it."""
        return name in self.executing or name in self.outcomes

    def executed(self, name: BlockId, outcome: bytes, last_height: int | None) -> None:
        """Keep the result of a block, if it can still matter."""
        self.executing.discard(name)
        if name in self.blocks:
            self.outcomes[name] = outcome
            if last_height is not None:
                self.endings[name] = last_height

    def ending(self, name: BlockId) -> int | None:
        """Height of the epoch's last block on the chain up to `name`, as far as it is executed.

        A vote's outcome must follow from this chain alone: another branch may end elsewhere.
        """
        at = name
        while at != self.head.block:
            block = self.blocks.get(at)
            if block is None:
                break
            if at in self.outcomes:
                return self.endings.get(at)
            at = BlockId(block.header.parent)
        return self.head_ending

    def path_to(self, name: BlockId) -> tuple[tuple[Block, ...], BlockId | None]:
        """Kept blocks from just above the head up to `name`, and the first one missing, if any.

        A path that runs into a block at or below the head's height which is not the head does not
        descend from the head: it is returned with that block as the missing one.
        """
        path: list[Block] = []
        at = name
        while at != self.head.block:
            block = self.blocks.get(at)
            if block is None:
                return tuple(reversed(path)), at
            path.append(block)
            at = BlockId(block.header.parent)
        return tuple(reversed(path)), None

    def unexecuted(
        self, name: BlockId, gaps: dict[BlockId, BlockId]
    ) -> tuple[tuple[tuple[BlockId, Block], ...], BlockId | None]:
        """Kept blocks up to `name` whose result is not at hand, lowest first, and the first block
        missing below them, if any.

        gaps: what is missing below blocks that were asked about before; it is added to. With it,
        and because an executed block's ancestors are executed, each block is looked at once,
        however many views are open.
        """
        path: list[tuple[BlockId, Block]] = []
        missing: BlockId | None = None
        at = name
        while missing is None and not self.is_executed(at):
            block = self.blocks.get(at)
            missing = at if block is None else gaps.get(at)
            if block is not None:
                path.append((at, block))
                at = BlockId(block.header.parent)
        if missing is not None:
            gaps.update((step, missing) for step, _ in path)
        return tuple(reversed(path)), missing

    def finalise(self, block: Block) -> None:
        """Move the head to a kept block and forget what cannot be final any more."""
        self.head = Head.of(block)
        self.head_ending = self.endings.get(self.head.block)
        self.blocks = {
            name: kept
            for name, kept in self.blocks.items()
            if kept.header.view > self.head.view and kept.header.height > self.head.height
        }
        self._positions = {name: self._positions[name] for name in self.blocks}
        self.executing &= self.blocks.keys()
        self.durable &= self.blocks.keys()
        self.outcomes = {n: o for n, o in self.outcomes.items() if n in self.blocks}
        self.endings = {n: e for n, e in self.endings.items() if n in self.blocks}
