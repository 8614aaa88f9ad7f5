"""docs/formats.md says what the code does, where that can be compared."""

import re
from pathlib import Path

from ledger_node.ledger.execution import ENTRY_TOO_LARGE
from ledger_node.ledger.refusal import SubmissionRule
from ledger_node.ledger.submission import (
    MAX_HEADER_BYTES,
    MAX_RECORD_BYTES,
    MAX_RECORDS,
    MAX_SUBMISSION_BYTES,
)

DOCUMENT = (Path(__file__).parents[3] / "docs" / "formats.md").read_text()


def test_the_submission_rules_are_listed_as_they_are_enforced() -> None:
    listed = re.findall(r"^\| (SUB-\d+) \| (.*) \|$", DOCUMENT, re.MULTILINE)
    assert listed == [(rule.id, rule.text) for rule in SubmissionRule]


def test_the_limits_are_those_of_the_code() -> None:
    for row in (
        f"| records | 1 to {MAX_RECORDS} |",
        f"| a record | 1 to {MAX_RECORD_BYTES:,} bytes |",
        f"| the header | {MAX_HEADER_BYTES} bytes |",
        f"| the submission | {MAX_SUBMISSION_BYTES:,} bytes |",
    ):
        assert row in DOCUMENT


def test_the_rule_of_the_engine_is_documented() -> None:
    assert f"**{ENTRY_TOO_LARGE.id}**" in DOCUMENT
