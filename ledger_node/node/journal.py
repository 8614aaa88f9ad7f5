"""The consensus journal: records of the core in the write-ahead log, and its compaction.

Compaction keeps what a restart from the committed head needs, and happens only while that head is
the core's own: a vote above the head on disk must never be lost, or it might be cast twice.
"""

from collections.abc import Iterator

from consensus.block import Block
from consensus.core import Simplex
from consensus.events import JournalRecord
from consensus.messages import (
    BlockReply,
    Fetch,
    FinalisedRun,
    MessageRefused,
    decode_message,
    encode_message,
)
from consensus.state import certificates


def encode_journal(record: JournalRecord) -> bytes:
    """Bytes of a journal record: the message's, a block as the reply that would carry it."""
    return encode_message(BlockReply(record) if isinstance(record, Block) else record)


def decode_journal(data: bytes) -> JournalRecord:
    """The record. Raises MessageRefused: damaged, or not a journal record."""
    message = decode_message(data)
    if isinstance(message, BlockReply):
        return message.block
    if isinstance(message, Fetch | FinalisedRun):
        raise MessageRefused(f"a {type(message).__name__} is no journal record")
    return message


def live_records(core: Simplex) -> Iterator[JournalRecord]:
    """What the journal must keep for a restart from the core's finalised head."""
    if core.last_finalization is not None:
        yield core.last_finalization
    for name in sorted(core.chain.durable):
        block = core.chain.blocks.get(name)
        if block is not None:
            yield block
    for view in sorted(core.rounds):
        current = core.rounds[view]
        if current.proposal is not None and current.sent_notarize is not None:
            yield current.proposal
        yield from certificates(current)
        for vote in (current.sent_notarize, current.sent_nullify, current.sent_finalize):
            if vote is not None:
                yield vote
