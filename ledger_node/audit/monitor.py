"""Following a log from outside: each new head is held against the last one seen.

What a monitor believes is what its policy accepts, and what hashes to it. A new head is consistent
when its own tiles, which make its root, also make the root seen before; where they make another,
the two heads are evidence of a fork. Nothing here waits or keeps files: `look` is one look, the
clock is given to it, and what it remembers is a `Memory`.

Sources: c2sp.org/tlog-tiles, RFC 6962 section 2.1.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ledger_node.codec import DecodeError, Digest
from ledger_node.ledger.entries import DeadlineEntry, RecordEntry, decode_entry
from ledger_node.log.checkpoint import SignedCheckpoint
from ledger_node.log.fork import ForkRefused, ProvenFork, prove_fork
from ledger_node.log.merkle import (
    ConsistencyError,
    Frontier,
    HashReader,
    consistency_path,
    leaf_hash,
    tree_root,
    verify_consistency,
)
from ledger_node.log.policy import Policy
from ledger_node.log.published import (
    FileUnfit,
    PublishedLog,
    ask_hashes,
    frontier_at,
    read_checkpoint,
    read_entries,
)
from ledger_node.log.tiles import TILE_WIDTH, EntryBundle, tile_width
from ledger_node.log.verified import CheckpointRefused, VerifiedCheckpoint, verify_checkpoint

MAX_HEADS: Final = 1000
"""Heads remembered, the newest: about 800 KB of signed notes for a union of five."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The log has a new head, consistent with the one before. new: entries since."""

    size: int
    root: Digest
    new: int


@dataclass(frozen=True, slots=True)
class Touched:
    """An entry changed a watched object. what: kind of entry; keys: the watched ones among its."""

    index: int
    what: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stalled:
    """No new head for longer than is usual. for_s: seconds."""

    size: int
    for_s: int


@dataclass(frozen=True, slots=True)
class Behind:
    """The log shows an older head than was seen before; whether it fits cannot be told yet."""

    size: int
    seen: int


@dataclass(frozen=True, slots=True)
class Unfit:
    """What is published proves nothing: not accepted by the policy, or not what its root commits
    to. reason: text."""

    reason: str


@dataclass(frozen=True, slots=True)
class Forked:
    """Two heads that contradict each other were signed."""

    fork: ProvenFork


Event: TypeAlias = Followed | Touched | Stalled | Behind | Unfit | Forked


@dataclass
class Memory:
    """What a monitor knows. heads: signed heads it accepted, oldest first; frontier: of the last;
    grown_s: when it last saw the log grow, by its own clock, in seconds since the epoch."""

    heads: list[SignedCheckpoint] = field(default_factory=list)
    frontier: Frontier = field(default_factory=Frontier.empty)
    grown_s: int = 0

    def remember(self, head: VerifiedCheckpoint, frontier: Frontier, now_s: int) -> None:
        """The head is the newest now."""
        self.heads = [*self.heads[1 - MAX_HEADS :], head.signed()]
        self.frontier = frontier
        self.grown_s = now_s


@dataclass(frozen=True, slots=True)
class Watch:
    """What to look out for. keys: of objects; one that ends in "*" stands for all that begin so.

    stall_s: seconds without a new head to be told of, 0 for never; from_start: look also through
    the entries that were there before the first look.
    """

    keys: tuple[str, ...] = ()
    stall_s: int = 0
    from_start: bool = False

    def matching(self, keys: Sequence[str]) -> tuple[str, ...]:
        """Those of an entry's keys that are watched."""
        return tuple(key for key in keys if any(_matches(each, key) for each in self.keys))


def _matches(pattern: str, key: str) -> bool:
    return key.startswith(pattern[:-1]) if pattern.endswith("*") else key == pattern


