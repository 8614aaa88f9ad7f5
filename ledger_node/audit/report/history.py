"""What a report shows, gathered block by block: the history of one subject, and counts of all.

Only a bounded number of events is kept and the rest counted, so a report takes no more memory for
a longer log.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from contracts import RULES, RuleViolation, decode_record, record_to_json
from ledger_node.audit.bundle.blocks import LoggedBlock
from ledger_node.audit.bundle.concern import Concern
from ledger_node.audit.display import field_lines
from ledger_node.ledger.entries import DeadlineEntry, RecordEntry
from ledger_node.ledger.outcome import RecordRejected

MAX_EVENTS: Final = 2_000
DAY_MS: Final = 86_400_000
MAX_DAYS: Final = 4_000
"""Days that are told apart: ten years and some."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """rule: its id; text, source: empty when this program does not know the rule."""

    rule: str
    text: str
    source: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Event:
    """A record, or a deadline that acted. index: in the log; author: "" for a deadline."""

    index: int
    height: int
    time_ms: int
    author: str
    key: str
    kind: str
    meaning: str
    fields: tuple[tuple[str, str], ...]
    changed: tuple[str, ...]
    refusal: Refusal | None

    @property
    def is_deadline(self) -> bool:
        """Whether time alone brought it about."""
        return not self.author


@dataclass(slots=True)
class History:
    """The events of a subject in order. more: events that were counted but not kept."""

    concern: Concern
    events: list[Event] = field(default_factory=list)
    more: int = 0

    def observe(self, block: LoggedBlock) -> None:
        """Take in a block's events that concern the subject."""
        for event in self._concerned(block):
            if len(self.events) < MAX_EVENTS:
                self.events.append(event)
            else:
                self.more += 1

    def _concerned(self, block: LoggedBlock) -> Iterator[Event]:
        for index, deadline in enumerate(block.deadlines, block.first):
            if self.concern.touched_by_time(deadline):
                yield _deadline_event(index, deadline, block)
        for submission in block.submissions:
            header = submission.submission.header
            for index, record in enumerate(submission.records, submission.index + 1):
                if self.concern.touched_by(record, header.author):
                    yield _record_event(
                        index, record, block, header.author, header.public_key.hex()
                    )


@dataclass(slots=True)
class Overview:
    """Counts over all records of a bundle: by kind, by rule and by day, in two outcomes."""

    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    deadlines: Counter[str] = field(default_factory=Counter)
    days: dict[int, tuple[int, int]] = field(default_factory=dict)

    def observe(self, block: LoggedBlock) -> None:
        """Count a block's records."""
        good = bad = 0
        for submission in block.submissions:
            for record in submission.records:
                kind = _kind_of(record.record)
                if isinstance(record.outcome, RecordRejected):
                    bad += 1
                    self.refused[kind] += 1
                    self.rules[record.outcome.rule] += 1
                else:
                    good += 1
                    self.accepted[kind] += 1
        for deadline in block.deadlines:
            self.deadlines[deadline.act] += 1
        day = block.closing.time_ms // DAY_MS
        if (good or bad) and (day in self.days or len(self.days) < MAX_DAYS):
            before = self.days.get(day, (0, 0))
            self.days[day] = (before[0] + good, before[1] + bad)

    @property
    def kinds(self) -> list[str]:
        """Every kind that occurred, sorted."""
        return sorted({*self.accepted, *self.refused})


NO_RECORD: Final = "bytes that are no record"


def _kind_of(data: bytes) -> str:
    try:
        return decode_record(data).kind()
    except RuleViolation:
        return NO_RECORD


def _record_event(
    index: int, entry: RecordEntry, block: LoggedBlock, author: str, key: str
) -> Event:
    kind, meaning = NO_RECORD, ""
    fields: tuple[tuple[str, str], ...] = ()
    try:
        record = decode_record(entry.record)
    except RuleViolation:
        pass
    else:
        plain = record_to_json(record)
        del plain["kind"]
        kind, fields = record.kind(), tuple(field_lines(plain))
        text = " ".join((type(record).__doc__ or "").split())
        meaning = text.partition(". ")[0].removesuffix(".")
    return Event(
        index=index,
        height=block.closing.height,
        time_ms=block.closing.time_ms,
        author=author,
        key=key,
        kind=kind,
        meaning=meaning,
        fields=fields,
        changed=entry.keys,
        refusal=_refusal(entry),
    )


def _deadline_event(index: int, entry: DeadlineEntry, block: LoggedBlock) -> Event:
    return Event(
        index=index,
        height=block.closing.height,
        time_ms=block.closing.time_ms,
        author="",
        key="",
        kind=entry.act,
        meaning="A deadline came and acted by itself",
        fields=(("about", entry.reference),),
        changed=entry.keys,
        refusal=None,
    )


def _refusal(entry: RecordEntry) -> Refusal | None:
    if not isinstance(entry.outcome, RecordRejected):
        return None
    rule = RULES.get(entry.outcome.rule)
    text, source = (rule.text, rule.source) if rule else ("", "")
    return Refusal(entry.outcome.rule, text, source, entry.outcome.values)
