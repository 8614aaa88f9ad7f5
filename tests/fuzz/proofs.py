"""What an auditor or a client is given to verify: notes, policies, proofs, tiles, bundles; and what
witnesses outside the union answer, and monitors keep."""

import io
from functools import cache

from ctl_verify.conflict import verify_conflict as verify_conflict_alone
from ctl_verify.examine import examine as examine_alone
from ctl_verify.policy import Policy as AlonePolicy
from ctl_verify.policy import parse_policy as parse_policy_alone
from ctl_verify.refusal import Refused
from ctl_verify.union import read_document
from ctl_verify.words import rows as rows_alone
from ledger_node.audit.bundle.diff import compare
from ledger_node.audit.bundle.export import export_bundle
from ledger_node.audit.bundle.refusal import BundleRefused
from ledger_node.audit.bundle.selection import Blocks, Everything
from ledger_node.audit.bundle.verify import verify_bundle
from ledger_node.audit.conflict import ConflictRefused, verify_conflict
from ledger_node.audit.explain import rows
from ledger_node.audit.monitor import Memory
from ledger_node.audit.monitor_state import MonitorStateError, decode_memory, encode_memory
from ledger_node.audit.verify import NotProven, examine
from ledger_node.codec import DecodeError, encode
from ledger_node.ledger.code_text import CodeTextError, decode_codes, encode_codes
from ledger_node.ledger.compact_proof import CompactRefused, compact, verify_compact_proof
from ledger_node.ledger.entries import decode_entry
from ledger_node.ledger.state_proof import StateProofRefused, verify_state_proof
from ledger_node.log.checkpoint import parse_signed_checkpoint
from ledger_node.log.cosignature import cosign
from ledger_node.log.errors import LogError
from ledger_node.log.merkle import Frontier, leaf_hash
from ledger_node.log.note import parse_note, parse_vkey
from ledger_node.log.policy import parse_policy
from ledger_node.log.proof import verify_proof
from ledger_node.log.tiles import decode_entry_bundle, encode_entry_bundle, parse_tile_path
from ledger_node.log.verified import verify_checkpoint
from ledger_node.log.witness import conflicting_size, cosignature_in
from ledger_node.state.errors import MalformedProof
from ledger_node.state.wire import decode_proof, encode_compressed, encode_proof
from tests.fuzz.target import Target
from tests.ledger_node.audit.bundle.audited_union import journey
from tests.ledger_node.audit.bundle.forked_union import bundle_of, forked
from tests.ledger_node.audit.bundle.governed_union import governed
from tests.ledger_node.audit.proof_files import FILES
from tests.ledger_node.ledger.sample_state import ABSENT_KEY, GUARANTEE_KEY, SampleState
from tests.ledger_node.log.sample_union import (
    TIME,
    SampleLog,
    cosigner_key,
    log_key,
    policy,
    sign,
    signer,
)


@cache
def _log() -> SampleLog:
    return SampleLog(7)


@cache
def _state() -> SampleState:
    return SampleState()


def _proof(data: bytes) -> None:
    assert verify_proof(data, policy()).format() == data


def _note(data: bytes) -> None:
    assert parse_note(data).format() == data
    parse_signed_checkpoint(data)


def _policy(data: bytes) -> None:
    read = parse_policy(data)
    assert parse_policy(read.format()) == read


def _vkey(data: bytes) -> None:
    text = data.decode("latin-1")
    assert parse_vkey(text).format() == text


def _tile_path(data: bytes) -> None:
    text = data.decode("latin-1")
    assert parse_tile_path(text).path == text


def _entry_bundle(data: bytes) -> None:
    """The first byte says how many entries are expected."""
    entries = decode_entry_bundle(data[1:], (data[0] if data else 0) + 1)
    assert encode_entry_bundle(entries) == data[1:]


def _entry(data: bytes) -> None:
    assert encode(decode_entry(data)) == data


def _audit_bundle(data: bytes) -> None:
    """Without executing: what changes an executed bundle breaks a hash first."""
    verify_bundle(io.BytesIO(data), journey().policy, None)


def _governed_bundle(data: bytes) -> None:
    """Of several epochs, from the genesis."""
    verify_bundle(io.BytesIO(data), governed().founding, None)


def _ranged() -> bytes:
    """A range with the state before it."""
    out = io.BytesIO()
    union = governed()
    export_bundle(union.source(), Blocks(20, 21), out, state_by=union.sets)
    return out.getvalue()


