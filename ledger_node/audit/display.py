"""How values of unknown origin are shown: bounded, and never as something a terminal would obey.

A refused record may hold any text its author liked, escape sequences and bidirectional overrides
included. All of it is evidence, none of it may act on the screen of the person who reads it.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

MAX_TEXT: Final = 400
"""Characters shown of one value; the JSON form has it whole."""

MAX_FIELDS: Final = 40
"""Fields shown of one record; a declaration has about twenty."""

_MAX_TIME_MS: Final = 253_402_300_799_999
"""The end of the year 9999, where calendars in software end."""


def printable(text: str) -> str:
    """`text` with everything invisible or active escaped: controls, overrides, surrogates."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def bounded(text: str, limit: int = MAX_TEXT) -> str:
    """`printable`, cut after `limit` characters."""
    if len(text) <= limit:
        return printable(text)
    return f"{printable(text[:limit])}… ({len(text)} characters)"


def moment(time_ms: int) -> str:
    """A time for people, "2026-11-24 21:03:23.512 UTC"; one no calendar has, as a number."""
    if not 0 <= time_ms <= _MAX_TIME_MS:
        return f"{time_ms} ms since 1970"
    seconds, milliseconds = divmod(time_ms, 1000)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"{text}.{milliseconds:03d} UTC" if milliseconds else f"{text} UTC"


def moment_s(time_s: int) -> str:
    """`moment` of a time in seconds."""
    return moment(time_s * 1000)


def field_lines(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(path, text) of every value of a JSON object, nested paths joined by dots; empty left out."""
    rows = list(_flattened(fields, ""))
    yield from rows[:MAX_FIELDS]
    if len(rows) > MAX_FIELDS:
        yield "…", f"and {len(rows) - MAX_FIELDS} more fields (--json shows all)"


def _flattened(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _flattened(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        for index, item in enumerate(value):
            yield from _flattened(item, f"{path}[{index}]")
    elif isinstance(value, list):
        if value:
            yield path, ", ".join(_scalar(path, item) for item in value)
    elif value is not None and value != "":
        yield path, _scalar(path, value)


def _scalar(path: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{moment(value)}" if path.endswith("_ms") else str(value)
    return bounded(str(value))
