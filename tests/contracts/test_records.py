"""Record bytes: one encoding a record, and a rule for every way to get it wrong."""

from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest
from msgspec.structs import replace

import contracts
from contracts import MAX_RECORD_BYTES, RECORD_KINDS, Record, Rejected
from contracts.guarantee.terms import Terms
from contracts.kernel.form import form_of
from contracts.kernel.record import Part
from contracts.kernel.rule import rendered
from contracts.references import make_grn
from contracts.registry import records as reg
from contracts.transit import records as t
from contracts.transit.content import Content, Exemption, Goods, GuaranteeUse, Particular
from contracts.transit.enquiry_records import ClaimOnGuarantee
from tests.contracts.sample_act import SampleAct
from tests.contracts.sample_acts import SAMPLE_ACTS
from tests.contracts.sample_union import CONTENT, RELEASE, ROOT, UNDERTAKING, SampleUnion

each_act = pytest.mark.parametrize("act", SAMPLE_ACTS, ids=lambda act: act.record.kind())
pack = msgspec.msgpack.encode


def refused(data: bytes, author: str = "BY") -> Rejected:
    outcome = SampleUnion().apply(author, data)
    assert isinstance(outcome, Rejected)
    return outcome


def fields_of(record: Record) -> list[Any]:
    fields: list[Any] = msgspec.msgpack.decode(contracts.encode_record(record))
    return fields


@each_act
def test_a_record_decodes_to_what_was_encoded(act: SampleAct) -> None:
    data = contracts.encode_record(act.record)
    assert contracts.decode_record(data) == act.record
    assert len(data) <= MAX_RECORD_BYTES


@each_act
def test_every_truncation_is_refused(act: SampleAct) -> None:
    data = contracts.encode_record(act.record)
    for length in range(len(data)):
        assert refused(data[:length]) == Rejected("REC-001", ())


@each_act
def test_trailing_bytes_and_extra_or_missing_fields_are_refused(act: SampleAct) -> None:
    data = contracts.encode_record(act.record)
    fields = fields_of(act.record)
    for wrong in (data + b"\xc0", pack([*fields, 0]), pack(fields[:-1])):
        assert refused(wrong) == Rejected("REC-001", ())


@each_act
def test_a_field_of_another_type_is_refused(act: SampleAct) -> None:
    fields = fields_of(act.record)
    for place in range(1, len(fields)):
        for wrong in (1.5, {"a": 1}, [[[]]]):
            changed = pack([*fields[:place], wrong, *fields[place + 1 :]])
            assert refused(changed) == Rejected("REC-001", ())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\xc0",
        b"\x90",
        b"\x91\x90",
        pack(["transit.teleport", "x"]),
        pack(["TRANSIT.RELEASE", "x"]),
        pack({"kind": "transit.discharge"}),
        b"\x92\xa3\xff\xff\xff\x01",
        b"\xdd\xff\xff\xff\xff",
        b"\x91" * 50_000,
    ],
    ids=lambda data: data[:8].hex() or "empty",
)
def test_what_is_no_record_is_refused_without_library_text(data: bytes) -> None:
    assert refused(data) == Rejected("REC-001", ())


def test_a_longer_encoding_of_the_same_record_is_refused() -> None:
    data = contracts.encode_record(t.Discharge("26BY112233000001J4"))
    assert (data[0], data[1] >> 5) == (0x92, 0b101), "a short array that begins with short text"
    long_array = b"\xdc\x00\x02" + data[1:]
    long_text = data[:1] + b"\xd9" + bytes([data[1] & 0x1F]) + data[2:]
    for other in (long_array, long_text):
        assert refused(other) == Rejected("REC-002", ())


def test_a_record_over_sixty_kilobytes_is_refused_before_it_is_parsed() -> None:
    assert refused(b"\xff" * (MAX_RECORD_BYTES + 1)).rule == "REC-003"
    assert refused(b"\xff" * MAX_RECORD_BYTES).rule == "REC-001"


def registration(**changes: Any) -> Record:
    act = SAMPLE_ACTS[0].record
    return replace(act, **changes)


