"""What a crash leaves of a member: the write-ahead log up to a torn tail, final blocks, bodies.

`append` may be lost, wholly or from some byte on; what `sync` covered never is. Committing blocks
and staging bodies are atomic and durable when they return, as the database's synced batch is.
With `exact`, records are kept as the bytes of their frames and read back from them; without, as
themselves, which is faster and loses the same ones.
"""

from dataclasses import dataclass
from hashlib import sha256
from random import Random

import msgspec

from consensus.block import Block
from consensus.core import epoch_of
from consensus.events import Forked, JournalRecord
from consensus.messages import (
    FinalisedRun,
    Finalization,
    Proposal,
    Vote,
    decode_message,
    encode_message,
)

_CHECKSUM = 4
_MESSAGE, _BLOCK = b"m", b"b"
COMPACT_ABOVE = 40
"""Records in the log above which `compact` has something to do."""


@dataclass(frozen=True, slots=True)
class Certified:
    """What makes a block final. beyond: empty blocks that carried an epoch's last one."""

    finalization: Finalization
    beyond: tuple[Block, ...] = ()


class Disk:
    """One member's durable state and the writes it has not synced."""

    def __init__(self, genesis: Block, *, exact: bool = True) -> None:
        self.final: list[tuple[Block, Certified | None]] = [(genesis, None)]
        """Final blocks by height, each with its own certificate if it had one."""
        self.bodies: dict[bytes, None] = {}
        """Bodies that were staged: durable, final or not."""
        self.fork: Forked | None = None
        """Why this member does not vote any more."""
        self.damaged = 0
        """Records that were found torn."""
        self._exact = exact
        self._synced: list[JournalRecord | bytes] = []
        self._unsynced: list[JournalRecord | bytes] = []
        self._unsynced_votes: list[Vote] = []
        self._votes: set[Vote] = set()

    def append(self, record: JournalRecord) -> None:
        """Append to the write-ahead log."""
        self._unsynced.append(_frame(record) if self._exact else record)
        if isinstance(record, Vote):
            self._unsynced_votes.append(record)

    def sync(self) -> None:
        """Make every append durable."""
        self._synced += self._unsynced
        self._votes.update(self._unsynced_votes)
        self._unsynced, self._unsynced_votes = [], []

    def holds(self, vote: Vote) -> bool:
        """Whether a vote reached stable storage."""
        return vote in self._votes

    def crash(self, random: Random) -> None:
        """Lose some suffix of the unsynced appends; the first lost one may be torn instead."""
        kept = random.randint(0, len(self._unsynced))
        torn = self._unsynced[kept : kept + 1]
        self._synced += self._unsynced[:kept]
        self._votes.update(v for v in map(_record, self._unsynced[:kept]) if isinstance(v, Vote))
        if torn and random.random() < 0.5:
            frame = torn[0] if isinstance(torn[0], bytes) else _frame(torn[0])
            self._synced.append(frame[: random.randint(0, len(frame) - 1)])
        self._unsynced, self._unsynced_votes = [], []

    def recover(self) -> list[JournalRecord]:
        """The log's records up to the first damaged one, which is cut off with what follows."""
        records: list[JournalRecord] = []
        for stored in self._synced:
            record = _record(stored)
            if record is None:
                self.damaged += 1
                break
            records.append(record)
        self._synced = self._synced[: len(records)]
        return records

    def commit(self, blocks: tuple[Block, ...], certified: Certified) -> None:
        """Store final blocks; the certificate belongs to the last."""
        self.final += [(block, None) for block in blocks[:-1]]
        self.final.append((blocks[-1], certified))

    def compact(self) -> None:
        """Drop records of final views and earlier epochs from a log that has grown."""
        if len(self._synced) > COMPACT_ABOVE:
            self.sync()
            header = self.final[-1][0].header
            final = (header.epoch, header.view)
            self._synced = [s for s in self._synced if _place_of(_record(s)) > final]

    def run_above(self, height: int, limit: int) -> FinalisedRun | None:
        """Final blocks of one epoch above `height`: about `limit`, up to one with a certificate."""
        found: FinalisedRun | None = None
        above = self.final[height + 1 :]
        for count, (block, certified) in enumerate(above, start=1):
            if block.header.epoch != above[0][0].header.epoch:
                break
            if certified is not None:
                blocks = tuple(b for b, _ in above[:count])
                found = FinalisedRun((*blocks, *certified.beyond), certified.finalization)
                if count >= limit:
                    break
        return found


def _frame(record: JournalRecord) -> bytes:
    if isinstance(record, Block):
        data = _BLOCK + msgspec.msgpack.encode(record)
    else:
        data = _MESSAGE + encode_message(record)
    return sha256(data).digest()[:_CHECKSUM] + data


def _record(stored: JournalRecord | bytes) -> JournalRecord | None:
    """What was stored, or None if it is damaged."""
    if not isinstance(stored, bytes):
        return stored
    checksum, data = stored[:_CHECKSUM], stored[_CHECKSUM:]
    if len(checksum) < _CHECKSUM or sha256(data).digest()[:_CHECKSUM] != checksum:
        return None
    if data[:1] == _BLOCK:
        return msgspec.msgpack.decode(data[1:], type=Block)
    return decode_message(data[1:])  # type: ignore[return-value]  # only records were framed


def _place_of(record: JournalRecord | None) -> tuple[int, int]:
    """Epoch and view."""
    match record:
        case None:
            return (-1, -1)
        case Block():
            view = record.header.view
        case Proposal():
            view = record.block.header.view
        case _:
            view = record.view
    return (epoch_of(record), view)
