"""What a proof file proves under a policy: a fact on the ledger, or the step at which it fails.

`examine` goes from the outside in: the file, its signatures and its path (`log.proof`), then the
entry it carries, then what the entry says. Nothing is taken on trust but the policy and, for the
wording of rules and the names of fields, the contracts that came with this program.

A state proof file is two proofs, one on the other (`ledger.state_proof`): its fact is what the
state held under a key after a block. So does its compact form, as a file or as scanned.

A record's entry names its submission, not the author: the author stands in the submission's own
entry, some places before it. Given proofs of both, `authors_of` joins them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import msgspec

from contracts import (
    RULES,
    CorruptObjectError,
    Record,
    Rule,
    RuleViolation,
    decode_object,
    decode_record,
)
from ledger_node.audit.mistaken import mistaken_for_a_proof
from ledger_node.codec import DecodeError, decode_any, tagged_digest
from ledger_node.crypto.signatures import verify as verify_signature
from ledger_node.ledger.code_text import CodeTextError, decode_codes, is_code_text
from ledger_node.ledger.compact_proof import (
    CompactRefused,
    VerifiedCompactProof,
    is_compact_proof,
    verify_compact_proof,
)
from ledger_node.ledger.entries import (
    BlockEntry,
    DeadlineEntry,
    GenesisEntry,
    LogEntry,
    RecordEntry,
    SubmissionEntry,
    decode_entry,
)
from ledger_node.ledger.outcome import Outcome, RecordRejected
from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.ledger.state_proof import (
    StateProofRefused,
    VerifiedStateProof,
    is_state_proof,
    verify_state_proof,
)
from ledger_node.ledger.submission import (
    SubmissionHeader,
    decode_header,
    signed_bytes,
    submission_id,
)
from ledger_node.log.fork import ForkRefused, ProvenFork, is_fork_evidence, verify_fork
from ledger_node.log.head import HeadRefused, PublishedHead, is_checkpoint, verify_head
from ledger_node.log.policy import Policy
from ledger_node.log.proof import ProofRefused, ProofStep, VerifiedProof, verify_proof

STEP_KIND: Final = "the file is of a kind that is checked here"
STEP_ENTRY_FORM: Final = "the entry is of a kind that this program knows"
STEP_AUTHOR_SIGNATURE: Final = "the author's signature over the submission's header holds"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a record was refused. rule: None when this program does not know the id."""

    rule_id: str
    rule: Rule | None
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RecordFact:
    """A record and what became of it.

    submission: its id; position: from 0 in it; submission_entry: index in the log of the entry
    that names the author; record: None for bytes that are no record of a known kind (`encoded`);
    refusal: None when it was accepted; keys: of the state objects it changed.
    """

    submission: bytes
    position: int
    submission_entry: int
    record: Record | None
    encoded: bytes
    refusal: Refusal | None
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubmissionFact:
    """A submission's header, whose signature was checked here under the key it names."""

    submission: bytes
    header: SubmissionHeader


@dataclass(frozen=True, slots=True)
class BlockFact:
    """A block's last entry: its place, time, and the state after it."""

    block: BlockEntry


@dataclass(frozen=True, slots=True)
class GenesisFact:
    """The founding document. union: the id it hashes to; members: codes, in its order."""

    union: bytes
    name: str
    origin: str
    created_ms: int
    contract_set: bytes
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeadlineFact:
    """What time alone brought about. act, reference, keys: as of the entry."""

    act: str
    reference: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StateFact:
    """What the state held under a key after a block.

    raw: the value, None when there was none; value: the object it encodes, None when there was none
    or this program knows no such object; newest: the block is the last under the checkpoint.
    """

    key: str
    raw: bytes | None
    value: msgspec.Struct | None
    block: BlockEntry
    newest: bool


Fact: TypeAlias = RecordFact | SubmissionFact | BlockFact | GenesisFact | DeadlineFact | StateFact


@dataclass(frozen=True, slots=True)
class Proven:
    """The file proves `fact`, as far as the policy is trusted."""

    proof: VerifiedProof
    fact: Fact


@dataclass(frozen=True, slots=True)
class NotProven:
    """The file proves nothing. step: the check that failed; reason: what was found."""

    step: str
    reason: str


@dataclass(frozen=True, slots=True)
class WholeFile:
    """What a file proves that is no single proof: an audit bundle, or evidence of conflicting
    finality (`audit.whole_files`).

    headline, rows: in words; fields: for programs, as JSON has it.
    """

    headline: str
    rows: tuple[tuple[str, str], ...]
    fields: Mapping[str, Any]


Finding: TypeAlias = Proven | ProvenFork | PublishedHead | WholeFile | NotProven


class _EntryRefused(Exception):
    def __init__(self, step: str, reason: str) -> None:
        super().__init__(reason)
        self.step = step
        self.reason = reason


