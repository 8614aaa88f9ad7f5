"""What an audit bundle holds, as far as hashes and signatures show it.

Made here are its checks of form, epochs, checkpoint, tiles, entries, submissions, blocks,
certificates and completeness. Not made are those that need the contracts or the state: outcomes are
not executed again, and the state before a range, objects traced across gaps, and contract sets in
the file are passed over. `ledger-node audit verify` makes these as well, and the result says so.
Source: docs/audit-bundles.md.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from ctl_verify.bundle_file import (
    CERTIFICATE,
    CHECKPOINT,
    CONTRACTS,
    END,
    ENTRIES,
    FORM,
    GENESIS,
    ORDERED,
    PROOF,
    SELECTION,
    STATE,
    STEP,
    TILE,
    Frame,
    Tree,
    bundle_end,
    frames,
)
from ctl_verify.canonical import Value, decode, encode, tagged_digest
from ctl_verify.entries import (
    Block,
    Deadline,
    Genesis,
    RecordEntry,
    Submission,
    is_signed,
    parse_entry,
)
from ctl_verify.epochs import Step, read_step
from ctl_verify.finality import Finalized, check_final, leader
from ctl_verify.head import Head, accepted, parse_checkpoint
from ctl_verify.merkle import leaf_hash, root_of
from ctl_verify.policy import Policy
from ctl_verify.refusal import Malformed, Refused
from ctl_verify.union import Roster, Union, read_document

EPOCHS: Final = "the members and keys of each epoch follow from the epoch before, from genesis on"
HEAD: Final = "the policy accepts the checkpoint"
ENTRY_FORM: Final = "each entry is of a known kind and stands where its kind may stand"
FOUNDING: Final = "the bundle opens with the genesis block of the union"
SUBMISSION: Final = "each submission is whole, keeps its rules, and its author's signature holds"
RECORDS: Final = "each submission is followed by its records, all of them, in their order"
BLOCK: Final = "each block follows the one before and its id covers its submissions in their order"
PAYLOAD: Final = "no submission is ordered twice, out of its time, or beyond the union's limits"
CERTIFIED: Final = "each consensus certificate is by a quorum, for this block and this outcome"
COMPLETE: Final = "the bundle holds all of what it says it holds"

DAY_MS: Final = 86_400_000
MAX_SUBMISSION: Final = 1024 * 1024


@dataclass(frozen=True)
class Shown:
    """A block of the bundle: its entry, the indexes of its first and last, its parent's entry."""

    block: Block
    first: int
    last: int
    parent: Block | None


@dataclass
class ProvenBundle:
    """What the bundle holds. epochs: rosters known from it; policy: that accepted the head, of
    which epoch, None for one that was given; certified: the last finalization, of which height."""

    selection: list[Value]
    union: Union
    head: Head
    policy: Policy
    policy_epoch: int | None
    epochs: list[Roster]
    blocks: int = 0
    submissions: int = 0
    accepted: int = 0
    refused: int = 0
    deadlines: int = 0
    certificates: int = 0
    certified: tuple[int, Finalized] | None = None
    opening: Shown | None = None
    last: Shown | None = None


def verify_bundle(
    file: BinaryIO,
    policies: Sequence[Policy],
    union: Union | None,
    tell: Callable[[int, int], None] = lambda _done, _of: None,
) -> ProvenBundle:
    """What the bundle holds. Raises Refused.

    union: the genesis to go by; without one, the first policy. tell: how far it is, in entries.
    """
    stream = frames(file)
    try:
        found, tree, steps = _opened(stream, policies, union)
        _Reader(found, tree, steps).read(stream, tell)
    except StopIteration as error:
        raise Refused(FORM, "a frame is missing") from error
    return found


# ---------------------------------------------------------------- before the entries


def _opened(
    stream: Iterator[Frame], policies: Sequence[Policy], union: Union | None
) -> tuple[ProvenBundle, Tree, list[Step]]:
    selection = _selection(_expect(stream, SELECTION))
    frame = _expect(stream, GENESIS)
    try:
        founded = read_document(frame.payload)
    except Malformed as error:
        raise Refused(FOUNDING, str(error)) from error
    if union is not None and union.id != founded.id:
        raise Refused(FOUNDING, "it is of another union than the genesis that was given")
    frame, steps, epochs = next(stream), [], [founded.founding]
    while frame.kind == STEP:
        try:
            steps.append(read_step(frame.payload, epochs[-1], founded.id))
        except Malformed as error:
            raise Refused(EPOCHS, f"epoch {epochs[-1].epoch}: {error}") from error
        epochs.append(steps[-1].after)
        frame = next(stream)
    if frame.kind != CHECKPOINT:
        frame.refuse("it is no checkpoint, where one must stand")
    head, policy, epoch = _head(frame, policies, founded, epochs, steps, by_genesis=bool(union))
    tree = Tree(head)
    tree.take_edge(stream)
    return ProvenBundle(selection, founded, head, policy, epoch, epochs), tree, steps


