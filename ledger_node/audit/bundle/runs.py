"""Which entries of a log a bundle of a selection holds: runs of whole blocks.

What concerns a subject is found by reading the log, a movement twice, since its declaration stands
before its MRN.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ledger_node.audit.bundle.concern import Concern, Subject
from ledger_node.audit.bundle.selection import (
    Blocks,
    Concerning,
    Everything,
    Period,
    Selection,
)
from ledger_node.audit.bundle.source import SourceFailed
from ledger_node.audit.bundle.source_log import NothingSelected, SourceLog, decoded
from ledger_node.ledger.entries import BlockEntry, DeadlineEntry, RecordEntry, SubmissionEntry
from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.ledger.submission import decode_header

GENESIS_END = 2
"""The genesis block has two entries."""


@dataclass(frozen=True, slots=True)
class Run:
    """Entries first .. end - 1: whole blocks, after the block entry of their parent."""

    first: int
    end: int


def runs(log: SourceLog, selection: Selection) -> Iterator[Run]:
    """What to write; the genesis block always comes first. Raises SourceFailed, NothingSelected."""
    match selection:
        case Everything():
            yield Run(0, log.size)
        case Blocks(first, last):
            end = log.at_height(last).index + 1
            yield from _from_height(log, first, end)
        case Period(begin, until):
            opening = log.first_block(lambda entry: entry.time_ms >= begin)
            if opening is None:
                raise NothingSelected("the log ends before that period")
            after = log.first_block(lambda entry: entry.time_ms >= until)
            end = log.size if after is None else after.index + 1
            yield from _from_height(log, opening.entry.height, end)
        case Concerning(subject, reference):
            yield Run(0, GENESIS_END)
            yield from _concerning(log, Concern(Subject(subject), reference))


def _from_height(log: SourceLog, height: int, end: int) -> Iterator[Run]:
    if height <= 1:
        yield Run(0, end)
    else:
        yield Run(0, GENESIS_END)
        yield Run(log.at_height(height - 1).index, end)


def _concerning(log: SourceLog, concern: Concern) -> Iterator[Run]:
    if concern.subject is Subject.MOVEMENT:
        for index, data in log.from_index(0):
            entry = decoded(index, data)
            if isinstance(entry, RecordEntry):
                concern.learn(entry)
    anchor, author, wanted, any_found = 0, "", False, False
    for index, data in log.from_index(0):
        match decoded(index, data):
            case SubmissionEntry() as entry:
                author = _author(index, entry)
            case RecordEntry() as entry:
                wanted = wanted or concern.touched_by(entry, author)
            case DeadlineEntry() as entry:
                wanted = wanted or concern.touched_by_time(entry)
            case BlockEntry():
                if wanted:
                    any_found = True
                    yield Run(anchor, index + 1)
                anchor, wanted = index, False
            case _:
                pass
    if not any_found:
        raise NothingSelected(f"no record concerns {concern.subject} {concern.reference}")


def _author(index: int, entry: SubmissionEntry) -> str:
    try:
        return decode_header(entry.header).author
    except SubmissionRefused as error:
        raise SourceFailed(f"entry {index}", error.reason) from error
