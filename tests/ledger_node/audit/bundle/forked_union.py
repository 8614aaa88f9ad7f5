"""A union of four that f + 1 = 2 of its members fork: two histories, each final, each certified.

The two run twice under the keys of one, a copy in either half of a network that is cut in two. So
each half has three voices of four, a quorum: the consensus core of every copy, the execution of
every block and every signature are those of a node, and each half's log is valid by itself.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

import pytest

import contracts
from consensus.authentication import Authenticated, Claim, authenticate
from consensus.block import Block, BlockHeader, Member, View, block_id
from consensus.committee import Committee
from consensus.messages import Message
from contracts.registry.objects import Role
from ledger_node.audit.bundle.export import export_bundle
from ledger_node.audit.bundle.selection import Everything, Selection
from ledger_node.crypto.signatures import verify
from ledger_node.ledger.execution import execute
from ledger_node.ledger.finality import certificate_bytes
from ledger_node.ledger.submission import VerifiedSubmission, build_submission
from tests.ledger_node.audit.bundle.audited_union import (
    HOUR_MS,
    AuditedUnion,
    MemoryLog,
    registration,
    signer,
)
from tests.simulation import invariants, member
from tests.simulation.clocks import EPOCH_TIME_MS
from tests.simulation.disk import Certified
from tests.simulation.faults import HEALED_AT, Partition, Plan
from tests.simulation.ledger import Ledger
from tests.simulation.real_ledger import RealLedger, Store
from tests.simulation.simulation import Simulation

FOUR = ("AM", "BY", "KG", "KZ")
COLLUDING = ("AM", "BY")
HALVES = (("AM", "BY", "KG"), ("AM", "BY", "KZ"))
SUBMITTED = 12
EVERYTHING = Everything()


class Verifier:
    """Checks Ed25519 signatures, each once, where the simulator checks its own."""

    def __init__(self, committee: Committee) -> None:
        self._committee = committee
        self._seen: dict[Claim, bool] = {}

    def __call__(self, claims: Sequence[Claim]) -> bool:
        return all(self._holds(claim) for claim in claims)

    def authenticate(self, message: Message, sender: Member) -> Authenticated[Message]:
        return authenticate(message, sender, self._committee, self)

    def _holds(self, claim: Claim) -> bool:
        if claim not in self._seen:
            key = self._committee.keys[claim.member]
            self._seen[claim] = verify(key, claim.statement, claim.signature)
        return self._seen[claim]


def signs(committee: Committee, index: Member) -> Callable[[bytes], bytes]:
    return signer(f"consensus {committee.names[index]}").sign


class Customs:
    """A simulation's LedgerKind: the ledger that the bundles' founding document founds."""

    def __init__(self, union: AuditedUnion) -> None:
        self.union = union
        self.bodies: dict[bytes, VerifiedSubmission] = {}

    def submissions(self, committee: Committee, random: Random) -> Sequence[bytes]:
        for number in range(SUBMITTED):
            code = FOUR[number % len(FOUR)]
            record = registration(f"{code}/{number}", code, Role.OBSERVER)
            body = build_submission(
                self.union.union,
                code,
                signer(code),
                [contracts.encode_record(record)],
                EPOCH_TIME_MS + HOUR_MS,
                number.to_bytes(16, "big"),
            )
            self.bodies[body.id] = body
        return list(self.bodies)

    def genesis(self, committee: Committee) -> Block:
        return self.union.blocks[0].block

    def open(self, final: Sequence[Block]) -> Ledger:
        return RealLedger(final, self.union.blocks[0], self.bodies)


class CutInTwo(Simulation):
    """The members of the union above, until the network would heal."""

    def __init__(self, seed: int, union: AuditedUnion) -> None:
        self.union = union
        liars = tuple((Member(FOUR.index(each)), "twin") for each in COLLUDING)
        halves = Partition(0, HEALED_AT, ((0, 1, 2), (3, 4, 5)))
        plan = Plan(partitions=(halves,), byzantine=liars)
        super().__init__(len(FOUR), plan, Random(seed), Customs(union), strict=False)

    def committees(self, members: int) -> Callable[[int], Committee]:
        return lambda _: self.union.committee


def founding(name: str = "", *, led_by_colluder: bool = True) -> AuditedUnion:
    """A union of four; the order of leaders follows from its id, and so from its name."""
    names = [name] if name else [f"Union {number}" for number in range(100)]
    for each in names:
        union = AuditedUnion(members=FOUR, created_ms=EPOCH_TIME_MS, name=each)
        leader = FOUR[union.committee.leader(View(1))]
        if name or (leader in COLLUDING) == led_by_colluder:
            return union
    raise AssertionError("one of a hundred orders has the right leader")


@dataclass(frozen=True)
class History:
    """What one half made final, as a log that its members cosigned."""

    union: AuditedUnion
    half: tuple[str, ...]
    certificates: dict[int, bytes]

    def source(self) -> MemoryLog:
        """As the node of its honest member publishes it."""
        note = self.union.checkpoint(log=self.half[-1], witnesses=self.half)
        return MemoryLog(note, self.union.entries, self.certificates)

    @property
    def headers(self) -> list[BlockHeader]:
        return [executed.block.header for executed in self.union.blocks]


@cache
def forked(*, in_one_view: bool = True) -> tuple[History, History]:
    """The two histories; what both halves had before they were cut is the genesis block.

    in_one_view: their first blocks are of one view, which a colluding member leads; else the view
    is given up in the half that does not hear its leader.
    """
    founded = founding(led_by_colluder=in_one_view)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(member, "signer", signs)
        patch.setattr(member, "Verifier", Verifier)
        patch.setattr(invariants, "Verifier", Verifier)
        run = CutInTwo(0, founded)
        run.begin()
        run._schedule_faults()
        run.run_until(HEALED_AT - 1)
    assert any("two blocks final at height 1" in each for each in run.invariants.broken)
    assert not any("signature" in each for each in run.invariants.broken)
    honest = (run.members[2], run.members[3])
    kind = run.world.ledger
    assert isinstance(kind, Customs)
    one, other = (
        _history(each.disk.final, kind, half) for each, half in zip(honest, HALVES, strict=True)
    )
    return one, other


def bundle_of(history: History, selection: Selection = EVERYTHING) -> bytes:
    out = io.BytesIO()
    export_bundle(history.source(), selection, out)
    return out.getvalue()


def _history(
    final: Sequence[tuple[Block, Certified | None]], kind: Customs, half: tuple[str, ...]
) -> History:
    union = founding(kind.union.genesis.name)
    store = Store(union.blocks[0].block.header)
    store.commit(union.blocks[0])
    certificates = {}
    for block, certified in final[1:]:
        bodies = [kind.bodies[each] for each in block.payload]
        executed = execute(block, bodies, store, union.contracts)
        store.commit(executed)
        union.blocks.append(executed)
        if certified is not None:
            proof = certificate_bytes(certified.finalization, certified.beyond)
            certificates[block.header.height] = proof
    assert block_id(union.blocks[-1].block.header) == block_id(final[-1][0].header)
    return History(union, half, certificates)
