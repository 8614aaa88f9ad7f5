"""What is wrong with a message is said by element, line and reason, in plain words."""

import re
from pathlib import Path

import pytest
from ncts_samples import DECLARATION, changed, sample

from ledger_node.interop import refusal
from ledger_node.interop.ncts import phases
from ledger_node.interop.ncts.reader import read
from ledger_node.interop.refusal import ImportRefused, Problem


def problems(data: bytes) -> tuple[Problem, ...]:
    with pytest.raises(ImportRefused) as caught:
        read(data)
    return caught.value.problems


@pytest.mark.parametrize(
    ("old", "new", "path", "reason"),
    [
        ("<currency>GBP</currency>", "", "Guarantee/GuaranteeReference", "currency is missing"),
        ("<GRN>23GB", "<GRN>23gb", "Guarantee/GuaranteeReference/GRN", "required is a GRN"),
        ("1000.00<", "abc<", "Guarantee/GuaranteeReference/amountToBeCovered", "'abc'"),
        ("1000.00<", "1.005<", "Guarantee/GuaranteeReference/amountToBeCovered", "2 decimals"),
        ("1000.00<", "-5<", "Guarantee/GuaranteeReference/amountToBeCovered", "a number"),
        ("1000.00<", "1e3<", "Guarantee/GuaranteeReference/amountToBeCovered", "'1e3'"),
        ("<security>0", "<security>", "TransitOperation/security", "is empty; required is one dig"),
        ("<TransitOperation>", "<TransitOperation>text", "TransitOperation", "holds text"),
        ("2025-11-03T10:15:00", "yesterday", "preparationDateAndTime", "not a valid Preparation"),
        ("<Consignment>", "<Foo/><Consignment>", "Foo", "Consignment should be here"),
        ("<sequenceNumber>1", "<sequenceNumber>0", "CustomsOfficeOfTransitDeclared/seq", "limit 1"),
        ('PhaseID="NCTS5.1"', 'PhaseID="NCTS9"', "", "known are NCTS5.0 or NCTS5.1 or NCTS6"),
        ("<LRN>", '<LRN lang="en">', "TransitOperation/LRN", "not have the attribute 'lang'"),
        (">CC015C</messageType", ">CC007C</messageType", "messageType", "root element is CC015C"),
        ("<GRN>23GB", "<GRN>\x9b2J23GB", "Guarantee/GuaranteeReference/GRN", r"\x9b2J"),
    ],
)
def test_a_message_that_breaks_the_schema_is_refused_by_element(old, new, path, reason):
    first = problems(changed(old, new))[0]
    assert first.path.startswith(f"CC015C/{path}".rstrip("/"))
    assert first.line > 0
    assert reason in first.reason


def test_of_what_may_follow_the_element_that_must_is_named():
    text = sample(DECLARATION).decode()
    bare = re.sub("<GoodsMeasure>.*?</GoodsMeasure>", "", text, flags=re.DOTALL)
    (problem,) = problems(bare.encode())
    assert problem.path.endswith("ConsignmentItem/Commodity")
    assert problem.reason == "is incomplete: GoodsMeasure is missing"


def test_the_line_is_the_line_of_the_element():
    data = changed("<currency>GBP", "<currency>1")
    (problem,) = problems(data)
    assert b"<currency>" in data.split(b"\n")[problem.line - 1]


def test_every_problem_is_told_at_once():
    data = changed("<security>0", "<security>x").replace(b">GBP<", b">1<")
    assert [problem.path.split("/")[-1] for problem in problems(data)] == ["security", "currency"]


def test_a_repeated_element_is_named_by_position():
    data = sample("ASGB5-cc015c.xml").decode()
    at = data.rindex("<netMass>")
    spoiled = data[:at] + "<netMass>x" + data[at + len("<netMass>") :]
    (problem,) = problems(spoiled.encode())
    assert problem.path == (
        "CC015C/Consignment/HouseConsignment/ConsignmentItem[2]/Commodity/GoodsMeasure/netMass"
    )


@pytest.mark.parametrize("prefix", ["a", "ncts", "x-y"])
def test_the_prefix_of_the_namespace_is_free(prefix: str):
    text = sample(DECLARATION).decode().replace("ncts:CC", f"{prefix}:CC")
    text = text.replace("xmlns:ncts=", f"xmlns:{prefix}=").replace("<security>0", "<security>")
    assert problems(text.encode())[0].path == "CC015C/TransitOperation/security"


def test_a_type_cannot_be_swapped_from_inside_the_message():
    swap = (
        '<TransitOperation xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:type="TransitOperationTypeErmisIE928">'
    )
    assert problems(changed("<TransitOperation>", swap))[0].rule is refusal.ATTRIBUTES


@pytest.mark.parametrize("code", ["TOOLONG-7", "A 7 ", "ZZ9", "", "ÄÖÜ7 "])
def test_a_wrong_access_code_is_refused_without_being_repeated(code: str):
    with pytest.raises(ImportRefused) as caught:
        read(changed("AC01", code))
    assert caught.value.problems[0].path.endswith("/accessCode")
    assert not code.strip() or code.strip() not in str(caught.value)


class TestPhases:
    FLAG = "<incidentFlag>0</incidentFlag>"
    FILE = "ANGB1-cc007c.xml"

    def test_phase_6_does_not_know_the_incident_flag(self):
        (problem,) = problems(changed("NCTS5.1", "NCTS6", self.FILE))
        assert problem.path == "CC007C/TransitOperation/incidentFlag"
        assert problem.reason == "is not expected in this place"

    def test_a_message_without_phase_is_read_as_phase_6(self):
        assert problems(changed(' PhaseID="NCTS5.1"', "", self.FILE))[0].path.endswith("Flag")
        message = read(changed(' PhaseID="NCTS5.1"', ""))
        assert message.phase == phases.SCHEMA_PHASE
        assert [str(notice) for notice in message.notices] == [
            "CC015C: states no PhaseID, read as NCTS6"
        ]

    def test_incidents_on_the_way_are_pointed_out(self):
        message = read(changed(self.FLAG, "<incidentFlag>1</incidentFlag>", self.FILE))
        assert "a record of its own" in message.notices[0].text

    @pytest.mark.parametrize("value", ["2", "", "yes", "<a/>"])
    def test_only_the_values_of_the_earlier_phase_are_accepted(self, value: str):
        spoiled = changed(self.FLAG, f"<incidentFlag>{value}</incidentFlag>", self.FILE)
        problem = problems(spoiled)[0]
        assert problem.path == "CC007C/TransitOperation/incidentFlag"
        assert problem.rule is refusal.PHASE

    def test_a_second_flag_is_refused(self):
        problem = problems(changed(self.FLAG, self.FLAG * 2, self.FILE))[0]
        assert problem.rule is refusal.SCHEMA

    def test_the_flag_is_accepted_in_no_other_message(self):
        assert problems(changed("</LRN>", f"</LRN>{self.FLAG}"))[0].rule is refusal.SCHEMA

    def test_text_behind_the_flag_is_not_lost(self):
        problem = problems(changed(self.FLAG, self.FLAG + "text", self.FILE))[0]
        assert problem.rule is refusal.SCHEMA


def test_the_guide_for_users_lists_every_import_rule():
    guide = (Path(__file__).parents[3] / "docs" / "import.md").read_text()
    rules = [rule for rule in vars(refusal).values() if isinstance(rule, refusal.ImportRule)]
    assert sorted(rule.id for rule in rules) == sorted({rule.id for rule in rules})
    assert re.findall(r"^\| (IM-\d+) \|", guide, re.MULTILINE) == sorted(rule.id for rule in rules)
