"""Messages about a declaration become the records of the same acts, or say what forbids it."""

import pytest
from made_messages import made
from msgspec.structs import replace
from ncts_samples import CountingSalts, changed, manifest, sample

from contracts.transit import records as t
from ledger_node.interop import refusal
from ledger_node.interop.ncts.acts import MAX_DISCREPANCIES
from ledger_node.interop.ncts.importer import ImportedMessage, import_message
from ledger_node.interop.refusal import ImportRefused, Problem
from ledger_node.interop.translation import Translation

AMENDMENT = "DNGB10-cc013c.xml"
AMENDED_BEFORE = "PSGB3-cc013c.xml"
WITHDRAWAL = "PNGB4-cc014c.xml"
INVALIDATION = "DNGB4-cc014c.xml"
PRESENTATION = "PNGB1-cc170c.xml"
ARRIVAL = "ANGB1-cc007c.xml"
REMARKS = "ASGB1-cc044c.xml"
BROKEN_SEALS = "ASGB3-cc044c.xml"
NOT_CONFORM = "ASGB5-cc044c.xml"


def imported(data: bytes, **options: Translation) -> ImportedMessage:
    return import_message(data, salts=CountingSalts(), **options)


def refused(data: bytes) -> Problem:
    with pytest.raises(ImportRefused) as caught:
        imported(data)
    return caught.value.problems[0]


MADE = [s for s in manifest() if s.valid or s.kind == "CC007C"]


@pytest.mark.parametrize("message", MADE, ids=lambda each: each.file)
def test_every_valid_message_of_a_trader_makes_a_record(message) -> None:
    told = imported(message.xml)
    assert told.record is not None
    assert f"makes the record {told.record.kind()}, signed by {told.by}" in told.summary


def test_an_amendment_after_registration_names_the_mrn() -> None:
    told = imported(sample(AMENDMENT))
    assert isinstance(told.record, t.AmendRegistered)
    assert ("MRN", told.record.mrn) in told.references
    assert len(told.record.content.particulars) == len(told.particulars) > 0


def test_an_amendment_before_registration_names_the_lrn() -> None:
    told = imported(sample(AMENDED_BEFORE))
    assert isinstance(told.record, t.Amend)
    assert ("LRN", told.record.lrn) in told.references


def test_an_amendment_declares_as_a_declaration_does() -> None:
    amended = imported(sample(AMENDED_BEFORE)).record
    text = sample(AMENDED_BEFORE).decode().replace("CC013C", "CC015C")
    text = text.replace("<amendmentTypeFlag>0</amendmentTypeFlag>", "")
    lodged = imported(text.encode()).record
    assert isinstance(amended, t.Amend)
    assert isinstance(lodged, t.Lodge)
    assert amended.lrn == lodged.lrn
    assert replace(amended.content, particulars=()) == replace(lodged.content, particulars=())
    groups = [[each.group for each in record.content.particulars] for record in (amended, lodged)]
    assert groups[0] == groups[1]


def test_problems_of_an_amendment_are_named_as_its_own() -> None:
    problem = refused(changed("0000058<", "0000059<", AMENDMENT))
    assert problem.path.startswith("CC013C/Guarantee")


@pytest.mark.parametrize("file", [AMENDMENT, INVALIDATION])
def test_a_message_that_names_lrn_and_mrn_is_refused(file: str) -> None:
    text = sample(file).decode().replace("<MRN>", "<LRN>L1</LRN><MRN>")
    problem = refused(text.encode())
    assert problem.rule is refusal.ONE_NAME
    assert problem.reason.startswith("has both LRN and MRN")


@pytest.mark.parametrize("file", [AMENDED_BEFORE, WITHDRAWAL])
def test_a_message_that_names_neither_is_refused(file: str) -> None:
    text = sample(file).decode()
    begin, end = text.index("<LRN>"), text.index("</LRN>") + len("</LRN>")
    problem = refused((text[:begin] + text[end:]).encode())
    assert problem.rule in (refusal.ONE_NAME, refusal.SCHEMA)


@pytest.mark.parametrize("file", [AMENDMENT, INVALIDATION, ARRIVAL, REMARKS])
def test_an_mrn_with_a_wrong_check_digit_is_refused_by_element(file: str) -> None:
    text = sample(file).decode()
    end = text.index("</MRN>")
    wrong = str((int(text[end - 1]) + 1) % 10)
    problem = refused((text[: end - 1] + wrong + text[end:]).encode())
    assert problem.rule is refusal.REFERENCE
    assert problem.path.endswith("TransitOperation/MRN")
    assert problem.line > 0


def test_an_invalidation_of_a_declaration_that_is_not_registered_withdraws_it() -> None:
    told = imported(sample(WITHDRAWAL))
    assert told.record == t.Withdraw("TRATESTGB302307051130", "Container broken")
    assert told.by == "the declarant"


