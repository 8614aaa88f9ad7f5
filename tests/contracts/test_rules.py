"""The catalogue of rules, and the documents made from it."""

from pathlib import Path
from typing import Any

import pytest

from contracts import RULES
from contracts.catalogue import SUBJECTS
from contracts.kernel.lifecycle import Lifecycle
from contracts.kernel.rule import Severity
from contracts.kernel.sources import CITATIONS
from contracts.rulebook import SCHEMAS, documents
from tests.contracts import (
    test_certificates,
    test_compliance,
    test_control,
    test_ecommerce,
    test_governance,
    test_guarantee,
    test_guarantee_use,
    test_reference,
    test_registry,
    test_seals,
    test_transit,
    test_transit_arrival,
    test_transit_departure,
    test_transit_enquiry,
    test_transit_incidents,
    test_transit_lodging,
    test_transit_on_the_way,
    test_transit_recovery,
)

LIFECYCLES = [lifecycle for subject in SUBJECTS for lifecycle in subject.lifecycles]


def test_every_rule_of_a_subject_is_seen_to_refuse() -> None:
    modules = (
        test_registry,
        test_guarantee,
        test_guarantee_use,
        test_certificates,
        test_transit,
        test_transit_arrival,
        test_transit_departure,
        test_transit_enquiry,
        test_transit_incidents,
        test_transit_lodging,
        test_transit_on_the_way,
        test_transit_recovery,
        test_seals,
        test_reference,
        test_governance,
        test_control,
        test_compliance,
        test_ecommerce,
    )
    refused = {rule for module in modules for rule, _ in module.CASES.cases}
    assert refused == {rule for rule in RULES if not rule.startswith("REC-")}


def test_every_rule_has_text_in_both_languages_and_a_source() -> None:
    for rule in RULES.values():
        assert rule.text.endswith("."), rule.id
        assert rule.text_ru.endswith("."), rule.id
        assert any("а" <= letter <= "я" for letter in rule.text_ru), rule.id
        assert rule.source, rule.id


def test_every_citation_of_a_law_is_one_that_was_checked() -> None:
    practice = ("Ledger rule", "Follows Common Transit practice", "follows Common Transit practice")
    cited = {
        citation
        for rule in RULES.values()
        for citation in rule.source.split("; ")
        if not citation.startswith(practice)
    }
    assert cited == set(CITATIONS)


def test_deadlines_cite_what_rules_cite() -> None:
    for subject in SUBJECTS:
        for act in subject.deadlines:
            for citation in act.deadline.source.split("; "):
                practice = citation.lower().startswith(("ledger rule", "follows common transit"))
                assert practice or citation in CITATIONS, act.deadline.kind


def test_breaches_differ_in_severity_and_powers_are_grave() -> None:
    assert {rule.severity for rule in RULES.values()} == set(Severity)
    for name in ("RE-001", "RE-002", "RE-003", "RE-004", "TR-012", "GU-008", "SE-008", "CO-003"):
        assert RULES[name].severity is Severity.GRAVE, name
    assert all(RULES[f"REC-0{number}"].severity is Severity.FORMAL for number in ("01", "10", "14"))


@pytest.mark.parametrize(
    ("path", "text"), documents().items(), ids=lambda item: getattr(item, "name", "")
)
def test_the_documents_are_fresh(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "run: python -m contracts.rulebook"


def test_no_schema_is_left_of_a_kind_that_is_gone() -> None:
    assert set(SCHEMAS.iterdir()) <= set(documents())


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda lifecycle: lifecycle.subject)
def test_every_state_can_be_reached(lifecycle: Lifecycle[Any]) -> None:
    reached = {None}
    for _ in lifecycle.steps:
        reached |= {step.target for step in lifecycle.steps if step.source in reached}
    states = type(lifecycle.steps[0].target)
    assert reached - {None} == set(states)
