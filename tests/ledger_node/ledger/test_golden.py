"""The byte formats are fixed: what is in tests/golden/ must never come out differently.

Each case is also written by an independent msgpack library from plain lists, in the order that
docs/formats.md gives, so that code and document cannot drift together. A file changes only with
`pytest --regenerate-golden`, and such a change breaks every ledger that exists.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgpack
import pytest

from consensus.block import BlockHeader, block_id, genesis_block, payload_root
from contracts import GenesisMember, genesis_state
from ledger_node.codec import encode
from ledger_node.crypto.signatures import verify
from ledger_node.ledger.chain import outcome_digest
from ledger_node.ledger.contract_set import contract_set_digest
from ledger_node.ledger.entries import (
    BlockEntry,
    DeadlineEntry,
    GenesisEntry,
    RecordEntry,
    SubmissionEntry,
    decode_entry,
)
from ledger_node.ledger.outcome import ACCEPTED, RecordRejected
from ledger_node.ledger.submission import signed_bytes
from ledger_node.log.merkle import leaf_hash
from ledger_node.state import NO_TREE, NoRows, path_of, update
from tests.ledger_node.ledger.builders import SIGNER, UNION, put, record, submission

GOLDEN = Path(__file__).parents[2] / "golden"

NONCE = (7).to_bytes(16, "big")
EXPIRY_MS = 1_700_003_600_000
RECORDS = (put("movement/1", "lodged"), record("refuse", "no cover"))
SENT = submission(*RECORDS, nonce=7, expiry_ms=EXPIRY_MS)
HEADER = BlockHeader(
    union=UNION,
    epoch=0,
    height=300,
    view=70_000,
    parent_view=69_998,
    parent=sha256(b"parent").digest(),
    time_ms=1_700_000_300_000,
    proposer=4,
    payload_root=payload_root((SENT.id,)),
)
STATE_ROOT = sha256(b"state root").digest()
LOG_ROOT = sha256(b"log root").digest()
CONTRACT_SET = contract_set_digest({"a.py": b"x = 1\r\n", "b/c.py": b"y = 2\n"})


def tagged(thing: bytes, data: bytes) -> bytes:
    """The digest of docs/formats.md, written without the code under test."""
    return sha256(b"ctl/" + thing + b"/v1\x00" + data).digest()


def records_root_by_hand() -> bytes:
    """RFC 6962 over two leaves."""
    one, two = (sha256(b"\x00" + data).digest() for data in RECORDS)
    return sha256(b"\x01" + one + two).digest()


SUBMISSION_HEADER_VALUE = [
    UNION,
    "AM-1",
    SIGNER.public,
    NONCE,
    EXPIRY_MS,
    2,
    records_root_by_hand(),
]
BLOCK_HEADER_VALUE = [
    UNION,
    0,
    300,
    70_000,
    69_998,
    sha256(b"parent").digest(),
    1_700_000_300_000,
    4,
    tagged(b"payload", SENT.id),
]


@dataclass(frozen=True)
class Case:
    """name, meaning: for the file; ours: the bytes of our code; theirs: written independently."""

    name: str
    meaning: str
    ours: bytes
    theirs: bytes


def packed(value: object) -> bytes:
    data = msgpack.packb(value, use_bin_type=True)
    assert isinstance(data, bytes)
    return data


def submission_cases() -> list[Case]:
    header = packed(SUBMISSION_HEADER_VALUE)
    return [
        Case(
            "header",
            "[union, author, public key, nonce, expiry_ms, record count, records root]",
            SENT.header_bytes,
            header,
        ),
        Case(
            "signed bytes",
            'what the author signs: "ctl/submission-signature/v1", 0x00, header',
            signed_bytes(SENT.header_bytes),
            b"ctl/submission-signature/v1\x00" + header,
        ),
        Case(
            "id",
            "digest of header and signature",
            SENT.id,
            tagged(b"submission", header + SENT.signature),
        ),
        Case(
            "submission",
            "[header, [record, ...], signature]",
            SENT.to_bytes(),
            packed([header, list(RECORDS), SENT.signature]),
        ),
    ]


def block_cases() -> list[Case]:
    genesis_header = genesis_block(UNION, 1_700_000_000_000).header
    genesis_value = [UNION, 0, 0, 0, 0, bytes(32), 1_700_000_000_000, 0, tagged(b"payload", b"")]
    return [
        Case(
            "header",
            "[union, epoch, height, view, parent view, parent, time_ms, proposer, payload root]",
            encode(HEADER),
            packed(BLOCK_HEADER_VALUE),
        ),
        Case("id", "digest of the header", block_id(HEADER), tagged(b"block", encode(HEADER))),
        Case(
            "payload root",
            "digest of the submission ids, one after the other",
            HEADER.payload_root,
            tagged(b"payload", SENT.id),
        ),
        Case(
            "genesis header",
            "the header of height 0",
            encode(genesis_header),
            packed(genesis_value),
        ),
        Case(
            "genesis id",
            "its digest",
            block_id(genesis_header),
            tagged(b"block", packed(genesis_value)),
        ),
    ]


def entry_cases() -> list[Case]:
    rejected = RecordRejected("TR-012", (("free", "12000 EUR"), ("страна", "KZ")))
    block = block_id(HEADER)
    block_entry = BlockEntry(
        0, 300, 70_000, block, HEADER.parent, HEADER.time_ms, 4, CONTRACT_SET, STATE_ROOT
    )
    tail = (HEADER.parent, HEADER.time_ms, 4, CONTRACT_SET, STATE_ROOT)
    accepted = RecordEntry(SENT.id, 0, RECORDS[0], ACCEPTED, ("movement/1",))
    return [
        Case(
            "genesis",
            "[0, genesis document]",
            encode(GenesisEntry(b"founding document")),
            packed([0, b"founding document"]),
        ),
        Case(
            "submission",
            "[1, header, signature]",
            encode(SubmissionEntry(SENT.header_bytes, SENT.signature)),
            packed([1, SENT.header_bytes, SENT.signature]),
        ),
        Case(
            "record accepted",
            "[2, submission id, index, record, [0], [key, ...]]",
            encode(accepted),
            packed([2, SENT.id, 0, RECORDS[0], [0], ["movement/1"]]),
        ),
        Case(
            "record rejected",
            "[2, submission id, index, record, [1, rule, [[name, value], ...]], []]",
            encode(RecordEntry(SENT.id, 1, RECORDS[1], rejected, ())),
            packed(
                [
                    2,
                    SENT.id,
                    1,
                    RECORDS[1],
                    [1, "TR-012", [["free", "12000 EUR"], ["страна", "KZ"]]],
                    [],
                ]
            ),
        ),
        Case(
            "block",
            "[3, epoch, height, view, block, parent, time_ms, proposer, contract set, state root]",
            encode(block_entry),
            packed([3, 0, 300, 70_000, block, *tail]),
        ),
        Case(
            "deadline",
            "[4, act, reference, [key, ...]]",
            encode(DeadlineEntry("transit.open-enquiry", "26KZ1", ("movement/26KZ1",))),
            packed([4, "transit.open-enquiry", "26KZ1", ["movement/26KZ1"]]),
        ),
        Case(
            "leaf",
            "RFC 6962 leaf hash of the accepted record entry",
            leaf_hash(encode(accepted)),
            sha256(b"\x00" + encode(accepted)).digest(),
        ),
    ]


def digest_cases() -> list[Case]:
    return [
        Case(
            "outcome",
            "digest of [tree size, log root, state root]",
            outcome_digest(1_000_000, LOG_ROOT, STATE_ROOT),
            tagged(b"outcome", packed([1_000_000, LOG_ROOT, STATE_ROOT])),
        ),
        Case(
            "contract set",
            "digest of [[path, source], ...] by path, line ends LF",
            CONTRACT_SET,
            tagged(b"contract-set", packed([["a.py", b"x = 1\n"], ["b/c.py", b"y = 2\n"]])),
        ),
    ]


def object_cases() -> list[Case]:
    first = dict(
        genesis_state([GenesisMember(code="AM", name="Armenia", registrar_key=SIGNER.public)])
    )
    key, participant = "member/AM", first["participant/AM"]
    member = first[key]
    path = sha256(b"member/AM").digest()
    tree = update(NoRows(), NO_TREE, {key.encode(): member})
    return [
        Case("member", 'object "member/AM"', member, packed(["AM", "Armenia", "AM", False])),
        Case(
            "registrar",
            'object "participant/AM"',
            participant,
            packed(["AM", "AM", "Armenia", ["registrar"], [], [SIGNER.public], "active", 0]),
        ),
        Case("path", "SHA-256 of the key member/AM", path_of(key.encode()), path),
        Case(
            "state root",
            "of a state with member/AM alone: SHA-256(0x00, path, SHA-256(value))",
            tree.root,
            sha256(b"\x00" + path + sha256(member).digest()).digest(),
        ),
    ]


FORMATS: dict[str, Callable[[], list[Case]]] = {
    "submission": submission_cases,
    "block": block_cases,
    "entries": entry_cases,
    "digests": digest_cases,
    "objects": object_cases,
}


@pytest.mark.parametrize("name", FORMATS)
def test_an_independent_writer_makes_the_same_bytes(name: str) -> None:
    for case in FORMATS[name]():
        assert case.ours == case.theirs, case.name


@pytest.mark.parametrize("name", FORMATS)
def test_bytes_are_those_of_the_golden_file(name: str, regenerate_golden: bool) -> None:
    cases = {
        case.name: {"meaning": case.meaning, "hex": case.ours.hex()} for case in FORMATS[name]()
    }
    path = GOLDEN / f"{name}.json"
    if regenerate_golden:
        path.write_text(json.dumps(cases, indent=1) + "\n")
    assert json.loads(path.read_text()) == cases


def test_golden_entries_decode_to_what_they_were_made_from() -> None:
    cases = json.loads((GOLDEN / "entries.json").read_text())
    kinds = [
        type(decode_entry(bytes.fromhex(case["hex"])))
        for name, case in cases.items()
        if name != "leaf"
    ]
    assert kinds == [
        GenesisEntry,
        SubmissionEntry,
        RecordEntry,
        RecordEntry,
        BlockEntry,
        DeadlineEntry,
    ]


def test_the_golden_signature_holds() -> None:
    cases = json.loads((GOLDEN / "submission.json").read_text())
    _, _, signature = msgpack.unpackb(bytes.fromhex(cases["submission"]["hex"]))
    assert verify(SIGNER.public, bytes.fromhex(cases["signed bytes"]["hex"]), signature)
