"""Two bundles compared: one log, or two that part, and who signed both.

Each bundle is checked against its own checkpoint (tiles and inclusion; not executed). Two logs
under one policy that hold different entries at one index, or of which the longer does not begin
with the shorter, are a fork. A witness that cosigned both heads said of each that it was
consistent with all it had seen before: its two lines convict it, and nothing else is needed.
Source: c2sp.org/tlog-cosignature.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from ledger_node.audit.bundle.difference import difference
from ledger_node.audit.bundle.form import Reads
from ledger_node.audit.bundle.reader import BundleReader, LoggedEntries
from ledger_node.codec import Digest
from ledger_node.log.note import NoteSignature
from ledger_node.log.policy import Policy
from ledger_node.log.verified import VerifiedCheckpoint


class Relation(Enum):
    """How the logs of two bundles stand to each other."""

    SAME = "the two checkpoints are of one and the same log"
    PREFIX = "one log, at two times: the longer begins with the shorter"
    FORKED = "two logs that contradict each other"
    UNKNOWN = "the bundles do not hold enough to tell"


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first log index at which both bundles have an entry, and not the same. found: text."""

    index: int
    found: str


@dataclass(frozen=True, slots=True)
class Culprit:
    """A witness that cosigned both heads; its lines, and the times they state, in seconds."""

    name: str
    lines: tuple[NoteSignature, NoteSignature]
    times: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Comparison:
    """heads: of the two bundles; common: entries that both hold and that are the same.

    divergence: None also for a fork that shows only in the heads; culprits: of a fork.
    """

    relation: Relation
    heads: tuple[VerifiedCheckpoint, VerifiedCheckpoint]
    common: int
    divergence: Divergence | None
    culprits: tuple[Culprit, ...]


class OtherLog(Exception):
    """Bundles of logs that have nothing to do with each other. origins: of the two."""

    def __init__(self, origins: tuple[str, str]) -> None:
        super().__init__(f"one bundle is of the log {origins[0]}, the other of {origins[1]}")
        self.origins = origins


def compare(first: Reads, second: Reads, policy: Policy) -> Comparison:
    """How two bundles stand to each other. Raises BundleRefused, OtherLog."""
    readers = (BundleReader(first, policy), BundleReader(second, policy))
    heads = (readers[0].checkpoint, readers[1].checkpoint)
    origins = (heads[0].checkpoint.origin, heads[1].checkpoint.origin)
    if origins[0] != origins[1]:
        raise OtherLog(origins)
    short = min(readers, key=lambda reader: reader.size)
    streams = [_Stream(reader, short.size) for reader in readers]
    common, divergence = _first_divergence(streams[0], streams[1])
    for stream in streams:
        stream.exhaust()
    long = streams[1] if short is readers[0] else streams[0]
    relation = _relation(readers, long.root_below, divergence)
    culprits = _culprits(heads) if relation is Relation.FORKED else ()
    return Comparison(relation, heads, common, divergence, culprits)


class _Stream:
    """A bundle's entries one by one; on the way, the root of the log at a smaller size."""

    def __init__(self, reader: BundleReader, size: int) -> None:
        self.root_below: Digest | None = None
        self._reader = reader
        self._size = size
        self._entries = self._flow()
        self.current: tuple[int, bytes] | None = next(self._entries, None)

    def advance(self) -> None:
        self.current = next(self._entries, None)

    def exhaust(self) -> None:
        """Check the rest of the bundle as well."""
        for _ in self._entries:
            pass

    def _flow(self) -> Iterator[tuple[int, bytes]]:
        for logged in self._reader:
            if not isinstance(logged, LoggedEntries):
                continue
            end = logged.first + len(logged.entries)
            if logged.first <= self._size - 1 < end:
                # The tiles on the way to the shorter log's last entry are at hand now.
                self.root_below = self._reader.frontier(self._size).root()
            yield from enumerate(logged.entries, logged.first)


def _first_divergence(one: _Stream, other: _Stream) -> tuple[int, Divergence | None]:
    common = 0
    while one.current is not None and other.current is not None:
        (index, mine), (other_index, theirs) = one.current, other.current
        if index == other_index:
            if mine != theirs:
                found = difference(mine, theirs, "the first", "the second")
                return common, Divergence(index, found)
            common += 1
        if index <= other_index:
            one.advance()
        if other_index <= index:
            other.advance()
    return common, None


def _relation(
    readers: tuple[BundleReader, BundleReader],
    root_below: Digest | None,
    divergence: Divergence | None,
) -> Relation:
    one, other = (reader.checkpoint.checkpoint for reader in readers)
    if divergence is not None:
        return Relation.FORKED
    if one.size == other.size:
        return Relation.SAME if one.root == other.root else Relation.FORKED
    if root_below is None:
        return Relation.UNKNOWN
    shorter = min(one, other, key=lambda head: head.size)
    return Relation.PREFIX if root_below == shorter.root else Relation.FORKED


def _culprits(heads: tuple[VerifiedCheckpoint, VerifiedCheckpoint]) -> tuple[Culprit, ...]:
    second = {each.witness.name: each for each in heads[1].cosignatures}
    return tuple(
        Culprit(
            each.witness.name,
            (each.signature, second[each.witness.name].signature),
            (each.timestamp, second[each.witness.name].timestamp),
        )
        for each in heads[0].cosignatures
        if each.witness.name in second
    )
