"""The words in which findings are told, to people and to programs."""

import json

import pytest

from contracts import RULES
from ledger_node.audit.display import MAX_FIELDS, bounded, field_lines, moment, printable
from ledger_node.audit.explain import as_json, headline, quorum_text, rows
from ledger_node.audit.verify import Finding, authors_of, examine
from ledger_node.log.policy import parse_policy
from tests.ledger_node.audit import sample_ledger as sample

PROVER = sample.prover()
FINDINGS = [examine(PROVER.file(index), PROVER.policy) for index in range(len(PROVER.leaves))]


def told(finding: Finding, *, with_authors: bool = False) -> str:
    authors = authors_of(FINDINGS) if with_authors else {}
    lines = [f"{label}: {text}" for label, text in rows(finding, PROVER.policy, authors)]
    return "\n".join([headline(finding), *lines])


def test_an_accepted_record_is_told_with_kind_fields_place_and_cosigners() -> None:
    text = told(FINDINGS[sample.ACCEPTED_RECORD])
    assert text.startswith("PROVEN: transit.discharge, accepted")
    for expected in (
        "The office of departure discharges the movement",
        f"mrn: {sample.MRN}",
        f"changed guarantee/20GB0000010000GX1, movement/{sample.MRN}",
        "ledger.example/union, entry 3 of 7",
        "cosigned by: AM at 2026-09-21 14:13:20 UTC",
        "asked for: 4 of 5 (AM, BY, KZ, KG, RU)",
    ):
        assert expected in text


def test_a_refused_record_is_told_with_the_rule_its_source_and_the_values() -> None:
    text = told(FINDINGS[sample.REFUSED_RECORD])
    rule = RULES[sample.RULE]
    assert text.startswith("PROVEN: transit.refuse-release, refused")
    assert f"refused under {rule.id}: {rule.text}" in text
    assert f"source: {rule.source}" in text
    assert "office: GB000246" in text


def test_the_author_is_told_when_the_submission_is_proven_too() -> None:
    alone = told(FINDINGS[sample.ACCEPTED_RECORD])
    together = told(FINDINGS[sample.ACCEPTED_RECORD], with_authors=True)
    assert "the proof of entry 2 says whom" in alone
    assert f"GB000246, with the key {sample.AUTHOR.public.hex()}" in together


@pytest.mark.parametrize("index", range(len(FINDINGS)))
def test_nothing_a_terminal_would_obey_is_ever_told(index: int) -> None:
    text = told(FINDINGS[index], with_authors=True)
    assert all(line.isprintable() for line in text.split("\n"))


@pytest.mark.parametrize("index", range(len(FINDINGS)))
def test_every_finding_has_a_json_form(index: int) -> None:
    value = json.loads(json.dumps(as_json(FINDINGS[index], authors_of(FINDINGS))))
    assert value["proven"] is True
    assert value["index"] == index
    assert value["entry"]["entry"] in ("genesis", "block", "submission", "record")


def test_the_json_of_a_refusal_has_rule_values_and_author() -> None:
    entry = as_json(FINDINGS[sample.REFUSED_RECORD], authors_of(FINDINGS))["entry"]
    assert entry["accepted"] is False
    assert entry["author"] == "GB000246"
    assert entry["refusal"]["rule"] == sample.RULE
    assert entry["refusal"]["values"][1] == ["named", sample.HOSTILE]
    assert entry["record"] == {
        "kind": "transit.refuse-release",
        "mrn": sample.MRN,
        "reason": sample.HOSTILE,
    }


def test_a_failed_finding_names_the_step_and_what_was_found() -> None:
    finding = examine(b"\xff\xfe", PROVER.policy)
    assert headline(finding) == "NOT PROVEN"
    assert dict(rows(finding, PROVER.policy, {}))["failed at"] == "the file is a tlog-proof"
    assert as_json(finding, {})["proven"] is False


def test_a_policy_that_asks_for_no_witness_is_not_praised() -> None:
    text = PROVER.policy.format().decode().splitlines()
    logs_only = "\n".join(line for line in text if line.startswith("log")) + "\nquorum none\n"
    assert "the log's word alone" in quorum_text(parse_policy(logs_only.encode()))


def test_a_policy_that_asks_for_one_witness_names_it() -> None:
    lines = PROVER.policy.format().decode().splitlines()
    kept = [line for line in lines if line.startswith(("log", "witness"))]
    text = "\n".join([*kept, "quorum AM", ""])
    assert quorum_text(parse_policy(text.encode())) == "asked for: AM"


def test_controls_overrides_and_surrogates_are_escaped() -> None:
    assert printable("a\x1b[2Jb\u202ec\udc80") == "a\\x1b[2Jb\\u202ec\\udc80"


def test_long_text_is_cut_and_its_length_said() -> None:
    assert bounded("x" * 50, 10) == "xxxxxxxxxx… (50 characters)"


def test_times_beyond_every_calendar_are_shown_as_numbers() -> None:
    assert moment(-1) == "-1 ms since 1970"
    assert moment(2**62) == f"{2**62} ms since 1970"
    assert moment(1_790_000_000_007) == "2026-09-21 14:13:20.007 UTC"


def test_fields_are_told_by_path_in_the_words_of_people() -> None:
    fields = {
        "a": {"b_ms": 0, "empty": [], "none": None, "blank": ""},
        "yes": True,
        "codes": ["X", "Y"],
        "parts": [{"c": 1}],
    }
    assert list(field_lines(fields)) == [
        ("a.b_ms", "1970-01-01 00:00:00 UTC"),
        ("yes", "yes"),
        ("codes", "X, Y"),
        ("parts[0].c", "1"),
    ]


def test_a_record_of_very_many_fields_is_cut() -> None:
    lines = list(field_lines({str(i): i for i in range(MAX_FIELDS + 5)}))
    assert lines[-1] == ("…", "and 5 more fields (--json shows all)")
