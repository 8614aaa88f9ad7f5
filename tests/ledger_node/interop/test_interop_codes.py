"""Translation tables and decimal amounts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.interop.money import decimals, major_units, minor_units, whole, whole_rounded_up
from ledger_node.interop.translation import (
    MAX_BYTES,
    NO_TRANSLATION,
    Role,
    Translation,
    TranslationRefused,
)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("1000.00", "GBP", 100_000),
        ("0", "EUR", 0),
        ("0.01", "KZT", 1),
        ("1000", "JPY", 1000),
        ("1000.00", "JPY", 1000),
        ("1000.5", "JPY", None),
        ("1.23", "KWD", 1230),
        ("99999999999999.99", "AMD", 9_999_999_999_999_999),
    ],
)
def test_an_amount_becomes_whole_minor_units_or_nothing(amount, currency, minor):
    assert minor_units(amount, currency) == minor


@given(st.integers(0, 10**16), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_an_amount_shown_to_people_is_the_amount(amount: int, currency: str):
    number, shown_currency = major_units(amount, currency).split()
    assert shown_currency == currency
    assert len(number.partition(".")[2]) == decimals(currency)
    assert minor_units(number, currency) == amount


@given(st.decimals(0, 10**9, places=6))
def test_rounding_up_is_exact_when_nothing_needs_rounding(number):
    text = f"{number:f}"
    grams, milligrams = whole_rounded_up(text, 3), whole(text, 6)
    assert milligrams is not None
    assert grams * 1000 >= milligrams > (grams - 1) * 1000


def test_no_translation_changes_nothing():
    assert NO_TRANSLATION.of(Role.TRANSIT, "XI000142") == "XI000142"


def test_a_table_may_be_left_out():
    assert Translation.from_json(b"{}").of(Role.PARTICIPANT, "X") == "X"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is cut short"),
        (b"[]", "is a list, not a map"),
        (b"{", "is cut short"),
        (b"\xff\xfe", ""),
        (b'{"office": {}}', "has office, which is no field of it"),
        (b'{"offices": {"arrival": {}}}', "offices has arrival, which is no field of it"),
        (b'{"participants": {"A": 1}}', "participants[...] is a whole number, not text"),
        (b'{"participants": {"A": ""}}', "is not a code"),
        (b'{"participants": {"": "A"}}', "is not a code"),
        (b'{"participants": {"A": " B"}}', "is not a code"),
        (b'{"participants": {"A": "B\\u001b[2J"}}', "is not a code"),
        (b'{"participants": {"A": "' + b"B" * 65 + b'"}}', "is not a code"),
        (b'{"a":' * 100_000, ""),
        (b" " * (MAX_BYTES + 1), "at most"),
    ],
)
def test_an_unusable_translation_is_refused(data: bytes, reason: str):
    with pytest.raises(TranslationRefused) as caught:
        Translation.from_json(data)
    assert reason in str(caught.value)
    assert "\x1b" not in str(caught.value)
