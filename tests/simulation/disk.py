"""What a crash leaves of a member: the write-ahead log up to a torn tail, final blocks, bodies.

`append` may be lost, wholly or from some byte on; what `sync` covered never is. Committing blocks
and storing bodies are atomic and durable when they return, as the database's synced batch is.
"""

from hashlib import sha256
from random import Random

import msgspec

from consensus.block import Block
from consensus.events import JournalRecord
from consensus.messages import Finalization, Proposal, decode_message, encode_message

_CHECKSUM = 4
_MESSAGE, _BLOCK = b"m", b"b"
COMPACT_ABOVE = 40
"""Records in the log above which `compact` has something to do."""


class Disk:
    """One member's durable state and the writes it has not synced."""

    def __init__(self, genesis: Block) -> None:
        self.final: list[tuple[Block, Finalization | None]] = [(genesis, None)]
        """Final blocks by height, each with its own finalization if it had one."""
        self.bodies: dict[bytes, None] = {}
        self._synced: list[bytes] = []
        self._unsynced: list[bytes] = []
        self._ever_synced: set[bytes] = set()

    def append(self, record: JournalRecord) -> None:
        """Append to the write-ahead log."""
        self._unsynced.append(_frame(record))

    def sync(self) -> None:
        """Make every append durable."""
        self._synced += self._unsynced
        self._ever_synced.update(self._unsynced)
        self._unsynced = []

    def holds(self, record: JournalRecord) -> bool:
        """Whether `record` reached stable storage."""
        return _frame(record) in self._ever_synced

    def crash(self, random: Random) -> None:
        """Lose some suffix of the unsynced appends; the first lost one may be torn instead."""
        kept = random.randint(0, len(self._unsynced))
        torn = self._unsynced[kept : kept + 1]
        self._synced += self._unsynced[:kept]
        self._ever_synced.update(self._unsynced[:kept])
        if torn and random.random() < 0.5:
            self._synced.append(torn[0][: random.randint(0, len(torn[0]) - 1)])
        self._unsynced = []

    def recover(self) -> list[JournalRecord]:
        """The log's records up to the first damaged one, which is cut off with what follows."""
        records: list[JournalRecord] = []
        for frame in self._synced:
            record = _unframe(frame)
            if record is None:
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
            self._synced = [f for f in self._synced if _view_of(_unframe(f)) > final]

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


def _unframe(frame: bytes) -> JournalRecord | None:
    checksum, data = frame[:_CHECKSUM], frame[_CHECKSUM:]
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
