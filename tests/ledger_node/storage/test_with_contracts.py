"""The real contracts through the engine into the database: the parts fit."""

from pathlib import Path

from contracts import (
    GenesisMember,
    Record,
    decode_object,
    encode_record,
    genesis_state,
    object_to_json,
)
from contracts.registry.objects import Role
from contracts.registry.records import RegisterParticipant
from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.ledger.chain import ExecutedBlock, LedgerView
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.ledger.execution import execute, execute_genesis
from ledger_node.ledger.outcome import ACCEPTED, RecordRejected
from ledger_node.ledger.submission import VerifiedSubmission, build_submission
from ledger_node.state import prove, verify_membership, verify_non_membership
from ledger_node.storage.database import Database
from ledger_node.storage.snapshot import Snapshot
from tests.ledger_node.ledger.builders import HOUR_MS, SIGNER, START_MS, UNION, block_on

CONTRACTS = installed_contracts()
MEMBERS = [
    GenesisMember(code, name, SIGNER.public)
    for code, name in (("AM", "Armenia"), ("BY", "Belarus"), ("KZ", "Kazakhstan"))
]


def founded(path: Path) -> Database:
    state = genesis_state(MEMBERS)
    return Database.create(path, execute_genesis(UNION, START_MS, b"document", state, CONTRACTS))


KEY = SoftwareSigner.generate().public


def carrier(name: str) -> Record:
    return RegisterParticipant(
        id=name, member="AM", name="Carrier", roles=(Role.CARRIER,), functions=(), keys=(KEY,)
    )


def signed(
    *records: bytes, author: str = "AM", signer: SoftwareSigner = SIGNER
) -> VerifiedSubmission:
    return build_submission(UNION, author, signer, records, START_MS + HOUR_MS)


def judged(ledger: Snapshot, *sent: VerifiedSubmission) -> ExecutedBlock:
    return execute(block_on(ledger.tip, sent), sent, LedgerView(ledger), CONTRACTS)


def test_a_registration_is_judged_stored_and_provable(tmp_path: Path) -> None:
    with founded(tmp_path / "ledger") as database:
        good = signed(encode_record(carrier("AM/ROADS")), encode_record(carrier("AM/ROADS")))
        intruder = SoftwareSigner.generate()
        bad = signed(encode_record(carrier("AM/OTHER")), b"\xc1", signer=intruder)
        database.commit([judged(database.latest, good, bad)], b"certificate")
        ledger = database.latest

        location = ledger.location(good.id)
        assert location is not None
        accepted, repeated = ledger.outcomes(location)
        assert accepted == ACCEPTED
        assert isinstance(repeated, RecordRejected), "an id belongs to one participant"
        location = ledger.location(bad.id)
        assert location is not None
        rules = [getattr(outcome, "rule", None) for outcome in ledger.outcomes(location)]
        assert rules == ["RE-003", "REC-001"]

        key = "participant/AM/ROADS"
        value = ledger.object(key)
        assert value is not None
        assert object_to_json(decode_object(key, value))["name"] == "Carrier"
        root = ledger.tip.state_root
        proof = prove(ledger, root, key.encode(), ledger.entry)
        verify_membership(root, key.encode(), value, proof)
        absent = b"participant/AM/OTHER"
        verify_non_membership(root, absent, prove(ledger, root, absent, ledger.entry))