@pytest.mark.parametrize(
    ("record", "rule", "field"),
    [
        (registration(id="by/new"), "REC-010", "id"),
        (registration(id="A"), "REC-010", "id"),
        (registration(id="A" * 36), "REC-010", "id"),
        (registration(id="BY/NEW\n"), "REC-010", "id"),
        (registration(id="МИНСК"), "REC-010", "id"),
        (registration(id="١٢٣"), "REC-010", "id"),
        (registration(member="BYE"), "REC-010", "member"),
        (registration(name=""), "REC-011", "name"),
        (registration(name=" padded"), "REC-011", "name"),
        (registration(name="tab\there"), "REC-011", "name"),
        (registration(name="e\u0301"), "REC-011", "name"),
        (registration(name="right\u202eleft"), "REC-011", "name"),
        (registration(name="\ue000"), "REC-011", "name"),
        (registration(name="new emoji \U0001f9ff"), "REC-011", "name"),
        (registration(name="x" * 141), "REC-011", "name"),
        (registration(roles=()), "REC-013", "roles"),
        (registration(keys=()), "REC-013", "keys"),
        (registration(keys=(b"\x01" + ROOT, b"\x01" + ROOT)), "REC-013", "keys"),
        (registration(keys=(b"",)), "REC-014", "keys[0]"),
        (registration(keys=(b"\x01" + ROOT, b"\x03" + ROOT)), "REC-014", "keys[1]"),
        (registration(keys=(b"\x02" + ROOT,)), "REC-014", "keys[0]"),
        (replace(RELEASE, route_km=0), "REC-012", "route_km"),
        (replace(RELEASE, deadline_ms=2**60), "REC-012", "deadline_ms"),
        (replace(RELEASE, mrn="26BY112233000001J9"), "REC-010", "mrn"),
        (replace(RELEASE, seals=("OK", "no")), "REC-010", "seals[1]"),
        (replace(UNDERTAKING, reference_amount=0), "REC-012", "reference_amount"),
        (replace(UNDERTAKING, reference_amount=-1), "REC-012", "reference_amount"),
        (replace(UNDERTAKING, coverage_percent=40), "REC-012", "coverage_percent"),
        (replace(UNDERTAKING, territory=("BY", "BY")), "REC-013", "territory"),
        (replace(UNDERTAKING, currency="eur"), "REC-010", "currency"),
        (
            t.Amend("L", replace(CONTENT, particulars=(Particular("goods", b"short"),))),
            "REC-014",
            "content.particulars[0].commitment",
        ),
        (
            t.Amend("L", replace(CONTENT, guarantees=(GuaranteeUse("X", 1, "EUR"),))),
            "REC-010",
            "content.guarantees[0].grn",
        ),
        (t.Amend("with/slash", CONTENT), "REC-010", "lrn"),
        (t.Register("TRADER", "L", RELEASE.mrn, "1/2/3"), "REC-010", "eaeu_number"),
    ],
)
def test_a_field_out_of_form_is_refused_by_name(record: Record, rule: str, field: str) -> None:
    outcome = refused(contracts.encode_record(record))
    assert outcome.rule == rule
    assert outcome.values[0] == ("field", field)


def test_refused_values_are_bounded_and_escaped() -> None:
    outcome = refused(contracts.encode_record(registration(name="\x00\u202e" + "x" * 5000)))
    shown = dict(outcome.values)["value"]
    assert shown.startswith("\\x00\\u202ex")
    assert len(shown) <= 160


@pytest.mark.parametrize("length", [159, 160, 161])
def test_a_refused_value_is_shown_up_to_160_characters(length: int) -> None:
    text = "A" * length
    shown = text if length <= 160 else text[:159] + "…"
    assert rendered(text) == shown
    assert rendered((text,)) == shown


def test_cyrillic_text_is_welcome() -> None:
    union = SampleUnion()
    union.do("BY", registration(name="Минская региональная таможня"))


def test_every_open_field_has_a_form() -> None:
    """A text, number, byte string or list without a form would be unbounded."""
    parts = (Content, Exemption, Goods, GuaranteeUse, Particular, Terms, ClaimOnGuarantee)
    for kind in (*RECORD_KINDS.values(), *parts, t.Discrepancy):
        for name, declared in get_type_hints(kind, include_extras=True).items():
            plain = get_type_hints(kind)[name]
            if get_origin(plain) is UnionType:
                (plain,) = (inner for inner in get_args(plain) if inner is not NoneType)
            bounded = plain is bool or (
                isinstance(plain, type)
                and (hasattr(plain, "__members__") or issubclass(plain, Part))
            )
            assert bounded or form_of(declared) is not None, f"{kind.__name__}.{name}"


def test_an_unlisted_office_function_does_not_decode() -> None:
    fields = fields_of(SAMPLE_ACTS[0].record)
    fields[5] = ["teleport"]
    assert refused(pack(fields)) == Rejected("REC-001", ())


def test_amounts_at_the_bounds_are_kept_exactly() -> None:
    union = SampleUnion().guaranteed(reference_amount=10**15)
    assert union.show(f"guarantee/{UNDERTAKING.grn}").covered == 10**15


def test_decoding_says_which_rule() -> None:
    with pytest.raises(contracts.RuleViolation) as caught:
        contracts.decode_record(b"\xc0")
    assert caught.value.rule is contracts.RULES["REC-001"]


def test_damaged_state_is_no_refusal() -> None:
    union = SampleUnion()
    union.state["participant/BY"] = b"\xc0"
    with pytest.raises(contracts.CorruptObjectError) as caught:
        union.apply("BY", reg.SuspendParticipant("TRADER", "Reason."))
    assert caught.value.key == "participant/BY"
    with pytest.raises(contracts.CorruptObjectError):
        contracts.decode_object("unheard/of", b"\xc0")


def test_changes_are_sorted_and_unique() -> None:
    union = SampleUnion().control_decided()
    outcome = union.apply("BY/DEP", RELEASE)
    assert isinstance(outcome, contracts.Accepted)
    keys = [key for key, _ in outcome.changes]
    grn = make_grn(2026, "BY", "1")
    assert keys == [
        f"guarantee/{grn}",
        f"movement/{RELEASE.mrn}",
        f"reservation/{grn}/{RELEASE.mrn}",
        *(key for key in keys if key.startswith("timer-")),
    ]
