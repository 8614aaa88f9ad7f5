"""A union with real keys, contracts and blocks, and the log it leaves, for tests of bundles.

union = AuditedUnion()
union.act("AM", RegisterParticipant(...))          one submission
union.close()                                      ... in one block
data = union.bundle(Everything())
"""

import io
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256

import contracts as customs
from consensus.block import Block, BlockHeader, SubmissionId, View, block_id, payload_root
from consensus.committee import Committee
from consensus.messages import Finalization, encode_message, finalize_bytes
from consensus.quorum import quorum
from contracts import Accepted, GenesisMember, Record, Rejected, genesis_state
from contracts.guarantee import records as g
from contracts.registry.objects import OfficeFunction, Role
from contracts.registry.records import RegisterParticipant
from contracts.transit import records as t
from contracts.transit.content import AdditionalType
from ledger_node.audit.bundle.export import export_bundle
from ledger_node.audit.bundle.selection import Selection
from ledger_node.codec import Digest, encode
from ledger_node.crypto.signatures import SoftwareSigner, Suite
from ledger_node.crypto.tls import make_certificate
from ledger_node.genesis import (
    Genesis,
    MemberCard,
    Parameters,
    SignedGenesis,
    VerifiedGenesis,
    ceremony,
    union_id,
)
from ledger_node.ledger.chain import ExecutedBlock, LedgerView
from ledger_node.ledger.contract_set import installed_contracts, installed_sources
from ledger_node.ledger.execution import ContractSet, execute, execute_genesis
from ledger_node.ledger.submission import VerifiedSubmission, build_submission
from ledger_node.log.checkpoint import Checkpoint, sign_checkpoint
from ledger_node.log.cosignature import cosign
from ledger_node.log.note import SignatureType, VerifierKey
from ledger_node.log.policy import Policy, union_policy
from ledger_node.log.tiles import EntryBundle, HashTile, TileKey, tile_updates
from tests.contracts.sample_union import (
    CONTENT,
    GRN,
    LRN,
    MRN,
    OFFICE_FUNCTIONS,
    PARTIES,
    REGISTER,
    RELEASE,
    START,
    UNDERTAKING,
)
from tests.ledger_node.ledger.builders import EmptyLedger

ORIGIN = "ledger.example.org/audited"
MEMBERS = ("AM", "BY", "KG", "KZ", "RU")
HOUR_MS = 3_600_000
CREATED_MS = START - 60_000


@cache
def signer(purpose: str) -> SoftwareSigner:
    """The same key for the same words."""
    return SoftwareSigner(Suite.ED25519, sha256(purpose.encode()).digest())


@cache
def card(member: str) -> MemberCard:
    tls = SoftwareSigner(Suite.ECDSA_P256, sha256(f"tls {member}".encode()).digest())
    return MemberCard(
        format=1,
        member=member,
        authority=signer(f"authority {member}").public,
        registrar=signer(member).public,
        consensus=signer(f"consensus {member}").public,
        cosigner=signer(f"cosigner {member}").public,
        log=signer(f"log {member}").public,
        tls_certificate=make_certificate(tls, member),
        peer_host=f"{member.lower()}.example.org",
        peer_port=7000,
        api_url="",
    )


def log_key(member: str) -> VerifierKey:
    return VerifierKey(ORIGIN, SignatureType.ED25519, card(member).log[1:])


def cosigner_key(member: str) -> VerifierKey:
    name = f"{ORIGIN}/{member}"
    return VerifierKey(name, SignatureType.COSIGNATURE_V1, card(member).cosigner[1:])


