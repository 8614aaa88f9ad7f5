"""`ledger-node audit`: a part of the log, or all of it, as one file; checked, compared, shown.

    export   from a node's API, from static tiles, or from a stopped node's directory
    verify   everything a bundle holds, with nothing but a policy
    diff     two bundles: one log, or a fork, and who signed both sides
    report   a bundle as pages to read

All but `export` read files and print: no node, no network, no database of a node.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from ledger_node.audit.bundle.concern import Subject
from ledger_node.audit.bundle.diff import OtherLog, Relation, compare
from ledger_node.audit.bundle.form import MAX_REFERENCE, Reads
from ledger_node.audit.bundle.refusal import BundleRefused
from ledger_node.audit.bundle.statement import (
    as_json,
    comparison_json,
    comparison_rows,
    refusal_json,
    refusal_rows,
    rows,
)
from ledger_node.audit.bundle.verify import verify_bundle
from ledger_node.audit.report.make import BundleChanged, make_report
from ledger_node.audit.report.pdf import PdfUnavailable, to_pdf
from ledger_node.cli.files import read_bounded, read_set, write_whole
from ledger_node.cli.outcome import ExitCode, local, refused, usage
from ledger_node.cli.screen import say, say_json, say_rows
from ledger_node.contract_sets.shelf import ContractSets
from ledger_node.log.policy import MAX_POLICY, Policy, PolicyError, parse_policy

_EPILOG: Final = """\
examples:
  ledger-node audit export --url https://node.am.example --out all.bundle
  ledger-node audit export --url … --from 2026-11-01 --to 2026-12-01 --out november.bundle
  ledger-node audit export --tiles /srv/log --movement 25GB000246TK0E6WJ1 --out one.bundle
  ledger-node audit verify --policy union.policy all.bundle
  ledger-node audit diff --policy union.policy from-am.bundle from-kz.bundle
  ledger-node audit report --policy union.policy all.bundle --out report.html

The policy is the only thing you trust: get it from the union's members, not from whoever gives you
the bundle. docs/audit-bundles.md says what is checked and how.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    steps = parser.add_subparsers(metavar="STEP", required=True)
    _configure_export(steps.add_parser("export", help="make a bundle", allow_abbrev=False))

    verify = steps.add_parser("verify", help="check a bundle", allow_abbrev=False)
    _add_policy(verify)
    verify.add_argument(
        "--without-execution",
        action="store_true",
        help="do not execute the contracts again; all else is checked",
    )
    _add_contracts(verify)
    verify.add_argument("--json", action="store_true", help="print JSON")
    verify.add_argument("bundle", type=Path, metavar="BUNDLE")
    verify.set_defaults(handler=verify_file)

    diff = steps.add_parser("diff", help="compare two bundles", allow_abbrev=False)
    _add_policy(diff)
    diff.add_argument("--json", action="store_true", help="print JSON, with the signatures")
    diff.add_argument("first", type=Path, metavar="BUNDLE")
    diff.add_argument("second", type=Path, metavar="BUNDLE")
    diff.set_defaults(handler=compare_files)

    report = steps.add_parser("report", help="a bundle as a page to read", allow_abbrev=False)
    _add_policy(report)
    report.add_argument(
        "--without-execution",
        action="store_true",
        help="do not execute the contracts again; the report says so",
    )
    _add_contracts(report)
    about = report.add_mutually_exclusive_group()
    for subject in Subject:
        about.add_argument(f"--{subject}", type=_reference, metavar="REF", help="its history")
    report.add_argument(
        "--out", required=True, type=Path, metavar="FILE", help=".html, .pdf, or a directory"
    )
    report.add_argument("bundle", type=Path, metavar="BUNDLE")
    report.set_defaults(handler=write_report)


