"""State proofs in the fewest bytes: what one QR code holds, and a `.ctlproof` file.

    file  = ["ctlproof1", body (canonical bytes), first 4 bytes of SHA-256(body)]
    body  = [key, value or nil, siblings, neighbour or nil, entry, index, path, origin, size, root,
             key id, signature, [[name, key id, time_s, signature], ...]]

It says what a state-proof file says, under the same profile of signatures: its second half is
written out as a tlog-proof file and given to `log.proof`. Its first half is a `state.short_path`,
not an ICS-23 proof: for an absence half the bytes, and nothing of another's object. The check
bytes tell a misread code from a false one, and no more: whoever forges can compute them.

In a QR code the file stands in Base45 after `CTL1:`, all of it of the alphanumeric mode: scanners
give text, and many spoil bytes. Format: docs/formats.md, "Compact state proof".
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Final

import msgspec

from ledger_node.codec import DecodeError, Digest, decode, encode
from ledger_node.ledger.entries import MAX_ENTRY_BYTES, BlockEntry, decode_entry
from ledger_node.ledger.state_proof import MAX_KEY, VerifiedStateProof
from ledger_node.log.checkpoint import Checkpoint, CheckpointError, SignedCheckpoint
from ledger_node.log.merkle import MAX_PATH, MAX_TREE_SIZE
from ledger_node.log.note import MAX_SIGNATURES, NoteError, NoteSignature
from ledger_node.log.policy import Policy
from ledger_node.log.proof import ProofRefused, TlogProof, VerifiedProof, verify_proof
from ledger_node.state.errors import InvalidProof
from ledger_node.state.short_path import MAX_DEPTH, ShortPath, root_of, shorten

MAGIC: Final = "ctlproof1"
MAX_COMPACT: Final = 256 * 1024
"""Bytes of a file; a code holds far less, a value may be as large as a log entry."""

CHECK_SIZE: Final = 4
_HEAD: Final = b"\x93" + encode(MAGIC)
_HASH: Final = 32
_SIZE = Annotated[int, msgspec.Meta(ge=0, le=MAX_TREE_SIZE)]


class CompactStep(StrEnum):
    """The checks of a file that are not those of the tlog-proof in it, in their order."""

    FORMAT = "the file is a canonical compact state proof"
    CHECK = "the check bytes are those of the content: it was read without a mistake"
    FIELDS = "each field of the content is as long as it has to be"
    BLOCK = "the proven entry closes a block, and so states a root of the state"
    STATE = "the siblings lead from key and value to the state root of the block entry"


class CompactRefused(ValueError):
    """A file that proves nothing under the policy. step: the failing check, which may be one of
    the tlog-proof inside; reason: text."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"compact state proof refused at: {step}; {reason}")
        self.step = step
        self.reason = reason


