"""Entries put together to blocks, and everything about a block that its own entries show.

A block's entries follow its parent's block entry. From the two, the block's header can be written
again, and its digest must be the id that the block entry states: so nothing can be missing between
them, and the order is the one that was voted for. A submission's header, whose signature is
checked here, commits to its records and their order in the same way. Who may propose and how much
a block may hold is asked of the epoch that it belongs to.

After entries that the bundle leaves out, the stream resumes with the block entry of the parent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from consensus.block import Block, BlockHeader, SubmissionId, View, block_id, payload_root
from ledger_node.audit.bundle.founding import Founding
from ledger_node.audit.bundle.reader import LoggedEntries
from ledger_node.audit.bundle.refusal import BundleRefused, Place, Step
from ledger_node.audit.bundle.succession import Epoch, EpochRefused, EpochUnknown, Succession
from ledger_node.codec import DecodeError, encode
from ledger_node.codec.digests import Digest
from ledger_node.ledger.entries import (
    BlockEntry,
    DeadlineEntry,
    GenesisEntry,
    LogEntry,
    RecordEntry,
    SubmissionEntry,
    decode_entry,
)
from ledger_node.ledger.payload import check_payload
from ledger_node.ledger.refusal import BlockInvalid, SubmissionRefused
from ledger_node.ledger.submission import (
    Submission,
    SubmissionHeader,
    VerifiedSubmission,
    decode_header,
    open_submission,
    submission_id,
    verify_submission,
)
from ledger_node.log.merkle import Frontier

MAX_BLOCK_BYTES: Final = 1024 * 1024 * 1024
"""Of a block's entries. The largest block a genesis allows has 64 MiB of submissions."""


@dataclass(frozen=True, slots=True)
class LoggedSubmission:
    """A submission and what became of its records. index: of its submission entry."""

    index: int
    submission: VerifiedSubmission
    records: tuple[RecordEntry, ...]


@dataclass(frozen=True, slots=True)
class LoggedBlock:
    """A block of the log. parent: None for the genesis block; end: index after its last entry.

    deadlines: what time alone brought about, the first at index `first`; frontier: of the log
    after the block; entries: as they stand in the log.
    """

    parent: BlockEntry | None
    closing: BlockEntry
    block: Block
    first: int
    end: int
    deadlines: tuple[DeadlineEntry, ...]
    submissions: tuple[LoggedSubmission, ...]
    entries: tuple[bytes, ...]
    frontier: Frontier

    def place(self, index: int | None = None) -> Place:
        """Of an entry of the block, or its closing one."""
        return Place(entry=self.end - 1 if index is None else index, height=self.closing.height)


class _NothingOrdered:
    """A chain of which nothing is known: replay finds what was ordered before."""

    def ordered(self, submission: SubmissionId) -> bool:  # noqa: ARG002 - the protocol's parameter
        return False


@dataclass(slots=True)
class _Pending:
    """A submission whose records have not all come."""

    index: int
    header_bytes: bytes
    signature: bytes
    header: SubmissionHeader
    id: SubmissionId
    records: list[RecordEntry]


class _Standing(Enum):
    """What the next entry is. FOLLOWS: the one after the last; GAP: after some that were left out,
    the entry of the block below; RESUMED: after that one, the first of a block."""

    FOLLOWS = auto()
    GAP = auto()
    RESUMED = auto()


@dataclass(frozen=True, slots=True)
class Resumption:
    """Where the stream goes on after a gap: upon a block that is not in the bundle itself.

    entry: its block entry, the log's last so far; frontier: of the log up to there.
    """

    entry: BlockEntry
    frontier: Frontier


