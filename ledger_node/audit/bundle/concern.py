"""Which records concern a movement, a guarantee or a participant.

Refused ones count as well: a refusal is a fact someone may look for. A record concerns a subject
when it changed an object named after it, names it in one of its fields, or, for a participant, was
signed by it. A movement is known under more names than its MRN: that of the declaration it was
registered from, and those of the transports its navigation seals watch.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import msgspec

from contracts import Record, RuleViolation, decode_record
from contracts.seals.records import ActivateSeal
from contracts.transit.records import Register
from ledger_node.ledger.entries import DeadlineEntry, RecordEntry
from ledger_node.ledger.outcome import RecordAccepted


class Subject(StrEnum):
    """What a bundle or a report can be about."""

    MOVEMENT = "movement"
    GUARANTEE = "guarantee"
    PARTICIPANT = "participant"


class Concern:
    """Tells the records on one subject from the rest.

    A movement's other names stand in records of its own, so read those first (`learn`), then ask
    (`touched_by`).
    """

    def __init__(self, subject: Subject, reference: str) -> None:
        """reference: MRN, GRN or participant id."""
        self.subject = subject
        self.reference = reference
        self._names = {reference}
        self._declarations: set[tuple[str, str]] = set()

    def learn(self, entry: RecordEntry) -> None:
        """Take in other names that an accepted record gives the movement."""
        if self.subject is not Subject.MOVEMENT or not isinstance(entry.outcome, RecordAccepted):
            return
        if self.reference.encode() not in entry.record:
            return
        match _record(entry.record):
            case Register(declarant=declarant, lrn=lrn, mrn=mrn) if mrn == self.reference:
                self._declarations.add((declarant, lrn))
            case ActivateSeal(mrn=mrn, transport=transport) if mrn == self.reference:
                self._names.add(transport)
            case _:
                pass

    def touched_by(self, entry: RecordEntry, author: str) -> bool:
        """Whether the record concerns the subject. author: of its submission."""
        if self.subject is Subject.PARTICIPANT and author == self.reference:
            return True
        return self._by_name(entry) or self._by_declaration(entry, author)

    def touched_by_time(self, entry: DeadlineEntry) -> bool:
        """Whether a deadline that acted concerns the subject."""
        return self._in_keys((*entry.keys, entry.reference))

    def _in_keys(self, keys: tuple[str, ...]) -> bool:
        """Participant ids hold slashes themselves, so a name is looked for between them."""
        return any(f"/{name}/" in f"/{key}/" for key in keys for name in self._names)

    def _by_name(self, entry: RecordEntry) -> bool:
        if self._in_keys(entry.keys):
            return True
        # Canonical text stands in a record as it is: most records are told apart without decoding.
        if not any(name.encode() in entry.record for name in self._names):
            return False
        record = _record(entry.record)
        return record is not None and any(text in self._names for text in _texts(record))

    def _by_declaration(self, entry: RecordEntry, author: str) -> bool:
        for declarant, lrn in self._declarations:
            if f"declaration/{declarant}/{lrn}" in entry.keys:
                return True
            if lrn.encode() in entry.record:
                record = _record(entry.record)
                named = getattr(record, "declarant", author)
                if getattr(record, "lrn", None) == lrn and named == declarant:
                    return True
        return False


def _record(data: bytes) -> Record | None:
    try:
        return decode_record(data)
    except RuleViolation:
        return None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _texts(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
