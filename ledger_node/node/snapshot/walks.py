"""What a snapshot still lacks, and taking it in: the state from its root, ids from the head down.

Both walks know what must come next from what was checked before, so each item is right or wrong by
itself, whoever sent it. Neither talks to anyone. What is already in the staging directory, from
before a crash or under an earlier root, is used without being asked for again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from consensus.block import Block, block_id, payload_root
from ledger_node.ledger.refusal import MAX_LIFETIME_MS
from ledger_node.node.snapshot.forms import (
    MAX_ITEM_BYTES,
    MAX_NAMES,
    ChunkKind,
    ObjectItem,
    SnapshotRefused,
    decoded,
)
from ledger_node.state.errors import StateTreeError
from ledger_node.state.page import Page
from ledger_node.state.walk import LeafRef, PageRef, below, root_ref
from ledger_node.storage.staging import Cursor, Staging

LOCAL_STEPS = 512
"""Pages found here that one call goes through before others get a turn."""

LEAVES_WAITING = 4096
"""Leaves beyond which no more pages are asked for: their values come first."""


@dataclass(slots=True)
class Taken:
    """What came in, for people who watch. received: bytes of items from others."""

    pages: int = 0
    objects: int = 0
    ids: int = 0
    received: int = 0


@dataclass(slots=True)
class TreeWalk:
    """The state tree under a root. Owned by one task."""

    staging: Staging
    taken: Taken
    pages: list[PageRef] = field(default_factory=list)
    leaves: list[LeafRef] = field(default_factory=list)
    under_way: int = 0
    """Pages and leaves that were given out and have not come back either way."""

    @classmethod
    def of(cls, staging: Staging, root: bytes, taken: Taken) -> "TreeWalk":
        """The whole tree is missing, until it is looked for."""
        first = root_ref(root)
        return cls(staging, taken, [] if first is None else [first])

    @property
    def done(self) -> bool:
        """Whether every page and object is in the staging directory."""
        return not (self.pages or self.leaves or self.under_way)

    def wanted_leaves(self, at_least: int) -> list[LeafRef]:
        """Leaves whose objects to ask for now: many at once, or what is left. Give each back."""
        if len(self.leaves) < at_least and (self.pages or self.under_way):
            return []
        return self._give(self.leaves, MAX_NAMES[ChunkKind.OBJECTS])

    def wanted_pages(self) -> list[PageRef]:
        """Pages to ask for now, after going through those that are here. Give each back."""
        if len(self.leaves) > LEAVES_WAITING:
            return []
        missing: list[PageRef] = []
        for _ in range(LOCAL_STEPS):
            if not self.pages or len(missing) == MAX_NAMES[ChunkKind.PAGES]:
                break
            ref = self.pages.pop()
            if not self._is_here(ref):
                missing.append(ref)
        self.under_way += len(missing)
        return missing

    def take_pages(self, wanted: Sequence[PageRef], items: Sequence[bytes]) -> None:
        """Pages in answer to `wanted`, the first of which came. Raises SnapshotRefused, having
        kept nothing: give them back then."""
        _check_count(wanted, items)
        opened = [(r, opened_page(r, stored)) for r, stored in zip(wanted, items, strict=False)]
        self.staging.put_pages(
            (ref, stored) for (ref, _), stored in zip(opened, items, strict=True)
        )
        for ref, page in opened:
            for each in below(ref, page):
                self._expect(each)
        self.under_way -= len(items)
        self.taken.pages += len(items)
        self.taken.received += sum(map(len, items))
        self.give_back(wanted[len(items) :])

    def take_objects(self, wanted: Sequence[LeafRef], items: Sequence[bytes]) -> None:
        """Objects in answer to `wanted`, as above. Raises SnapshotRefused."""
        _check_count(wanted, items)
        objects = [checked_object(leaf, data) for leaf, data in zip(wanted, items, strict=False)]
        self.staging.put_objects(objects)
        self.under_way -= len(items)
        self.taken.objects += len(items)
        self.taken.received += sum(map(len, items))
        self.give_back(wanted[len(items) :])

    def give_back(self, refs: Sequence[PageRef] | Sequence[LeafRef]) -> None:
        """These did not come: they are missing again."""
        self.under_way -= len(refs)
        for ref in refs:
            if isinstance(ref, PageRef):
                self.pages.append(ref)
            else:
                self.leaves.append(ref)

    def _is_here(self, ref: PageRef) -> bool:
        stored = self.staging.get(ref.key)
        if stored is None:
            return False
        try:
            page = ref.open(stored)
        except StateTreeError:  # of an earlier root, or torn: another will be asked for
            return False
        for each in below(ref, page):
            self._expect(each)
        return True

    def _expect(self, ref: PageRef | LeafRef) -> None:
        if isinstance(ref, PageRef):
            self.pages.append(ref)
        elif not self.staging.has_object(ref):
            self.leaves.append(ref)

    def _give(self, waiting: list[LeafRef], most: int) -> list[LeafRef]:
        given = waiting[-most:]
        del waiting[-most:]
        self.under_way += len(given)
        return given


@dataclass(slots=True)
class IdWalk:
    """The blocks of the last 24 hours before a head, newest first, for what they ordered.

    A submission that was ordered and could be ordered again expires after the head's time, and no
    submission expires later than 24 hours after the block that orders it. So the ids in the blocks
    of those 24 hours are all that a replay must be held against; older ones have expired. Each
    block is named by the one above it: the walk needs no trust, and ends where time says.
    """

    staging: Staging
    taken: Taken
    head: bytes
    until_ms: int
    next: bytes = b""

    @classmethod
    def of(cls, staging: Staging, head: Block, taken: Taken) -> "IdWalk":
        """From the head on down, or from where an earlier attempt with this head came to."""
        name = block_id(head.header)
        walk = cls(staging, taken, name, head.header.time_ms - MAX_LIFETIME_MS)
        if staging.cursor.head == name:
            walk.next = staging.cursor.next
        else:
            walk.next = name
            walk._keep([head])
        return walk

    @property
    def done(self) -> bool:
        """Whether the walk is at its end."""
        return not self.next

    def take(self, items: Sequence[bytes]) -> None:
        """Blocks from `next` on down. Raises SnapshotRefused, having kept nothing."""
        blocks: list[Block] = []
        expected = self.next
        for data in items:
            block = decoded(Block, data, "block", MAX_ITEM_BYTES)
            if block_id(block.header) != expected:
                raise SnapshotRefused("block", f"is not {expected.hex()}")
            if block.header.payload_root != payload_root(block.payload):
                raise SnapshotRefused("block", f"payload of {expected.hex()} is another")
            blocks.append(block)
            expected = block.header.parent
            if self._is_end(block):
                break
        if blocks:
            self._keep(blocks)
            self.taken.received += sum(map(len, items))

    def _keep(self, blocks: Sequence[Block]) -> None:
        last = blocks[-1]
        self.next = b"" if self._is_end(last) else last.header.parent
        self.staging.put_ids(blocks, Cursor(self.head, self.next))
        self.taken.ids += sum(len(block.payload) for block in blocks)

    def _is_end(self, block: Block) -> bool:
        """Whether what lies below has expired, or is the genesis block, which orders nothing."""
        return block.header.time_ms <= self.until_ms or block.header.height <= 1


def opened_page(ref: PageRef, stored: bytes) -> Page:
    """A page that came from outside. Raises SnapshotRefused."""
    try:
        return ref.open(stored)
    except StateTreeError as error:
        raise SnapshotRefused("page", str(error)) from error


def checked_object(leaf: LeafRef, data: bytes) -> tuple[LeafRef, bytes, bytes]:
    """(leaf, key, value) of an object that came from outside. Raises SnapshotRefused."""
    item = decoded(ObjectItem, data, "object", MAX_ITEM_BYTES)
    try:
        leaf.check(item.key, item.value)
        item.key.decode()
    except (StateTreeError, UnicodeDecodeError) as error:
        raise SnapshotRefused("object", str(error)) from error
    return leaf, item.key, item.value


def _check_count(wanted: Sequence[object], items: Sequence[bytes]) -> None:
    if len(items) > len(wanted):
        raise SnapshotRefused("chunk", f"{len(items)} items, {len(wanted)} were asked for")
