"""What state proof files say, in words and as JSON."""

from collections.abc import Iterable

import msgspec
import pytest

from contracts.registry.objects import OfficeFunction, Participant, Role, Standing
from contracts.registry.seals import Seal, SealState
from ledger_node.audit.explain import as_json, headline, rows, together
from ledger_node.audit.state_words import sentence
from ledger_node.audit.verify import Finding, NotProven, Proven, examine
from ledger_node.codec import encode
from ledger_node.ledger.state_proof import StateProofStep
from tests.ledger_node.ledger.sample_state import (
    ABSENT_KEY,
    GRN,
    GUARANTEE_KEY,
    MRN,
    OTHER_MRN,
    RESERVATION_KEY,
    SampleState,
    guarantee,
    reservation,
)
from tests.ledger_node.log.sample_union import policy

STATE = SampleState()


def found(key: str, state: SampleState = STATE) -> Finding:
    return examine(state.proof(key).format(), policy())


def told(finding: Finding) -> str:
    lines = [headline(finding), *(" ".join(row) for row in rows(finding, policy(), {}))]
    return "\n".join(lines)


def test_a_guarantees_account_is_told_in_a_sentence_and_in_full() -> None:
    text = told(found(GUARANTEE_KEY))
    assert text.startswith(f"PROVEN: the state of {GUARANTEE_KEY}\n")
    assert "was active, with a free amount of 38000 EUR of 50000 covered" in text
    assert "1 movement(s) were open on it" in text
    assert "reserved: 12000" in text
    assert "as of after block 7, 2026-09-21" in text
    assert "the newest block under the checkpoint" in text
    assert "cosigned by AM at" in text


def test_an_older_state_is_not_passed_off_as_the_newest() -> None:
    text = told(found(GUARANTEE_KEY, SampleState(after=2)))
    assert "not the newest block under the checkpoint" in text


def test_an_absence_is_told_as_such() -> None:
    text = told(found(ABSENT_KEY))
    assert text.startswith(f"PROVEN: {ABSENT_KEY} did not exist\n")
    assert f"movement {OTHER_MRN} was not open on guarantee {GRN}" in text
    assert "seal NS-1 did not exist" in told(found("seal/NS-1"))


def test_a_key_of_no_known_kind_is_pointed_out() -> None:
    text = told(found("guarrantee/x"))
    assert "did not exist (this program knows no kind of object 'guarrantee')" in text


def test_an_object_of_other_contracts_is_proven_but_not_interpreted() -> None:
    state = SampleState({"vessel/1": b"\x91\x01", "guarantee/1": b"\xc1"})
    for key in state.entries:
        finding = found(key, state)
        assert isinstance(finding, Proven)
        assert "bytes of an object that this program does not know" in told(finding)
        json = as_json(finding, {})["entry"]
        assert (json["exists"], json["object"]) == (True, None)


def test_the_json_holds_the_bytes_and_the_fields() -> None:
    json = as_json(found(GUARANTEE_KEY), {})
    assert json["proven"]
    assert json["entry"]["value"] == STATE.entries[GUARANTEE_KEY].hex()
    assert json["entry"]["object"]["reference_amount"] == 50_000
    absent = as_json(found(ABSENT_KEY), {})["entry"]
    assert (absent["exists"], absent["value"], absent["object"]) == (False, None, None)


def test_guarantee_and_reservations_together_show_that_nothing_else_is_open() -> None:
    findings = [found(GUARANTEE_KEY), found(RESERVATION_KEY), found(ABSENT_KEY)]
    expected = f"together: after block 7, no movement other than {MRN} was open on guarantee {GRN}"
    assert together(findings) == [expected]
    assert together(findings[:1]) == []
    assert together(findings[1:]) == []


def two_open(reservations: Iterable[str]) -> SampleState:
    held = {f"reservation/{GRN}/{mrn}": encode(reservation(mrn)) for mrn in reservations}
    return SampleState({GUARANTEE_KEY: encode(guarantee(24_000, 2))} | held)


def test_nothing_is_concluded_from_too_few_reservations_or_from_another_state() -> None:
    state = two_open([MRN, OTHER_MRN])
    both = [found(key, state) for key in state.entries]
    assert len(together(both)) == 1
    assert together(both[:2]) == []
    assert together([both[0], both[1], found(RESERVATION_KEY)]) == []
    assert together([both[0], both[1], both[1]]) == []


def test_a_file_that_proves_nothing_names_the_step() -> None:
    data = STATE.proof(GUARANTEE_KEY).format().replace(b"key guarantee", b"key quarantee")
    finding = examine(data, policy())
    assert isinstance(finding, NotProven)
    assert finding.step == StateProofStep.STATE


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (guarantee(0, 0), "no movement was open on it"),
        (reservation(), f"movement {MRN} was open on guarantee {GRN}, with 12000 EUR reserved"),
        (
            Seal("NS-1", "OP", "M", "C", SealState.ACTIVE, "T-1", 0, 0, False, ""),
            "seal NS-1 was active on transport T-1",
        ),
        (
            Participant(
                "AM-1",
                "AM",
                "n",
                (Role.SEAL_OPERATOR,),
                (OfficeFunction.EXIT,),
                (),
                Standing.SUSPENDED,
                0,
            ),
            "participant AM-1 of AM was suspended, as seal operator",
        ),
    ],
)
def test_objects_are_told_in_their_own_words(value: msgspec.Struct, expected: str) -> None:
    assert expected in sentence("x/y", value, b"raw")


def test_a_state_fact_of_an_unknown_kind_is_named_by_its_key() -> None:
    assert sentence("code-list/CL/1", None, b"raw") == "code list CL/1 existed"
