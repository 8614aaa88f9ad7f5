"""Bytes meant to break the reader are refused, quickly, with a reason, and touch nothing else."""

import http.server
import threading
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ncts_samples import DECLARATION, CountingSalts, changed, sample

from ledger_node.interop import refusal
from ledger_node.interop.ncts import document
from ledger_node.interop.ncts.importer import import_message
from ledger_node.interop.ncts.reader import read
from ledger_node.interop.refusal import ImportRefused, ImportRule, Problem

BILLION_LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><l>&i;</l>"
).encode()


def refused(data: bytes) -> Problem:
    started = time.process_time()
    with pytest.raises(ImportRefused) as caught:
        read(data)
    assert time.process_time() - started < 5
    return caught.value.problems[0]


def body(inner: str) -> bytes:
    return changed("</LRN>", f"</LRN>{inner}")


@pytest.mark.parametrize(
    ("data", "rule", "reason"),
    [
        (b"", refusal.SIZE, "is empty"),
        (b" \n\t", refusal.SIZE, "is empty"),
        (b"<a>" + b" " * document.MAX_BYTES, refusal.SIZE, "at most 1048576"),
        (b"hello", refusal.WELL_FORMED, "does not begin with an element"),
        (b'{"CC015C": {}}', refusal.WELL_FORMED, "does not begin with an element"),
        (b"\x00\x01\x02\x03", refusal.WELL_FORMED, "does not begin with an element"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", refusal.ENCODING, "is not UTF-8"),
        (b"<a><b></a>", refusal.WELL_FORMED, "'b', opened in line 1, is closed by 'a'"),
        (b"<a/><b/>", refusal.WELL_FORMED, "follows the end"),
        (b"<a/>text", refusal.WELL_FORMED, "follows the end"),
        (b"<a>&</a>", refusal.WELL_FORMED, "write &amp;"),
        (b"<a>&secret;</a>", refusal.WELL_FORMED, "'secret'"),
        (b"<a>&#0;</a>", refusal.WELL_FORMED, "not well-formed"),
        (b"<a>\x07</a>", refusal.WELL_FORMED, "not well-formed"),
        (b"<!-- nothing -->", refusal.WELL_FORMED, ""),
        (b"<a/>", refusal.KIND, "root element 'a'"),
        (b"<CC999C xmlns='http://ncts.dgtaxud.ec'/>", refusal.KIND, "'CC999C'"),
        (b"<CC015C/>", refusal.KIND, "in no namespace"),
        (b"<CC015C xmlns='urn:other'/>", refusal.KIND, "'urn:other'"),
    ],
)
def test_what_is_no_message_is_refused(data: bytes, rule: ImportRule, reason: str):
    problem = refused(data)
    assert problem.rule is rule
    assert reason in problem.reason


@pytest.mark.parametrize("cut", [1, 20, 500, 2000, 4000, -2])
def test_a_truncated_message_is_refused(cut: int):
    problem = refused(sample(DECLARATION)[:cut])
    assert problem.rule is refusal.WELL_FORMED


def test_the_element_that_truncation_left_open_is_named():
    data = sample(DECLARATION)
    problem = refused(data[: data.index(b"</Guarantee>")])
    assert problem.reason == "ends too early: 'Guarantee', opened in line 29, is never closed"


def test_entity_expansion_is_refused_before_anything_is_expanded():
    problem = refused(BILLION_LAUGHS)
    assert problem.rule is refusal.NO_DTD
    assert "<!DOCTYPE" in problem.reason


@pytest.mark.parametrize("declaration", ["<!DOCTYPE a>", "<!doctype a>", "<!DOCTYPE a SYSTEM 'b'>"])
def test_any_doctype_is_refused(declaration: str):
    assert refused(declaration.encode() + sample(DECLARATION)).rule is refusal.NO_DTD


def test_an_external_entity_reads_no_file(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("TOP-SECRET")
    doctype = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    problem = refused(doctype.encode() + changed("<LRN>", "<LRN>&x;"))
    assert problem.rule is refusal.NO_DTD
    assert "TOP-SECRET" not in str(problem)


def test_a_schema_location_is_not_fetched():
    asked: list[str] = []

    class Ear(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    server = http.server.HTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        where = f"http://127.0.0.1:{server.server_port}/evil.xsd"
        location = (
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xsi:schemaLocation="http://ncts.dgtaxud.ec {where}"'
        )
        assert read(changed("PhaseID=", f"{location} PhaseID=")).kind == "CC015C"
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []


@pytest.mark.parametrize("depth", [20, 300, 100_000])
def test_deep_nesting_is_refused(depth: int):
    problem = refused(body("<a>" * depth + "</a>" * depth))
    assert problem.rule is refusal.BOUNDED
    assert problem.reason == "has more than 16 elements inside each other"


def test_a_flood_of_elements_is_refused():
    assert refused(body("<a/>" * 60_000)).rule is refusal.BOUNDED


def test_a_flood_of_problems_gives_a_short_refusal():
    with pytest.raises(ImportRefused) as caught:
        read(body("<a/>" * 40_000))
    assert len(str(caught.value)) < 5_000


@pytest.mark.parametrize("filling", ["A" * 900_000, " " * 900_000, "A " * 450_000, "é" * 400_000])
def test_an_endless_value_is_refused(filling: str):
    problem = refused(changed("<LRN>", f"<LRN>{filling}"))
    assert problem.path == "CC015C/TransitOperation/LRN"
    assert len(problem.reason) < 200


@pytest.mark.parametrize(
    "encoding", ["utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp037"]
)
def test_other_encodings_are_refused(encoding: str):
    problem = refused(sample(DECLARATION).decode().encode(encoding))
    assert problem.rule is refusal.ENCODING
    assert problem.reason.endswith("save it as UTF-8")


def test_half_a_character_of_utf_16_is_refused():
    data = sample(DECLARATION).decode().encode("utf-16")
    assert "is not UTF-16: byte" in refused(data[:-1]).reason


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "windows-1251", "UTF-7", "utf-16"])
def test_another_declared_encoding_is_refused(encoding: str):
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>'
    problem = refused(declaration.encode() + sample(DECLARATION))
    assert problem.rule is refusal.ENCODING
    assert encoding in problem.reason


def test_bytes_that_are_not_utf_8_are_named_by_line():
    data = changed("Plastic toys", "Käse").decode().encode("latin-1")
    problem = refused(data)
    assert problem.rule is refusal.ENCODING
    assert data.split(b"\n")[problem.line - 1].strip().startswith(b"<descriptionOfGoods>")


@pytest.mark.parametrize("head", [b"\xef\xbb\xbf", b'<?xml version="1.0" encoding="UTF-8"?>\n'])
def test_utf_8_is_accepted_with_and_without_byte_order_mark_and_declaration(head: bytes):
    assert read(head + sample(DECLARATION)).kind == "CC015C"


@pytest.mark.parametrize(
    ("mark", "codec"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")]
)
@pytest.mark.parametrize("head", ["", '<?xml version="1.0" encoding="UTF-16"?>\n'])
def test_utf_16_is_accepted_with_its_byte_order_mark(mark: bytes, codec: str, head: str):
    text = changed("Plastic toys", "Пластиковые игрушки").decode()
    found = read(mark + f"{head}{text}".encode(codec))
    assert list(found.root.leaves()) == list(read(text.encode()).root.leaves())


def test_utf_16_that_says_it_is_utf_8_is_refused():
    text = f'<?xml version="1.0" encoding="UTF-8"?>{sample(DECLARATION).decode()}'
    assert refused(text.encode("utf-16")).rule is refusal.ENCODING


def test_comments_and_instructions_neither_split_nor_carry_values():
    lrn = read(changed("<LRN>LRN", "<LRN>L<!-- AC99 -->R<?pi AC99?>N")).root
    assert lrn.value("TransitOperation/LRN") == "LRN2D91040CCDD069F"
    assert "AC99" not in repr(lrn)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=6)), min_size=1, max_size=4),
    st.integers(0, 8),
)
def test_a_message_with_any_bytes_changed_is_imported_or_refused(changes, cut):
    data = bytearray(sample(DECLARATION))
    for at, replacement in changes:
        data[at : at + cut] = replacement
    with suppress(ImportRefused):
        import_message(bytes(data), salts=CountingSalts())
