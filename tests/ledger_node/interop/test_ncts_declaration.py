"""What of a CC015C becomes public, and what a sender can mend before lodging."""

from datetime import date

import pytest
from ncts_samples import DECLARATION, changed, sample

from ledger_node.interop import refusal
from ledger_node.interop.ncts.declaration import GuaranteeUse, Taken, end_of_day_ms, take
from ledger_node.interop.ncts.reader import read
from ledger_node.interop.refusal import ImportRefused, Problem
from ledger_node.interop.translation import NO_TRANSLATION, Role, Translation


def taken(data: bytes, translation: Translation = NO_TRANSLATION) -> Taken:
    return take(read(data), translation)


def refused(data: bytes) -> Problem:
    with pytest.raises(ImportRefused) as caught:
        taken(data)
    return caught.value.problems[0]


def test_the_public_fields_of_a_declaration():
    declaration = taken(sample(DECLARATION)).declaration
    assert declaration.lrn == "LRN2D91040CCDD069F"
    assert declaration.declaration_type == "T1"
    assert not declaration.pre_lodged
    assert declaration.holder == "GB953574106000"
    assert declaration.office_of_departure == "GB000246"
    assert declaration.offices_of_transit == ("XI000142",)
    assert declaration.office_of_destination == "XI000142"
    assert declaration.guarantees == (
        GuaranteeUse(type="1", grn="23GB0000010000058", other="", amount=100_000, currency="GBP"),
    )
    assert declaration.gross_mass == 1_000_000
    assert (declaration.items, declaration.equipment, declaration.containers) == (1, 1, 1)
    assert declaration.seals == ("1234",)
    assert declaration.limit_date is None
    assert declaration.carrier == ""


def test_a_simplified_declaration_has_a_limit_date():
    declaration = taken(sample("DSGB6-cc015c.xml")).declaration
    assert declaration.limit_date == date(2025, 11, 20)


def test_a_limit_date_includes_its_day():
    assert end_of_day_ms(date(1970, 1, 1)) == 86_400_000 - 1
    assert end_of_day_ms(date(2025, 11, 20)) == 1_763_683_200_000 - 1
    assert end_of_day_ms(date.max) == 253_402_300_799_999


def test_additional_type_d_is_pre_lodged():
    assert taken(sample("PNGB1-cc015c.xml")).declaration.pre_lodged


def test_goods_items_are_counted():
    assert taken(sample("ASGB5-cc015c.xml")).declaration.items == 2


def test_an_office_of_exit_is_reported_as_not_part_of_the_route():
    office = (
        "<CustomsOfficeOfExitForTransitDeclared><sequenceNumber>1</sequenceNumber>"
        "<referenceNumber>FR000001</referenceNumber></CustomsOfficeOfExitForTransitDeclared>"
    )
    result = taken(
        changed("<HolderOfTheTransitProcedure>", f"{office}<HolderOfTheTransitProcedure>")
    )
    assert [notice.path for notice in result.notices] == [
        "CC015C/CustomsOfficeOfExitForTransitDeclared"
    ]


@pytest.mark.parametrize(
    ("old", "new", "path", "reason", "rule"),
    [
        (">T1<", ">T9<", "TransitOperation/declarationType", "'T9'", refusal.CODE_LIST),
        ("Type>A<", "Type>F<", "TransitOperation/additionalDeclarationType", "'F'", None),
        ("guaranteeType>1", "guaranteeType>7", "Guarantee/guaranteeType", "'7'", None),
        ("0000058<", "0000059<", "Guarantee/GuaranteeReference/GRN", "check digit", None),
        ("GBP", "JPY", "Guarantee/GuaranteeReference/amountToBeCovered", "", refusal.AMOUNT),
        (
            "<identificationNumber>GB953574106000</identificationNumber>",
            "<name>A. Trader</name>",
            "HolderOfTheTransitProcedure/identificationNumber",
            "is missing",
            refusal.HOLDER,
        ),
        (
            "<numberOfSeals>1",
            "<numberOfSeals>2",
            "Consignment/TransportEquipment/numberOfSeals",
            "is 2, but 1 are listed",
            refusal.SEALS,
        ),
        (
            "<sequenceNumber>1",
            "<sequenceNumber>2",
            "CustomsOfficeOfTransitDeclared[1]/sequenceNumber",
            "numbered 1, 2, 3",
            refusal.SEQUENCE,
        ),
    ],
)
def test_what_the_schema_lets_through_is_refused_by_element(old, new, path, reason, rule):
    if new == "JPY":
        data = changed("1000.00", "1000.50").replace(b"GBP", b"JPY")
    else:
        data = changed(old, new)
    problem = refused(data)
    assert problem.path == f"CC015C/{path}"
    assert problem.line > 0
    assert reason in problem.reason
    assert rule is None or problem.rule is rule


def test_a_date_that_only_the_schema_knows_is_refused():
    problem = refused(changed("2025-11-20", "0000-01-01", "DSGB6-cc015c.xml"))
    assert problem.path == "CC015C/TransitOperation/limitDate"


def test_a_seal_listed_twice_is_refused():
    seal = "<Seal><sequenceNumber>{}</sequenceNumber><identifier>1234</identifier></Seal>"
    data = changed("</Seal>", "</Seal>" + seal.format(2)).replace(b"OfSeals>1", b"OfSeals>2")
    assert refused(data).reason == "'1234' is listed twice"


def test_all_problems_are_told_at_once():
    with pytest.raises(ImportRefused) as caught:
        taken(changed(">T1<", ">T9<").replace(b"0000058<", b"0000059<"))
    assert len(caught.value.problems) == 2


def test_no_float_touches_an_amount():
    declaration = taken(changed("1000.00", "99999999999999.99")).declaration
    assert declaration.guarantees[0].amount == 9_999_999_999_999_999


def test_a_mass_finer_than_a_gram_is_rounded_up_and_reported():
    result = taken(changed("<grossMass>1000.000", "<grossMass>1000.000001"))
    assert result.declaration.gross_mass == 1_000_001
    assert [notice.path for notice in result.notices] == ["CC015C/Consignment/grossMass"]


def test_offices_are_translated_by_role_and_reported():
    translation = Translation.from_json(
        b'{"offices": {"departure": {"GB000246": "KG000001"}, "transit": {"XI000142": "KZ000002"},'
        b' "destination": {"XI000142": "RU000003"}}, "participants": {"GB953574106000": "KG-1"},'
        b' "guarantees": {"23GB0000010000058": "26KG0000010000003"}}'
    )
    result = taken(sample(DECLARATION), translation)
    declaration = result.declaration
    assert declaration.office_of_departure == "KG000001"
    assert declaration.offices_of_transit == ("KZ000002",)
    assert declaration.office_of_destination == "RU000003"
    assert declaration.holder == "KG-1"
    assert declaration.guarantees[0].grn == "26KG0000010000003"
    assert {replacement.role for replacement in result.replacements} == set(Role)
    assert "office of transit XI000142 → KZ000002" in map(str, result.replacements)


def test_codes_that_are_not_in_the_table_stay():
    translation = Translation.from_json(b'{"offices": {"departure": {"FR000001": "KG000001"}}}')
    result = taken(sample(DECLARATION), translation)
    assert result.declaration.office_of_departure == "GB000246"
    assert result.replacements == ()
