"""Check digits, reference numbers, calendar."""

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

import contracts
from contracts.references import (
    check_digit,
    is_eaeu_declaration_number,
    is_grn,
    is_mrn,
    make_grn,
    make_mrn,
)
from contracts.references.time import DAY, year_of
from tests.contracts.sample_union import MRN, REGISTER, SampleUnion

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize(
    "mrn",
    [
        "25GB000246TK0E6WJ1",
        "23XI000081IMDHRDJ0",
        "23XI000081GESREDJ6",
        "23GB000060NV5YRTJ2",
        "23GB0002464M0YC3J0",
    ],
)
def test_public_mrns_are_valid(mrn: str) -> None:
    assert is_mrn(mrn)


@pytest.mark.parametrize(
    "grn",
    ["20GB0000010000GX1", "23GB0000010000058", "23XI00000100000D0", "20GB0000010000GX1A000001"],
)
def test_public_grns_are_valid(grn: str) -> None:
    assert is_grn(grn)


@pytest.mark.parametrize(
    "mrn",
    [
        "",
        "25GB000246TK0E6WJ2",
        "25GB000246TK0E6WA1",
        "25gb000246TK0E6WJ1",
        "25GB000246TK0E6WJ",
        "25GB000246TK0E6WJ1\n",
        "２5GB000246TK0E6WJ1",
    ],
)
def test_other_mrns_are_not(mrn: str) -> None:
    assert not is_mrn(mrn)


@pytest.mark.parametrize(
    "grn", ["", "20GB0000010000GX2", "20GB0000010000GX1A00001", "20GB00000100GX1"]
)
def test_other_grns_are_not(grn: str) -> None:
    assert not is_grn(grn)


@given(st.text(ALPHANUMERIC, min_size=12, max_size=12), st.integers(0, 11))
def test_a_changed_character_nearly_always_changes_the_check_digit(serial: str, place: int) -> None:
    mrn = make_mrn(2026, "KZ", serial)
    assert is_mrn(mrn)
    digits = {
        check_digit(f"26KZ{serial[:place]}{other}{serial[place + 1 :]}J") for other in ALPHANUMERIC
    }
    assert len(digits) == 10


def test_made_references_keep_their_parts() -> None:
    assert make_mrn(2026, "KZ", "ABC", "M")[:17] == "26KZ000000000ABCM"
    assert make_grn(2026, "RU", "7", "B000042")[-7:] == "B000042"


@pytest.mark.parametrize("serial", ["lower", "TOOLONGSERIAL", "A-B"])
def test_bad_parts_make_no_reference(serial: str) -> None:
    with pytest.raises(ValueError, match=r"check digit|MRN"):
        make_mrn(2026, "KZ", serial)


@pytest.mark.parametrize("number", ["10702030/240126/0000001", "11223344/290224/9999999"])
def test_eaeu_declaration_numbers(number: str) -> None:
    assert is_eaeu_declaration_number(number)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "1070203/240126/0000001",
        "10702030/300226/0000001",
        "10702030/290225/0000001",
        "10702030/001326/0000001",
        "10702030/000126/0000001",
        "10702030/011326/0000001",
        "10702030/240126/000001",
        "10702030-240126-0000001",
    ],
)
def test_other_numbers_are_not(number: str) -> None:
    assert not is_eaeu_declaration_number(number)


@given(
    st.text("0123456789", min_size=8, max_size=8),
    st.dates(datetime.date(2000, 1, 1), datetime.date(2099, 12, 31)),
    st.integers(0, 9_999_999),
)
def test_an_eaeu_declaration_number_comes_back_from_every_form(
    office: str, day: datetime.date, serial: int
) -> None:
    number = f"{office}/{day:%d%m%y}/{serial:07}"
    assert is_eaeu_declaration_number(number)
    record = replace(REGISTER, eaeu_number=number)
    assert contracts.decode_record(contracts.encode_record(record)) == record
    text = json.dumps(contracts.record_to_json(record))
    assert contracts.record_from_json(json.loads(text)) == record


def test_both_numbers_lead_to_the_movement() -> None:
    union = SampleUnion()
    union.registered()
    number = REGISTER.eaeu_number
    assert union.show(f"declaration-number/{number}").mrn == MRN
    assert union.show(f"movement/{MRN}").eaeu_number == number


@given(st.integers(0, 80_000))
def test_years_agree_with_the_calendar(days: int) -> None:
    date = datetime.date(1970, 1, 1) + datetime.timedelta(days=days)
    assert year_of(days * DAY) == year_of(days * DAY + DAY - 1) == date.year
