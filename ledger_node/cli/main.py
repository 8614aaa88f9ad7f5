"""The entry point: `ledger-node COMMAND …`.

Every error a person can cause ends here as one line, `error: …`, and an exit code; what is left is
a defect of this program and keeps its traceback.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, Protocol, cast

from ledger_node.audit.display import printable
from ledger_node.cli.outcome import CommandError, ExitCode
from ledger_node.cli.screen import say
from ledger_node.crypto.keyfiles import KeyFileError
from ledger_node.crypto.passphrase import PassphraseError


class CommandModule(Protocol):
    """What a command's module offers."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options and set `handler`, a function from the options to an exit code."""


@dataclass(frozen=True, slots=True)
class Command:
    """One word after `ledger-node`."""

    name: str
    summary: str
    module: str


COMMANDS: Final = (
    Command("keys", "make key files, show their public half", "keys"),
    Command("genesis", "found a union: cards, draft, signatures, trust policy", "genesis"),
    Command("init", "make a node's data directory", "init"),
    Command("run", "run a node", "run"),
    Command("backup", "the whole ledger of a running node in one file", "backup"),
    Command("restore", "a node's ledger from a backup, verified", "restore"),
    Command("status", "how a node is doing", "status"),
    Command("evidence", "members that contradicted themselves, and their proof", "evidence"),
    Command("epoch", "change members, keys or parameters by vote", "epoch"),
    Command("contracts", "change the rules by vote: pack, check, install, propose", "contracts"),
    Command("submit", "sign records, send them and wait until they are final", "submit"),
    Command("import", "lodge a declaration from an NCTS message", "import_declaration"),
    Command("show", "an object of the ledger, and its history", "show"),
    Command("guarantees", "what a guarantor or holder has open, and the proofs", "guarantees"),
    Command("proof", "get the proof file of a log entry", "proof"),
    Command(
        "state-proof", "prove what the state holds under a key, or does not hold", "state_proof"
    ),
    Command("certificate", "one page with a QR code that proves what it says", "certificate"),
    Command("export-tiles", "publish the log as static files, incrementally", "export_tiles"),
    Command("monitor", "follow a log from outside; tell of forks, stalls, changes", "monitor"),
    Command("rules", "the rules that records are judged by", "rules"),
    Command("policy", "make a stricter trust policy of the union's", "policy"),
    Command("verify", "check proof files offline, without any node", "verify"),
    Command("verifier", "a program and a page that check proofs anywhere, to hand on", "verifier"),
    Command("audit", "bundles of the log: export, verify, compare, report", "audit"),
)

_EPILOG: Final = """\
exit codes:
    0  done, or the answer is yes
    1  the answer is no: a record rejected, a submission refused, a proof that proves nothing
    2  the command line, or a file given on it, is not what it must be
    3  the node cannot be reached, or cannot answer now
    4  something on this machine stands in the way: key file, passphrase, directory, port
    5  members signed two histories: the evidence was written
  130  ended by Ctrl-C

`ledger-node COMMAND --help` tells more of each command.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (by default the process's own); the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    _escape_what_the_terminal_lacks()
    try:
        options = _parser(given[0] if given else "").parse_args(given)
        return int(options.handler(options))
    except CommandError as error:
        return _fail(error.code, error.message, error.details)
    except (KeyFileError, PassphraseError) as error:
        return _fail(ExitCode.LOCAL, str(error))
    except BrokenPipeError:
        # The reader of our output went away, e.g. `| head`: nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _fail(ExitCode.LOCAL, f"{place}{error.strerror or error}")
    except KeyboardInterrupt:
        return _fail(ExitCode.INTERRUPTED, "interrupted")


def _escape_what_the_terminal_lacks() -> None:
    """Names and rules come in any script: a terminal in another encoding gets escapes for them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _parser(chosen: str) -> argparse.ArgumentParser:
    """The parser of every command's name, with the options of the chosen one."""
    parser = argparse.ArgumentParser(
        prog="ledger-node",
        description="A member state's node of a customs union's shared ledger.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version and end")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        each = commands.add_parser(
            command.name,
            help=command.summary,
            description=command.summary[0].upper() + command.summary[1:] + ".",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if command.name == chosen:
            module = import_module(f"ledger_node.cli.{command.module}")
            cast("CommandModule", module).configure(each)
    return parser


class _ShowVersion(argparse.Action):
    """Reads the version only when asked: importlib.metadata takes its time and imports sockets."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print it and end."""
        metadata = import_module("importlib.metadata")
        say(f"ledger-node {metadata.version('customs-trust-ledger')}")
        parser.exit()


def _fail(code: ExitCode, message: str, details: Sequence[str] = ()) -> int:
    sys.stdout.flush()
    sys.stderr.write(f"error: {printable(message)}\n")
    for line in details:
        sys.stderr.write(f"  {printable(line)}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
