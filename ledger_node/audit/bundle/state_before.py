"""The state before a range of blocks, and what was ordered in the day before it.

A range that does not begin with the genesis can be executed from the state after the block below
it. That block's entry, which is in the log, names the state root; from it every page and object is
shown to be the one in the tree, in the order of a walk. The ids of earlier submissions that could
be ordered again stand in the blocks of 24 hours, each named by the one above it: later ones have
expired (SUB-010), so this is all that "ordered once" must be held against.
Source: state/walk.py; docs/formats.md, "Snapshots and backups".
"""

from dataclasses import dataclass

from consensus.block import Block, block_id, payload_root
from ledger_node.audit.bundle.blocks import Resumption
from ledger_node.audit.bundle.certificates import BlockInLog
from ledger_node.audit.bundle.form import ITEM_BYTES, Frame, read_items
from ledger_node.audit.bundle.refusal import BundleRefused, Place, Step
from ledger_node.codec import DecodeError, Digest, decode
from ledger_node.ledger.refusal import MAX_LIFETIME_MS
from ledger_node.state.errors import StateTreeError
from ledger_node.state.walk import LeafRef, Ref, below, root_ref


@dataclass(frozen=True, slots=True)
class StateItems:
    """Objects with their leaves in the tree, all of them checked."""

    objects: tuple[tuple[LeafRef, str, bytes], ...]


@dataclass(frozen=True, slots=True)
class OrderedBefore:
    """Blocks of the day before, the newest first."""

    blocks: tuple[Block, ...]


class StateBefore:
    """Takes frames in order; what it gives is right by itself, complete once `whole`."""

    def __init__(self, resumption: Resumption) -> None:
        self.resumption = resumption
        root = root_ref(resumption.entry.state_root)
        self._waiting: list[Ref] = [] if root is None else [root]
        self._next = resumption.entry.block
        self._until_ms = resumption.entry.time_ms - MAX_LIFETIME_MS
        self._block: Block | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return not self._waiting and not self._next

    @property
    def block(self) -> BlockInLog:
        """The block after which the state is, once it is whole."""
        assert self._block is not None, "asked once it is whole"
        frontier, root = self.resumption.frontier, Digest(self.resumption.entry.state_root)
        return BlockInLog(self._block, frontier, root, frontier.size - 1)

    def take_state(self, frame: Frame) -> StateItems:
        """Items of a STATE frame. Raises BundleRefused."""
        objects: list[tuple[LeafRef, str, bytes]] = []
        for item in read_items(frame):
            if not self._waiting:
                raise frame.refused("there is more than the state", Step.STATE_BEFORE)
            ref = self._waiting.pop()
            try:
                if isinstance(ref, LeafRef):
                    objects.append((ref, *_object(ref, item)))
                else:
                    self._waiting.extend(reversed(list(below(ref, ref.open(item)))))
            except (StateTreeError, DecodeError, UnicodeDecodeError) as error:
                raise frame.refused(str(error), Step.STATE_BEFORE) from error
        return StateItems(tuple(objects))

    def take_ordered(self, frame: Frame) -> OrderedBefore:
        """Items of an ORDERED frame. Raises BundleRefused."""
        if self._waiting:
            raise frame.refused("the state before it is not all there", Step.STATE_BEFORE)
        blocks: list[Block] = []
        for item in read_items(frame):
            try:
                block = decode(Block, item, what="block")
            except DecodeError as error:
                raise frame.refused(str(error), Step.STATE_BEFORE) from error
            self._check_named(block, frame)
            if self._block is None:
                self._block = block
            ends = block.header.time_ms <= self._until_ms or block.header.height <= 1
            self._next = b"" if ends else block.header.parent
            blocks.append(block)
        return OrderedBefore(tuple(blocks))

    def check_whole(self) -> None:
        """Raises BundleRefused: something is missing."""
        if not self.whole:
            missing = "the state" if self._waiting else "what was ordered in the day"
            height = self.resumption.entry.height + 1
            found = f"{missing} before block {height} is not all there"
            raise BundleRefused(Step.STATE_BEFORE, self._place(), found)

    def _check_named(self, block: Block, frame: Frame) -> None:
        if not self._next:
            found = "a block beyond the 24 hours before the range"
            raise frame.refused(found, Step.STATE_BEFORE)
        if block_id(block.header) != self._next:
            found = f"a block that is not {self._next.hex()}, the one below"
            raise frame.refused(found, Step.STATE_BEFORE)
        if block.header.payload_root != payload_root(block.payload):
            found = f"the payload of block {block.header.height} is another"
            raise frame.refused(found, Step.STATE_BEFORE)

    def _place(self) -> Place:
        entry = self.resumption.entry
        return Place(entry=self.resumption.frontier.size - 1, height=entry.height)


def _object(leaf: LeafRef, item: bytes) -> tuple[str, bytes]:
    key, value = decode(tuple[bytes, bytes], item, what="object", limit=ITEM_BYTES)
    leaf.check(key, value)
    return key.decode(), value