def examine(data: bytes, policy: Policy) -> Finding:
    """What the proof file `data` proves under `policy`. Never raises on hostile bytes."""
    mistaken = mistaken_for_a_proof(data)
    if mistaken is not None:
        return NotProven(STEP_KIND, f"it is {mistaken}")
    try:
        if is_fork_evidence(data):
            return verify_fork(data, policy)
        if is_checkpoint(data):
            return verify_head(data, policy)
        if is_state_proof(data):
            state = verify_state_proof(data, policy)
            return Proven(state.proof, _state(state))
        if is_compact_proof(data) or is_code_text(data):
            short = verify_compact_proof(_scanned(data), policy)
            return Proven(short.proof, _state(short))
        proof = verify_proof(data, policy)
        return Proven(proof, _fact(proof))
    except (ProofRefused, ForkRefused, HeadRefused, CodeTextError) as error:
        return NotProven(error.step.value, error.reason)
    except (StateProofRefused, CompactRefused) as error:
        return NotProven(error.step, error.reason)
    except _EntryRefused as error:
        return NotProven(error.step, error.reason)


def examine_under(data: bytes, policies: Sequence[Policy]) -> tuple[Finding, Policy]:
    """The first finding that is proven, and the policy it is proven under.

    policies: at least one, e.g. those of a union's epochs, the newest first. If it is proven under
    none, that finding which failed at something else than whose log it is.
    """
    closest: tuple[NotProven, Policy] | None = None
    for policy in policies:
        finding = examine(data, policy)
        if not isinstance(finding, NotProven):
            return finding, policy
        if closest is None or closest[0].step == ProofStep.LOG_SIGNATURE.value:
            closest = finding, policy
    assert closest is not None, "there is a policy"
    return closest


def authors_of(findings: Iterable[Finding]) -> Mapping[bytes, SubmissionHeader]:
    """Submission id → header, of every submission proven among `findings`."""
    return {
        finding.fact.submission: finding.fact.header
        for finding in findings
        if isinstance(finding, Proven) and isinstance(finding.fact, SubmissionFact)
    }


def _scanned(data: bytes) -> bytes:
    """The file in the text of QR codes, one a line, as mail leaves it; else `data`."""
    if is_compact_proof(data):
        return data
    lines = re.split(r"[\r\n]+", data.decode("ascii", "replace"))
    return decode_codes([line for line in lines if line])


def _state(proof: VerifiedStateProof | VerifiedCompactProof) -> StateFact:
    value: msgspec.Struct | None = None
    if proof.value is not None:
        try:
            value = decode_object(proof.key, proof.value)
        except CorruptObjectError:
            value = None
    return StateFact(proof.key, proof.value, value, proof.block, proof.newest)


def _fact(proof: VerifiedProof) -> Fact:
    try:
        entry: LogEntry = decode_entry(proof.entry)
    except DecodeError as error:
        raise _EntryRefused(STEP_ENTRY_FORM, error.reason) from error
    match entry:
        case RecordEntry():
            return _record(entry, proof.index)
        case SubmissionEntry():
            return _submission(entry)
        case BlockEntry():
            return BlockFact(entry)
        case DeadlineEntry(act, reference, keys):
            return DeadlineFact(act, reference, keys)
        case GenesisEntry():
            return _genesis(entry)


def _record(entry: RecordEntry, index: int) -> RecordFact:
    submission_entry = index - 1 - entry.index
    if entry.index < 0 or submission_entry < 0:
        reason = f"record {entry.index} of a submission cannot be entry {index}"
        raise _EntryRefused(STEP_ENTRY_FORM, reason)
    try:
        record: Record | None = decode_record(entry.record)
    except RuleViolation:
        record = None
    return RecordFact(
        entry.submission,
        entry.index,
        submission_entry,
        record,
        entry.record,
        _refusal(entry.outcome),
        entry.keys,
    )


def _refusal(outcome: Outcome) -> Refusal | None:
    if isinstance(outcome, RecordRejected):
        return Refusal(outcome.rule, RULES.get(outcome.rule), outcome.values)
    return None


def _submission(entry: SubmissionEntry) -> SubmissionFact:
    try:
        header = decode_header(entry.header)
    except SubmissionRefused as error:
        raise _EntryRefused(STEP_ENTRY_FORM, str(error)) from error
    if not verify_signature(header.public_key, signed_bytes(entry.header), entry.signature):
        raise _EntryRefused(
            STEP_AUTHOR_SIGNATURE, f"it does not, under the key {header.public_key.hex()}"
        )
    return SubmissionFact(submission_id(entry.header, entry.signature), header)


def _genesis(entry: GenesisEntry) -> GenesisFact:
    """Read by position (docs/formats.md, "Genesis"): only what is shown is looked at."""
    try:
        document = decode_any(entry.document, what="genesis")
    except DecodeError as error:
        raise _EntryRefused(STEP_ENTRY_FORM, str(error)) from error
    match document:
        case [1, str(name), str(origin), int(created), list(), bytes(contract_set), list(cards)]:
            codes = [card[1] for card in cards if isinstance(card, list) and len(card) > 1]
            members = tuple(code for code in codes if isinstance(code, str))
            union = tagged_digest("genesis", entry.document)
            return GenesisFact(union, name, origin, created, contract_set, members)
        case _:
            raise _EntryRefused(STEP_ENTRY_FORM, "the genesis document has another format")
