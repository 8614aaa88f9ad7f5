"""What commands print: rows of label and text, tables, and JSON.

Lines fit the terminal, 100 columns at most; long hashes are never broken, so that they can be
copied. JSON is pure ASCII, so whatever a record holds, it cannot act on a terminal.
"""

import json
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import Any, Final

from ledger_node.audit.display import printable

MAX_WIDTH: Final = 100
MIN_WIDTH: Final = 50
LABEL_WIDTH: Final = 12
MAX_LABEL_WIDTH: Final = 30


def say(text: str = "") -> None:
    """A line on standard output; what a terminal would obey is escaped."""
    sys.stdout.write(f"{printable(text)}\n")


def say_wrapped(text: str) -> None:
    """A sentence on as many lines as it takes, the further ones indented."""
    wrapped = textwrap.wrap(
        text,
        width=width(),
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in wrapped or [""]:
        say(line)


def say_json(value: Any) -> None:
    """A JSON value on standard output, indented."""
    sys.stdout.write(f"{json.dumps(value, indent=2)}\n")


def say_rows(rows: Sequence[tuple[str, str]], indent: int = 2) -> None:
    """Rows of a label and a text that wraps beside it. An empty label continues the one above."""
    longest = max((len(label) for label, _ in rows), default=0)
    column = indent + max(LABEL_WIDTH, min(longest + 1, MAX_LABEL_WIDTH))
    for label, text in rows:
        lines = textwrap.wrap(
            text,
            width=width(),
            initial_indent=f"{' ' * indent}{label} ".ljust(column),
            subsequent_indent=" " * (column + (0 if label else 2)),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in lines or [f"{' ' * indent}{label}"]:
            say(line)


def say_table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Columns as wide as their longest cell, two spaces apart."""
    table = [header, *lines]
    widths = [max(len(line[column]) for line in table) for column in range(len(header))]
    for line in table:
        cells = (cell.ljust(size) for cell, size in zip(line, widths, strict=True))
        say("  ".join(cells).rstrip())


def width() -> int:
    """Columns to use."""
    return max(MIN_WIDTH, min(MAX_WIDTH, shutil.get_terminal_size((MAX_WIDTH, 24)).columns))