def _judge_conflict(data: bytes) -> None:
    """By both verifiers alike."""
    union = forked()[0].union
    founded = read_document(encode(union.genesis))
    try:
        verify_conflict_alone(data, founded)
        accepted = True
    except Refused:
        accepted = False
    try:
        verify_conflict(data, union.union)
    except ConflictRefused:
        assert not accepted
        raise
    assert accepted


def _conflict() -> bytes:
    one, other = (bundle_of(history) for history in forked())
    found = compare(io.BytesIO(one), io.BytesIO(other), forked()[0].union.policy)
    assert found.conflict is not None
    return found.conflict.format()


class Unproven(Exception):
    """Both programs refuse a file."""


@cache
def _alone() -> AlonePolicy:
    return parse_policy_alone(policy().format())


def _both(data: bytes) -> None:
    """What one verifier proves the other proves, in the same words."""
    ours, theirs = examine(data, policy()), examine_alone(data, _alone())
    assert isinstance(ours, NotProven) == isinstance(theirs, Refused), (ours, theirs)
    if isinstance(ours, NotProven):
        raise Unproven
    assert rows(ours, policy(), {}) == rows_alone(theirs, _alone(), {})


def _code_text(data: bytes) -> None:
    decode_codes(data.decode("latin-1").split("\n"))


def _witness(data: bytes) -> None:
    """What a witness answers: its line for a head, or, after a first byte of 0, its size."""
    if data[:1] == b"\x00":
        conflicting_size(data[1:])
    else:
        cosignature_in(data, _log().checkpoint(), cosigner_key("AM"))


def _answers() -> list[bytes]:
    line = cosign(_log().checkpoint(), cosigner_key("AM"), signer("cosigner AM"), TIME)
    return [f"{line.format()}\n".encode(), b"\x0042\n"]


def _memory() -> bytes:
    log, memory = _log(), Memory()
    head = verify_checkpoint(sign(log.checkpoint()), policy())
    leaves = (leaf_hash(log.entry(index)) for index in range(log.size))
    memory.remember(head, Frontier.empty().extend(leaves), TIME)
    return encode_memory(memory)


TARGETS = (
    Target("tlog-proof", _proof, (LogError,), lambda: [_log().proof(6).format()]),
    Target(
        "state-proof",
        lambda data: verify_state_proof(data, policy()),
        (StateProofRefused,),
        lambda: [_state().proof(key).format() for key in (GUARANTEE_KEY, ABSENT_KEY)],
    ),
    Target(
        "compact-proof",
        lambda data: verify_compact_proof(data, policy()),
        (CompactRefused,),
        lambda: [compact(_state().proof(key)) for key in (GUARANTEE_KEY, ABSENT_KEY)],
    ),
    Target(
        "proof-file",
        _both,
        (Unproven,),
        lambda: [file.data for file in FILES if file.policy == policy()],
        8_192,
    ),
    Target(
        "code-text",
        _code_text,
        (CodeTextError,),
        lambda: ["\n".join(encode_codes(bytes(range(256)) * n)).encode() for n in (1, 12)],
        8_192,
    ),
    Target("note", _note, (LogError,), lambda: [sign(_log().checkpoint()).format()]),
    Target("policy", _policy, (LogError,), lambda: [policy().format()]),
    Target("witness-answer", _witness, (LogError,), _answers),
    Target("monitor-state", decode_memory, (MonitorStateError,), lambda: [_memory()]),
    Target("vkey", _vkey, (LogError,), lambda: [log_key("AM").format().encode()], 300),
    Target("tile-path", _tile_path, (LogError,), lambda: [b"tile/0/x001/067.p/5"], 100),
    Target("entry-bundle", _entry_bundle, (LogError,), lambda: [b"\x01\x00\x01a\x00\x02bc"]),
    Target("log-entry", _entry, (DecodeError,), lambda: journey().entries[:40]),
    Target("frontier", Frontier.decode, (DecodeError,), lambda: [Frontier.empty().encode()]),
    Target(
        "ics23-proof",
        decode_proof,
        (MalformedProof,),
        lambda: [
            encode_proof(_state().proof(GUARANTEE_KEY).state),
            encode_compressed(_state().proof(ABSENT_KEY).state),
        ],
    ),
    Target(
        "audit-bundle",
        _audit_bundle,
        (BundleRefused,),
        lambda: [journey().bundle(Everything()), journey().bundle(Blocks(1, 2))],
        65_536,
    ),
    Target(
        "governed-bundle",
        _governed_bundle,
        (BundleRefused,),
        lambda: [governed().bundle(Blocks(5, 6)), _ranged()],
        131_072,
    ),
    Target(
        "conflict-evidence",
        _judge_conflict,
        (ConflictRefused,),
        lambda: [_conflict()],
        65_536,
    ),
)
