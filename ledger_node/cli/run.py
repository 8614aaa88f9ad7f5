"""`ledger-node run`: a node, until it is told to stop.

One line on standard output when it serves, `ready: api http://…`; events as JSON lines on standard
error. SIGTERM or Ctrl-C end it cleanly, with exit code 0. What keeps it from starting is one line.
"""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ledger_node.api.server import ApiServer
from ledger_node.api.tokens import TokenError, read_token
from ledger_node.cli.founding import read_founding
from ledger_node.cli.json_logs import LEVELS, log_to_stderr
from ledger_node.cli.keys import ONLINE_PURPOSES, add_passphrase_option, key_path
from ledger_node.cli.outcome import CommandError, ExitCode, local
from ledger_node.crypto.criterion import CriterionError
from ledger_node.crypto.keyfiles import read_key_file
from ledger_node.crypto.passphrase import obtain
from ledger_node.genesis import VerifiedGenesis
from ledger_node.ledger.execution import ContractSetMissing
from ledger_node.node.config import DataDirectory, Settings, SettingsError, read_settings
from ledger_node.node.epochs import KeyMissing, KeyRing
from ledger_node.node.node import Node
from ledger_node.node.seat import NodeError
from ledger_node.storage.errors import StorageError

log = logging.getLogger("ledger_node.run")

_EXPECTED: Final = (OSError, StorageError, NodeError, KeyMissing, ContractSetMissing)
"""What stops a running node and is no defect of it."""

SWITCH_INTERVAL_S: Final = 0.0005
COLLECT_AFTER: Final = (10_000, 20, 50)
"""Objects of each generation of the collector, Python's own being 700, 10 and 10."""

_EPILOG: Final = """\
Runs in the foreground: let systemd, a container or a terminal keep it. It is ready when it prints
`ready: api http://…`. Stop it with SIGTERM or Ctrl-C. Killing it is safe too: what it acknowledged
is on disk.

example:
  ledger-node run --data am-node --passphrase-file /run/secrets/am-passphrase
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "--data", required=True, type=Path, metavar="DIR", help="made by `ledger-node init`"
    )
    add_passphrase_option(parser)
    parser.add_argument(
        "--log-level", choices=LEVELS, default="info", help="least to be logged (default info)"
    )
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Open the directory, run the node, and say in one line what went wrong if it did."""
    log_to_stderr(options.log_level)
    # The database and the particulars are nobody else's to read.
    os.umask(0o077)
    directory = DataDirectory(options.data)
    try:
        settings = read_settings(directory)
        founding = read_founding(directory.genesis)
        token = read_token(directory.api_token)
        ring = _keys(directory, settings.member, obtain(options.passphrase_file))
        for warning in founding.warnings:
            log.warning(warning)
        set_up_interpreter()
        asyncio.run(_serve(directory, settings, founding, ring, token))
    except (
        SettingsError,
        TokenError,
        NodeError,
        KeyMissing,
        StorageError,
        CriterionError,
    ) as error:
        raise local(str(error)) from error
    except BaseExceptionGroup as group:
        raise _failure(group) from group
    return ExitCode.OK


def set_up_interpreter() -> None:
    """What a process that runs a node asks of Python (docs/performance.md has the figures).

    A thread that computes gives way to the event loop ten times sooner than by default: votes wait
    for no one's execution. Garbage is looked for less often: nearly all that a node makes is freed
    by its reference counts, and what lives long, the state tree and the mempool, is large.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.set_threshold(*COLLECT_AFTER)


async def _serve(
    directory: DataDirectory,
    settings: Settings,
    founding: VerifiedGenesis,
    ring: KeyRing,
    token: str,
) -> None:
    node = Node(directory, settings, founding, ring)
    api = ApiServer(node, token)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, node.stop)

    async def serve() -> None:
        await api.start()
        gc.freeze()  # modules, keys and the like stay for good: no collection looks at them again
        log.info("serving", extra={"api": api.url})
        sys.stdout.write(f"ready: api {api.url}\n")
        sys.stdout.flush()

    await node.run(serve, api.close)


def _keys(directory: DataDirectory, member: str, passphrase: bytes) -> KeyRing:
    """The keys in use, and those that are there for a rotation."""
    paths = [(key_path(directory.keys, purpose), purpose) for purpose in ONLINE_PURPOSES]
    following = [(key_path(directory.next_keys, purpose), purpose) for purpose in ONLINE_PURPOSES]
    paths += [(path, purpose) for path, purpose in following if path.exists()]
    return KeyRing(
        tuple(
            read_key_file(path, passphrase, purpose=purpose, owner=member).signer
            for path, purpose in paths
        )
    )


def _failure(group: BaseExceptionGroup[BaseException]) -> CommandError:
    """A running node's failure: the first cause that says something, the rest in the log."""
    causes = list(_leaves(group))
    expected = [c for c in causes if isinstance(c, _EXPECTED)]
    if not expected:
        log.critical("the node failed", exc_info=group)
        return local(f"the node failed and stopped: {type(causes[0]).__name__}: {causes[0]}")
    cause = expected[0]
    if isinstance(cause, OSError) and cause.strerror:
        place = f"{cause.filename}: " if cause.filename else ""
        return local(f"{place}{cause.strerror}")
    return local(str(cause))


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error
