"""`ledger-node submit`: records as JSON, signed here, judged by the union."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from contracts import Record, RecordFormError, record_from_json
from ledger_node.cli.connection import ask, connection
from ledger_node.cli.files import read_bounded
from ledger_node.cli.outcome import ExitCode, usage
from ledger_node.cli.submitting import add_submitting_options, submit, tell, unlock_author
from ledger_node.ledger.submission import MAX_RECORDS

MAX_JSON: Final = 8 * 1024 * 1024
"""Bytes: 256 records as JSON with their bytes in hex, with room for indentation."""

_EPILOG: Final = """\
The file holds one record, or a list of up to 256 that are signed, ordered and judged one after the
other. A record is an object with its kind and fields, as docs/rulebook.md lists them:

  {"kind": "transit.discharge", "mrn": "25GB000246TK0E6WJ1"}

Exit code 0: every record was accepted. 1: at least one was refused; the rule is printed.

example:
  ledger-node submit discharge.json --key am051001.key --data am-node
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.add_argument("file", metavar="FILE", help="JSON file, or - for standard input")
    add_submitting_options(parser)
    parser.set_defaults(handler=submit_file)


def submit_file(options: argparse.Namespace) -> ExitCode:
    """Read, sign, send, wait, tell."""
    records = read_records(options.file)
    node = connection(options)
    author = unlock_author(options)
    view = ask(node, lambda client: submit(client, options, author, records))
    return tell(view, records, as_json=options.json)


def read_records(name: str) -> list[Record]:
    """The records in a JSON file; every problem of every record is reported at once."""
    value = _json_in(name)
    items = value if isinstance(value, list) else [value]
    if not 1 <= len(items) <= MAX_RECORDS:
        raise usage(f"{name}: {len(items)} records; a submission holds 1 to {MAX_RECORDS}")
    records: list[Record] = []
    problems: list[str] = []
    for position, item in enumerate(items):
        try:
            records.append(record_from_json(item))
        except RecordFormError as error:
            problems += [
                f"record {position} {p.path}: {p.reason} ({p.rule})" for p in error.problems
            ]
    if problems:
        raise usage(f"{name}: {problems[0]}", *problems[1:])
    return records


def _json_in(name: str) -> Any:
    if name == "-":
        content = sys.stdin.buffer.read(MAX_JSON + 1)
    else:
        content = read_bounded(Path(name), MAX_JSON)
    if len(content) > MAX_JSON:
        raise usage(f"{name}: more than {MAX_JSON} bytes")
    try:
        return json.loads(content.decode("utf-8"), object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise usage(f"{name}: not JSON: {error}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A field given twice is refused: which of the two was meant is not for us to guess."""
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"field {twice!r} is given twice")
    return dict(pairs)
