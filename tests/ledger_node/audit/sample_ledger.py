"""A short ledger of real entries, and the proof files of each, under the sample union's keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts import encode_record
from contracts.transit.records import Discharge, RefuseRelease
from ledger_node.codec import encode
from ledger_node.ledger.entries import (
    BlockEntry,
    GenesisEntry,
    LogEntry,
    RecordEntry,
    SubmissionEntry,
)
from ledger_node.ledger.outcome import ACCEPTED, Outcome, RecordRejected
from ledger_node.ledger.submission import build_submission
from ledger_node.log.checkpoint import Checkpoint
from ledger_node.log.merkle import InMemoryHashes, inclusion_path, leaf_hash, tree_root
from ledger_node.log.policy import Policy
from ledger_node.log.proof import build_proof
from ledger_node.log.verified import verify_checkpoint
from tests.ledger_node.log.sample_union import MEMBERS, ORIGIN, policy, sign, signer

UNION = bytes(range(32))
TIME_MS = 1_790_000_000_123
MRN = "25GB000246TK0E6WJ1"
RULE = "TR-012"
HOSTILE = "\x1b[2J\u202egpj.exe\x9b31m"
"""Clears a screen, turns text around, colours it: if a terminal ever got it raw."""

GENESIS, GENESIS_BLOCK, SUBMISSION, ACCEPTED_RECORD, REFUSED_RECORD, NO_RECORD, BLOCK = range(7)
"""Index of each entry of `entries()`."""

RECORDS = (
    encode_record(Discharge(MRN)),
    encode_record(RefuseRelease(MRN, HOSTILE)),
    b"\x91\xa7no.such",
)
AUTHOR = signer("office of departure")


def submission_entries() -> list[LogEntry]:
    submission = build_submission(UNION, "GB000246", AUTHOR, RECORDS, TIME_MS + 1000, bytes(16))
    outcomes: tuple[Outcome, ...] = (
        ACCEPTED,
        RecordRejected(RULE, (("office", "GB000246"), ("named", HOSTILE))),
        RecordRejected("XX-999", ()),
    )
    keys = (("guarantee/20GB0000010000GX1", f"movement/{MRN}"), (), ())
    return [
        SubmissionEntry(submission.header_bytes, submission.signature),
        *(
            RecordEntry(submission.id, index, record, outcome, changed)
            for index, (record, outcome, changed) in enumerate(
                zip(RECORDS, outcomes, keys, strict=True)
            )
        ),
    ]


def block_entry(height: int) -> BlockEntry:
    return BlockEntry(1, height, height, bytes(32), bytes(32), TIME_MS, 0, bytes(32), bytes(32))


def genesis_entry() -> GenesisEntry:
    cards = [[1, member, bytes(33)] for member in MEMBERS]
    document = [1, "Союз таможен", ORIGIN, TIME_MS, [500], bytes(32), cards]
    return GenesisEntry(encode(document))


def entries() -> list[bytes]:
    parts = [genesis_entry(), block_entry(0), *submission_entries(), block_entry(1)]
    return [encode(part) for part in parts]


@dataclass(frozen=True)
class Prover:
    """Makes the proof file of any entry of a log of these entries."""

    leaves: Sequence[bytes]
    policy: Policy

    def file(self, index: int) -> bytes:
        hashes = InMemoryHashes(leaf_hash(entry) for entry in self.leaves)
        size = len(self.leaves)
        checkpoint = Checkpoint(ORIGIN, size, tree_root(size, hashes))
        verified = verify_checkpoint(sign(checkpoint), self.policy)
        path = inclusion_path(index, size, hashes)
        return build_proof(self.leaves[index], index, path, verified, self.policy).format()


def prover() -> Prover:
    return Prover(entries(), policy())