class _Cosignature(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """name: what starts with "/" follows the origin, as the members' cosigner names do."""

    name: str
    key_id: bytes
    time_s: _SIZE
    signature: bytes


class _Body(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    key: str
    value: bytes | None
    siblings: bytes
    neighbour: bytes | None
    entry: bytes
    index: _SIZE
    path: bytes
    origin: str
    size: _SIZE
    root: bytes
    key_id: bytes
    signature: bytes
    cosignatures: tuple[_Cosignature, ...]


@dataclass(frozen=True, slots=True)
class VerifiedCompactProof:
    """That `key` had `value` (None: was absent) in the state after `block`; made here alone."""

    key: str
    value: bytes | None
    block: BlockEntry
    proof: VerifiedProof

    @property
    def newest(self) -> bool:
        """Whether nothing came after the block, up to the checkpoint."""
        return self.proof.index == self.proof.checkpoint.checkpoint.size - 1


def is_compact_proof(data: bytes) -> bool:
    """Whether a file says it is one, so that it is judged as one."""
    return data.startswith(_HEAD)


def compact(proof: VerifiedStateProof) -> bytes:
    """The compact form of a state proof.

    Raises CompactRefused for a witness whose name has no place in it (one that opens with "/").
    """
    way = shorten(proof.key.encode(), proof.state)
    signed = proof.proof.checkpoint.signed()
    head, (log, *witnesses) = signed.checkpoint, signed.signatures
    cosignatures = tuple(
        _Cosignature(
            _short_name(each.name, head.origin),
            each.key_id,
            int.from_bytes(each.signature[:8]),
            each.signature[8:],
        )
        for each in witnesses
    )
    body = _Body(
        proof.key,
        proof.value,
        b"".join(way.siblings),
        way.neighbour,
        proof.proof.entry,
        proof.proof.index,
        b"".join(proof.proof.path),
        head.origin,
        head.size,
        head.root,
        log.key_id,
        log.signature,
        cosignatures,
    )
    return _sealed(encode(body))


def verify_compact_proof(data: bytes, policy: Policy) -> VerifiedCompactProof:
    """What the file proves under `policy`. Raises CompactRefused, and nothing else."""
    body = _parse(data)
    way = _way(body)
    try:
        proof = verify_proof(_tlog_proof(body).format(), policy)
        entry = decode_entry(proof.entry)
        if not isinstance(entry, BlockEntry):
            raise CompactRefused(CompactStep.BLOCK, "it is an entry of another kind")
        root = root_of(body.key.encode(), body.value, way)
    except ProofRefused as error:
        raise CompactRefused(error.step.value, error.reason) from error
    except DecodeError as error:
        raise CompactRefused(CompactStep.BLOCK, error.reason) from error
    except InvalidProof as error:
        raise CompactRefused(CompactStep.STATE, str(error)) from error
    if root != entry.state_root:
        reason = f"they lead to {root.hex()}, not to {entry.state_root.hex()}"
        raise CompactRefused(CompactStep.STATE, reason)
    return VerifiedCompactProof(body.key, body.value, entry, proof)


def block_proof(data: bytes) -> bytes:
    """The tlog-proof file of the block entry, for other verifiers. Raises CompactRefused."""
    return _tlog_proof(_parse(data)).format()


def _sealed(body: bytes) -> bytes:
    return encode((MAGIC, body, sha256(body).digest()[:CHECK_SIZE]))


def _parse(data: bytes) -> _Body:
    try:
        _, content, check = decode(
            tuple[str, bytes, bytes], data, what="compact state proof", limit=MAX_COMPACT
        )
        if not is_compact_proof(data):
            raise CompactRefused(CompactStep.FORMAT, f"it does not open with {MAGIC}")
        if check != sha256(content).digest()[:CHECK_SIZE]:
            raise CompactRefused(CompactStep.CHECK, "they are not")
        body = decode(_Body, content, what="content", limit=MAX_COMPACT)
    except DecodeError as error:
        raise CompactRefused(CompactStep.FORMAT, str(error)) from error
    _check_fields(body)
    return body


def _check_fields(body: _Body) -> None:
    visible = 1 <= len(body.key) <= MAX_KEY and all("!" <= char <= "~" for char in body.key)
    rules = (
        ("key", visible),
        ("value", body.value is None or 1 <= len(body.value) <= MAX_ENTRY_BYTES),
        ("siblings", _hashes(body.siblings, MAX_DEPTH)),
        ("entry", 1 <= len(body.entry) <= MAX_ENTRY_BYTES),
        ("path", _hashes(body.path, MAX_PATH)),
        ("root", len(body.root) == _HASH),
        ("key id", len(body.key_id) == 4),
        ("cosignatures", len(body.cosignatures) < MAX_SIGNATURES),
        ("name of a cosignature", all(_is_name(each.name) for each in body.cosignatures)),
        ("key id of a cosignature", all(len(each.key_id) == 4 for each in body.cosignatures)),
    )
    for name, holds in rules:
        if not holds:
            raise CompactRefused(CompactStep.FIELDS, f"{name} is not")


def _is_name(name: str) -> bool:
    """As signed notes ask; a name with a line break would write lines of its own."""
    return bool(name) and not any(char.isspace() or char == "+" or char < " " for char in name)


def _hashes(data: bytes, most: int) -> bool:
    return len(data) % _HASH == 0 and len(data) <= most * _HASH


def _split(data: bytes) -> tuple[Digest, ...]:
    return tuple(Digest(data[at : at + _HASH]) for at in range(0, len(data), _HASH))


def _way(body: _Body) -> ShortPath:
    return ShortPath(_split(body.siblings), body.neighbour)


def _tlog_proof(body: _Body) -> TlogProof:
    try:
        head = Checkpoint(body.origin, body.size, Digest(body.root))
    except (CheckpointError, NoteError) as error:
        raise CompactRefused(CompactStep.FIELDS, str(error)) from error
    lines = (
        NoteSignature(body.origin, body.key_id, body.signature),
        *(
            NoteSignature(
                _full_name(each.name, body.origin),
                each.key_id,
                each.time_s.to_bytes(8) + each.signature,
            )
            for each in body.cosignatures
        ),
    )
    return TlogProof(body.entry, body.index, _split(body.path), SignedCheckpoint(head, lines))


def _short_name(name: str, origin: str) -> str:
    if name.startswith("/"):
        raise CompactRefused(CompactStep.FIELDS, f"the witness name {name} opens with a slash")
    return name[len(origin) :] if name.startswith(f"{origin}/") else name


def _full_name(name: str, origin: str) -> str:
    if name.startswith(f"{origin}/"):
        raise CompactRefused(CompactStep.FIELDS, "a witness name is not in its short form")
    return f"{origin}{name}" if name.startswith("/") else name