async def look(
    log: PublishedLog, policy: Policy, memory: Memory, watch: Watch, now_s: int
) -> list[Event]:
    """What is new; `memory` is brought up to date unless something is wrong.

    Raises LogUnreachable, FileAbsent: try again later.
    """
    found: list[Event] = []
    try:
        head = verify_checkpoint(await read_checkpoint(log), policy)
        found += await _follow(log, policy, memory, watch, head, now_s)
    except (CheckpointRefused, FileUnfit, ForkRefused, ConsistencyError, _EntriesUnfit) as error:
        found.append(Unfit(str(error)))
    if memory.grown_s and now_s - memory.grown_s > watch.stall_s > 0:
        found.append(Stalled(memory.frontier.size, now_s - memory.grown_s))
    return found


async def _follow(
    log: PublishedLog,
    policy: Policy,
    memory: Memory,
    watch: Watch,
    head: VerifiedCheckpoint,
    now_s: int,
) -> list[Event]:
    fork = _known_otherwise(memory, head, policy)
    if fork is not None:
        return [Forked(fork)]
    size, seen = head.checkpoint.size, memory.frontier.size
    if size == seen and memory.heads:
        return []
    if size < seen:
        return [Behind(size, seen)]
    history = await ask_hashes(log, size, lambda hashes: _history(hashes, seen, size))
    if history.frontier.root() != head.checkpoint.root:
        return [Unfit(f"the tiles of {size} entries do not make the root of its checkpoint")]
    if memory.heads:
        last = verify_checkpoint(memory.heads[-1], policy)
        if history.old_root != last.checkpoint.root:
            return [Forked(prove_fork(last, head, history.old_root, history.path, policy))]
        # The tiles that make the old root need not be those that make the new one: the path shows
        # that both are of one tree.
        verify_consistency(seen, size, history.path, last.checkpoint.root, head.checkpoint.root)
    touched = await _touched(log, memory, watch, head)
    memory.remember(head, history.frontier, now_s)
    return [Followed(size, head.checkpoint.root, size - seen), *touched]


@dataclass(frozen=True, slots=True)
class _History:
    frontier: Frontier
    old_root: Digest
    path: tuple[Digest, ...]


def _history(hashes: HashReader, seen: int, size: int) -> _History:
    path = consistency_path(seen, size, hashes) if seen else ()
    return _History(frontier_at(size, hashes), tree_root(seen, hashes), path)


def _known_otherwise(memory: Memory, head: VerifiedCheckpoint, policy: Policy) -> ProvenFork | None:
    """The fork that a head makes with one of the same size seen before."""
    for seen in memory.heads:
        same_size = seen.checkpoint.size == head.checkpoint.size
        if same_size and seen.checkpoint.root != head.checkpoint.root:
            root = head.checkpoint.root
            return prove_fork(verify_checkpoint(seen, policy), head, root, (), policy)
    return None


async def _touched(
    log: PublishedLog, memory: Memory, watch: Watch, head: VerifiedCheckpoint
) -> list[Touched]:
    """The watched among the entries since the last look. Raises _EntriesUnfit: they are not those
    of the head, so that nothing they say counts."""
    size, frontier = head.checkpoint.size, memory.frontier
    if not watch.keys or not (memory.heads or watch.from_start):
        return []
    found: list[Touched] = []
    for at in range(frontier.size // TILE_WIDTH, -(-size // TILE_WIDTH)):
        first = at * TILE_WIDTH
        entries = await read_entries(log, EntryBundle(at, tile_width(0, at, size)))
        new = entries[frontier.size - first :]
        for index, entry in enumerate(new, start=frontier.size):
            touched = _touch(index, entry, watch)
            if touched is not None:
                found.append(touched)
        frontier = frontier.extend(leaf_hash(entry) for entry in new)
    if frontier.root() != head.checkpoint.root:
        raise _EntriesUnfit(f"the entries up to {size} do not make the root of its checkpoint")
    return found


class _EntriesUnfit(Exception):
    pass


def _touch(index: int, data: bytes, watch: Watch) -> Touched | None:
    try:
        entry = decode_entry(data)
    except DecodeError:
        # Of a kind that a later program writes: it cannot be said whom it concerns.
        return None
    if not isinstance(entry, RecordEntry | DeadlineEntry):
        return None
    keys = watch.matching(entry.keys)
    what = "record" if isinstance(entry, RecordEntry) else entry.act
    return Touched(index, what, keys) if keys else None
