"""`ledger-node proof`: the proof file of a log entry, for anyone to verify offline."""

import argparse
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from ledger_node.cli.connection import ask, connection
from ledger_node.cli.connection_options import add_connection_options
from ledger_node.cli.files import write_whole
from ledger_node.cli.outcome import CommandError, ExitCode, refused, usage
from ledger_node.cli.own_policy import entry_proof
from ledger_node.cli.policy_file import add_policy_option, read_policy
from ledger_node.cli.screen import say
from ledger_node.client import LedgerClient

_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
_NAMED: Final = re.compile(r"([0-9a-f]{64})(?::([0-9]{1,3}))?", re.ASCII)

_EPILOG: Final = """\
ENTRY is the index of a log entry, or a submission's id for its own entry, which names the author,
or the id, a colon and the position of a record in it, from 0, for what became of that record.

examples:
  ledger-node proof 42 --out entry-42.tlog-proof --data am-node
  ledger-node proof 5f0c…e1:0 --out release.tlog-proof --data am-node
  ledger-node verify --policy union.policy release.tlog-proof
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.add_argument("entry", metavar="ENTRY", help="INDEX, SUBMISSION or SUBMISSION:N")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="file to make")
    add_policy_option(parser)
    add_connection_options(parser)
    parser.set_defaults(handler=proof)


def proof(options: argparse.Namespace) -> ExitCode:
    """Fetch the proof and write it, whole or not at all."""
    index_of = _index_question(options.entry)

    async def question(client: LedgerClient) -> bytes:
        return await client.proof(await index_of(client))

    out: Path = options.out
    if out.exists():
        raise usage(f"--out {out}: exists")
    node = connection(options)
    if options.policy is None:
        content = ask(node, question)
    else:
        policy = read_policy(options.policy)
        content = entry_proof(node.url, ask(node, index_of), policy)
    write_whole(out, content)
    say(f"wrote {out}; `ledger-node verify --policy FILE {out}` says what it proves")
    return ExitCode.OK


def _index_question(entry: str) -> Callable[[LedgerClient], Coroutine[Any, Any, int]]:
    if _INDEX.fullmatch(entry):
        index = int(entry)

        async def by_index(_: LedgerClient) -> int:
            return index

        return by_index
    named = _NAMED.fullmatch(entry.lower())
    if named is None:
        raise usage(f"ENTRY: {entry!r} is neither an index nor a submission's id")
    name, position = named.groups()

    async def by_name(client: LedgerClient) -> int:
        return await _index_of(client, name, position)

    return by_name


async def _index_of(client: LedgerClient, name: str, position: str | None) -> int:
    view = await client.submission(name)
    if view.log_index is None:
        raise CommandError(ExitCode.NO_NODE, f"submission {name} is not final yet")
    if position is None:
        return view.log_index
    if int(position) >= len(view.records):
        count = len(view.records)
        raise refused(f"submission {name} has {count} records; the last is {count - 1}")
    return view.records[int(position)].log_index
