"""What a decoder found wrong is told by field, in words that need no Python."""

import enum

import msgspec
import pytest

from ledger_node.codec import DecodeError, decode, encode
from ledger_node.codec.wording import in_words


class Kind(enum.IntEnum):
    LORRY = 1


class Part(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    weight: int
    kind: Kind


class Loaded(msgspec.Struct, array_like=True, forbid_unknown_fields=True, tag=1):
    place: str


class Whole(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    parts: tuple[Part, ...]
    spare: Part | None
    pair: tuple[str, int]
    act: Loaded
    note: str | None


GOOD: list[object] = [[[7, 1]], [8, 1], ["a", 1], [1, "Osh"], None]


@pytest.mark.parametrize(
    ("place", "value", "field", "reason"),
    [
        (0, 3, "parts", "parts is a whole number, not a list"),
        (0, [[7, 1], ["x", 1]], "parts[1].weight", "parts[1].weight is text, not a whole number"),
        (0, [[7, 9]], "parts[0].kind", "parts[0].kind is 9, which is none of the known kinds"),
        (0, [[7]], "parts[0]", "parts[0] has 1 of its 2 parts"),
        (0, [[7, 1, 0]], "parts[0]", "parts[0] has 3 parts, 2 are known"),
        (1, [True, 1], "spare.weight", "spare.weight is true or false, not a whole number"),
        (2, ["a"], "pair", "pair has 1 parts, not 2"),
        (2, ["a", b"b"], "pair[1]", "pair[1] is bytes, not a whole number"),
        (3, [2, "Osh"], "act.kind", "act.kind is 2, which is none of the known kinds"),
        (3, [1, 5], "act.place", "act.place is a whole number, not text"),
        (4, 1.5, "note", "note is a number with a fraction, not text or nothing"),
        (4, {"a": 1}, "note", "note is a map, not text or nothing"),
    ],
)
def test_the_field_is_named_with_what_it_is_and_must_be(
    place: int, value: object, field: str, reason: str
) -> None:
    parts = [*GOOD[:place], value, *GOOD[place + 1 :]]
    with pytest.raises(DecodeError) as refused:
        decode(Whole, msgspec.msgpack.encode(parts), what="whole")
    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert str(refused.value) == f"whole: {reason}"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (encode(GOOD)[:-1], "is cut short"),
        (encode(GOOD) + b"\0", "goes on after its end, at byte 19"),
        (encode(GOOD[:3]), "has 3 of its 5 parts"),
        (encode([*GOOD, 1, 2]), "has 7 parts, 5 are known"),
        (encode("text"), "is text, not a list"),
        (b"\xc1", "is no msgpack: 0xc1 at byte 0"),
        (b"\xd4\x01\x00", "is an extension type, not a list"),
        (b"\x95\x90\xc0\x92\xa1\xff", "holds text that is not UTF-8, at byte 0 of the text"),
    ],
)
def test_of_the_whole_it_is_told_what_is_wrong(data: bytes, reason: str) -> None:
    with pytest.raises(DecodeError) as refused:
        decode(Whole, data, what="whole")
    assert (refused.value.field, refused.value.reason) == ("", reason)


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    gap: int
    places: list[str]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"gap": 1}', "lacks places"),
        ('{"gap": 1, "places": [], "more": 1}', "has more, which is no field of it"),
        ('{"gap": 1, "places": ["a", 2]}', "places[1] is a whole number, not text"),
        ('{"gap": 1', "is cut short"),
        ('{gap: 1}', "is no JSON: object keys must be strings, at byte 1"),
        ('{"gap": 1, "places": []} x', "goes on after its end, at byte 26"),
    ],
)  # fmt: skip
def test_json_is_told_of_alike(text: str, reason: str) -> None:
    with pytest.raises(msgspec.DecodeError) as refused:
        msgspec.json.decode(text, type=Settings)
    assert str(in_words(Settings, refused.value)) == reason


def test_what_msgspec_may_say_one_day_is_passed_on() -> None:
    told = in_words(Whole, msgspec.ValidationError("Something new - at `$[1][0]`"))
    assert (told.field, told.reason) == ("spare.weight", "Something new")
    nowhere = in_words(Whole, msgspec.ValidationError("Something new - at `$[9][...].x`"))
    assert nowhere.field == "[9][...].x"
    assert in_words(Whole, RecursionError("deep")).reason == "is nested too deep"