def _head(
    frame: Frame,
    policies: Sequence[Policy],
    union: Union,
    epochs: Sequence[Roster],
    steps: Sequence[Step],
    *,
    by_genesis: bool,
) -> tuple[Head, Policy, int | None]:
    """The checkpoint under the policy given, or under that of the epoch in which it was made."""
    try:
        found = parse_checkpoint(frame.payload)
        if found.extensions or not found.size or found.origin != union.origin:
            raise Malformed("it has extension lines, no entries, or is of another log")
        if not by_genesis:
            return accepted(found, policies[0]), policies[0], None
        ended = [step.size for step in steps]
        inside = sum(size < found.size for size in ended)
        reason = Malformed("no epoch's policy accepts it")
        for at in (inside, inside + 1) if found.size in ended else (inside,):
            policy = union.policy(epochs[at])
            try:
                return accepted(found, policy), policy, epochs[at].epoch
            except Malformed as error:
                reason = error
        raise reason
    except Malformed as error:
        raise Refused(HEAD, str(error)) from error


def _expect(stream: Iterator[Frame], kind: int) -> Frame:
    frame = next(stream)
    if frame.kind != kind:
        frame.refuse(f"a frame of kind {frame.kind}, where one of kind {kind} must stand")
    return frame


def _selection(frame: Frame) -> list[Value]:
    try:
        match decode(frame.payload):
            case [0]:
                return [0]
            case [1, int(first), int(last)] if 0 <= first <= last < 2**63:
                return [1, first, last]
            case [2, int(begin), int(end)] if 0 <= begin < end < 2**63:
                return [2, begin, end]
            case [3, str(subject), str(reference)] if (
                1 <= len(subject) <= 128 and 1 <= len(reference) <= 128
            ):
                return [3, subject, reference]
            case _:
                frame.refuse("it selects nothing that a bundle can hold")
    except Malformed as error:
        frame.refuse(str(error))


# ---------------------------------------------------------------- entries and blocks


@dataclass
class _Open:
    """What has come of a block, or of a submission in it."""

    first: int = 0
    ids: list[bytes] = field(default_factory=list)
    size: int = 0
    expiries: list[int] = field(default_factory=list)
    submission: Submission | None = None
    records: list[bytes] = field(default_factory=list)


