"""`ledger-node backup`: the whole ledger of a running node in one file.

The node goes on meanwhile; the file holds the ledger at one final block. It gets its name only when
it is complete. What it holds is public to the union's members; `ledger-node restore` trusts nothing
in it.
"""

import argparse
import os
from pathlib import Path
from typing import Final

from ledger_node.cli.connection import ask, connection
from ledger_node.cli.connection_options import add_connection_options
from ledger_node.cli.outcome import ExitCode, local
from ledger_node.cli.screen import say
from ledger_node.client import LedgerClient
from ledger_node.node.snapshot.backup import ends_whole

_EPILOG: Final = """\
The ledger is not all there is of a node: docs/operators/backup.md says what else to keep, and how.

example:
  ledger-node backup --data am-node --out /backups/am-$(date +%F).backup
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="must not exist")
    add_connection_options(parser)
    parser.set_defaults(handler=backup)


def backup(options: argparse.Namespace) -> ExitCode:
    """Fetch the backup into the file, whole or not at all."""
    out: Path = options.out
    if out.exists():
        raise local(f"{out}: exists already")
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        with partial.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)

            async def fetch(client: LedgerClient) -> int:
                return await client.backup(file)

            size = ask(connection(options), fetch)
            file.flush()
            os.fsync(file.fileno())
        if not ends_whole(partial):
            raise local("the node broke off: the backup is not complete")
        partial.rename(out)
    finally:
        partial.unlink(missing_ok=True)
    say(f"{out}: {size} bytes, the whole ledger")
    say("`ledger-node restore --check` verifies it")
    return ExitCode.OK
