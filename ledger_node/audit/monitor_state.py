"""A monitor's memory as a file, and two monitors' memories held against each other.

The file is JSON, for people to look into: signed heads as the notes they are, the frontier of the
last in hex. It is trusted as far as the disk it lies on, save that each head in it still has to
satisfy the policy wherever it is used; so two monitors may exchange their files without trusting
each other, and what they find is evidence for everyone.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec

from ledger_node.audit.monitor import MAX_HEADS, Memory
from ledger_node.codec import DecodeError, Digest
from ledger_node.log.checkpoint import parse_signed_checkpoint
from ledger_node.log.errors import LogError
from ledger_node.log.fork import ProvenFork, prove_fork
from ledger_node.log.merkle import (
    ConsistencyError,
    Frontier,
    HashReader,
    consistency_path,
    tree_root,
    verify_consistency,
)
from ledger_node.log.policy import Policy
from ledger_node.log.published import PublishedLog, PublishedLogError, ask_hashes
from ledger_node.log.verified import CheckpointRefused, VerifiedCheckpoint, verify_checkpoint

FORMAT: Final = "customs-trust-ledger/monitor-state@v1"
MAX_STATE: Final = 64 * 1024 * 1024


class MonitorStateError(ValueError):
    """A file that is no monitor's memory, or whose heads a policy does not accept."""


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    grown_s: int
    frontier: str
    heads: list[str]


def encode_memory(memory: Memory) -> bytes:
    """The file's bytes."""
    heads = [head.format().decode() for head in memory.heads]
    stored = _Stored(FORMAT, memory.grown_s, memory.frontier.encode().hex(), heads)
    return msgspec.json.format(msgspec.json.encode(stored), indent=1) + b"\n"


def decode_memory(data: bytes) -> Memory:
    """Inverse of `encode_memory`. Raises MonitorStateError."""
    if len(data) > MAX_STATE:
        raise MonitorStateError(f"longer than {MAX_STATE} bytes")
    try:
        stored = msgspec.json.decode(data, type=_Stored)
        heads = [parse_signed_checkpoint(head.encode()) for head in stored.heads]
        frontier = Frontier.decode(bytes.fromhex(stored.frontier))
    except (msgspec.DecodeError, LogError, DecodeError, ValueError, RecursionError) as error:
        raise MonitorStateError(str(error)) from error
    if stored.format != FORMAT:
        raise MonitorStateError(f"its format is not {FORMAT}")
    if len(heads) > MAX_HEADS:
        raise MonitorStateError(f"more than {MAX_HEADS} heads")
    last = heads[-1].checkpoint if heads else None
    if (0 if last is None else last.size) != frontier.size:
        raise MonitorStateError("the frontier is not that of the last head")
    if last is not None and frontier.root() != last.root:
        raise MonitorStateError("the frontier does not make the root of the last head")
    return Memory(heads, frontier, stored.grown_s)


@dataclass(frozen=True, slots=True)
class Agree:
    """Both saw one history, up to the larger of the two sizes."""

    size: int


@dataclass(frozen=True, slots=True)
class Unclear:
    """Their heads are of different sizes, and no log given shows how they hang together."""

    one: int
    other: int


Comparison: TypeAlias = Agree | Unclear | ProvenFork


def accepted(memory: Memory, policy: Policy) -> list[VerifiedCheckpoint]:
    """The heads in a memory. Raises MonitorStateError: the policy does not accept one, or none."""
    try:
        heads = [verify_checkpoint(head, policy) for head in memory.heads]
    except CheckpointRefused as error:
        raise MonitorStateError(str(error)) from error
    if not heads:
        raise MonitorStateError("it holds no head yet")
    return heads


async def compare(
    one: list[VerifiedCheckpoint],
    other: list[VerifiedCheckpoint],
    logs: list[PublishedLog],
    policy: Policy,
) -> Comparison:
    """Whether two monitors saw one history. one, other: `accepted` heads, oldest first.

    logs: where the larger of the last heads may be published; needed when no two heads have one
    size. Each monitor has held its own heads against each other, so one pair decides. Raises
    ForkRefused when the heads are of different logs.
    """
    by_size = {head.checkpoint.size: head for head in one}
    agreed = 0
    for head in other:
        same = by_size.get(head.checkpoint.size)
        if same is None:
            continue
        if same.checkpoint != head.checkpoint:
            return prove_fork(same, head, head.checkpoint.root, (), policy)
        agreed = max(agreed, head.checkpoint.size)
    small, large = sorted((one[-1], other[-1]), key=lambda head: head.checkpoint.size)
    if agreed == small.checkpoint.size:
        return Agree(large.checkpoint.size)
    old, new = small.checkpoint.size, large.checkpoint.size

    def history(hashes: HashReader) -> tuple[Digest, tuple[Digest, ...]]:
        return tree_root(old, hashes), consistency_path(old, new, hashes)

    for log in logs:
        try:
            root, path = await ask_hashes(log, new, history)
            verify_consistency(old, new, path, root, large.checkpoint.root)
        except (PublishedLogError, ConsistencyError):
            # These are not the tiles of the larger head; perhaps another log given has them.
            continue
        if root == small.checkpoint.root:
            return Agree(new)
        return prove_fork(small, large, root, path, policy)
    return Unclear(old, new)
