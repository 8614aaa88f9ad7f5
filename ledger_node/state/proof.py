"""ICS-23 proofs as values, and the specification the state tree's proofs follow.

Names and meaning are those of the protobuf messages in cosmos/ics23,
proto/cosmos/ics23/v1/proofs.proto; `SMT_SPEC` equals `SmtSpec` of that project, so its Go, Rust
and JavaScript verifiers accept what `prove` makes.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeAlias

from ledger_node.state.page import EMPTY, HASH_SIZE, INNER_PREFIX, LEAF_PREFIX


class HashOp(IntEnum):
    """How bytes are hashed. State proofs use NO_HASH and SHA256; the rest is known by name only,
    so that a proof of another kind of tree is refused for the right reason."""

    NO_HASH = 0
    SHA256 = 1
    SHA512 = 2
    KECCAK256 = 3
    RIPEMD160 = 4
    BITCOIN = 5
    SHA512_256 = 6
    BLAKE2B_512 = 7
    BLAKE2S_256 = 8
    BLAKE3 = 9


class LengthOp(IntEnum):
    """How lengths enter the hash. State proofs use NO_PREFIX: all they hash has a fixed size."""

    NO_PREFIX = 0
    VAR_PROTO = 1
    VAR_RLP = 2
    FIXED32_BIG = 3
    FIXED32_LITTLE = 4
    FIXED64_BIG = 5
    FIXED64_LITTLE = 6
    REQUIRE_32_BYTES = 7
    REQUIRE_64_BYTES = 8


@dataclass(frozen=True, slots=True)
class LeafOp:
    """leaf = hash(prefix || length(prehash_key(key)) || length(prehash_value(value)))."""

    hash: HashOp = HashOp.NO_HASH
    prehash_key: HashOp = HashOp.NO_HASH
    prehash_value: HashOp = HashOp.NO_HASH
    length: LengthOp = LengthOp.NO_PREFIX
    prefix: bytes = b""


@dataclass(frozen=True, slots=True)
class InnerOp:
    """node = hash(prefix || child || suffix); a left child has its sibling in the suffix."""

    hash: HashOp = HashOp.NO_HASH
    prefix: bytes = b""
    suffix: bytes = b""


@dataclass(frozen=True, slots=True)
class ExistenceProof:
    """`key` has `value` in the tree whose root the operations lead to, leaf first."""

    key: bytes
    value: bytes
    leaf: LeafOp
    path: tuple[InnerOp, ...]


@dataclass(frozen=True, slots=True)
class NonExistenceProof:
    """Nothing lies between `left` and `right` (by hashed key), where `key` would have to be.

    A neighbour is None where there is none: the key is then before all others, or after them.
    """

    key: bytes
    left: ExistenceProof | None
    right: ExistenceProof | None


CommitmentProof: TypeAlias = ExistenceProof | NonExistenceProof
"""The two kinds of ICS-23 proof that state trees give; batches are not among them."""


@dataclass(frozen=True, slots=True)
class InnerSpec:
    """Form of the inner nodes of a binary tree; sizes in bytes."""

    hash: HashOp
    child_size: int
    min_prefix_length: int
    max_prefix_length: int
    empty_child: bytes


@dataclass(frozen=True, slots=True)
class ProofSpec:
    """What a verifier knows beforehand about a kind of tree.

    Depths count inner nodes; a max_depth of 0 stands for ICS-23's default of 128.
    """

    leaf: LeafOp
    inner: InnerSpec
    min_depth: int
    max_depth: int
    prehash_key_before_comparison: bool


SMT_SPEC: Final = ProofSpec(
    leaf=LeafOp(
        hash=HashOp.SHA256,
        prehash_key=HashOp.SHA256,
        prehash_value=HashOp.SHA256,
        length=LengthOp.NO_PREFIX,
        prefix=LEAF_PREFIX,
    ),
    inner=InnerSpec(
        hash=HashOp.SHA256,
        child_size=HASH_SIZE,
        min_prefix_length=len(INNER_PREFIX),
        max_prefix_length=len(INNER_PREFIX),
        empty_child=EMPTY,
    ),
    min_depth=0,
    max_depth=256,
    prehash_key_before_comparison=True,
)
