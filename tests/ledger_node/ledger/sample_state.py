"""A small state, a log whose last block entry states its root, and proof files of its keys."""

from dataclasses import dataclass, field

from contracts.guarantee.objects import Guarantee, GuaranteeState, Reservation
from contracts.guarantee.terms import GuaranteeKind, SecurityMethod, Terms
from ledger_node.codec import Digest, encode
from ledger_node.ledger.entries import BlockEntry
from ledger_node.ledger.state_proof import VerifiedStateProof, build_state_proof
from ledger_node.log.checkpoint import Checkpoint
from ledger_node.log.merkle import InMemoryHashes, inclusion_path, leaf_hash, tree_root
from ledger_node.log.policy import Policy
from ledger_node.log.proof import VerifiedProof, build_proof
from ledger_node.log.verified import verify_checkpoint
from ledger_node.state import NO_TREE, CommitmentProof, path_of, prove, update
from tests.ledger_node.log.sample_union import ORIGIN, policy, sign
from tests.ledger_node.state.naive_tree import Store

GRN = "20GB0000010000GX1"
MRN = "25GB000246TK0E6WJ1"
OTHER_MRN = "25GB000246TK0E6WK0"
TIME_MS = 1_790_000_000_000
GUARANTEE_KEY = f"guarantee/{GRN}"
RESERVATION_KEY = f"reservation/{GRN}/{MRN}"
ABSENT_KEY = f"reservation/{GRN}/{OTHER_MRN}"


def guarantee(reserved: int = 12_000, open_: int = 1) -> Guarantee:
    return Guarantee(
        grn=GRN,
        kind=GuaranteeKind.GENERAL,
        state=GuaranteeState.ACTIVE,
        guarantor="GB-INSURER",
        holder="GB-TRADER",
        office="GB000001",
        reference_amount=50_000,
        currency="EUR",
        coverage_percent=100,
        valid_from_ms=TIME_MS,
        valid_to_ms=TIME_MS + 1,
        territory=("AM", "BY"),
        terms=Terms(SecurityMethod.SURETY, (), (), sensitive_goods=False, suspended_goods=False),
        reserved=reserved,
        open=open_,
        uses=3,
        paid=0,
        defaults=0,
        revoked_from_ms=None,
    )


def reservation(mrn: str = MRN) -> Reservation:
    return Reservation(
        grn=GRN,
        mrn=mrn,
        amount=12_000,
        currency="EUR",
        asked=12_000,
        asked_currency="EUR",
        reserved_ms=TIME_MS,
        office="GB000246",
        certified=False,
        freed_by="transit.discharge",
    )


def state_entries() -> dict[str, bytes]:
    others = {f"member/{code}": code.encode() * 9 for code in ("AM", "BY", "KZ", "KG", "RU")}
    ours = {GUARANTEE_KEY: encode(guarantee()), RESERVATION_KEY: encode(reservation())}
    return ours | others


@dataclass
class SampleState:
    """entries: of the state; before, after: entries of the log around the block entry."""

    entries: dict[str, bytes] = field(default_factory=state_entries)
    before: int = 5
    after: int = 0
    rules: Policy = field(default_factory=policy)

    def __post_init__(self) -> None:
        self.store = Store()
        entries = {key.encode(): value for key, value in self.entries.items()}
        result = update(self.store, NO_TREE, entries)
        self.store.apply(entries, result)
        self.root: Digest = result.root
        self.by_path = {
            path_of(key.encode()): (key.encode(), value) for key, value in self.entries.items()
        }

    def block_entry(self) -> BlockEntry:
        zero = bytes(32)
        return BlockEntry(1, 7, 9, zero, zero, TIME_MS, 0, zero, self.root)

    def block_proof(self, entry: bytes | None = None) -> VerifiedProof:
        """Of the block entry, or of `entry` in its place."""
        leaf = encode(self.block_entry()) if entry is None else entry
        leaves = [
            *(f"entry {at}".encode() for at in range(self.before)),
            leaf,
            *(f"later {at}".encode() for at in range(self.after)),
        ]
        hashes = InMemoryHashes(leaf_hash(each) for each in leaves)
        size = len(leaves)
        head = verify_checkpoint(
            sign(Checkpoint(ORIGIN, size, tree_root(size, hashes))), self.rules
        )
        path = inclusion_path(self.before, size, hashes)
        return build_proof(leaf, self.before, path, head, self.rules)

    def commitment(self, key: str) -> CommitmentProof:
        return prove(self.store, self.root, key.encode(), self.by_path.get)

    def proof(self, key: str) -> VerifiedStateProof:
        return build_state_proof(
            key, self.entries.get(key), self.commitment(key), self.block_proof()
        )