class _Reader:
    def __init__(self, found: ProvenBundle, tree: Tree, steps: list[Step]) -> None:
        self._found, self._tree, self._steps = found, tree, steps
        self._open = _Open()
        self._next = self._entries = self._certified = 0
        self._parent: Block | None = None
        self._seen: set[bytes] = set()
        self._closed: list[Value] | None = None
        """The last block as [header, ids], where it is known."""

    def read(self, stream: Iterator[Frame], tell: Callable[[int, int], None]) -> None:
        for frame in stream:
            match frame.kind:
                case kind if kind == TILE:
                    self._tree.take_tile(frame)
                case kind if kind == ENTRIES:
                    for index, data in self._tree.entries(frame):
                        self._entry(index, data)
                    tell(self._next, self._tree.size)
                case kind if kind == CERTIFICATE:
                    self._certificate(frame)
                case kind if kind == END:
                    self._end(frame)
                case kind if kind == ORDERED:
                    self._ordered(frame)
                case kind if kind not in (CONTRACTS, STATE, PROOF):
                    frame.refuse("the frame does not belong here")

    def _entry(self, index: int, data: bytes) -> None:
        place = f"entry {index}"
        try:
            entry = parse_entry(data, index)
        except Malformed as error:
            raise Refused(ENTRY_FORM, f"{place}: {error}") from error
        if self._entries < 2:
            return self._founding(index, entry)
        if index < self._next or (index > self._next and not self._is_whole):
            raise Refused(FORM, f"{place}: it stands before others, or inside a block")
        if index > self._next:
            if not isinstance(entry, Block):
                raise Refused(ENTRY_FORM, f"{place}: after a gap the parent's block entry stands")
            self._resume(index, entry)
            return None
        self._count(index)
        match entry:
            case Block():
                self._block(index, entry)
            case Submission():
                self._submission(entry, place)
            case RecordEntry():
                self._record(entry, place)
            case Deadline() if not self._open.ids and self._open.submission is None:
                self._found.deadlines += 1
            case _:
                raise Refused(ENTRY_FORM, f"{place}: it may not stand here")
        return None

    @property
    def _is_whole(self) -> bool:
        return (
            not self._open.ids
            and self._open.submission is None
            and (self._open.first == self._next)
        )

    def _count(self, index: int) -> None:
        self._next, self._entries = index + 1, self._entries + 1

    def _founding(self, index: int, entry: object) -> None:
        found, wanted = self._found, self._entries
        if index != wanted:
            raise Refused(FOUNDING, f"entry {index} where {wanted} must stand")
        self._count(index)
        if isinstance(entry, Genesis) and index == 0 and entry.union == found.union.id:
            return
        if not isinstance(entry, Block) or index != 1 or entry.height != 0:
            raise Refused(FOUNDING, f"entry {index}: it is not the genesis block's")
        shown = Shown(entry, 0, 1, None)
        found.opening = found.last = shown
        found.blocks, self._parent, self._open = 1, entry, _Open(first=2)

    def _resume(self, index: int, entry: Block) -> None:
        self._count(index)
        self._closed = None
        self._parent, self._open = entry, _Open(first=index + 1)

    # ------------------------------------------------------------ submissions

    def _submission(self, entry: Submission, place: str) -> None:
        if self._open.submission is not None:
            raise Refused(RECORDS, f"{place}: records of the submission before it are missing")
        if entry.header.union != self._found.union.id:
            raise Refused(SUBMISSION, f"{place}: it is for another union")
        self._open.submission, self._open.records = entry, []

    def _record(self, entry: RecordEntry, place: str) -> None:
        submission, records = self._open.submission, self._open.records
        if submission is None or (entry.submission, entry.position) != (
            submission.id,
            len(records),
        ):
            raise Refused(RECORDS, f"{place}: it is not the record that stands here")
        records.append(entry.record)
        if entry.rule is None:
            self._found.accepted += 1
        else:
            self._found.refused += 1
        if len(records) == submission.header.record_count:
            self._finish(submission, records, place)

    def _finish(self, submission: Submission, records: list[bytes], place: str) -> None:
        header = submission.header
        size = len(encode([submission.encoded, list(records), submission.signature]))
        fits = size <= MAX_SUBMISSION and all(1 <= len(each) <= 60 * 1024 for each in records)
        if not fits or root_of([leaf_hash(each) for each in records]) != header.records_root:
            raise Refused(SUBMISSION, f"{place}: the records are not those the header names")
        if not is_signed(submission):
            raise Refused(SUBMISSION, f"{place}: the author's signature does not hold")
        self._found.submissions += 1
        self._open.ids.append(submission.id)
        self._open.size += size
        self._open.expiries.append(header.expiry_ms)
        self._open.submission = None

    # ------------------------------------------------------------ blocks

    def _block(self, index: int, entry: Block) -> None:
        place, parent, opened = f"block {entry.height}", self._parent, self._open
        if parent is None or opened.submission is not None:
            raise Refused(RECORDS, f"{place}: records of a submission are missing")
        roster = self._roster(entry.epoch)
        same_epoch = parent.epoch == entry.epoch or parent.height == 0
        header: list[Value] = [
            self._found.union.id,
            entry.epoch,
            entry.height,
            entry.view,
            parent.view if same_epoch else 0,
            entry.parent,
            entry.time_ms,
            entry.proposer,
            tagged_digest("payload", b"".join(opened.ids)),
        ]
        follows = (
            entry.height == parent.height + 1
            and entry.parent == parent.block
            and entry.time_ms > parent.time_ms
            and (entry.view > parent.view or not same_epoch)
            and entry.epoch - parent.epoch in ((0, 1) if parent.height else (1,))
        )
        if not follows or tagged_digest("block", encode(header)) != entry.block:
            raise Refused(BLOCK, f"{place}: it does not follow, or its id is another")
        if roster is not None:
            seats = len(roster.committee)
            if entry.proposer != leader(self._found.union.id, entry.epoch, entry.view, seats):
                raise Refused(BLOCK, f"{place}: its proposer does not lead its view")
            self._check_payload(place, entry, roster)
        self._check_epoch(place, entry, parent, index + 1)
        self._shown(Shown(entry, opened.first, index, parent))
        self._closed = [header, list(opened.ids)]
        self._parent, self._open = entry, _Open(first=index + 1)

    def _check_epoch(self, place: str, entry: Block, parent: Block, size: int) -> None:
        """Epochs end where the steps say, and with what they say."""
        for step in self._steps:
            ended = step.after.epoch - 1
            if (parent.epoch == ended and entry.epoch != ended) != (
                parent.height == step.height and parent.epoch == ended
            ):
                raise Refused(BLOCK, f"{place}: epoch {ended} ends at block {step.height}")
            if entry.height == step.height and (
                (entry.block, size, entry.state_root) != (step.block, step.size, step.state_root)
                or self._tree.root_at(size) != step.log_root
            ):
                raise Refused(EPOCHS, f"{place}: it is not the one that ended epoch {ended}")

    def _roster(self, epoch: int) -> Roster | None:
        return next((each for each in self._found.epochs if each.epoch == epoch), None)

    def _check_payload(self, place: str, entry: Block, roster: Roster) -> None:
        opened = self._open
        most, most_bytes = roster.parameters[2], roster.parameters[3]
        if len(opened.ids) > most or opened.size > most_bytes:
            raise Refused(PAYLOAD, f"{place}: it orders more than the union allows")
        times = (entry.time_ms < at <= entry.time_ms + DAY_MS for at in opened.expiries)
        if not all(times):
            raise Refused(PAYLOAD, f"{place}: a submission is ordered out of its time")
        for each in opened.ids:
            if each in self._seen:
                raise Refused(PAYLOAD, f"{place}: a submission is ordered twice")
            self._seen.add(each)

    def _shown(self, shown: Shown) -> None:
        """Completeness: where a block stands in what the bundle says it holds."""
        found, last = self._found, self._found.last
        assert last is not None, "the genesis block came first"
        gap = shown.first != last.last + 1
        height, opens = shown.block.height, last.block.height == 0
        match found.selection:
            case [0] if gap:
                raise Refused(COMPLETE, f"block {height}: blocks before it are left out")
            case [1, int(first), int(final)]:
                begins = opens and height == max(first, 1)
                if height > final or (not begins and (gap or last.block.height + 1 != height)):
                    raise Refused(COMPLETE, f"block {height}: it is not the next of the range")
            case [2, int(begin), int(end)]:
                over = not opens and last.block.time_ms >= end
                before = shown.parent is not None and shown.parent.time_ms < begin
                if over or (gap and not (opens and before)):
                    raise Refused(COMPLETE, f"block {height}: it is not the next of the period")
        if found.opening is not None and found.opening.block.height == 0:
            found.opening = shown
        found.blocks += 1
        found.last = shown

    # ------------------------------------------------------------ certificates and the end

    def _certificate(self, frame: Frame) -> None:
        block = self._parent
        try:
            match decode(frame.payload):
                case [int(before), bytes(certificate)] if before == self._certified:
                    pass
                case _:
                    raise Malformed("the certificate before it is missing")
            roster = None if block is None else self._roster(block.epoch)
            closed = self._closed
            if block is None or roster is None or closed is None or not self._is_whole:
                raise Malformed("there is no block that it could be for")
            final = check_final(closed, certificate, roster, self._found.union.id)
            if final.block != block.block:
                raise Malformed("it is for another block")
            size = self._next
            outcome: list[Value] = [size, self._tree.root_at(size), block.state_root]
            if tagged_digest("outcome", encode(outcome)) != final.outcome:
                raise Malformed("it is for another outcome than the log's")
        except Malformed as error:
            frame.refuse(str(error), CERTIFIED)
        self._found.certificates += 1
        self._certified = block.height
        self._found.certified = block.height, final

    def _ordered(self, frame: Frame) -> None:
        """The first that comes after a gap holds the block before the range."""
        if self._closed is not None or self._parent is None:
            return
        try:
            match decode(frame.payload):
                case [bytes(first), *_]:
                    block = decode(first)
                case _:
                    raise Malformed("it holds no blocks")
            if isinstance(block, list) and len(block) == 2:
                if tagged_digest("block", encode(block[0])) != self._parent.block:
                    raise Malformed("its first block is not the one before the range")
                self._closed = block
        except Malformed as error:
            frame.refuse(str(error))

    def _end(self, frame: Frame) -> None:
        found, last = self._found, self._found.last
        try:
            entries, certified = bundle_end(frame)
        except Malformed as error:
            frame.refuse(str(error))
        if entries != self._entries:
            frame.refuse(f"it holds {self._entries} entries, its end says {entries}")
        if certified != self._certified:
            frame.refuse(f"the last is of block {self._certified}, not {certified}", CERTIFIED)
        if last is None or not self._is_whole:
            raise Refused(FORM, "it ends inside a block")
        whole = last.last == self._tree.size - 1
        match found.selection:
            case [0] if not whole:
                raise Refused(COMPLETE, f"it ends with entry {last.last} of {self._tree.size}")
            case [1, _, int(final)] if last.block.height != final:
                raise Refused(COMPLETE, f"it ends with block {last.block.height}, not {final}")
            case [2, _, int(end)] if last.block.time_ms < end and not whole:
                raise Refused(COMPLETE, "nothing shows that the period is over")
