"""`ledger-node export-tiles`: the log as a directory of static files, brought up to date.

What is copied is checked on the way: the directory's files always make the root of its checkpoint,
and a source that contradicts what the directory holds is refused.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from ledger_node.audit.mirror import Mirrored, mirror
from ledger_node.audit.tile_directory import MirrorRefused, TileDirectory
from ledger_node.cli.connection import checked_url, url_in
from ledger_node.cli.founding import read_founding
from ledger_node.cli.outcome import CommandError, ExitCode, local, refused, usage
from ledger_node.cli.policy_file import read_policy
from ledger_node.cli.screen import say
from ledger_node.client.published_log import HttpLog
from ledger_node.log.checkpoint import parse_signed_checkpoint
from ledger_node.log.errors import LogError
from ledger_node.log.policy import Policy
from ledger_node.log.published import FileAbsent, LogUnreachable, PublishedLog
from ledger_node.log.verified import CheckpointRefused
from ledger_node.node.config import DataDirectory
from ledger_node.node.kept_checkpoint import StoredLog, read_kept
from ledger_node.storage.database import Database
from ledger_node.storage.errors import StorageError, StorageInUse

_EPILOG: Final = """\
DIR gets `checkpoint` and `tile/…` (c2sp.org/tlog-tiles), for any web server or object storage. Run
it again, as often as you like, and only what is new is copied; readers may go on reading meanwhile.
With --data the node may run or not: what is not served by it is read from its directory.

examples:
  ledger-node export-tiles /srv/log --data am-node
  ledger-node export-tiles /srv/mirror --node https://ledger.example.by --policy union.policy
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.add_argument("directory", type=Path, metavar="DIR", help="made if it is not there")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--node", metavar="URL", help="where the log is published")
    source.add_argument("--data", type=Path, metavar="DIR", help="data directory of a node")
    parser.add_argument(
        "--policy", type=Path, metavar="FILE", help="take only checkpoints that satisfy it"
    )
    parser.add_argument(
        "--prune",
        action="store_true",
        help="then remove partial tiles whose full form is there",
    )
    parser.set_defaults(handler=export_tiles)


def export_tiles(options: argparse.Namespace) -> ExitCode:
    """Copy what is new, and say how much that was."""
    policy = None if options.policy is None else read_policy(options.policy)
    target = TileDirectory(options.directory)
    if options.directory.exists() and not options.directory.is_dir():
        raise usage(f"{options.directory}: not a directory")
    done = _copied(options, target, policy)
    say(
        f"{target.where}: {done.after} entries, {done.after - done.before} of them new, "
        f"in {done.files} files"
    )
    if options.prune:
        say(f"removed {target.prune()} partial tiles and bundles")
    return ExitCode.OK


def _copied(options: argparse.Namespace, target: TileDirectory, policy: Policy | None) -> Mirrored:
    async def copied() -> Mirrored:
        async with _source(options) as source:
            return await mirror(source, target, policy, _progress)

    try:
        return asyncio.run(copied())
    except LogUnreachable as error:
        raise CommandError(ExitCode.NO_NODE, str(error)) from error
    except FileAbsent as error:
        raise CommandError(ExitCode.NO_NODE, f"{error}: nothing is published there yet") from error
    except (MirrorRefused, CheckpointRefused, LogError) as error:
        raise refused(f"nothing was published: {error}") from error
    except StorageError as error:
        raise local(str(error)) from error


@asynccontextmanager
async def _source(options: argparse.Namespace) -> AsyncIterator[PublishedLog]:
    if options.data is None:
        async with HttpLog(checked_url("--node", options.node)) as log:
            yield log
        return
    directory = DataDirectory(options.data)
    founding = read_founding(directory.genesis)
    try:
        database = Database.open(directory.ledger, founding.union)
    except StorageInUse:
        async with HttpLog(url_in(directory)) as log:
            yield log
        return
    try:
        size = parse_signed_checkpoint(read_kept(directory)).checkpoint.size
        yield StoredLog(directory, database, size)
    finally:
        database.close()


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r{done} of {total} entries{end}")
        sys.stderr.flush()
