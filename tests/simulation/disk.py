"""What a crash leaves of a member: the write-ahead log up to a torn tail, final blocks, bodies.

`append` may be lost, wholly or from some byte on; what `sync` covered never is. Committing blocks
and staging bodies are atomic and durable when they return, as the database's synced batch is.
With `exact`, records are kept as the bytes of their frames and read back from them; without, as
themselves, which is faster and loses the same ones.
"""

from hashlib import sha256
from random import Random

import msgspec

from consensus.block import Block
from consensus.events import JournalRecord
from consensus.messages import Finalization, Proposal, Vote, decode_message, encode_message

_CHECKSUM = 4
_MESSAGE, _BLOCK = b"m", b"b"
COMPACT_ABOVE = 40
"""Records in the log above which `compact` has something to do."""


class Disk:
    """One member's durable state and the writes it has not synced."""

    def __init__(self, genesis: Block, *, exact: bool = True) -> None:
        self.final: list[tuple[Block, Finalization | None]] = [(genesis, None)]
        """Final blocks by height, each with its own finalization if it had one."""
        self.bodies: dict[bytes, None] = {}
        """Bodies that were staged: durable, final or not."""
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

    def commit(self, blocks: tuple[Block, ...], finalization: Finalization) -> None:
        """Store final blocks; the finalization belongs to the last."""
        self.final += [(block, None) for block in blocks[:-1]]
        self.final.append((blocks[-1], finalization))

    def compact(self) -> None:
        """Drop records of final views from a log that has grown."""
        if len(self._synced) > COMPACT_ABOVE:
            self.sync()
            final = self.final[-1][0].header.view
            self._synced = [s for s in self._synced if _view_of(_record(s)) > final]

    def run_above(self, height: int, limit: int) -> tuple[tuple[Block, ...], Finalization] | None:
        """Final blocks above `height`: about `limit`, up to one that has its own finalization."""
        for end in range(min(height + limit, len(self.final) - 1), len(self.final)):
            finalization = self.final[end][1]
            if finalization is not None and end > height:
                return tuple(b for b, _ in self.final[height + 1 : end + 1]), finalization
        return None


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


def _view_of(record: JournalRecord | None) -> int:
    match record:
        case None:
            return -1
        case Block():
            return record.header.view
        case Proposal():
            return record.block.header.view
        case _:
            return record.view
