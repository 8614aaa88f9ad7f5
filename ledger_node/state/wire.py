"""Proofs as bytes: the protobuf encoding of `cosmos.ics23.v1.CommitmentProof`, written by hand.

Canonical: fields in order of number, defaults left out, shortest varints. The encoder writes
that form and the decoder accepts no other: it decodes, encodes again, and compares. Batches and
exclusion proofs are not read, and a compressed batch only as the short form of one proof of
absence: its two neighbours share nearly all inner nodes, so it takes little more than half the
bytes. Each inner node stands in it once, in order of first use, the left neighbour's first.

Sources: https://protobuf.dev/programming-guides/encoding/ and cosmos/ics23,
proto/cosmos/ics23/v1/proofs.proto.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Final, TypeVar

from ledger_node.state.errors import MalformedProof
from ledger_node.state.proof import (
    SMT_SPEC,
    CommitmentProof,
    ExistenceProof,
    HashOp,
    InnerOp,
    LeafOp,
    LengthOp,
    NonExistenceProof,
)

MAX_PROOF_BYTES: Final = 256 * 1024
"""Two neighbours with values of one log entry each (64 KiB) and 256 inner nodes fit well."""

_VARINT: Final = 0
_BYTES: Final = 2
_MAX_VARINT_BYTES: Final = 5

_Op = TypeVar("_Op", bound=IntEnum)


def encode_proof(proof: CommitmentProof) -> bytes:
    """The one encoding of `proof`."""
    if isinstance(proof, ExistenceProof):
        return _message(1, _encode_existence(proof))
    parts = [_bytes(1, proof.key)]
    if proof.left is not None:
        parts.append(_message(2, _encode_existence(proof.left)))
    if proof.right is not None:
        parts.append(_message(3, _encode_existence(proof.right)))
    return _message(2, b"".join(parts))


def encode_compressed(proof: NonExistenceProof) -> bytes:
    """The same proof as a compressed batch of one, which ICS-23 verifiers take as well."""
    lookup: dict[InnerOp, int] = {}
    parts = [_bytes(1, proof.key)]
    for number, neighbour in ((2, proof.left), (3, proof.right)):
        if neighbour is not None:
            steps = b"".join(_uvarint(lookup.setdefault(op, len(lookup))) for op in neighbour.path)
            short = _encode_existence(replace(neighbour, path=())) + _bytes(4, steps)
            parts.append(_message(number, short))
    entry = _message(1, _message(2, b"".join(parts)))
    return _message(4, entry + b"".join(_message(2, _encode_inner(op)) for op in lookup))


def decode_proof(data: bytes) -> CommitmentProof:
    """The proof that `data` (at most MAX_PROOF_BYTES) canonically encodes; not yet verified.

    Both encodings of a proof of absence are read. Raises MalformedProof, naming the field.
    """
    if len(data) > MAX_PROOF_BYTES:
        reason = f"{len(data)} bytes, at most {MAX_PROOF_BYTES} are allowed"
        raise MalformedProof("proof", reason)
    proof: CommitmentProof | None = None
    for number, content in _fields("proof", data):
        if number == 1:
            proof = _decode_existence("exist", _as_bytes("exist", content))
        elif number == 2:
            proof = _decode_non_existence(_as_bytes("nonexist", content), ())
        elif number == 4:
            proof = _decode_compressed(_as_bytes("compressed", content))
        else:
            raise MalformedProof("proof", f"proofs of kind {number} are not read")
    if proof is None:
        raise MalformedProof("proof", "is empty")
    short = isinstance(proof, NonExistenceProof) and encode_compressed(proof) == data
    if not short and encode_proof(proof) != data:
        raise MalformedProof("proof", "not in canonical form")
    return proof


def _encode_existence(proof: ExistenceProof) -> bytes:
    leaf = proof.leaf
    encoded_leaf = (
        _varint(1, leaf.hash)
        + _varint(2, leaf.prehash_key)
        + _varint(3, leaf.prehash_value)
        + _varint(4, leaf.length)
        + _bytes(5, leaf.prefix)
    )
    parts = [_bytes(1, proof.key), _bytes(2, proof.value), _message(3, encoded_leaf)]
    parts += [_message(4, _encode_inner(op)) for op in proof.path]
    return b"".join(parts)


def _encode_inner(op: InnerOp) -> bytes:
    return _varint(1, op.hash) + _bytes(2, op.prefix) + _bytes(3, op.suffix)


def _decode_compressed(data: bytes) -> NonExistenceProof:
    entries: list[bytes] = []
    lookup: list[InnerOp] = []
    for number, content in _fields("compressed", data):
        part = _as_bytes("compressed", content)
        if number == 1:
            entries.append(part)
        elif number == 2:
            lookup.append(_decode_inner("compressed.lookup_inners", part))
        else:
            raise MalformedProof("compressed", f"unknown field {number}")
    if len(entries) != 1:
        raise MalformedProof("compressed.entries", f"{len(entries)} proofs where one is read")
    ((number, content),) = _single("compressed.entries", entries[0])
    if number != 2:
        raise MalformedProof("compressed.entries", "only a proof of absence is read compressed")
    return _decode_non_existence(_as_bytes("nonexist", content), tuple(lookup))


def _single(name: str, data: bytes) -> list[tuple[int, int | bytes]]:
    fields = list(_fields(name, data))
    if len(fields) != 1:
        raise MalformedProof(name, f"{len(fields)} fields where one belongs")
    return fields


def _decode_non_existence(data: bytes, lookup: Sequence[InnerOp]) -> NonExistenceProof:
    """lookup: the inner nodes that neighbours name by number, none in the long form."""
    key = b""
    left: ExistenceProof | None = None
    right: ExistenceProof | None = None
    for number, content in _fields("nonexist", data):
        if number == 1:
            key = _as_bytes("nonexist.key", content)
        elif number == 2:
            left = _decode_existence("nonexist.left", _as_bytes("nonexist.left", content), lookup)
        elif number == 3:
            part = _as_bytes("nonexist.right", content)
            right = _decode_existence("nonexist.right", part, lookup)
        else:
            raise MalformedProof("nonexist", f"unknown field {number}")
    return NonExistenceProof(key, left, right)


def _decode_existence(name: str, data: bytes, lookup: Sequence[InnerOp] = ()) -> ExistenceProof:
    key = value = b""
    leaf: LeafOp | None = None
    path: list[InnerOp] = []
    for number, content in _fields(name, data):
        if number == 1:
            key = _as_bytes(f"{name}.key", content)
        elif number == 2:
            value = _as_bytes(f"{name}.value", content)
        elif number == 3:
            leaf = _decode_leaf(f"{name}.leaf", _as_bytes(f"{name}.leaf", content))
        elif number == 4:
            part = _as_bytes(f"{name}.path", content)
            path += _named(name, part, lookup) if lookup else [_decode_inner(f"{name}.path", part)]
            if len(path) > SMT_SPEC.max_depth:
                raise MalformedProof(f"{name}.path", f"more than {SMT_SPEC.max_depth} nodes")
        else:
            raise MalformedProof(name, f"unknown field {number}")
    if leaf is None:
        raise MalformedProof(f"{name}.leaf", "missing")
    return ExistenceProof(key, value, leaf, tuple(path))


def _named(name: str, data: bytes, lookup: Sequence[InnerOp]) -> list[InnerOp]:
    """The inner nodes that a packed list of numbers names."""
    path: list[InnerOp] = []
    at = 0
    while at < len(data):
        number, at = _read_varint(f"{name}.path", data, at)
        if number >= len(lookup):
            raise MalformedProof(f"{name}.path", f"no inner node has the number {number}")
        path.append(lookup[number])
    return path


def _decode_leaf(name: str, data: bytes) -> LeafOp:
    hashes = {1: HashOp.NO_HASH, 2: HashOp.NO_HASH, 3: HashOp.NO_HASH}
    length = LengthOp.NO_PREFIX
    prefix = b""
    for number, content in _fields(name, data):
        if number in hashes:
            hashes[number] = _as_enum(f"{name}.hash", HashOp, content)
        elif number == 4:
            length = _as_enum(f"{name}.length", LengthOp, content)
        elif number == 5:
            prefix = _as_bytes(f"{name}.prefix", content)
        else:
            raise MalformedProof(name, f"unknown field {number}")
    return LeafOp(hashes[1], hashes[2], hashes[3], length, prefix)


def _decode_inner(name: str, data: bytes) -> InnerOp:
    op = HashOp.NO_HASH
    prefix = suffix = b""
    for number, content in _fields(name, data):
        if number == 1:
            op = _as_enum(f"{name}.hash", HashOp, content)
        elif number == 2:
            prefix = _as_bytes(f"{name}.prefix", content)
        elif number == 3:
            suffix = _as_bytes(f"{name}.suffix", content)
        else:
            raise MalformedProof(name, f"unknown field {number}")
    return InnerOp(op, prefix, suffix)


# --- Protobuf wire format ---


def _uvarint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _varint(number: int, value: int) -> bytes:
    """An integer field, left out if zero."""
    return _uvarint(number << 3 | _VARINT) + _uvarint(value) if value else b""


def _bytes(number: int, value: bytes) -> bytes:
    """A bytes field, left out if empty."""
    return _message(number, value) if value else b""


def _message(number: int, value: bytes) -> bytes:
    """A message field, written even if it is empty."""
    return _uvarint(number << 3 | _BYTES) + _uvarint(len(value)) + value


def _fields(name: str, data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message: number, and an integer or bytes as the wire type says."""
    at = 0
    while at < len(data):
        tag, at = _read_varint(name, data, at)
        number, wire_type = tag >> 3, tag & 7
        value, at = _read_varint(name, data, at)
        if wire_type == _VARINT:
            yield number, value
        elif wire_type == _BYTES:
            if value > len(data) - at:
                raise MalformedProof(name, f"field {number} is cut short")
            yield number, data[at : at + value]
            at += value
        else:
            raise MalformedProof(name, f"field {number} has wire type {wire_type}")


def _read_varint(name: str, data: bytes, at: int) -> tuple[int, int]:
    """(value, where it ends); at most 35 bits, more than any field here needs."""
    value = 0
    for n, byte in enumerate(data[at : at + _MAX_VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * n)
        if byte < 0x80:
            return value, at + n + 1
    raise MalformedProof(name, "an integer is cut short or too long")


def _as_bytes(name: str, content: int | bytes) -> bytes:
    if isinstance(content, int):
        raise MalformedProof(name, "an integer where bytes belong")
    return content


def _as_enum(name: str, kind: type[_Op], content: int | bytes) -> _Op:
    if isinstance(content, bytes):
        raise MalformedProof(name, "bytes where an integer belongs")
    try:
        return kind(content)
    except ValueError:
        raise MalformedProof(name, f"{content} is not a known {kind.__name__}") from None