class AuditedUnion:
    """Blocks upon blocks, all in memory. `judge`: other contracts under the same digest."""

    def __init__(
        self,
        judge: ContractSet | None = None,
        members: Sequence[str] = MEMBERS,
        created_ms: int = CREATED_MS,
        name: str = "Union of these tests",
    ) -> None:
        self.members = tuple(members)
        self.contracts = judge or installed_contracts()
        self.genesis = Genesis(
            format=1,
            name=name,
            origin=ORIGIN,
            created_ms=created_ms,
            parameters=Parameters(),
            contract_set=self.contracts.digest,
            members=tuple(card(member) for member in members),
        )
        self.union = union_id(self.genesis)
        self.committee = Committee(
            self.union, 1, self.members, tuple(card(member).consensus for member in members)
        )
        state = genesis_state([GenesisMember(m, m, card(m).registrar) for m in members])
        document = encode(self.genesis)
        first = execute_genesis(self.union, created_ms, document, state, self.contracts)
        self.blocks: list[ExecutedBlock] = [first]
        self.waiting: list[VerifiedSubmission] = []
        self._sent = 0

    @property
    def founding(self) -> VerifiedGenesis:
        """What an auditor has who was given the genesis."""
        return ceremony.verify(self.document)

    @property
    def document(self) -> SignedGenesis:
        """Signed by all founders."""
        document = SignedGenesis(self.genesis, ())
        for member in self.members:
            document = ceremony.sign(document, signer(f"authority {member}"))
        return document

    @property
    def policy(self) -> Policy:
        keys = [log_key(member) for member in self.members]
        witnesses = [(member, cosigner_key(member)) for member in self.members]
        return union_policy(keys, witnesses, quorum(len(self.members)))

    @property
    def size(self) -> int:
        return self.blocks[-1].tip.tree_size

    @property
    def entries(self) -> list[bytes]:
        return [entry for block in self.blocks for entry in block.entries]

    # ------------------------------------------------------------ making blocks

    def send(self, author: str, *records: Record | bytes) -> VerifiedSubmission:
        """A submission for the next block."""
        self._sent += 1
        data = [r if isinstance(r, bytes) else customs.encode_record(r) for r in records]
        nonce = self._sent.to_bytes(16, "big")
        time_ms = self.blocks[-1].tip.header.time_ms
        made = build_submission(self.union, author, signer(author), data, time_ms + HOUR_MS, nonce)
        self.waiting.append(made)
        return made

    def close(self, *, step_ms: int = 1_000) -> ExecutedBlock:
        """A block of what waits."""
        bodies, self.waiting = self.waiting, []
        block = self.header_on(bodies, step_ms)
        view = LedgerView(EmptyLedger(), self.blocks)
        executed = execute(block, bodies, view, self.contracts)
        self.blocks.append(executed)
        return executed

    def header_on(self, bodies: Sequence[VerifiedSubmission], step_ms: int = 1_000) -> Block:
        tip = self.blocks[-1].tip.header
        payload = tuple(body.id for body in bodies)
        view = tip.view + 1
        header = BlockHeader(
            union=self.union,
            epoch=1,
            height=tip.height + 1,
            view=view,
            parent_view=tip.view,
            parent=block_id(tip),
            time_ms=tip.time_ms + step_ms,
            proposer=self.committee.leader(View(view)),
            payload_root=payload_root(payload),
        )
        return Block(header, payload)

    def act(self, author: str, *records: Record) -> ExecutedBlock:
        """One submission in a block of its own."""
        self.send(author, *records)
        return self.close()

    def view_without(self, forgotten: bytes, blocks: Sequence[ExecutedBlock]) -> LedgerView:
        """The ledger after `blocks` as members see it that deny having ordered a submission."""

        class Forgetful(LedgerView):
            def ordered(self, submission: SubmissionId) -> bool:
                return submission != forgotten and super().ordered(submission)

        return Forgetful(EmptyLedger(), blocks)

    # ------------------------------------------------------------ the log

    def checkpoint(
        self,
        log: str = "AM",
        witnesses: Sequence[str] | None = None,
    ) -> bytes:
        """A signed note over all blocks so far, cosigned by all unless `witnesses` says by whom."""
        tip = self.blocks[-1].tip
        head = Checkpoint(ORIGIN, tip.tree_size, tip.log_root)
        return self.sign(head, log, witnesses)

    def sign(
        self, head: Checkpoint, log: str = "AM", witnesses: Sequence[str] | None = None
    ) -> bytes:
        signed = sign_checkpoint(head, log_key(log), signer(f"log {log}"))
        lines = [
            cosign(head, cosigner_key(m), signer(f"cosigner {m}"), 1_770_000_000 + at)
            for at, m in enumerate(self.members if witnesses is None else witnesses)
        ]
        return signed.with_signatures(*lines).format()

    def finalization(self, height: int, members: int | None = None) -> bytes:
        """A consensus certificate of a block."""
        tip = self.blocks[height].tip
        block, outcome = block_id(tip.header), tip.outcome_digest
        statement = finalize_bytes(self.union, 1, tip.header.view, block, outcome)
        count = quorum(len(self.members)) if members is None else members
        signatures = tuple(
            (index, signer(f"consensus {self.members[index]}").sign(statement))
            for index in range(count)
        )
        return encode_message(Finalization(1, tip.header.view, block, outcome, signatures))

    def bundle(
        self, selection: Selection, *, certified: bool = True, carried: bool = False
    ) -> bytes:
        """carried: with the contract set in it."""
        out = io.BytesIO()
        source = self.source(certified=certified)
        if carried:
            source.known_sets = {self.contracts.digest: installed_sources()}
        export_bundle(source, selection, out)
        return out.getvalue()

    def source(self, *, certified: bool = True) -> "MemoryLog":
        heights = range(1, len(self.blocks)) if certified else ()
        certificates = {height: self.finalization(height) for height in heights}
        return MemoryLog(self.checkpoint(), self.entries, certificates)


