"""A bundle gone through once, from its head to its end: all that can be told without executing.

Out come blocks, each with its structure, signatures and place in its epoch checked; certificates
that a quorum made; and what stands beside the log, such as the state before a range. Whoever
iterates executes a block, if he does, before he asks for the next: later epochs may follow from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ledger_node.audit.bundle.blocks import BlockAssembler, LoggedBlock
from ledger_node.audit.bundle.certificates import BlockInLog, FinalBlock, check_certificate
from ledger_node.audit.bundle.form import Frame, FrameKind
from ledger_node.audit.bundle.reader import (
    Attached,
    BundleReader,
    LoggedCertificate,
    LoggedEntries,
)
from ledger_node.audit.bundle.refusal import BundleRefused, Place, Step
from ledger_node.audit.bundle.selection import Blocks, Concerning, Period
from ledger_node.audit.bundle.state_before import OrderedBefore, StateBefore, StateItems
from ledger_node.audit.bundle.unchanged import check_unchanged, object_key
from ledger_node.codec import Digest
from ledger_node.ledger.entries import BlockEntry


@dataclass(frozen=True, slots=True)
class Resumed:
    """The state before a range is whole: execution can go on upon this block."""

    upon: BlockInLog


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Nothing that was left out up to this height changed the subject's object for good. Where one
    is found, every gap is shown to hide nothing, up to the end of the log, or the walk fails."""

    height: int


@dataclass(frozen=True, slots=True)
class Contracts:
    """A frame with a contract set, unread."""

    frame: Frame


Found: TypeAlias = (
    LoggedBlock | FinalBlock | StateItems | OrderedBefore | Resumed | Unchanged | Contracts
)


class Walk:
    """Owned by whoever iterates it, once. Raises BundleRefused at the first failure."""

    def __init__(self, reader: BundleReader, *, tolerant: bool = False) -> None:
        """tolerant: let blocks and certificates of epochs pass of which nothing tells who formed
        them, for a reader to whom the checkpoint is enough."""
        self._reader = reader
        self._tolerant = tolerant
        self._assembler = BlockAssembler(reader.founding, reader.succession, tolerant=tolerant)
        self._last: BlockInLog | None = None
        """The last block of which a certificate can come."""
        self._before: StateBefore | None = None
        self._shown: BlockEntry | None = None
        """Of the last block that was shown whole."""
        self._gaps = self._proven = 0
        self._certified = 0

    def __iter__(self) -> Iterator[Found]:
        """What the bundle holds, in order."""
        for logged in self._reader:
            match logged:
                case LoggedEntries():
                    yield from self._entries(logged)
                case LoggedCertificate():
                    yield from self._certificate(logged)
                case Attached():
                    yield from self._attached(logged.frame)
        self._finish()

    def _entries(self, logged: LoggedEntries) -> Iterator[LoggedBlock]:
        if self._before is not None:
            self._before.check_whole()
        if logged.resumes is not None:
            self._check_proven()
            self._gaps += 1
        self._last = None
        for block in self._assembler.take(logged):
            root = Digest(block.closing.state_root)
            self._last = BlockInLog(block.block, block.frontier, root, block.end - 1)
            self._shown = block.closing
            yield block
        if not self._assembler.between_blocks:
            self._last = None

    def _certificate(self, logged: LoggedCertificate) -> Iterator[FinalBlock]:
        if self._before is not None:
            self._before.check_whole()
        if self._last is None:
            found = "a certificate that does not follow the end of a block"
            raise logged.frame.refused(found)
        height = self._last.block.header.height
        if logged.before != self._certified:
            raise _missing(logged.before, self._certified, logged.frame.offset)
        epoch = self._reader.succession.epoch(self._last.block.header.epoch)
        if epoch is not None:
            yield check_certificate(logged.data, self._last, epoch)
        elif not self._tolerant:
            found = f"who voted in epoch {self._last.block.header.epoch} is not known"
            raise BundleRefused(Step.EPOCHS, self._last.place, found)
        self._certified, self._last = height, None

    def _attached(self, frame: Frame) -> Iterator[Found]:
        if frame.kind is FrameKind.CONTRACTS:
            yield Contracts(frame)
            return
        if frame.kind is FrameKind.PROOF:
            yield self._unchanged(frame)
            return
        before = self._state_before(frame)
        was_whole = before.whole
        if frame.kind is FrameKind.STATE:
            yield before.take_state(frame)
        else:
            yield before.take_ordered(frame)
        if before.whole and not was_whole:
            self._last = before.block
            yield Resumed(before.block)

    def _unchanged(self, frame: Frame) -> Unchanged:
        resumption, selection = self._assembler.resumption, self._reader.selection
        if resumption is None or not isinstance(selection, Concerning) or self._shown is None:
            raise frame.refused("a frame PROOF does not belong here")
        if self._proven != self._gaps - 1:
            raise frame.refused("a PROOF that others do not stand before, or twice")
        check_unchanged(frame, object_key(selection), self._shown, resumption.entry)
        self._proven += 1
        return Unchanged(resumption.entry.height)

    def _check_proven(self) -> None:
        """Once one gap is shown to hide no change, all are."""
        if self._proven and self._proven != self._gaps:
            assert self._shown is not None, "something was shown before the gap"
            found = "the proof for the blocks left out after it is missing"
            raise BundleRefused(Step.UNCHANGED, Place(height=self._shown.height), found)

    def _check_reached_end(self) -> None:
        if self._reader.position != self._reader.size:
            assert self._shown is not None, "something was shown before a gap"
            found = "nothing shows that the object did not change after this block"
            raise BundleRefused(Step.UNCHANGED, Place(height=self._shown.height), found)

    def _state_before(self, frame: Frame) -> StateBefore:
        resumption = self._assembler.resumption
        of_a_range = isinstance(self._reader.selection, Blocks | Period)
        if resumption is None or not of_a_range or self._gaps != 1:
            raise frame.refused(f"a frame {frame.kind.name} does not belong here")
        if self._before is None:
            self._before = StateBefore(resumption)
        return self._before

    def _finish(self) -> None:
        self._check_proven()
        if self._proven:
            self._check_reached_end()
        if not self._proven or self._assembler.resumption is None:
            self._assembler.check_end()
        if self._reader.certified != self._certified:
            raise _missing(self._reader.certified, self._certified, None)


def _missing(stated: int, found: int, offset: int | None) -> BundleRefused:
    text = (
        f"the last certificate before here is said to be that of block {stated} and is that of "
        f"block {found} (0: none)"
    )
    return BundleRefused(Step.CERTIFICATE, Place(height=max(stated, found), byte=offset), text)