def _configure_export(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--url", metavar="URL", help="of a node's API, or of a mirror of its tiles")
    source.add_argument("--tiles", type=Path, metavar="DIR", help="static tiles and checkpoint")
    source.add_argument("--data", type=Path, metavar="DIR", help="of a node that is not running")
    parser.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="a signed checkpoint, needed with --data"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FILE")
    chosen = parser.add_argument_group("what (default: everything)")
    chosen.add_argument("--blocks", metavar="FIRST-LAST", type=_range, help="blocks by height")
    chosen.add_argument("--from", dest="begin", type=_time, metavar="TIME", help="a period, UTC")
    chosen.add_argument("--to", dest="end", type=_time, metavar="TIME", help="its end, excluded")
    for subject in Subject:
        text = f"what concerns a {subject}"
        chosen.add_argument(f"--{subject}", type=_reference, metavar="REF", help=text)
    parser.set_defaults(handler=_export)


def _export(options: argparse.Namespace) -> ExitCode:
    # Loaded only here: it reads databases and URLs, which no other step has business with.
    exporting = import_module("ledger_node.cli.audit_export")
    code: ExitCode = exporting.export(options)
    return code


def verify_file(options: argparse.Namespace) -> ExitCode:
    """Check a bundle and say what it shows, or where it fails."""
    policy = read_policy(options.policy)
    contracts = _contracts(options)
    try:
        with opened(options.bundle, "verifying") as file:
            found = verify_bundle(file, policy, contracts)
    except BundleRefused as error:
        if options.json:
            say_json(refusal_json(error))
        else:
            say(f"{options.bundle}: NOT VERIFIED")
            say_rows(list(refusal_rows(error)))
        return ExitCode.REFUSED
    if options.json:
        say_json(as_json(found))
    else:
        say(f"{options.bundle}: VERIFIED")
        say_rows(list(rows(found, policy)))
    return ExitCode.OK


def compare_files(options: argparse.Namespace) -> ExitCode:
    """Say how two bundles stand to each other; a fork is answered with exit code 1."""
    policy = read_policy(options.policy)
    try:
        with (
            opened(options.first, "comparing") as first,
            options.second.open("rb") as second,
        ):
            found = compare(first, second, policy)
    except BundleRefused as error:
        raise refused("a bundle proves nothing", str(error)) from error
    except OtherLog as error:
        raise usage(str(error)) from error
    except FileNotFoundError as error:
        raise usage(f"{error.filename}: {error.strerror}") from error
    if options.json:
        say_json(comparison_json(found))
    else:
        say(f"{found.relation.name}: {found.relation.value}")
        say_rows(list(comparison_rows(found)))
        for culprit in found.culprits:
            say(f"{culprit.name}'s two signatures:")
            for line in culprit.lines:
                say(f"  {line.format().rstrip()}")
    one_log = found.relation in (Relation.SAME, Relation.PREFIX)
    return ExitCode.OK if one_log else ExitCode.REFUSED


def write_report(options: argparse.Namespace) -> ExitCode:
    """Verify a bundle and write what it holds as a page; nothing is written if it is refused."""
    policy = read_policy(options.policy)
    given = [(subject, getattr(options, subject)) for subject in Subject]
    subject = next(((kind, reference) for kind, reference in given if reference is not None), None)
    contracts = _contracts(options)
    try:
        page = make_report(lambda: opened(options.bundle, "reading"), policy, contracts, subject)
    except BundleRefused as error:
        raise refused("the bundle is not verified", *map(": ".join, refusal_rows(error))) from error
    except BundleChanged as error:
        raise usage(f"{options.bundle}: changed while it was read") from error
    out: Path = options.out / "report.html" if options.out.is_dir() else options.out
    try:
        write_whole(out, to_pdf(page) if out.suffix.lower() == ".pdf" else page.encode())
    except PdfUnavailable as error:
        raise local(f"no PDF can be made here: {error.reason}; an .html file can") from error
    say(f"wrote {out}")
    return ExitCode.OK


# ---------------------------------------------------------------- options and files


def _add_policy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--policy", required=True, type=Path, metavar="FILE", help="the union's trust policy"
    )


def _add_contracts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--contracts",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="a packed contract set that judged a part of the log, if this program has another",
    )


def _contracts(options: argparse.Namespace) -> ContractSets | None:
    """What records are executed again with; None to leave that out."""
    if options.without_execution:
        return None
    return ContractSets(given=[read_set("--contracts", path) for path in options.contracts])


def read_policy(path: Path) -> Policy:
    """The policy in a file; else the command ends."""
    try:
        return parse_policy(read_bounded(path, MAX_POLICY))
    except PolicyError as error:
        raise usage(f"--policy {path}: {error}") from error


@contextmanager
def opened(path: Path, doing: str) -> Iterator[Reads]:
    """A bundle, with a bar on a terminal that shows how far it was read."""
    try:
        file: BinaryIO = path.open("rb")
    except OSError as error:
        raise usage(f"{path}: {error.strerror}") from error
    with file, _bar() as bar:
        task = bar.add_task(doing, total=path.stat().st_size)
        yield _Watched(file, bar, task)


def _bar() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not sys.stderr.isatty(),
    )


@dataclass(frozen=True, slots=True)
class _Watched:
    """A file that tells the bar what was read."""

    file: BinaryIO
    bar: Progress
    task: TaskID

    def read(self, size: int, /) -> bytes:
        """See form.Reads."""
        data = self.file.read(size)
        self.bar.advance(self.task, len(data))
        return data


def _range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not first.isdecimal() or not last.isdecimal() or int(first) > int(last):
        raise argparse.ArgumentTypeError(f"{text!r} is not FIRST-LAST, two heights")
    return int(first), int(last)


def _time(text: str) -> int:
    """Milliseconds of a date or time, UTC unless it says otherwise."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time such as 2026-11-24 or 2026-11-24T21:30:00Z"
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def _reference(text: str) -> str:
    if not 0 < len(text) <= MAX_REFERENCE:
        raise argparse.ArgumentTypeError(f"a reference has 1 to {MAX_REFERENCE} characters")
    return text
