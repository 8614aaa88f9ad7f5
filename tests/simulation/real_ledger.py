"""The ledger's own execution and contracts under the simulator, over a store in memory.

Registrars of the members enter participants, add keys to them, suspend and reinstate them: what
becomes of a record depends on what was ordered before, so a wrong order shows in the state root.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import contracts
from consensus.block import Block, BlockHeader, BlockId, SubmissionId, genesis_block
from consensus.committee import Committee
from contracts import GenesisMember, Record
from contracts.registry import records as registry
from contracts.registry.objects import Role
from ledger_node.crypto.signatures import SoftwareSigner, Suite
from ledger_node.ledger.chain import ExecutedBlock, SpeculativeChain, Tip
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.ledger.execution import execute, execute_genesis
from ledger_node.ledger.payload import PayloadLimits, check_payload
from ledger_node.ledger.refusal import BlockInvalid
from ledger_node.ledger.submission import VerifiedSubmission, build_submission
from ledger_node.log.merkle import Frontier
from ledger_node.state import EMPTY_ROOT, NO_TREE, NoRows
from tests.simulation.clocks import EPOCH_TIME_MS
from tests.simulation.ledger import Ledger
from tests.simulation.parameters import SUBMISSIONS

REGISTRARS = ("AM", "BY", "KG", "KZ", "RU")
LIMITS = PayloadLimits(submissions=8, body_bytes=1 << 20)
EXPIRY_MS = EPOCH_TIME_MS + 3_600_000


class Store:
    """What is final, in memory: a `LedgerReader` at the last final block."""

    def __init__(self, header: BlockHeader) -> None:
        self.tip = Tip(header, BlockId(bytes(32)), Frontier.empty(), EMPTY_ROOT)
        self.tree = NO_TREE
        self.tree_rows = NoRows()
        self._objects: dict[str, bytes | None] = {}
        self._ordered: set[SubmissionId] = set()

    def object(self, key: str) -> bytes | None:
        """See LedgerReader."""
        return self._objects.get(key)

    def ordered(self, submission: SubmissionId) -> bool:
        """See LedgerReader."""
        return submission in self._ordered

    def commit(self, executed: ExecutedBlock) -> None:
        """Make an executed block final."""
        self._objects.update(executed.changes)
        self._ordered.update(executed.locations)
        self.tip = executed.tip
        self.tree = executed.state.tree


class RealLedger(Ledger):
    """`ledger_node.ledger` and `contracts` as a node runs them."""

    def __init__(
        self,
        final: Sequence[Block],
        founding: ExecutedBlock,
        bodies: dict[bytes, VerifiedSubmission],
    ) -> None:
        self._founding = founding
        self._bodies = bodies
        super().__init__(final)

    def genesis_outcome(self) -> bytes:
        """See Ledger."""
        self._store = Store(self._founding.block.header)
        self._store.commit(self._founding)
        self._chain = SpeculativeChain(self._store, self._store.tree)
        return self._founding.outcome_digest

    def result(self, block: Block, before: bytes) -> bytes:
        """See Ledger."""
        parent = self._chain.view(BlockId(block.header.parent))
        assert parent.tip.outcome_digest == before
        bodies = [self._bodies[each] for each in block.payload]
        executed = execute(block, bodies, parent, installed_contracts())
        self._chain.add(executed)
        return executed.outcome_digest

    def problem(self, block: Block) -> str:
        """See Ledger."""
        ordering = _Ordering(self, BlockId(block.header.parent))
        try:
            check_payload(block, [self._bodies[each] for each in block.payload], ordering, LIMITS)
        except BlockInvalid as error:
            return str(error)
        return ""

    def settle(self, name: BlockId) -> None:
        """See Ledger."""
        executed = self._chain.get(name)
        assert executed is not None, "committed before it was executed"
        self._store.commit(executed)
        self._chain.settle(self._store)


@dataclass(frozen=True, slots=True)
class _Ordering:
    """What a voter asks of the chain up to `parent`, executed or not."""

    ledger: Ledger
    parent: BlockId

    def ordered(self, submission: SubmissionId) -> bool:
        return self.ledger.is_ordered(submission, self.parent)


class Real:
    """A LedgerKind: signed submissions of registrars."""

    def __init__(self, *, epochs_end: bool = False) -> None:
        """epochs_end: not here, where it would take votes of members' registrars."""
        self._bodies: dict[bytes, VerifiedSubmission] = {}
        self._founding: ExecutedBlock | None = None

    def submissions(self, committee: Committee, random: Random) -> Sequence[bytes]:
        """See LedgerKind."""
        signers = {code: _signer(code) for code in REGISTRARS}
        for number in range(SUBMISSIONS):
            code = random.choice(REGISTRARS)
            body = build_submission(
                committee.union,
                code,
                signers[code],
                [contracts.encode_record(_record(random, code, number))],
                EXPIRY_MS,
                number.to_bytes(16, "big"),
            )
            self._bodies[body.id] = body
        return list(self._bodies)

    def genesis(self, committee: Committee) -> Block:
        """See LedgerKind."""
        members = [GenesisMember(c, f"Member {c}", _signer(c).public) for c in REGISTRARS]
        self._founding = execute_genesis(
            committee.union,
            EPOCH_TIME_MS,
            b"founding document",
            contracts.genesis_state(members),
            installed_contracts(),
        )
        return genesis_block(committee.union, EPOCH_TIME_MS)

    def open(self, final: Sequence[Block]) -> Ledger:
        """See LedgerKind."""
        assert self._founding is not None, "a chain starts from genesis"
        return RealLedger(final, self._founding, self._bodies)


def _signer(code: str) -> SoftwareSigner:
    return SoftwareSigner(Suite.ED25519, code.encode().ljust(32, b"."))


def _record(random: Random, code: str, number: int) -> Record:
    """An act on one of a few participants, who may exist by then or not."""
    who = f"P{random.randrange(6)}"
    key = b"\x01" + number.to_bytes(32, "big")
    return random.choice(
        (
            registry.RegisterParticipant(
                who, code, f"Holder {number}", (Role.DECLARANT,), (), (key,)
            ),
            registry.AddKey(who, key),
            registry.SuspendParticipant(who, "Debt."),
            registry.ReinstateParticipant(who, "Paid."),
        )
    )
