"""Proofs of deadline entries: what nobody signed is told as such."""

import json

from ledger_node.audit.explain import as_json, headline, rows
from ledger_node.audit.verify import DeadlineFact, Proven, examine
from ledger_node.codec import encode
from ledger_node.ledger.entries import DeadlineEntry
from tests.ledger_node.audit import sample_ledger as sample

ENTRY = DeadlineEntry(
    "transit.open-enquiry", sample.MRN, (f"movement/{sample.MRN}", "timer-bucket/5")
)
HOSTILE = DeadlineEntry(sample.HOSTILE, sample.HOSTILE, (sample.HOSTILE,))
PROVER = sample.Prover([*sample.entries(), encode(ENTRY), encode(HOSTILE)], sample.prover().policy)
FINDING, SPOILT = (examine(PROVER.file(index), PROVER.policy) for index in (7, 8))


def test_a_deadline_is_proven_with_the_objects_it_changed() -> None:
    assert isinstance(FINDING, Proven)
    assert FINDING.fact == DeadlineFact(ENTRY.act, ENTRY.reference, ENTRY.keys)
    assert headline(FINDING) == "PROVEN: transit.open-enquiry, by itself"
    told = dict(rows(FINDING, PROVER.policy, {}))
    assert told["deadline"] == f"transit.open-enquiry of {sample.MRN}"
    assert told["changed"] == f"movement/{sample.MRN}, timer-bucket/5"


def test_a_deadline_has_a_json_form() -> None:
    value = json.loads(json.dumps(as_json(FINDING, {})))
    assert value["entry"] == {
        "entry": "deadline",
        "act": "transit.open-enquiry",
        "reference": sample.MRN,
        "keys": [f"movement/{sample.MRN}", "timer-bucket/5"],
    }


def test_nothing_a_terminal_would_obey_is_told() -> None:
    texts = [headline(SPOILT), *(text for _, text in rows(SPOILT, PROVER.policy, {}))]
    assert all(text.isprintable() for text in texts)
