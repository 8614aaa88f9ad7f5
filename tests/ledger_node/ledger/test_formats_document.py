"""docs/formats.md says what the code does, where that can be compared."""

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from contracts.guarantee.objects import Guarantee, Reservation
from contracts.kernel.state import StateObject
from ledger_node.genesis.card import MemberCard
from ledger_node.genesis.document import Genesis, Parameters
from ledger_node.genesis.rules import GenesisError, check_host, check_origin
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


def told_names(label: str) -> list[str]:
    """The names of fields on the line that a block of the document opens with `label`."""
    (line,) = re.findall(rf"^    {label} +([a-z][^=\n]*)$", DOCUMENT, re.MULTILINE)
    return re.sub(r" \(.*\)", "", line).split(", ")


def test_the_genesis_file_has_the_names_that_are_listed() -> None:
    assert told_names("genesis") == [field.name for field in msgspec.structs.fields(Genesis)]
    assert told_names("parameters") == [field.name for field in msgspec.structs.fields(Parameters)]
    assert told_names("card") == [field.name for field in msgspec.structs.fields(MemberCard)]


@pytest.mark.parametrize(
    ("key", "kept"), [("guarantee/<GRN>", Guarantee), ("reservation/<GRN>/<MRN>", Reservation)]
)
def test_the_objects_of_guarantors_are_laid_out_as_they_are_kept(
    key: str, kept: type[StateObject]
) -> None:
    (array,) = re.findall(rf"^    {key} *= \[(.*?)\]\n\n?", DOCUMENT, re.MULTILINE | re.DOTALL)
    listed = [field.split()[0] for field in re.sub(r"\[.*?\]", "", array).split(",")]
    assert listed == [field.name for field in msgspec.structs.fields(kept)]


@pytest.mark.parametrize(
    ("label", "check", "good", "bad"),
    [
        ("origin", check_origin, "ledger.example.org/union", "ledger.example.org/"),
        ("host", check_host, "node.example", "-node.example"),
    ],
)
def test_the_forms_of_texts_are_those_that_are_asked_for(
    label: str, check: Callable[[str, str], None], good: str, bad: str
) -> None:
    (form,) = re.findall(rf"^    {label} +(\[\S+)", DOCUMENT, re.MULTILINE)
    assert re.fullmatch(form, good)
    check("field", good)
    assert not re.fullmatch(form, bad)
    with pytest.raises(GenesisError):
        check("field", bad)
