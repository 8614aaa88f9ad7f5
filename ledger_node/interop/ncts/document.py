"""From bytes of unknown origin to a bounded XML tree that nothing outside of it can influence.

Refused before parsing: more than 1 MiB, text that is neither UTF-8 nor UTF-16 with its byte order
mark, another declared encoding, any DOCTYPE or ENTITY. Refused while parsing: depth, number of
elements, malformed XML. The parser never loads a DTD, resolves an entity or opens a connection.
Comments and processing instructions are dropped, so they can neither split a value nor carry
anything further.

Source: XML 1.0 (https://www.w3.org/TR/xml/); the attacks kept out are entity expansion ("billion
laughs"), external entities (XXE) and exhaustion by depth or size.
"""

import re
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from lxml import etree

from ledger_node.interop.ncts.element import line_of
from ledger_node.interop.refusal import (
    BOUNDED,
    ENCODING,
    NO_DTD,
    SIZE,
    WELL_FORMED,
    ImportRefused,
    refuse,
    shown,
)

MAX_BYTES = 1024 * 1024
"""Far above any declaration: the samples are under 6 KiB."""

MAX_DEPTH = 16
"""Elements inside each other. The deepest NCTS message type has 7."""

MAX_ELEMENTS = 50_000
"""A message full of the shortest elements has about 250,000, which would cost 100 MB to hold."""


@dataclass(frozen=True, slots=True)
class _Encoding:
    """mark: the byte order mark it begins with; declared: what <?xml may say it is."""

    name: str
    mark: bytes
    codec: str
    declared: tuple[str, ...]


_UTF_8 = _Encoding("UTF-8", b"", "utf-8", ("utf-8", "utf8", "us-ascii"))
_MARKED = (
    replace(_UTF_8, mark=b"\xef\xbb\xbf"),
    _Encoding("UTF-16", b"\xff\xfe", "utf-16-le", ("utf-16",)),
    _Encoding("UTF-16", b"\xfe\xff", "utf-16-be", ("utf-16",)),
)
_OTHER_UNITS = (b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"<\0", b"\0<", b"\0\0\0<")
"""How UTF-32 begins, and UTF-16 that lacks the mark which XML 1.0 §4.3.3 asks of it."""

_XML_DECLARATION = re.compile(r"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_MARKUP_DECLARATION = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_NEVER_CLOSED = re.compile(r"Premature end of data in tag (\S+) line (\d+)")
_TAGS_CROSS = re.compile(r"Opening and ending tag mismatch: (\S+) line (\d+) and ([^\s,]+)")


def parse(data: bytes) -> etree._Element:
    """The root element of the message. Raises ImportRefused with one problem."""
    text = _bounded_text(data)
    try:
        return _parse(text.encode())
    except etree.XMLSyntaxError as error:
        raise _not_well_formed(error) from error


def _bounded_text(data: bytes) -> str:
    if not data.strip():
        raise refuse(SIZE, "is empty")
    if len(data) > MAX_BYTES:
        raise refuse(SIZE, f"has {len(data)} bytes; at most {MAX_BYTES} are accepted")
    text, encoding = _decoded(data)
    declared = _XML_DECLARATION.match(text)
    if declared and declared[1].lower() not in encoding.declared:
        reason = f"declares the encoding {shown(declared[1])} and is read as {encoding.name}"
        raise refuse(ENCODING, f"{reason}; save it as UTF-8", line=1)
    # Outside the prolog these can only occur in comments and CDATA, where no message needs them.
    markup = _MARKUP_DECLARATION.search(text)
    if markup:
        line = text.count("\n", 0, markup.start()) + 1
        raise refuse(NO_DTD, f"contains <!{markup[1].upper()}, which is never accepted", line=line)
    return text


def _decoded(data: bytes) -> tuple[str, _Encoding]:
    """The text, and how it was read."""
    if data.startswith(_OTHER_UNITS):
        reason = "is neither UTF-8 nor UTF-16 with its byte order mark; save it as UTF-8"
        raise refuse(ENCODING, reason)
    encoding = next((each for each in _MARKED if data.startswith(each.mark)), _UTF_8)
    start = len(encoding.mark)
    try:
        return data[start:].decode(encoding.codec), encoding
    except UnicodeDecodeError as error:
        line = data.count(b"\n", start, start + error.start) + 1
        reason = f"is not {encoding.name}: byte {start + error.start} cannot be read"
        raise refuse(ENCODING, f"{reason}; save it as UTF-8", line=line) from error


def _parse(data: bytes) -> etree._Element:
    depth = elements = 0
    events = etree.iterparse(
        BytesIO(data),
        events=("start", "end"),
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    root: etree._Element | None = None
    for event, element in events:
        if event == "end":
            depth -= 1
            continue
        depth += 1
        elements += 1
        if root is None:
            root = element
        if depth > MAX_DEPTH:
            reason = f"has more than {MAX_DEPTH} elements inside each other"
            raise refuse(BOUNDED, reason, line=line_of(element))
        if elements > MAX_ELEMENTS:
            reason = f"has more than {MAX_ELEMENTS} elements"
            raise refuse(BOUNDED, reason, line=line_of(element))
    if root is None:
        raise refuse(WELL_FORMED, "has no element")
    return root


def _not_well_formed(error: etree.XMLSyntaxError) -> ImportRefused:
    """The parser's complaint in plain words; its own text only where it quotes no content."""
    text, line = error.msg or "", error.lineno or 0
    if never_closed := _NEVER_CLOSED.search(text):
        tag, opened = never_closed.groups()
        reason = f"ends too early: {shown(tag)}, opened in line {opened}, is never closed"
    elif tags_cross := _TAGS_CROSS.search(text):
        opening, opened, closing = tags_cross.groups()
        reason = (
            f"is not well-formed XML: {shown(opening)}, opened in line {opened}, "
            f"is closed by {shown(closing)}"
        )
    elif "XML declaration allowed only at the start" in text:
        reason = "has something before <?xml: the XML declaration must come first, or be left out"
    elif "Start tag expected" in text:
        reason = "is not XML: it does not begin with an element"
    elif "Extra content at the end" in text:
        reason = "is not well-formed XML: something follows the end of the root element"
    elif "Excessive depth" in text:
        return refuse(BOUNDED, f"has more than {MAX_DEPTH} elements inside each other", line=line)
    elif "EntityRef" in text:
        reason = "has an & that begins no entity; write &amp; for the character"
    elif undeclared := _undeclared_entity(error):
        reason = f"uses an entity that XML does not define: {shown(undeclared[0])}"
        line = undeclared[1]
    else:
        reason = f"is not well-formed XML in column {error.offset or 0}"
    return refuse(WELL_FORMED, reason, line=line)


def _undeclared_entity(error: etree.XMLSyntaxError) -> tuple[str, int] | None:
    """(name, line) when that was it: the parser says so only in its log."""
    log: Any = error.error_log  # iterable, which the type stubs do not say
    entries = list(log)
    if not entries or entries[-1].type_name != "ERR_UNDECLARED_ENTITY":
        return None
    last = entries[-1]
    named = re.search(r"'(.*)'", last.message)
    return (named[1] if named else ""), last.line
