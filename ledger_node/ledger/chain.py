"""The chain as execution sees it: executed blocks, and views of the ledger at one of them.

A notarized block may still be skipped, so its result is kept apart, as an `ExecutedBlock`, from
the database that holds final results only. A `LedgerView` lays a run of such blocks over the
database; a `SpeculativeChain` keeps the blocks above the final one and drops what lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from consensus.block import Block, BlockHeader, BlockId, SubmissionId
from ledger_node.codec import Digest, encode, tagged_digest
from ledger_node.ledger.outcome import Outcome
from ledger_node.log.merkle import Frontier
from ledger_node.state.stored import TreeRows
from ledger_node.state.tree import Tree, Update


@dataclass(frozen=True)
class Tip:
    """The ledger after a block: all that the next block and the members' votes build on."""

    header: BlockHeader
    block_id: BlockId
    frontier: Frontier
    state_root: Digest

    @property
    def tree_size(self) -> int:
        """Entries in the log, this block's included."""
        return self.frontier.size

    @cached_property
    def log_root(self) -> Digest:
        """RFC 6962 root of the log."""
        return self.frontier.root()

    @cached_property
    def outcome_digest(self) -> Digest:
        """What finalize votes name: divergent execution cannot gather a quorum."""
        return outcome_digest(self.tree_size, self.log_root, self.state_root)


def outcome_digest(tree_size: int, log_root: bytes, state_root: bytes) -> Digest:
    """The digest of the outcome of a block, from the three values that determine it."""
    return tagged_digest("outcome", encode((tree_size, log_root, state_root)))


@dataclass(frozen=True, slots=True)
class ExecutedBlock:
    """A block and all it does to the ledger, nothing of which has been written.

    first_index: of its first entry in the log; changes: objects by key, None where removed;
    state: the tree of the objects after them, and its rows that change; history: (object key, index
    of the entry that changed it); locations: submission id to the index of its submission entry;
    outcomes: submission id to what became of its records, in order.
    """

    block: Block
    tip: Tip
    first_index: int
    entries: tuple[bytes, ...]
    leaf_hashes: tuple[Digest, ...]
    changes: Mapping[str, bytes | None]
    state: Update
    history: tuple[tuple[str, int], ...]
    locations: Mapping[SubmissionId, int]
    outcomes: Mapping[SubmissionId, tuple[Outcome, ...]]

    @property
    def outcome_digest(self) -> Digest:
        """See Tip.outcome_digest."""
        return self.tip.outcome_digest


class Ordering(Protocol):
    """What a chain has ordered up to one block, executed or not: all that a voter asks of it."""

    def ordered(self, submission: SubmissionId) -> bool:
        """Whether this chain has ordered the submission."""
        ...


class FinalLedger(Ordering, Protocol):
    """The ledger at a final block, as it is stored, unchanging while it is read."""

    @property
    def tip(self) -> Tip:
        """The block the view stands at."""
        ...

    def object(self, key: str) -> bytes | None:
        """The value of an object."""
        ...

    @property
    def tree_rows(self) -> TreeRows:
        """The rows of the state tree."""
        ...


class LedgerReader(FinalLedger, Protocol):
    """The ledger at one block, to execute the next one upon."""

    @property
    def tree(self) -> Tree:
        """The state tree. What of it is not in memory is in `tree_rows`; see state.tree.update."""
        ...


class LedgerView:
    """A `LedgerReader` at the last of `blocks`, which stand one upon the other on `base`."""

    def __init__(
        self, base: FinalLedger, blocks: Sequence[ExecutedBlock] = (), tree: Tree | None = None
    ) -> None:
        """tree: that of `base`, if some of it is in memory."""
        self._base = base
        self._tree = blocks[-1].state.tree if blocks else tree or Tree(base.tip.state_root)
        self._newest_first = tuple(reversed(blocks))
        self._tip = blocks[-1].tip if blocks else base.tip
        parent = base.tip.block_id
        for executed in blocks:
            assert executed.block.header.parent == parent, "a view is one chain"
            parent = executed.tip.block_id

    @property
    def tip(self) -> Tip:
        """See LedgerReader."""
        return self._tip

    def object(self, key: str) -> bytes | None:
        """See LedgerReader."""
        for executed in self._newest_first:
            if key in executed.changes:
                return executed.changes[key]
        return self._base.object(key)

    @property
    def tree(self) -> Tree:
        """See LedgerReader."""
        return self._tree

    @property
    def tree_rows(self) -> TreeRows:
        """See LedgerReader. What blocks changed is in memory, so the rows below them will do."""
        return self._base.tree_rows

    def ordered(self, submission: SubmissionId) -> bool:
        """See LedgerReader."""
        return any(submission in executed.locations for executed in self._newest_first) or (
            self._base.ordered(submission)
        )


class UnknownParent(LookupError):
    """A block that is neither the final one nor executed above it. block_id: 32 bytes."""

    def __init__(self, block_id: bytes) -> None:
        super().__init__(f"block {block_id.hex()} has not been executed above the final block")
        self.block_id = block_id


class SpeculativeChain:
    """The executed blocks above the final one: a small tree, of which one path will win.

    Owned by one task. It keeps the state tree in memory from block to block, within bounds. Views
    it gives out stay valid, whatever is settled meanwhile.
    """

    def __init__(self, base: FinalLedger, tree: Tree | None = None) -> None:
        """base: the ledger at the final block; tree: its own, if some of it is in memory."""
        self._base = base
        self._tree = tree or Tree(base.tip.state_root)
        self._blocks: dict[BlockId, ExecutedBlock] = {}

    def __len__(self) -> int:
        return len(self._blocks)

    def get(self, block_id: BlockId) -> ExecutedBlock | None:
        """The result of a block above the final one, if it has been executed."""
        return self._blocks.get(block_id)

    def view(self, block_id: BlockId) -> LedgerView:
        """The ledger at a block. Raises UnknownParent."""
        return LedgerView(self._base, self.path(block_id), self._tree)

    def path(self, block_id: BlockId) -> tuple[ExecutedBlock, ...]:
        """The blocks from just above the final one up to `block_id`. Raises UnknownParent."""
        blocks: list[ExecutedBlock] = []
        wanted = block_id
        while wanted != self._base.tip.block_id:
            executed = self._blocks.get(wanted)
            if executed is None:
                raise UnknownParent(wanted)
            blocks.append(executed)
            wanted = BlockId(executed.block.header.parent)
        return tuple(reversed(blocks))

    def add(self, executed: ExecutedBlock) -> None:
        """Keep the result of a block whose parent is final or kept. Raises UnknownParent."""
        self.path(BlockId(executed.block.header.parent))
        self._blocks[executed.tip.block_id] = executed

    def settle(self, base: FinalLedger) -> None:
        """Stand on a new final block: forget it, its ancestors, and all that do not descend.

        base: the ledger at that block, all that it changed in its tables.
        """
        self._base = base
        final = self._blocks.get(base.tip.block_id)
        if final is not None:
            self._tree = final.state.tree.spared()
        elif base.tip.state_root != self._tree.root:
            self._tree = Tree(base.tip.state_root)
        kept: dict[BlockId, ExecutedBlock] = {}
        # Heights only grow along a chain, so a parent is judged before its children.
        for executed in sorted(self._blocks.values(), key=lambda e: e.block.header.height):
            parent = BlockId(executed.block.header.parent)
            if parent == base.tip.block_id or parent in kept:
                kept[executed.tip.block_id] = executed
        self._blocks = kept
