"""Two bundles compared: one log, or two that part, and who signed both.

Each bundle is checked as far as that goes without executing it. Two logs that hold different
entries at one index, or of which the longer does not begin with the shorter, are a fork, and there
are two kinds of evidence for it:

- of the log: a witness that cosigned both heads said of each that it was consistent with all it had
  seen before; its two lines convict it (log.fork; c2sp.org/tlog-cosignature);
- of consensus: certificates by which a quorum made both branches final (audit.conflict).

Neither needs anything else of the bundles, so each is a small file of its own.
"""

from dataclasses import dataclass
from enum import Enum

from ledger_node.audit.bundle.anchor import AcceptedHead, Anchor
from ledger_node.audit.bundle.branches import Divergence, Side, common_entries, conflict_of
from ledger_node.audit.bundle.form import Reads
from ledger_node.audit.bundle.reader import BundleReader
from ledger_node.audit.conflict import ProvenConflict
from ledger_node.codec import Digest
from ledger_node.log.fork import ForkRefused, ProvenFork, prove_fork
from ledger_node.log.merkle import HashReader, consistency_path, tree_root
from ledger_node.log.note import NoteSignature
from ledger_node.log.verified import CheckpointRefused, VerifiedCheckpoint, verify_checkpoint


class Relation(Enum):
    """How the logs of two bundles stand to each other."""

    SAME = "the two checkpoints are of one and the same log"
    PREFIX = "one log, at two times: the longer begins with the shorter"
    FORKED = "two logs that contradict each other"
    UNKNOWN = "the bundles do not hold enough to tell"


@dataclass(frozen=True, slots=True)
class Culprit:
    """A witness that cosigned both heads; its lines, and the times they state, in seconds."""

    name: str
    lines: tuple[NoteSignature, NoteSignature]
    times: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Comparison:
    """heads: of the two bundles; common: entries that both hold and that are the same.

    divergence: None also for a fork that shows only in the heads. fork: evidence by cosignatures,
    conflict: evidence by consensus certificates, each None where the bundles do not hold it.
    """

    relation: Relation
    heads: tuple[VerifiedCheckpoint, VerifiedCheckpoint]
    common: int
    divergence: Divergence | None
    culprits: tuple[Culprit, ...]
    fork: ProvenFork | None
    conflict: ProvenConflict | None


class OtherLog(Exception):
    """Bundles of logs that have nothing to do with each other. what: differs; names: the two."""

    def __init__(self, what: str, names: tuple[str, str]) -> None:
        super().__init__(f"one bundle is of the {what} {names[0]}, the other of {names[1]}")
        self.what = what
        self.names = names


def compare(first: Reads, second: Reads, anchor: Anchor) -> Comparison:
    """How two bundles stand to each other. Raises BundleRefused, OtherLog."""
    readers = (BundleReader(first, anchor), BundleReader(second, anchor))
    _check_one_union(readers)
    heads = (readers[0].checkpoint, readers[1].checkpoint)
    short, long = sorted(readers, key=lambda reader: reader.size)
    below = _Below(short.size, long.size)
    long.watch(short.size, below.look)
    sides = (Side(readers[0]), Side(readers[1]))
    common, divergence = common_entries(*sides)
    relation = _relation(heads, below.root, divergence)
    forked = relation is Relation.FORKED
    return Comparison(
        relation,
        heads,
        common,
        divergence,
        _culprits(heads) if forked else (),
        _fork((short.head, long.head), below) if forked else None,
        conflict_of(*sides) if forked else None,
    )


class _Below:
    """The longer tree at the size of the shorter, and the way from there to its head."""

    def __init__(self, size: int, to: int) -> None:
        self._size, self._to = size, to
        self.root: Digest | None = None
        self.path: tuple[Digest, ...] = ()

    def look(self, hashes: HashReader) -> None:
        """The longer bundle has come by."""
        self.root = tree_root(self._size, hashes)
        self.path = consistency_path(self._size, self._to, hashes)


def _check_one_union(readers: tuple[BundleReader, BundleReader]) -> None:
    unions = tuple(reader.founding.union.hex() for reader in readers)
    origins = tuple(reader.checkpoint.checkpoint.origin for reader in readers)
    if origins[0] != origins[1]:
        raise OtherLog("log", (origins[0], origins[1]))
    if unions[0] != unions[1]:
        raise OtherLog("union", (unions[0], unions[1]))


def _relation(
    heads: tuple[VerifiedCheckpoint, VerifiedCheckpoint],
    root_below: Digest | None,
    divergence: Divergence | None,
) -> Relation:
    one, other = (head.checkpoint for head in heads)
    if divergence is not None:
        return Relation.FORKED
    if one.size == other.size:
        return Relation.SAME if one.root == other.root else Relation.FORKED
    if root_below is None:
        return Relation.UNKNOWN
    shorter = min(one, other, key=lambda head: head.size)
    return Relation.PREFIX if root_below == shorter.root else Relation.FORKED


def _culprits(heads: tuple[VerifiedCheckpoint, VerifiedCheckpoint]) -> tuple[Culprit, ...]:
    """By key: a member that replaced its own between the two heads signed each with another."""
    second = {each.witness.key: each for each in heads[1].cosignatures}
    return tuple(
        Culprit(
            each.witness.name,
            (each.signature, second[each.witness.key].signature),
            (each.timestamp, second[each.witness.key].timestamp),
        )
        for each in heads[0].cosignatures
        if each.witness.key in second
    )


def _fork(heads: tuple[AcceptedHead, AcceptedHead], below: _Below) -> ProvenFork | None:
    """The evidence by cosignatures, if one policy accepts both heads and the tree was seen."""
    equal = heads[0].checkpoint.checkpoint.size == heads[1].checkpoint.checkpoint.size
    root = heads[1].checkpoint.checkpoint.root if equal else below.root
    if root is None:
        return None
    for policy in (heads[0].policy, heads[1].policy):
        try:
            one, other = (verify_checkpoint(head.checkpoint.signed(), policy) for head in heads)
            return prove_fork(one, other, root, below.path, policy)
        except (CheckpointRefused, ForkRefused):
            continue
    return None
