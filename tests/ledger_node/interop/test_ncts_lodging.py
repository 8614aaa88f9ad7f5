"""A CC015C becomes the record that lodges it, or a refusal that names the element."""

import json

import pytest
from ncts_samples import DECLARATION, CountingSalts, Sample, changed, manifest, sample

from contracts.kernel import form
from contracts.references import make_grn
from contracts.transit.content import (
    AdditionalType,
    DeclarationType,
    Exemption,
    ExemptionGround,
    GuaranteeUse,
)
from contracts.transit.records import Lodge
from ledger_node.codec import decode, encode
from ledger_node.interop import refusal
from ledger_node.interop.ncts.importer import ImportedMessage, import_message
from ledger_node.interop.refusal import ImportRefused, Problem
from ledger_node.interop.translation import Translation

CARRIER = "<Carrier><identificationNumber>{}</identificationNumber></Carrier>"


def imported(data: bytes, **options) -> ImportedMessage:
    return import_message(data, salts=CountingSalts(), **options)


def lodging(data: bytes, **options) -> Lodge:
    record = imported(data, **options).lodging
    assert record is not None
    return record


def refused(data: bytes, **options) -> tuple[Problem, ...]:
    with pytest.raises(ImportRefused) as caught:
        imported(data, **options)
    return caught.value.problems


def test_the_record_holds_the_public_fields_and_the_commitments():
    message = imported(sample(DECLARATION))
    record = message.lodging
    assert record is not None
    assert record.lrn == "LRN2D91040CCDD069F"
    assert record.additional_type is AdditionalType.STANDARD
    content = record.content
    assert content.declaration_type is DeclarationType.T1
    assert content.transit_offices == ("XI000142",)
    assert content.guarantees == (GuaranteeUse("23GB0000010000058", 100_000, "GBP"),)
    assert content.gross_mass_grams == 1_000_000
    assert (content.containers, content.equipment, content.seals) == (1, 1, 1)
    assert [(each.group, each.commitment) for each in content.particulars] == [
        (group.value, commitment) for group, commitment in message.commitments
    ]


@pytest.mark.parametrize("each", [s for s in manifest() if s.kind == "CC015C"], ids=str)
def test_every_sample_declaration_makes_a_canonical_record(each: Sample):
    record = lodging(each.xml)
    assert form.problems(record) == ()
    assert decode(Lodge, encode(record)) == record


@pytest.mark.parametrize("each", [s for s in manifest() if s.kind == "CC015C"], ids=str)
def test_no_particular_is_in_the_record(each: Sample):
    data = encode(lodging(each.xml))
    for secret in (b"AC01", b"Plastic toys", b"WGPCGR", b"NC15REG", b"392690", b"AB1234"):
        assert secret in each.xml or secret == b"WGPCGR"
        assert secret not in data


def test_the_limit_date_is_the_end_of_its_day():
    assert lodging(sample("DSGB6-cc015c.xml")).content.limit_date_ms == 1_763_683_199_999


def test_a_pre_lodged_declaration_says_so():
    assert lodging(sample("PNGB1-cc015c.xml")).additional_type is AdditionalType.PRE_LODGED


class TestCarrier:
    NAMED = changed("<Consignor>", CARRIER.format("GB000000000042") + "<Consignor>")

    def test_the_carrier_of_the_message_is_taken(self):
        assert lodging(self.NAMED).content.carrier == "GB000000000042"

    def test_the_carrier_is_translated_as_a_participant(self):
        table = Translation.from_json(
            json.dumps({"participants": {"GB000000000042": "KG-C-1"}}).encode()
        )
        assert lodging(self.NAMED, translation=table).content.carrier == "KG-C-1"

    def test_the_carrier_the_caller_names_goes_first_and_is_reported(self):
        message = imported(self.NAMED, carrier="KG-C-2")
        assert message.lodging is not None
        assert message.lodging.content.carrier == "KG-C-2"
        assert "GB000000000042 in the message, replaced by KG-C-2" in "\n".join(message.summary)

    def test_without_a_carrier_the_holder_carries_and_that_is_reported(self):
        message = imported(sample(DECLARATION))
        assert message.lodging is not None
        assert message.lodging.content.carrier == message.lodging.content.holder
        assert any("holder is taken to be the carrier" in line for line in message.summary)


def exempt(guarantee: str) -> bytes:
    """The sample with another Guarantee element."""
    text = sample(DECLARATION).decode()
    begin, end = text.index("<Guarantee>"), text.index("</Guarantee>")
    element = f"<Guarantee><sequenceNumber>1</sequenceNumber>{guarantee}"
    return (text[:begin] + element + text[end:]).encode()


@pytest.mark.parametrize("ground", list(ExemptionGround))
def test_a_type_that_requires_no_guarantee_is_an_exemption(ground):
    data = exempt(
        f"<guaranteeType>{ground.value}</guaranteeType>"
        "<otherGuaranteeReference>Agreement 7</otherGuaranteeReference>"
    )
    content = lodging(data).content
    assert content.exemption == Exemption(ground, "Agreement 7")
    assert content.guarantees == ()
    assert f"guarantee of type {ground.value}: Agreement 7" in imported(data).summary


def test_a_type_that_requires_a_guarantee_is_refused_without_one():
    (problem,) = refused(exempt("<guaranteeType>1</guaranteeType>"))
    assert "of guarantee type 1 has no GRN" in problem.reason


@pytest.mark.parametrize(
    ("old", "new", "element", "reason"),
    [
        ("<LRN>LRN", "<LRN>LRN/", "TransitOperation/LRN", "letters, digits"),
        (">1000.00<", ">0<", "Guarantee/GuaranteeReference/amountToBeCovered", "is 0; a record"),
        (
            "<GRN>23GB0000010000058</GRN>",
            "",
            "Guarantee/GuaranteeReference",
            "of guarantee type 1 has no GRN",
        ),
    ],
)
def test_what_a_record_cannot_hold_is_refused_by_element(old, new, element, reason):
    (problem,) = refused(changed(old, new))
    assert problem.path == f"CC015C/{element}"
    assert problem.rule is refusal.RECORD
    assert reason in problem.reason


def test_a_translation_to_an_impossible_code_is_refused():
    table = Translation.from_json(b'{"participants": {"GB953574106000": "no such id"}}')
    problems = refused(sample(DECLARATION), translation=table)
    assert problems[0].path == "CC015C/HolderOfTheTransitProcedure/identificationNumber"


def test_a_guarantee_named_twice_is_refused():
    text = sample(DECLARATION).decode()
    start, end = text.index("<GuaranteeReference>"), text.index("</Guarantee>")
    again = text[:end] + text[start:end].replace("Number>1<", "Number>2<") + text[end:]
    problems = refused(again.encode())
    assert problems[0].path == "CC015C/Guarantee/GuaranteeReference[2]/GRN"
    assert "is named twice" in problems[0].reason


def test_too_many_guarantees_are_refused():
    text = sample(DECLARATION).decode()
    start, end = text.index("<GuaranteeReference>"), text.index("</Guarantee>")
    more = "".join(
        text[start:end]
        .replace("Number>1<", f"Number>{n}<")
        .replace("23GB0000010000058", make_grn(2023, "GB", str(n)))
        for n in range(2, 12)
    )
    problems = refused((text[:end] + more + text[end:]).encode())
    assert problems[0].path == "CC015C/Guarantee"


def test_other_messages_make_no_record():
    assert imported(sample("DNGB4-cc014c.xml")).lodging is None