class MemoryLog:
    """A LogSource of entries in memory."""

    def __init__(
        self, note: bytes, entries: Sequence[bytes], certificates: dict[int, bytes]
    ) -> None:
        self.note = note
        self.all = tuple(entries)
        self.certificates = certificates
        self.known_steps: Sequence[bytes] = ()
        self.known_sets: dict[bytes, Mapping[str, bytes]] = {}
        leaves = [Digest(sha256(b"\x00" + entry).digest()) for entry in entries]
        self.tiles = tile_updates(_NoTiles(), 0, leaves)

    def checkpoint(self) -> bytes:
        return self.note

    def hashes(self, tile: HashTile) -> bytes:
        return self.tiles[TileKey(tile.level, tile.index)][: 32 * tile.width]

    def entries(self, bundle: EntryBundle) -> tuple[bytes, ...]:
        first = bundle.index * 256
        return self.all[first : first + bundle.width]

    def certificate(self, height: int) -> bytes | None:
        return self.certificates.get(height)

    def steps(self) -> Sequence[bytes]:
        return self.known_steps

    def contract_set(self, digest: bytes) -> Mapping[str, bytes] | None:
        return self.known_sets.get(digest)


class _NoTiles:
    def tile(self, level: int, index: int) -> bytes:
        return b""


def registration(name: str, member: str, role: Role, *functions: OfficeFunction) -> Record:
    return RegisterParticipant(
        id=name,
        member=member,
        name=f"Participant {name}",
        roles=(role,),
        functions=functions,
        keys=(signer(name).public,),
    )


def populated(union: AuditedUnion) -> AuditedUnion:
    """Offices and parties registered, one submission a member, in one block."""
    for member in MEMBERS:
        offices = [
            registration(f"{member}/{suffix}", member, Role.OFFICE, function)
            for suffix, function in OFFICE_FUNCTIONS.items()
        ]
        parties = [
            registration(name, home, role)
            for name, (home, role) in PARTIES.items()
            if home == member
        ]
        union.send(member, *offices, *parties)
    union.close()
    return union


def with_a_journey(union: AuditedUnion) -> AuditedUnion:
    """A movement from its guarantee to its discharge, a refusal or two on the way."""
    populated(union)
    union.act("BANK", UNDERTAKING)
    union.act("BY/GUA", g.AcceptUndertaking(GRN))
    union.send("TRADER", t.Lodge(LRN, AdditionalType.STANDARD, CONTENT))
    union.send("TRADER2", t.Withdraw(LRN, "Not theirs."), b"\xc1")
    union.close()
    union.act("BY/DEP", REGISTER)
    union.act("BY/DEP", t.RecordControl(MRN, t.ControlDecision.NOT_REQUIRED, ""))
    union.act("BY/DEP", RELEASE)
    union.act("RU", registration("RU/ELSE", "RU", Role.OBSERVER))
    union.act("RU/TRN", t.NoteCrossing(MRN, True, ""))
    union.act("HAULIER", t.NotifyArrival(MRN, "KZ/DST"))
    union.act("KZ/DST", t.RecordArrival(MRN, True, True))
    union.act("KZ/DST", t.RecordUnloading(MRN, True, True, ()))
    union.act("KZ/DST", t.Complete(MRN, ""))
    union.act("BY/DEP", t.Discharge(MRN))
    return union


@cache
def journey() -> AuditedUnion:
    """The same union for every test that only reads it."""
    return with_a_journey(AuditedUnion())


def lenient() -> ContractSet:
    """Contracts under the honest digest that let every well-formed withdrawal pass: a lie that a
    quorum of members would have to agree on."""
    honest = installed_contracts()

    def apply(
        record: bytes, context: customs.Context, view: customs.StateView
    ) -> Accepted | Rejected:
        answer = honest.apply(record, context, view)
        if isinstance(answer, Rejected) and context.author == "TRADER2":
            return Accepted(())
        return answer

    return ContractSet(honest.digest, apply)
