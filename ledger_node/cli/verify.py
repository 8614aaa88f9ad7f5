"""`ledger-node verify`: what files of every kind prove, with nothing but a policy or a genesis at
hand.

Reads files and prints; no node, no network. Of an audit bundle, and of nothing else, state is kept
in a temporary database while its records are executed. The logic is in `ledger_node.audit`.
"""

import argparse
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from ledger_node.audit.explain import as_json, headline, rows, together
from ledger_node.audit.report.pdf import PdfUnavailable, to_pdf
from ledger_node.audit.report.statement import Content, ExaminedFile, statement
from ledger_node.audit.verify import NotProven, authors_of, examine_under
from ledger_node.cli.files import read_bounded, write_whole
from ledger_node.cli.outcome import CommandError, ExitCode, local, usage
from ledger_node.cli.screen import say, say_json, say_rows
from ledger_node.cli.trust import add_trust_options, trusted
from ledger_node.ledger.state_proof import MAX_STATE_PROOF
from ledger_node.log.fork import MAX_EVIDENCE
from ledger_node.log.policy import Policy

STEP_READ: Final = "the file can be read"

_WHOLE: Final = (b"ctl/audit-bundle/v2\n", b"customs-trust-ledger/conflicting-finality@v1\n")
"""How the files open that are more than one proof (`audit.whole_files`)."""

_EPILOG: Final = """\
The policy is the only thing you trust: get it from the union's members, not from whoever gives you
the proofs. Exit code 0: every file proves what is printed. 1: at least one proves nothing.
A proof holds under the policy of its epoch. With --genesis and --history, that one is found.

FILE is a proof of an entry (.tlog-proof), a state proof (.state-proof), its short form (.ctlproof)
or the text of QR codes, a checkpoint, evidence of a fork or, with --genesis, of conflicting
finality, or an audit bundle. For bundles `ledger-node audit verify` has options, for instance to
execute no contracts that one carries.

examples:
  ledger-node verify --policy union.policy proofs/*.tlog-proof
  ledger-node verify --genesis genesis.json --history union.history old.tlog-proof
  ledger-node verify --policy union.policy --statement release.pdf release.tlog-proof
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    add_trust_options(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--statement",
        type=Path,
        metavar="FILE",
        help="also write it as a page to sign, .pdf or .html: files, findings, policy",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a file to check")
    parser.set_defaults(handler=verify)


def verify(options: argparse.Namespace) -> ExitCode:
    """Examine every file, say what each proves, and count."""
    out: Path | None = options.statement
    if out is not None and (out.suffix not in (".pdf", ".html") or out.exists()):
        raise usage(f"--statement {out}: exists, or ends in neither .pdf nor .html")
    policies = trusted(options)
    examined = [_examine_file(path, options, policies) for path in options.files]
    proven = sum(not isinstance(each.finding, NotProven) for each in examined)
    if options.json:
        _say_json(examined, proven)
    else:
        _say(examined, proven)
    if out is not None:
        _write_statement(out, examined)
    return ExitCode.OK if proven == len(examined) else ExitCode.REFUSED


def _say(examined: Sequence[ExaminedFile], proven: int) -> None:
    authors = authors_of(each.finding for each in examined)
    for each in examined:
        say(f"{each.name}: {headline(each.finding)}")
        say_rows(rows(each.finding, each.policy, authors))
        say()
    for text in together(each.finding for each in examined):
        say(text)
    say(_count(proven, len(examined)))


def _say_json(examined: Sequence[ExaminedFile], proven: int) -> None:
    authors = authors_of(each.finding for each in examined)
    files = [{"file": each.name, **as_json(each.finding, authors)} for each in examined]
    counts = {"proven": proven, "not_proven": len(examined) - proven}
    said = together(each.finding for each in examined)
    say_json({"files": files, "together": said, **counts})


def _write_statement(out: Path, examined: Sequence[ExaminedFile]) -> None:
    # Only a statement needs these: importlib.metadata imports sockets.
    metadata = import_module("importlib.metadata")
    program = f"ledger-node {metadata.version('customs-trust-ledger')}"
    page = statement(examined, program, time.time_ns() // 1_000_000)
    try:
        write_whole(out, to_pdf(page) if out.suffix == ".pdf" else page.encode())
    except PdfUnavailable as error:
        raise local(f"no PDF can be made here: {error.reason}; an .html file can") from error


def _count(proven: int, total: int) -> str:
    if proven == total:
        return f"{total} of {total} proven"
    return f"{proven} of {total} proven, {total - proven} NOT PROVEN"


def _examine_file(
    path: Path, options: argparse.Namespace, policies: Sequence[Policy]
) -> ExaminedFile:
    try:
        data = read_bounded(path, max(MAX_STATE_PROOF, MAX_EVIDENCE))
        if data.startswith(_WHOLE):
            whole = import_module("ledger_node.cli.verify_whole")
            found: ExaminedFile = whole.examine_whole(path, data, options, policies[0])
            return found
    except CommandError as error:
        return ExaminedFile(str(path), None, NotProven(STEP_READ, error.message), policies[0])
    return ExaminedFile(str(path), Content.of(data), *examine_under(data, policies))
