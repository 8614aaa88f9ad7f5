"""Inputs that the shell feeds the core, and effects that the core asks of the shell.

The shell performs effects in the order given. Two obligations make the protocol safe:

* a `Persist`, and every `Append` before it, is on stable storage before any later effect;
* the bodies of a block are on stable storage before `Built`, `Validated(ok=True)` or `Executed`.

An answer that comes late is ignored; a shell may also give none, once the parent it is about has
been overtaken by a final block, and perform each effect as late as it likes, in order.

Times called `now` are milliseconds of the shell's monotonic clock; `time_ms` is wall-clock time.
"""

from dataclasses import dataclass
from typing import TypeAlias

from consensus.authentication import Authenticated
from consensus.block import Block, BlockId, Member, View
from consensus.messages import Certificate, Finalization, Finalize, Message, Proposal, Vote
from consensus.votes import Evidence

JournalRecord: TypeAlias = Vote | Certificate | Proposal | Block
"""What the write-ahead log holds: the member's own votes, and what a restart needs to go on."""


# ---------------------------------------------------------------- inputs


@dataclass(frozen=True, slots=True)
class Received:
    """A peer said something that `authenticate` found believable."""

    message: Authenticated[Message]


@dataclass(frozen=True, slots=True)
class Tick:
    """The time asked for with `WakeAt` has come."""


@dataclass(frozen=True, slots=True)
class Work:
    """Whether the mempool holds submissions that are not final yet.

    Fed after every arrival of a submission, and when the last of them became final or expired:
    a leader that found nothing to order looks again only when told so.
    """

    pending: bool


@dataclass(frozen=True, slots=True)
class LinkUp:
    """A link to `member` came up; what was sent while it was down is lost."""

    member: Member


@dataclass(frozen=True, slots=True)
class Behind:
    """A peer speaks of a later epoch: this one has ended, and `member` can show how."""

    member: Member


@dataclass(frozen=True, slots=True)
class Built:
    """Answer to `Build`: ids to order on top of the asked parent, and the wall clock."""

    view: View
    parent: BlockId
    payload: tuple[bytes, ...]
    time_ms: int


@dataclass(frozen=True, slots=True)
class Validated:
    """Answer to `Validate`. `reason` says what is wrong when not ok."""

    block: BlockId
    ok: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Executed:
    """Answer to `Execute`: 32-byte digest of tree size, log root and state root.

    last_height: once the state at this block says that the epoch ends, the height of its last
    block. That is at least `max_unexecuted` above the block that decided it, so that everyone who
    votes for a block beyond knows. A block beyond is not executed: its outcome is its parent's.
    """

    block: BlockId
    outcome: bytes
    last_height: int | None = None


Input: TypeAlias = Received | Tick | Work | LinkUp | Behind | Built | Validated | Executed


# ---------------------------------------------------------------- effects


@dataclass(frozen=True, slots=True)
class Append:
    """Append to the write-ahead log. Durable with the next `Persist`, at the latest."""

    record: JournalRecord


@dataclass(frozen=True, slots=True)
class Persist:
    """Append an own vote to the write-ahead log, all of which is durable before the next effect."""

    record: Vote


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Send to every other member."""

    message: Message


@dataclass(frozen=True, slots=True)
class Send:
    """Send to one member."""

    to: Member
    message: Message


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Feed a `Tick` at this time; replaces any earlier wish."""

    now: int


@dataclass(frozen=True, slots=True)
class Build:
    """Choose submissions for a block of `view` on `parent`. Answer with `Built`.

    `parent` and its unfinalised ancestors were given with `Execute` before.
    """

    view: View
    parent: BlockId


@dataclass(frozen=True, slots=True)
class Validate:
    """Get the bodies, check signatures, ids and time of `block`. Answer with `Validated`.

    Its unfinalised ancestors were given with `Execute` before, so what they order is known.
    """

    block: Block


@dataclass(frozen=True, slots=True)
class Execute:
    """Get the bodies and execute `block` on its parent's result. Answer with `Executed`.

    A parent is given before its children, never twice in one run of the process.
    """

    block: Block


@dataclass(frozen=True, slots=True)
class Commit:
    """Make executed blocks final: consecutive, from just above the last final one.

    beyond: empty blocks above the epoch's last one, which only carry its finality: the
    finalization is for the last of them. They are evidence, not part of the ledger.
    """

    blocks: tuple[Block, ...]
    finalization: Finalization
    beyond: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class EpochEnded:
    """The last block of the epoch is final. This core says no more; another begins on `last`."""

    last: Block


@dataclass(frozen=True, slots=True)
class ServeRun:
    """Send `to` finalised blocks above `after_height`, bodies first, as one `FinalisedRun`.

    The run may be cut short, after any block that a kept finalization names: who is still behind
    asks again.
    """

    to: Member
    after_height: int


@dataclass(frozen=True, slots=True)
class Accuse:
    """A member broke the protocol and signed the proof."""

    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Dissent:
    """A member signed another outcome of a final block than a quorum certified.

    It lies, or its program or disk is at fault. Told if its vote was heard before the block became
    final here. certified: the outcome that the quorum signed.
    """

    vote: Finalize
    certified: bytes


@dataclass(frozen=True, slots=True)
class Halt:
    """This member's execution differs from what a quorum certified. Stop, say so, keep the data."""

    block: Block
    ours: bytes
    certified: bytes


@dataclass(frozen=True, slots=True)
class Forked:
    """Two histories are final: more than f members lied. Stop, say so, keep the data.

    ours: finalises our head, or another block of the same view; None if the head ended the epoch
    before. theirs: finalises what no chain above or below that holds, or another outcome. The
    shell keeps it and does not vote again, after a restart neither, until people have decided.
    """

    ours: Finalization | None
    theirs: Finalization


Effect: TypeAlias = (
    Append
    | Persist
    | Broadcast
    | Send
    | WakeAt
    | Build
    | Validate
    | Execute
    | Commit
    | EpochEnded
    | ServeRun
    | Accuse
    | Dissent
    | Halt
    | Forked
)
