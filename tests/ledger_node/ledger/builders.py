"""Small builders for chains of blocks, over contracts simple enough to predict by hand.

A record is a canonical array: ["put", key, text], ["append", key, text] (reads before it writes),
["delete", key], ["refuse", reason], ["fill", count] (puts that many objects), ["crash"].
"""

from collections.abc import Sequence
from hashlib import sha256

from consensus.block import Block, BlockHeader, BlockId, genesis_block, payload_root
from contracts import Accepted, Context, Rejected, StateView
from ledger_node.codec import Digest, decode_any, encode
from ledger_node.crypto.signatures import SoftwareSigner, Suite
from ledger_node.ledger.chain import ExecutedBlock, FinalLedger, LedgerView, Tip
from ledger_node.ledger.execution import ContractSet, execute, execute_genesis
from ledger_node.ledger.submission import VerifiedSubmission, build_submission
from ledger_node.log.merkle import Frontier
from ledger_node.state import EMPTY_ROOT, NoRows

UNION = sha256(b"the union of these tests").digest()
START_MS = 1_700_000_000_000
HOUR_MS = 3_600_000
SIGNER = SoftwareSigner(Suite.ED25519, sha256(b"an author's key").digest())
FIRST_OBJECTS = (("member/AM", b"Armenia"), ("member/KZ", b"Kazakhstan"))


def simple_contract(record: bytes, context: Context, view: StateView) -> Accepted | Rejected:
    match decode_any(record, what="record"):
        case ["put", str(key), str(text)]:
            return Accepted(((key, text.encode()),))
        case ["append", str(key), str(text)]:
            before = view.get(key)
            if before is None:
                return Rejected("T-001", (("key", key), ("author", context.author)))
            return Accepted(((key, before + text.encode()),))
        case ["delete", str(key)]:
            return Accepted(((key, None),))
        case ["fill", int(count)]:
            return Accepted(tuple((f"filler/{i:05}", b"x") for i in range(count)))
        case ["refuse", str(reason)]:
            return Rejected("T-002", (("reason", reason),))
        case other:
            raise ZeroDivisionError(other)


CONTRACTS = ContractSet(Digest(sha256(b"simple contracts").digest()), simple_contract)


def record(*parts: str | int) -> bytes:
    return encode(parts)


def put(key: str, text: str) -> bytes:
    return record("put", key, text)


def submission(
    *records: bytes, nonce: int = 0, expiry_ms: int = START_MS + HOUR_MS, author: str = "AM-1"
) -> VerifiedSubmission:
    return build_submission(UNION, author, SIGNER, records, expiry_ms, nonce.to_bytes(16, "big"))


def genesis() -> ExecutedBlock:
    return execute_genesis(UNION, START_MS, b"founding document", FIRST_OBJECTS, CONTRACTS)


def block_on(
    tip: Tip, submissions: Sequence[VerifiedSubmission], *, view: int | None = None
) -> Block:
    """A block with these submissions, one second after the one it stands on."""
    payload: tuple[bytes, ...] = tuple(item.id for item in submissions)
    header = BlockHeader(
        union=UNION,
        epoch=0,
        height=tip.header.height + 1,
        view=tip.header.view + 1 if view is None else view,
        parent_view=tip.header.view,
        parent=tip.block_id,
        time_ms=tip.header.time_ms + 1000,
        proposer=tip.header.height % 5,
        payload_root=payload_root(payload),
    )
    return Block(header, payload)


def executed_on(
    parent: FinalLedger, *submissions: VerifiedSubmission, view: int | None = None
) -> ExecutedBlock:
    ledger = parent if isinstance(parent, LedgerView) else LedgerView(parent)
    return execute(block_on(parent.tip, submissions, view=view), submissions, ledger, CONTRACTS)


class EmptyLedger:
    """The ledger before the genesis block, to lay the genesis block over."""

    def __init__(self) -> None:
        header = genesis_block(UNION, START_MS).header
        # The view asserts that its first block stands on this one: the parent of genesis is zeros.
        self.tip = Tip(header, BlockId(bytes(32)), Frontier.empty(), EMPTY_ROOT)
        self.tree_rows = NoRows()

    def object(self, key: str) -> bytes | None:
        return None

    def ordered(self, submission: bytes) -> bool:
        return False


def in_memory(*blocks: ExecutedBlock) -> LedgerView:
    """The ledger at the last of `blocks`, the first being genesis, without any database."""
    return LedgerView(EmptyLedger(), blocks)
