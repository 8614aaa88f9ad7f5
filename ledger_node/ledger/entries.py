"""Log entries: the leaves of the log, and so everything the ledger ever says.

A block appends, in order: for each deadline that acts a deadline entry; for each submission a
submission entry and one record entry a record; last, one block entry, whose state root makes the
log root commit to the state as well. The genesis block holds the genesis entry and its block entry.
Each entry is a canonical array that opens with its kind; the log is complete without any other
data (docs/formats.md, "Log entries").
"""

from typing import Final, TypeAlias, cast

import msgspec

from ledger_node.codec import decode
from ledger_node.ledger.outcome import Outcome

MAX_ENTRY_BYTES: Final = 65_535
"""c2sp.org/tlog-tiles writes an entry's length in 16 bits."""


class GenesisEntry(msgspec.Struct, frozen=True, array_like=True, tag=0, forbid_unknown_fields=True):
    """[0, document]: the union's founding document, the canonical bytes its identity hashes.

    Without the signatures: members may have collected different ones that are all valid, and the
    log must be the same for all.
    """

    document: bytes


class SubmissionEntry(
    msgspec.Struct, frozen=True, array_like=True, tag=1, forbid_unknown_fields=True
):
    """[1, header, signature]: a submission without its records, which follow it."""

    header: bytes
    signature: bytes


class RecordEntry(msgspec.Struct, frozen=True, array_like=True, tag=2, forbid_unknown_fields=True):
    """[2, submission, index, record, outcome, keys]: a record and what became of it.

    submission: id; index: the record's place in it, from 0; keys: of the objects it changed,
    sorted, none when it was rejected.
    """

    submission: bytes
    index: int
    record: bytes
    outcome: Outcome
    keys: tuple[str, ...]


class BlockEntry(msgspec.Struct, frozen=True, array_like=True, tag=3, forbid_unknown_fields=True):
    """[3, epoch, height, view, block, parent, time_ms, proposer, contract_set, state_root].

    Closes a block. block, parent: ids; contract_set: digest of the contracts that judged it;
    state_root: of the state tree after it.
    """

    epoch: int
    height: int
    view: int
    block: bytes
    parent: bytes
    time_ms: int
    proposer: int
    contract_set: bytes
    state_root: bytes


class DeadlineEntry(
    msgspec.Struct, frozen=True, array_like=True, tag=4, forbid_unknown_fields=True
):
    """[4, act, reference, keys]: what time alone brought about, before the block's submissions.

    act: the kind of the deadline; reference: of the object it is about; keys: of the objects it
    changed, sorted, those of its timer among them: always some.
    """

    act: str
    reference: str
    keys: tuple[str, ...]


LogEntry: TypeAlias = GenesisEntry | SubmissionEntry | RecordEntry | BlockEntry | DeadlineEntry

_LOG_ENTRY = cast("type[LogEntry]", LogEntry)


def decode_entry(data: bytes) -> LogEntry:
    """The log entry that `data` encodes. Raises DecodeError: unknown kind, form, size."""
    return decode(_LOG_ENTRY, data, what="log entry", limit=MAX_ENTRY_BYTES)
