"""A union that changes: members join, leave and replace keys, and the rules change, by vote.

Everything is decided on its own ledger, with its contracts, and every epoch's blocks are led,
certified and cosigned by that epoch's members under that epoch's keys.

    union = GovernedUnion()
    union.change_members(joining=("UZ",))       votes, and goes on until the epoch has begun
    union.replace_keys("AM")
    union.change_rules(changed_rules())
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import sha256

from msgspec.structs import replace

from consensus.block import Block, BlockHeader, View, block_id, payload_root
from consensus.messages import Finalization, finalize_bytes
from consensus.quorum import quorum
from contracts import Record
from contracts.governance.changes import ContractSetChange, EpochChange, Seat
from contracts.governance.records import CastVote, ProposeContractSet, ProposeEpoch
from contracts.registry.objects import Role
from ledger_node.codec import encode
from ledger_node.contract_sets.shelf import ContractSets, PackedSet
from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.genesis.card import MemberCard, SignedCard, sign_card
from ledger_node.genesis.epochs import (
    charter_key,
    charter_of,
    committee_of,
    document_key,
    following_roster,
    last_height,
)
from ledger_node.genesis.lineage import EpochStep
from ledger_node.genesis.policy import cosigner_key, log_key, policy_of
from ledger_node.genesis.roster import draft_document, founding_roster
from ledger_node.ledger.chain import ExecutedBlock
from ledger_node.ledger.contracts_in_force import ContractsInForce
from ledger_node.ledger.execution import execute
from ledger_node.ledger.finality import certificate_bytes
from ledger_node.ledger.submission import VerifiedSubmission
from ledger_node.log.checkpoint import Checkpoint, sign_checkpoint
from ledger_node.log.cosignature import cosign
from ledger_node.log.policy import Policy
from ledger_node.state import NO_TREE, NoRows, Update, encode_proof, path_of, prove, update
from ledger_node.state.stored import stored_page
from tests.ledger_node.audit.bundle.audited_union import (
    ORIGIN,
    AuditedUnion,
    MemoryLog,
    card,
    registration,
    signer,
)
from tests.simulation.real_ledger import Store
from tests.union.changed_rules import changed_rules, shell

DAY_MS = 86_400_000
COSIGNED_S = 1_770_000_000
FOUNDERS = ("AM", "BY", "KG", "KZ")
JOINING = "UZ"


@cache
def renewed(member: str, times: int) -> MemberCard:
    """A member's card after it replaced its node's keys so many times; its authority stays."""
    first = card(member)
    if not times:
        return first
    keys = {
        purpose: key_of(member, purpose, times).public
        for purpose in ("consensus", "cosigner", "log")
    }
    return replace(first, **keys)


def key_of(member: str, purpose: str, times: int) -> SoftwareSigner:
    return signer(f"{purpose} {member}" + (f", {times}" if times else ""))


class Objects(Store):
    """All state so far, with what proofs are made of."""

    def get(self, key: bytes, /) -> bytes | None:
        return stored_page(self, key)

    def leaves(self, first: bytes, last: bytes) -> list[tuple[bytes, bytes]]:
        objects = ((key.encode(), value) for key, value in self._objects.items())
        hashed = {path_of(k): sha256(value).digest() for k, value in objects if value is not None}
        return _between(hashed, first, last)

    def branches(self, first: bytes, last: bytes) -> list[tuple[bytes, bytes]]:
        return _between(self._made.branches, first, last)

    @property
    def _made(self) -> Update:
        """The whole tree, made anew of all objects."""
        given = {key.encode(): value for key, value in self._objects.items()}
        return update(NoRows(), NO_TREE, given)

    def entry(self, path: bytes) -> tuple[bytes, bytes] | None:
        for key, value in self._objects.items():
            if value is not None and path_of(key.encode()) == path:
                return key.encode(), value
        return None


def _between(
    rows: Mapping[bytes, bytes | None], first: bytes, last: bytes
) -> list[tuple[bytes, bytes]]:
    return [(k, row) for k, row in sorted(rows.items()) if first <= k <= last and row is not None]


class GovernedUnion(AuditedUnion):
    """See the module."""

    def __init__(self, members: Sequence[str] = FOUNDERS) -> None:
        super().__init__(members=members)
        self.roster = founding_roster(self.genesis, 1)
        self.rosters = [self.roster]
        self.renewals: dict[str, int] = {}
        self.sets = ContractSets(given=[changed_rules()])
        self.in_force = ContractsInForce(self.sets, self.genesis.contract_set)
        self.state = Objects(self.blocks[0].block.header)
        self.state.commit(self.blocks[0])
        self.steps: list[bytes] = []
        self.certificates: dict[int, bytes] = {}
        self._coming: dict[str, int] = {}

    @property
    def policy(self) -> Policy:
        return policy_of(self.genesis, self.roster)

    # ------------------------------------------------------------ blocks

    def close(self, *, step_ms: int = 1_000) -> ExecutedBlock:
        bodies, self.waiting = self.waiting, []
        executed = execute(self.header_on(bodies, step_ms), bodies, self.state, self.in_force)
        self.blocks.append(executed)
        self.state.commit(executed)
        height = executed.block.header.height
        ends = last_height(self.state.object, self.roster) == height
        self.certificates[height] = self.certificate(height, beyond=ends)
        if ends:
            self._next_epoch(height)
        return executed

    def header_on(self, bodies: Sequence[VerifiedSubmission], step_ms: int = 1_000) -> Block:
        tip = self.blocks[-1].tip.header
        below = tip.view if tip.epoch == self.roster.epoch else 0
        return self._block(tip, below, tuple(body.id for body in bodies), step_ms)

    def _block(
        self, parent: BlockHeader, below: int, payload: tuple[bytes, ...], step_ms: int
    ) -> Block:
        committee = committee_of(self.roster, self.union)
        header = BlockHeader(
            union=self.union,
            epoch=self.roster.epoch,
            height=parent.height + 1,
            view=below + 1,
            parent_view=below,
            parent=block_id(parent),
            time_ms=parent.time_ms + step_ms,
            proposer=committee.leader(View(below + 1)),
            payload_root=payload_root(payload),
        )
        return Block(header, payload)

    def certificate(self, height: int, *, beyond: bool = False, quorum_of: int = 0) -> bytes:
        """Of a block of the present epoch; beyond: carried by an empty block above it."""
        executed = self.blocks[height]
        header = executed.block.header
        above: tuple[Block, ...] = ()
        if beyond:
            above = (self._block(header, header.view, (), 1_000),)
            header = above[0].header
        return certificate_bytes(self._finalization(header, executed, quorum_of), above)

    def _finalization(
        self, header: BlockHeader, executed: ExecutedBlock, quorum_of: int
    ) -> Finalization:
        committee = committee_of(self.roster, self.union)
        block, outcome = block_id(header), executed.tip.outcome_digest
        statement = finalize_bytes(self.union, committee.epoch, header.view, block, outcome)
        signatures = tuple(
            (index, self._key(member, "consensus").sign(statement))
            for index, member in enumerate(committee.names[: quorum_of or committee.quorum])
        )
        return Finalization(committee.epoch, header.view, block, outcome, signatures)

    def _key(self, member: str, purpose: str) -> SoftwareSigner:
        return key_of(member, purpose, self.renewals.get(member, 0))

    def _next_epoch(self, height: int) -> None:
        executed = self.blocks[height]
        charter = charter_of(self.state.object)

        def proof(key: str) -> bytes:
            root = executed.tip.state_root
            return encode_proof(prove(self.state, root, key.encode(), self.state.entry))

        step = EpochStep(
            block=executed.block,
            certificate=self.certificates[height],
            tree_size=executed.tip.tree_size,
            log_root=executed.tip.log_root,
            state_root=executed.tip.state_root,
            charter=proof(charter_key()),
            document=proof(document_key(charter.epoch)),
        )
        self.steps.append(encode(step))
        self.roster, problem = following_roster(self.state.object, self.roster, height)
        assert not problem, problem
        self.rosters.append(self.roster)
        self.renewals.update(self._coming)
        self._coming = {}

    # ------------------------------------------------------------ decisions

    def change_members(
        self, joining: Sequence[str] = (), leaving: Sequence[str] = (), renewing: Sequence[str] = ()
    ) -> None:
        """A new epoch, decided and begun."""
        epoch = self.roster.epoch
        self.announce(joining, leaving, renewing)
        while self.roster.epoch == epoch:
            self.close()

    def announce(
        self, joining: Sequence[str] = (), leaving: Sequence[str] = (), renewing: Sequence[str] = ()
    ) -> None:
        """A new epoch, decided."""
        self._coming = {member: self.renewals.get(member, 0) + 1 for member in renewing}
        times = {**self.renewals, **self._coming}
        codes = sorted({*self.roster.voting, *joining} - set(leaving))
        cards = [_signed(renewed(code, times.get(code, 0))) for code in codes]
        seats = tuple(Seat(code, f"State {code}", card(code).registrar) for code in joining)
        change = EpochChange(seats, tuple(leaving), draft_document(self.roster, cards))
        self._decide(lambda closes: ProposeEpoch(change, "Autumn session.", closes))

    def change_rules(self, new: PackedSet) -> None:
        """Other contracts, decided and in force from the next block on."""
        height = self.blocks[-1].tip.header.height + 14
        change = ContractSetChange(new.digest, height)
        self._decide(lambda closes: ProposeContractSet(change, "No shell companies.", closes))
        while self.blocks[-1].tip.header.height < height - 1:
            self.close()

    def _decide(self, proposal: Callable[[int], Record]) -> None:
        voters = self.roster.voting
        closes_ms = self.blocks[-1].tip.header.time_ms + DAY_MS
        self.accepted(voters[0], proposal(closes_ms))
        number = charter_of(self.state.object).proposals
        for member in voters[1 : quorum(len(voters))]:
            self.accepted(member, CastVote(number, True))

    def accepted(self, author: str, record: Record) -> None:
        """A record in a block of its own, which must not be refused."""
        executed = self.act(author, record)
        assert executed.changes, f"{record} was refused"

    # ------------------------------------------------------------ the log

    def sign(
        self, head: Checkpoint, log: str = "AM", witnesses: Sequence[str] | None = None
    ) -> bytes:
        signed = sign_checkpoint(head, log_key(ORIGIN, self._card(log)), self._key(log, "log"))
        lines = [
            cosign(head, cosigner_key(ORIGIN, self._card(m)), self._key(m, "cosigner"), COSIGNED_S)
            for m in (self.roster.voting if witnesses is None else witnesses)
        ]
        return signed.with_signatures(*lines).format()

    def _card(self, member: str) -> MemberCard:
        found = self.roster.find(member)
        assert found is not None, member
        return found

    def source(self, *, certified: bool = True) -> MemoryLog:
        log = MemoryLog(self.checkpoint(), self.entries, self.certificates if certified else {})
        log.known_steps = list(self.steps) if certified else []
        return log


def _signed(card_of: MemberCard) -> SignedCard:
    return sign_card(card_of, signer(f"authority {card_of.member}"))


@cache
def governed() -> GovernedUnion:
    """A history of four epochs and two contract sets, for every test that only reads it.

    A member joins; two replace their keys; the rules change; another leaves.
    """
    union = GovernedUnion()
    union.accepted("AM", shell("EARLY"))
    union.change_members(joining=(JOINING,))
    union.accepted(JOINING, registration("UZ/ONE", JOINING, Role.OBSERVER))
    union.change_members(renewing=("AM", "BY"))
    union.change_rules(changed_rules())
    union.act("AM", shell("LATE"))
    union.change_members(leaving=("KZ",), renewing=("AM",))
    union.accepted("KG", registration("KG/ONE", "KG", Role.OBSERVER))
    return union
