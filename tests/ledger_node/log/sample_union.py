"""A small union with keys, a log of numbered entries and its proofs, for tests of the log."""

from dataclasses import dataclass

from ledger_node.codec.digests import Digest
from ledger_node.crypto.signatures import SoftwareSigner, Suite
from ledger_node.log.checkpoint import Checkpoint, SignedCheckpoint, sign_checkpoint
from ledger_node.log.cosignature import cosign
from ledger_node.log.merkle import InMemoryHashes, inclusion_path, leaf_hash, tree_root
from ledger_node.log.note import SignatureType, VerifierKey
from ledger_node.log.policy import Policy, union_policy
from ledger_node.log.proof import VerifiedProof, build_proof
from ledger_node.log.tiles import TileKey
from ledger_node.log.verified import verify_checkpoint

ORIGIN = "ledger.example/union"
MEMBERS = ("AM", "BY", "KZ", "KG", "RU")
TIME = 1_790_000_000


def signer(seed: str) -> SoftwareSigner:
    """The same key for the same seed."""
    return SoftwareSigner(Suite.ED25519, leaf_hash(seed.encode()))


def log_key(member: str) -> VerifierKey:
    return VerifierKey(ORIGIN, SignatureType.ED25519, signer(f"log {member}").public[1:])


def cosigner_key(member: str) -> VerifierKey:
    raw = signer(f"cosigner {member}").public[1:]
    return VerifierKey(f"{ORIGIN}/{member}", SignatureType.COSIGNATURE_V1, raw)


def policy(quorum: int = 4, members: tuple[str, ...] = MEMBERS) -> Policy:
    keys = [log_key(member) for member in members]
    return union_policy(keys, [(member, cosigner_key(member)) for member in members], quorum)


def sign(
    checkpoint: Checkpoint, log: str = "AM", witnesses: tuple[str, ...] = MEMBERS
) -> SignedCheckpoint:
    """The checkpoint signed by a member's log key and cosigned by members."""
    signed = sign_checkpoint(checkpoint, log_key(log), signer(f"log {log}"))
    lines = [
        cosign(checkpoint, cosigner_key(each), signer(f"cosigner {each}"), TIME + at)
        for at, each in enumerate(witnesses)
    ]
    return signed.with_signatures(*lines)


@dataclass(frozen=True)
class SampleLog:
    """A log whose entry i is b"entry i"."""

    size: int

    def entry(self, index: int) -> bytes:
        return f"entry {index}".encode()

    def hashes(self) -> InMemoryHashes:
        return InMemoryHashes(leaf_hash(self.entry(index)) for index in range(self.size))

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(ORIGIN, self.size, tree_root(self.size, self.hashes()))

    def path(self, index: int) -> tuple[Digest, ...]:
        return inclusion_path(index, self.size, self.hashes())

    def proof(self, index: int, quorum: int = 4) -> VerifiedProof:
        rules = policy(quorum)
        verified = verify_checkpoint(sign(self.checkpoint()), rules)
        return build_proof(self.entry(index), index, self.path(index), verified, rules)


class StoredTiles:
    """A TileReader over a dictionary, and what it was asked for."""

    def __init__(self) -> None:
        self.content: dict[TileKey, bytes] = {}

    def tile(self, level: int, index: int) -> bytes:
        return self.content.get(TileKey(level, index), b"")