def test_an_invalidation_of_a_registered_declaration_is_a_request() -> None:
    record = imported(sample(INVALIDATION)).record
    assert isinstance(record, t.RequestInvalidation)
    assert record.reason


def test_an_invalidation_without_a_reason_says_which_message_asked() -> None:
    text = (
        sample(WITHDRAWAL).decode().replace("<justification>Container broken</justification>", "")
    )
    told = imported(text.encode())
    assert told.record == t.Withdraw("TRATESTGB302307051130", "NCTS message MSG3B332444507E")
    assert told.notices[-1].path == "CC014C/Invalidation/justification"


def test_a_presentation_makes_its_record_and_keeps_the_rest() -> None:
    told = imported(sample(PRESENTATION))
    assert isinstance(told.record, t.Present)
    assert told.notices[-1].path == "CC170C/Consignment"
    assert "stays with you" in told.notices[-1].text


def test_an_arrival_is_notified_at_the_office_as_translated() -> None:
    office = imported(sample(ARRIVAL)).record
    assert isinstance(office, t.NotifyArrival)
    translation = Translation.from_json(
        f'{{"offices": {{"destination": {{"{office.office}": "KZ398001"}}}}}}'.encode()
    )
    told = imported(sample(ARRIVAL), translation=translation)
    assert told.record == t.NotifyArrival(office.mrn, "KZ398001")
    assert [str(each) for each in told.replacements] == [
        f"office of destination {office.office} → KZ398001"
    ]


INCIDENT = (
    "<Incident><sequenceNumber>{}</sequenceNumber><code>3</code>"
    "<text>Axle broken.</text></Incident>"
)


def with_incidents(count: int, phase: str = "NCTS5.1") -> bytes:
    incidents = "".join(INCIDENT.format(number) for number in range(1, count + 1))
    text = sample(ARRIVAL).decode().replace("</Consignment>", f"{incidents}</Consignment>")
    if phase != "NCTS5.1":
        begin, end = text.index("<incidentFlag>"), text.index("</incidentFlag>") + 15
        text = text[:begin] + text[end:]
    return text.replace("NCTS5.1", phase).encode()


@pytest.mark.parametrize("count", [1, 9])
def test_incidents_that_an_arrival_of_phase_5_tells_are_to_be_reported_each(count: int) -> None:
    told = imported(with_incidents(count))
    (notice,) = [each for each in told.notices if each.path == "CC007C/Consignment/Incident"]
    assert f"{count} of them, each is to be reported as a record of its own" in notice.text
    assert told.record == imported(sample(ARRIVAL)).record


@pytest.mark.parametrize(("count", "phase"), [(10, "NCTS5.1"), (1, "NCTS6")])
def test_more_incidents_or_those_of_phase_6_are_refused(count: int, phase: str) -> None:
    problem = refused(with_incidents(count, phase))
    assert problem.rule is refusal.SCHEMA
    assert problem.path.startswith("CC007C/Consignment/Incident")


def test_conform_remarks_make_a_conform_unloading() -> None:
    record = imported(sample(REMARKS)).record
    assert isinstance(record, t.RecordUnloading)
    assert (record.conform, record.seals_intact, record.discrepancies) == (True, True, ())


def test_broken_seals_are_told() -> None:
    record = imported(sample(BROKEN_SEALS)).record
    assert isinstance(record, t.RecordUnloading)
    assert (record.conform, record.seals_intact) == (True, False)


def test_remarks_that_differ_name_the_fields_and_not_what_they_say() -> None:
    told = imported(sample(NOT_CONFORM))
    assert isinstance(told.record, t.RecordUnloading)
    assert not told.record.conform
    assert len(told.record.discrepancies) > 0
    assert all(each.found.startswith("differs, see NCTS") for each in told.record.discrepancies)


def test_remarks_that_differ_in_more_fields_than_fit_say_so() -> None:
    text = made("CC044C", full=True).decode().replace("<conform>1", "<conform>0")
    told = imported(text.encode())
    assert isinstance(told.record, t.RecordUnloading)
    assert len(told.record.discrepancies) == MAX_DISCREPANCIES
    assert f"the record names the first {MAX_DISCREPANCIES}" in told.notices[-1].text


def test_remarks_that_say_nothing_of_seals_take_them_to_be_intact_and_say_so() -> None:
    text = sample(REMARKS).decode().replace("<stateOfSeals>1</stateOfSeals>", "")
    told = imported(text.encode())
    assert isinstance(told.record, t.RecordUnloading)
    assert told.record.seals_intact
    assert told.notices[-1].path == "CC044C/UnloadingRemark/stateOfSeals"
