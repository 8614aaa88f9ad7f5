"""A deadline of the real contracts: acted on by a block, stored, and found again in the history."""

from pathlib import Path

from msgspec import structs

from consensus.block import Block
from contracts import decode_object, encode_record
from contracts.guarantee.objects import GuaranteeState
from contracts.guarantee.records import Undertake
from contracts.references import make_grn
from contracts.registry.objects import OfficeFunction, Role
from contracts.registry.records import RegisterParticipant
from ledger_node.api.answers import change_view, entry_view
from ledger_node.ledger.chain import ExecutedBlock, LedgerView
from ledger_node.ledger.entries import DeadlineEntry, decode_entry
from ledger_node.ledger.execution import execute
from ledger_node.ledger.submission import VerifiedSubmission, build_submission
from ledger_node.storage.snapshot import Snapshot
from tests.contracts.sample_union import TERMS, UNDERTAKING
from tests.ledger_node.ledger.builders import HOUR_MS, SIGNER, START_MS, UNION, block_on
from tests.ledger_node.storage.test_with_contracts import CONTRACTS, founded

GRN = make_grn(2023, "BY", "1")


def participant(name: str, role: Role, *functions: OfficeFunction) -> RegisterParticipant:
    return RegisterParticipant(name, "BY", name, (role,), functions, (SIGNER.public,))


UNDERTAKE = structs.replace(
    UNDERTAKING,
    grn=GRN,
    office="BY/GUA",
    valid_from_ms=START_MS,
    valid_to_ms=START_MS + HOUR_MS // 2,
    territory=("BY",),
    terms=TERMS,
)


def signed(*records: RegisterParticipant | Undertake, author: str) -> VerifiedSubmission:
    data = tuple(encode_record(record) for record in records)
    return build_submission(UNION, author, SIGNER, data, START_MS + HOUR_MS)


def executed(ledger: Snapshot, time_ms: int, *sent: VerifiedSubmission) -> ExecutedBlock:
    block = block_on(ledger.tip, sent)
    block = Block(structs.replace(block.header, time_ms=time_ms), block.payload)
    return execute(block, sent, LedgerView(ledger), CONTRACTS)


def test_a_guarantee_expires_in_an_empty_block_and_history_says_so(tmp_path: Path) -> None:
    registered = signed(
        participant("BY/GUA", Role.OFFICE, OfficeFunction.GUARANTEE),
        participant("BANK", Role.GUARANTOR),
        participant("TRADER", Role.DECLARANT),
        author="BY",
    )
    with founded(tmp_path / "ledger") as database:
        first = executed(database.latest, START_MS + 1, registered)
        database.commit([first], b"certificate 1")
        given = signed(UNDERTAKE, author="BANK")
        database.commit([executed(database.latest, START_MS + 2, given)], b"certificate 2")
        early = executed(database.latest, UNDERTAKE.valid_to_ms - 1)
        assert len(early.entries) == 1, "nothing is due: the block is its block entry"
        database.commit([executed(database.latest, START_MS + HOUR_MS)], b"certificate 3")

        ledger = database.latest
        key = f"guarantee/{GRN}"
        value = ledger.object(key)
        assert value is not None
        assert getattr(decode_object(key, value), "state", None) is GuaranteeState.EXPIRED
        given_at, expired_at = ledger.history(key)
        entry = decode_entry(ledger.log_entries(expired_at, expired_at + 1)[0])
        assert isinstance(entry, DeadlineEntry)
        assert (entry.act, entry.reference) == ("guarantee.expire", GRN)
        assert key in entry.keys
        assert all(not ledger.objects(f"timer-{part}/") for part in ("bucket", "page", "node"))

        assert ledger.block_of(given_at).block.header.height == 2
        change = change_view(ledger, expired_at)
        assert (change.kind, change.author, change.height) == ("guarantee.expire", None, 3)
        view = entry_view(expired_at, ledger.log_entries(expired_at, expired_at + 1)[0])
        assert view.kind == "deadline"
        last = ledger.block(3)
        assert last is not None
        assert ledger.bodies(last) == ()