class BlockAssembler:
    """Takes the entries of a bundle in order and gives whole blocks."""

    def __init__(
        self, founding: Founding, succession: Succession, *, tolerant: bool = False
    ) -> None:
        """tolerant: let blocks of epochs pass of which nothing tells who formed them."""
        self._founding = founding
        self._succession = succession
        self._tolerant = tolerant
        self._founded = False
        self._parent: BlockEntry | None = None
        self._frontier = Frontier.empty()
        self._first = 0
        self._entries: list[bytes] = []
        self._leaves: list[Digest] = []
        self._bytes = 0
        self._deadlines: list[DeadlineEntry] = []
        self._submissions: list[LoggedSubmission] = []
        self._pending: _Pending | None = None
        self._standing = _Standing.FOLLOWS

    @property
    def resumption(self) -> Resumption | None:
        """The block upon which the next one follows, if it has just come after a gap."""
        if self._standing is not _Standing.RESUMED or self._parent is None:
            return None
        return Resumption(self._parent, self._frontier)

    @property
    def between_blocks(self) -> bool:
        """Whether the last entry ended a block."""
        return not self._entries and self._standing is _Standing.FOLLOWS

    def take(self, logged: LoggedEntries) -> Iterator[LoggedBlock]:
        """The blocks that these entries close. Raises BundleRefused."""
        if logged.resumes is not None:
            self._resume(logged.first, logged.resumes)
        pairs = zip(logged.entries, logged.leaf_hashes, strict=True)
        for index, (data, leaf) in enumerate(pairs, logged.first):
            block = self._entry(index, data, Digest(leaf))
            if block is not None:
                yield block

    def check_end(self) -> None:
        """The bundle ends at the end of a block. Raises BundleRefused."""
        if self._parent is None:
            raise BundleRefused(Step.FOUNDING, Place(), "the bundle has no genesis block")
        if self._entries or self._standing is not _Standing.FOLLOWS:
            end = self._first + len(self._entries)
            found = f"the bundle ends at entry {end}, within a block"
            raise BundleRefused(Step.BLOCK, Place(entry=end), found)

    def _resume(self, first: int, frontier: Frontier) -> None:
        if self._parent is None:
            found = f"the bundle begins with entry {first}"
            raise BundleRefused(Step.FOUNDING, Place(entry=first), found)
        if self._entries or self._standing is not _Standing.FOLLOWS:
            end = self._first + len(self._entries)
            found = f"the block of entry {self._first} has no end; after entry {end - 1} comes"
            raise BundleRefused(Step.BLOCK, Place(entry=end), f"{found} entry {first}")
        self._frontier = frontier
        self._standing = _Standing.GAP

    def _entry(self, index: int, data: bytes, leaf: Digest) -> LoggedBlock | None:
        try:
            entry: LogEntry = decode_entry(data)
        except DecodeError as error:
            raise self._refused(Step.ENTRY_FORM, index, error.reason) from error
        if self._standing is _Standing.GAP:
            self._take_parent(index, entry, leaf)
            return None
        self._standing = _Standing.FOLLOWS
        if not self._entries:
            self._first = index
        self._entries.append(data)
        self._leaves.append(leaf)
        self._bytes += len(data)
        if self._bytes > MAX_BLOCK_BYTES:
            raise self._refused(Step.BLOCK, index, f"a block of more than {MAX_BLOCK_BYTES} bytes")
        match entry:
            case RecordEntry():
                self._record(index, entry)
                return None
            case SubmissionEntry():
                self._submission(index, entry)
                return None
            case DeadlineEntry():
                self._deadline(index, entry)
                return None
            case GenesisEntry():
                self._genesis(index, entry)
                return None
            case BlockEntry():
                return self._close(index, entry)

    def _take_parent(self, index: int, entry: LogEntry, leaf: Digest) -> None:
        """The block entry with which the stream resumes after a gap."""
        if not isinstance(entry, BlockEntry):
            found = "after entries that are left out, the block entry before a block must stand"
            raise self._refused(Step.BLOCK, index, found)
        self._parent = entry
        self._frontier = self._frontier.extend([leaf])
        self._standing = _Standing.RESUMED

    def _genesis(self, index: int, entry: GenesisEntry) -> None:
        if index != 0:
            raise self._refused(Step.ENTRY_FORM, index, "a genesis entry that is not the first")
        if entry.document != self._founding.document:
            found = "the founding document is another than at the head of the bundle"
            raise BundleRefused(Step.FOUNDING, Place(entry=0, height=0), found)
        self._founded = True

    def _deadline(self, index: int, entry: DeadlineEntry) -> None:
        """Nobody signs a deadline, and the block's id does not cover it: execution does."""
        if self._parent is None or self._first + len(self._deadlines) != index:
            found = "a deadline entry that does not open a block after the first"
            raise self._refused(Step.BLOCK, index, found)
        self._deadlines.append(entry)

    def _submission(self, index: int, entry: SubmissionEntry) -> None:
        self._settle(index)
        if self._parent is None:
            found = "a submission before the genesis block"
            raise self._refused(Step.FOUNDING, index, found)
        try:
            header = decode_header(entry.header)
        except SubmissionRefused as error:
            raise self._refused(Step.SUBMISSION, index, str(error)) from error
        name = submission_id(entry.header, entry.signature)
        self._pending = _Pending(index, entry.header, entry.signature, header, name, [])

    def _record(self, index: int, entry: RecordEntry) -> None:
        pending = self._pending
        if pending is None:
            raise self._refused(Step.RECORDS, index, "a record without its submission before it")
        expected = len(pending.records)
        if entry.submission != pending.id:
            found = f"a record of submission {entry.submission.hex()} after {pending.id.hex()}"
            raise self._refused(Step.RECORDS, index, found)
        if entry.index != expected:
            found = f"record {entry.index} where record {expected} must stand"
            raise self._refused(Step.RECORDS, index, found)
        pending.records.append(entry)

    def _settle(self, index: int) -> None:
        """Check the submission that ends before entry `index`, if there is one."""
        pending, self._pending = self._pending, None
        if pending is None:
            return
        stated, found = pending.header.record_count, len(pending.records)
        if stated != found:
            text = f"{found} of the {stated} records of the submission at entry {pending.index}"
            raise self._refused(Step.RECORDS, index, f"{text} stand before it")
        try:
            verified = verify_submission(_opened(pending, self._founding.union))
        except SubmissionRefused as error:
            text = f"{error.rule.id}, {error.rule.text}: {error}"
            raise self._refused(Step.SUBMISSION, pending.index, text) from error
        self._submissions.append(LoggedSubmission(pending.index, verified, tuple(pending.records)))

    def _close(self, index: int, entry: BlockEntry) -> LoggedBlock:
        self._settle(index)
        if not self._founded:
            raise self._refused(Step.FOUNDING, index, "a block before the genesis entry")
        block = self._block(index, entry)
        self._frontier = self._frontier.extend(self._leaves)
        try:
            self._succession.passed(entry, self._frontier)
        except EpochRefused as error:
            raise self._refused(Step.EPOCHS, index, error.reason) from error
        closed = LoggedBlock(
            parent=self._parent,
            closing=entry,
            block=block,
            first=self._first,
            end=index + 1,
            deadlines=tuple(self._deadlines),
            submissions=tuple(self._submissions),
            entries=tuple(self._entries),
            frontier=self._frontier,
        )
        self._parent = entry
        self._entries, self._leaves, self._bytes = [], [], 0
        self._deadlines, self._submissions = [], []
        return closed

    def _block(self, index: int, entry: BlockEntry) -> Block:
        """The block as members voted for it, put together again. Raises BundleRefused."""
        parent = self._parent
        payload = tuple(each.submission.id for each in self._submissions)
        header = header_of(entry, parent, self._founding.union, payload)
        if parent is None:
            self._check_first(index, entry, header)
            return self._checked(index, entry, Block(header, payload))
        epoch = self._check_follows(index, entry, parent)
        block = self._checked(index, entry, Block(header, payload))
        if epoch is None:
            return block
        bodies = [each.submission for each in self._submissions]
        try:
            check_payload(block, bodies, _NothingOrdered(), epoch.limits)
        except BlockInvalid as error:
            raise self._refused(Step.PAYLOAD, index, str(error)) from error
        return block

    def _checked(self, index: int, entry: BlockEntry, block: Block) -> Block:
        if block_id(block.header) != entry.block:
            found = "its id does not cover the submissions that stand before it, in this order,"
            raise self._refused(Step.BLOCK, index, f"{found} upon the block before")
        return block

    def _check_first(self, index: int, entry: BlockEntry, header: BlockHeader) -> None:
        expected = (0, 0, 0, bytes(32), self._founding.genesis.created_ms, 0)
        found = (
            header.epoch,
            header.height,
            header.view,
            header.parent,
            header.time_ms,
            header.proposer,
        )
        if index != 1 or found != expected:
            text = "the genesis block is not that of the founding document"
            raise self._refused(Step.FOUNDING, index, text)
        self._check_first_contracts(index, entry)

    def _check_follows(self, index: int, entry: BlockEntry, parent: BlockEntry) -> Epoch | None:
        """The epoch of a block that follows another, if it is known. Raises BundleRefused."""
        if entry.height != parent.height + 1:
            found = f"block {entry.height} follows block {parent.height}"
            raise self._refused(Step.BLOCK, index, found)
        if entry.parent != parent.block:
            found = f"its parent is {entry.parent.hex()}, before it stands {parent.block.hex()}"
            raise self._refused(Step.BLOCK, index, found)
        epoch = self._epoch(index, entry, parent)
        in_epoch = parent.view if parent.epoch == entry.epoch else 0
        if entry.view <= in_epoch:
            found = f"view {entry.view} follows view {in_epoch}"
            raise self._refused(Step.BLOCK, index, found)
        if entry.time_ms <= parent.time_ms:
            found = f"its time {entry.time_ms} is not later than {parent.time_ms}"
            raise self._refused(Step.BLOCK, index, found)
        leader = None if epoch is None else epoch.committee.leader(View(entry.view))
        if leader is not None and entry.proposer != leader:
            found = f"its proposer is member {entry.proposer}, its view is led by {leader}"
            raise self._refused(Step.BLOCK, index, found)
        return epoch

    def _epoch(self, index: int, entry: BlockEntry, parent: BlockEntry) -> Epoch | None:
        try:
            return self._succession.of_block(entry, parent)
        except EpochRefused as error:
            if self._tolerant and isinstance(error, EpochUnknown):
                return None
            raise self._refused(Step.EPOCHS, index, error.reason) from error

    def _check_first_contracts(self, index: int, entry: BlockEntry) -> None:
        """Of later blocks the state says which set judges them: replay compares."""
        agreed = self._founding.genesis.contract_set
        if entry.contract_set != agreed:
            found = f"contract set {entry.contract_set.hex()}, the union agreed on {agreed.hex()}"
            raise self._refused(Step.BLOCK, index, found)

    def _refused(self, step: Step, index: int, found: str) -> BundleRefused:
        height = None if self._parent is None else self._parent.height + 1
        return BundleRefused(step, Place(entry=index, height=height), found)


def header_of(
    entry: BlockEntry, parent: BlockEntry | None, union: bytes, payload: tuple[SubmissionId, ...]
) -> BlockHeader:
    """The header that a block's entry, its parent's and the ids between them give.

    parent: None for the genesis block.
    """
    return BlockHeader(
        union=union,
        epoch=entry.epoch,
        height=entry.height,
        view=entry.view,
        # Views count from 1 in each epoch: the block it stands on is its view 0.
        parent_view=0 if parent is None or parent.epoch != entry.epoch else parent.view,
        parent=entry.parent,
        time_ms=entry.time_ms,
        proposer=entry.proposer,
        payload_root=payload_root(payload),
    )


def _opened(pending: _Pending, union: bytes) -> Submission:
    """The submission as it once travelled, judged as a node judges it on arrival."""
    records = [record.record for record in pending.records]
    return open_submission(encode((pending.header_bytes, records, pending.signature)), union)
