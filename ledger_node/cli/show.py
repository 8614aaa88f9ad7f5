"""`ledger-node show`: an object of the ledger as it is final now, and what changed it."""

import argparse
from typing import Any, Final

import msgspec

from ledger_node.audit.display import field_lines, moment
from ledger_node.cli.connection import ask, connection
from ledger_node.cli.connection_options import add_connection_options
from ledger_node.cli.outcome import ExitCode, refused, usage
from ledger_node.cli.screen import say, say_json, say_rows, say_table
from ledger_node.client import ChangeView, LedgerClient, ObjectView

MAX_LISTED: Final = 1000
"""Keys or changes printed at once; more are for programs, through the API."""

_EPILOG: Final = """\
A key is a kind and a reference, e.g. movement/25GB000246TK0E6WJ1, guarantee/20GB0000010000GX1,
participant/AM; docs/rulebook.md lists the kinds. A key that ends in / lists all of that kind.

example:
  ledger-node show movement/25GB000246TK0E6WJ1 --history --data am-node
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.add_argument("key", metavar="KEY")
    parser.add_argument("--history", action="store_true", help="what changed it, in order")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_connection_options(parser)
    parser.set_defaults(handler=show)


def show(options: argparse.Namespace) -> ExitCode:
    """One object, its history, or the keys of a kind."""
    key: str = options.key
    if not key.isascii() or not key.isprintable() or "/" not in key or " " in key:
        raise usage(f"KEY: {key!r} is not a kind, a slash and a reference")
    node = connection(options)
    if key.endswith("/"):
        if options.history:
            raise usage("--history: of one object, not of a kind")
        return _tell_listing(ask(node, lambda client: _listing(client, key)), key, options.json)
    found = ask(node, lambda client: client.object(key))
    changes = ask(node, lambda client: _changes(client, key)) if options.history else None
    if options.json:
        document: dict[str, Any] = msgspec.to_builtins(found)
        if changes is not None:
            document["history"] = msgspec.to_builtins(changes)
        say_json(document)
        return ExitCode.OK
    say(found.key)
    say_rows(list(field_lines(found.value)))
    say(f"as of {found.log_size} log entries")
    if changes is not None:
        _tell_changes(changes)
    return ExitCode.OK


async def _listing(client: LedgerClient, prefix: str) -> list[ObjectView]:
    found = []
    async for each in client.objects(prefix):
        found.append(each)
        if len(found) > MAX_LISTED:
            break
    return found


async def _changes(client: LedgerClient, key: str) -> list[ChangeView]:
    found = []
    async for each in client.history(key):
        found.append(each)
        if len(found) > MAX_LISTED:
            break
    return found


def _tell_listing(objects: list[ObjectView], prefix: str, as_json: bool) -> ExitCode:
    if not objects:
        raise refused(f"no object's key starts with {prefix}")
    if as_json:
        say_json(msgspec.to_builtins(objects[:MAX_LISTED]))
        return ExitCode.OK
    for each in objects[:MAX_LISTED]:
        say(each.key)
    if len(objects) > MAX_LISTED:
        say(f"… and more than these {MAX_LISTED}")
    return ExitCode.OK


def _tell_changes(changes: list[ChangeView]) -> None:
    say()
    say_table(
        ("entry", "time", "record", "by"),
        [
            (str(each.log_index), moment(each.time_ms), each.kind, each.author or "")
            for each in changes[:MAX_LISTED]
        ],
    )
    if len(changes) > MAX_LISTED:
        say(f"… and more than these {MAX_LISTED}")
