"""`ledger-node restore`: a node's ledger from a backup, every byte of it verified.

Works on a data directory that `init` made and that holds no ledger. The ledger appears there only
when all of it was checked against the union's genesis; what stops the command leaves nothing.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from ledger_node.audit.display import moment
from ledger_node.cli.founding import read_founding
from ledger_node.cli.outcome import CommandError, ExitCode, local, usage
from ledger_node.cli.screen import say, say_rows
from ledger_node.genesis import VerifiedGenesis
from ledger_node.node.config import DataDirectory
from ledger_node.node.opening import contracts_of, executed_genesis
from ledger_node.node.seat import NodeError
from ledger_node.node.snapshot.backup import NothingToBackUp, restore
from ledger_node.node.snapshot.forms import SnapshotRefused
from ledger_node.node.snapshot.verify import VerifiedSnapshot
from ledger_node.storage.errors import StorageError
from ledger_node.storage.staging import take_place
from ledger_node.storage.wal import WriteAheadLog

_EPILOG: Final = """\
The genesis in the data directory is all that is trusted: a backup from anyone will do. The journal
of what this node has voted is not in it, and must come from the node's own last disk; if that is
lost, see --new-consensus-key and docs/operators/backup.md.

examples:
  ledger-node restore --data am-node /backups/am-2026-11-24.backup
  ledger-node restore --data am-node --check /backups/am-2026-11-24.backup
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "--data", required=True, type=Path, metavar="DIR", help="made by `ledger-node init`"
    )
    parser.add_argument(
        "--check", action="store_true", help="only verify the backup; changes nothing in DIR"
    )
    parser.add_argument(
        "--new-consensus-key",
        action="store_true",
        help="the consensus key in DIR has never voted: begin a new journal for it",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="made by `ledger-node backup`")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Restore, or check, and say what the backup holds."""
    os.umask(0o077)
    directory = DataDirectory(options.data)
    founding = read_founding(directory.genesis)
    if options.check:
        with tempfile.TemporaryDirectory(prefix="ledger-check-") as place:
            found = _restored(options.file, Path(place) / "ledger", directory, founding)
    else:
        if directory.ledger.exists():
            raise local(f"{directory.ledger}: holds a ledger already; move it away first")
        try:
            found = _restored(options.file, directory.incoming, directory, founding)
            # The journal first: a ledger without one does not start, and rightly so.
            if options.new_consensus_key:
                _begin_journal(directory.journal)
            take_place(directory.ledger, directory.incoming)
        finally:
            shutil.rmtree(directory.incoming, ignore_errors=True)
    header = found.manifest.block.header
    say(f"{options.file}: {'verified' if options.check else 'restored'}")
    say_rows(
        [
            ("block", f"{header.height}, {moment(header.time_ms)}, epoch {header.epoch}"),
            ("log", f"{found.frontier.size} entries"),
            ("log root", found.frontier.root().hex()),
            ("state root", found.manifest.state_root.hex()),
        ]
    )
    if not (options.check or directory.journal.exists()):
        say(f"{directory.journal} is missing: put it here before you run the node, or see")
        say("docs/operators/backup.md if it is lost")
    return ExitCode.OK


def _begin_journal(path: Path) -> None:
    if path.exists():
        raise local(f"{path}: exists: what it holds was voted by the key before; move it away")
    WriteAheadLog(path).close()


def _restored(
    file: Path, incoming: Path, directory: DataDirectory, founding: VerifiedGenesis
) -> VerifiedSnapshot:
    shutil.rmtree(incoming, ignore_errors=True)
    try:
        genesis = executed_genesis(founding, contracts_of(directory, founding))
        with file.open("rb") as data:
            return restore(data, incoming, founding, genesis, _tell)
    except OSError as error:
        raise usage(f"{file}: {error.strerror}") from error
    except SnapshotRefused as error:
        raise CommandError(ExitCode.REFUSED, f"{file}: {error}") from error
    except NothingToBackUp as error:
        raise usage(f"{file}: holds nothing beyond the genesis; start the node without") from error
    except (NodeError, StorageError) as error:
        raise local(str(error)) from error
    finally:
        _tell("", 0)


def _tell(what: str, count: int) -> None:
    """Progress, where a person watches."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{count} {what}" if what else "\r\x1b[K")
        sys.stderr.flush()
