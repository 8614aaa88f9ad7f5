"""Messages as other collections have them: every type, sparse and full, written in other ways."""

import pytest
from made_messages import made
from ncts_samples import DECLARATION, CountingSalts, changed, sample

from ledger_node.interop import refusal
from ledger_node.interop.ncts import kinds, schema
from ledger_node.interop.ncts.importer import ImportedMessage, import_message
from ledger_node.interop.ncts.reader import read
from ledger_node.interop.refusal import ImportRefused, Problem

KINDS = sorted(schema.message_kinds())
RECORDED = {
    "CC007C": "transit.notify-arrival",
    "CC013C": "transit.amend-registered",
    "CC014C": "transit.request-invalidation",
    "CC015C": "transit.lodge",
    "CC044C": "transit.unloading",
    "CC170C": "transit.present",
}


def imported(data: bytes) -> ImportedMessage:
    return import_message(data, salts=CountingSalts())


def refused(data: bytes) -> Problem:
    with pytest.raises(ImportRefused) as caught:
        imported(data)
    return caught.value.problems[0]


def test_every_message_type_has_a_title() -> None:
    assert set(kinds.TITLES) == set(KINDS)


@pytest.mark.parametrize("full", [False, True], ids=["sparse", "full"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_message_type_is_read_sparse_and_full(kind: str, full: bool) -> None:
    message = read(made(kind, full=full))
    assert message.kind == kind
    assert message.notices == ()
    assert len(list(message.root.leaves())) > 5


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in RECORDED])
def test_a_message_from_customs_is_reported_and_makes_no_record(kind: str) -> None:
    told = imported(made(kind, full=True))
    assert told.record is None
    assert told.particulars == ()
    assert told.summary[0] == f"{kind} ({kinds.title_of(kind)}) of phase NCTS5.1: read and valid"
    assert not any("token" in line for line in told.summary), "references, and nothing else"


@pytest.mark.parametrize("prefix", ["n1", "ns2", "ncts"])
@pytest.mark.parametrize("phase", ["NCTS5.0", "NCTS5.1", "NCTS6"])
def test_prefix_and_phase_are_as_the_sender_likes(prefix: str, phase: str) -> None:
    message = read(made("CC928C", full=True, prefix=prefix, phase=phase))
    assert message.phase == phase


def test_schema_locations_are_read_past() -> None:
    location = (
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="http://ncts.dgtaxud.ec cc015c.xsd" '
        'xsi:noNamespaceSchemaLocation="cc015c.xsd" '
    )
    assert read(changed("PhaseID=", f"{location}PhaseID=")).kind == "CC015C"


def test_comments_of_a_generator_are_read_past() -> None:
    data = b"<?xml version='1.0' encoding='UTF-8'?>\n<!--Sample XML-->\n" + sample(DECLARATION)
    assert imported(data).record == imported(sample(DECLARATION)).record


def test_a_default_namespace_that_takes_in_every_element_is_accepted_and_reported() -> None:
    text = sample(DECLARATION).decode().replace("ncts:CC015C", "CC015C")
    told = imported(text.replace("xmlns:ncts=", "xmlns=").encode())
    assert told.record == imported(sample(DECLARATION)).record
    assert "only the root should be" in told.notices[0].text


def test_a_namespace_on_some_elements_only_is_refused() -> None:
    text = sample(DECLARATION).decode().replace("<LRN>", "<ncts:LRN>")
    problem = refused(text.replace("</LRN>", "</ncts:LRN>").encode())
    assert problem.rule is refusal.SCHEMA
    assert "must not be in a namespace" in problem.reason


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("CC141C", "this message has no schema in phase 6"),
        ("CC140C", "this message has no schema in phase 6"),
        ("CC034C", "this message has no schema in phase 6"),
        ("CC015B", "of NCTS phase 4 or earlier"),
        ("CC007A", "of NCTS phase 4 or earlier"),
        ("CD003C", "from one customs office to another"),
        ("Envelope", "is not a message type known here"),
    ],
)
def test_a_type_without_a_schema_is_refused_and_the_reason_said(name: str, why: str) -> None:
    problem = refused(f'<a:{name} xmlns:a="http://ncts.dgtaxud.ec"/>'.encode())
    assert problem.rule is refusal.KIND
    assert why in problem.reason


def test_a_message_in_an_envelope_is_to_be_taken_out() -> None:
    whole = sample(DECLARATION).decode()
    problem = refused(f"<Envelope><Body>{whole}</Body></Envelope>".encode())
    assert problem.rule is refusal.KIND
    assert problem.reason.endswith("it holds a CC015C: give that alone, without what is around it")


def test_what_stands_before_the_xml_declaration_is_named() -> None:
    problem = refused(b'\n<?xml version="1.0" encoding="UTF-8"?>' + sample(DECLARATION))
    assert problem.rule is refusal.WELL_FORMED
    assert "the XML declaration must come first" in problem.reason


def test_a_generated_sample_full_of_placeholders_is_refused_by_element() -> None:
    """As schema tools make them: valid by the letter, with codes and references that are none."""
    data = made("CC015C", full=False)
    text = data.decode().replace("<declarationType>A", "<declarationType>gJ")
    with pytest.raises(ImportRefused) as caught:
        imported(text.encode())
    paths = {problem.path for problem in caught.value.problems}
    assert "CC015C/TransitOperation/declarationType" in paths
    assert all(problem.line for problem in caught.value.problems)


def test_the_same_type_named_inside_as_another_is_refused() -> None:
    text = made("CC170C", full=False).decode().replace(">CC170C<", ">CC055C<")
    assert "root element is CC170C" in refused(text.encode()).reason
