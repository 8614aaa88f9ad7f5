"""The way from a key to the root of the state tree, in the fewest hashes.

ICS-23 shows an absence by two neighbours with their keys and values. Who knows the tree needs one
way only: along the bits of SHA-256(key) it ends in the key's own leaf; or in the leaf of another
key, which would have moved down had the key been there; or in an empty subtree. The last two show
that the key is absent. `shorten` takes this from an ICS-23 proof; `root_of` leads it to the root,
and whoever knows the root compares. Tree: docs/formats.md, "State".
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ledger_node.codec import Digest
from ledger_node.state.errors import InvalidProof, ProofStep
from ledger_node.state.page import EMPTY, HASH_SIZE, INNER_PREFIX, LEAF_PREFIX, LEAF_SIZE
from ledger_node.state.proof import CommitmentProof, ExistenceProof, InnerOp

MAX_DEPTH: Final = 8 * HASH_SIZE
"""Bits of a path, and so the most siblings there can be."""


@dataclass(frozen=True, slots=True)
class ShortPath:
    """siblings: from the end of the way upwards; neighbour: path || value hash of the leaf that
    stands where an absent key would, None for the key's own leaf or an empty subtree."""

    siblings: tuple[bytes, ...]
    neighbour: bytes | None


def shorten(key: bytes, proof: CommitmentProof) -> ShortPath:
    """The way of an ICS-23 proof that has been verified, of `key` or its absence."""
    if isinstance(proof, ExistenceProof):
        return ShortPath(tuple(_sibling(op) for op in proof.path), None)
    path = sha256(key).digest()
    for found in (proof.left, proof.right):
        if found is None:
            continue
        theirs = sha256(found.key).digest()
        siblings = tuple(_sibling(op) for op in found.path)
        shared = _shared_bits(path, theirs)
        if shared >= len(siblings):
            return ShortPath(siblings, theirs + sha256(found.value).digest())
        # The ways part below depth `shared`; the key's goes into the neighbour's sibling there.
        above = len(siblings) - shared
        if siblings[above - 1] == EMPTY:
            return ShortPath((_subtree(found, above - 1), *siblings[above:]), None)
    raise InvalidProof(ProofStep.ADJACENCY, "neither neighbour lies where the key would be")


def root_of(key: bytes, value: bytes | None, way: ShortPath) -> Digest:
    """The root to which the way leads from `key` with `value`, None for its absence.

    Raises InvalidProof for a way that has not the form of one.
    """
    path = sha256(key).digest()
    depth = len(way.siblings)
    if depth > MAX_DEPTH:
        raise InvalidProof(ProofStep.DEPTH, f"{depth} inner nodes, at most {MAX_DEPTH}")
    if any(len(each) != HASH_SIZE for each in way.siblings):
        raise InvalidProof(ProofStep.SHAPE, "a sibling is not 32 bytes long")
    node = _end(path, value, way)
    bits = int.from_bytes(path)
    for at, sibling in enumerate(way.siblings):
        turns_right = bits >> (MAX_DEPTH - depth + at) & 1
        left, right = (sibling, node) if turns_right else (node, sibling)
        node = sha256(INNER_PREFIX + left + right).digest()
    return Digest(node)


def _end(path: bytes, value: bytes | None, way: ShortPath) -> bytes:
    if value is not None:
        if not value:
            raise InvalidProof(ProofStep.VALUE, "the value is empty")
        if way.neighbour is not None:
            raise InvalidProof(ProofStep.NEIGHBOURS, "a neighbour where a value is claimed")
        return sha256(LEAF_PREFIX + path + sha256(value).digest()).digest()
    if way.neighbour is None:
        return EMPTY
    if len(way.neighbour) != LEAF_SIZE:
        raise InvalidProof(ProofStep.NEIGHBOURS, f"a neighbour of {len(way.neighbour)} bytes")
    theirs = way.neighbour[:HASH_SIZE]
    if theirs == path:
        raise InvalidProof(ProofStep.NEIGHBOURS, "the neighbour is the key itself")
    if _shared_bits(path, theirs) < len(way.siblings):
        raise InvalidProof(ProofStep.POSITION, "the neighbour stands elsewhere than the key would")
    return sha256(LEAF_PREFIX + way.neighbour).digest()


def _sibling(op: InnerOp) -> bytes:
    return op.suffix or op.prefix[len(INNER_PREFIX) :]


def _subtree(proof: ExistenceProof, height: int) -> bytes:
    """The hash above the leaf of `proof` after `height` of its inner nodes."""
    key, value = sha256(proof.key).digest(), sha256(proof.value).digest()
    node = sha256(LEAF_PREFIX + key + value).digest()
    for op in proof.path[:height]:
        node = sha256(op.prefix + node + op.suffix).digest()
    return node


def _shared_bits(one: bytes, other: bytes) -> int:
    return MAX_DEPTH - (int.from_bytes(one) ^ int.from_bytes(other)).bit_length()
