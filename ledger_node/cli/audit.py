"""`ledger-node audit`: a part of the log, or all of it, as one file; checked, compared, shown.

    export    from a node, from static tiles, or from a stopped node's directory
    verify    everything a bundle holds, with nothing but a policy or the genesis
    diff      two bundles: one log, or a fork, and who signed both sides
    conflict  evidence that two histories were made final, as diff writes it
    report    a bundle as pages to read

All but `export` read files and print: no node, no network, no database of a node.
"""

import argparse
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Final

from ledger_node.audit.bundle.concern import Subject
from ledger_node.audit.bundle.selection import MAX_REFERENCE
from ledger_node.cli.audit_files import check_conflict, compare_files, verify_file, write_report
from ledger_node.cli.connection_options import add_connection_options
from ledger_node.cli.outcome import ExitCode

_EPILOG: Final = """\
examples:
  ledger-node audit export --data am-node --out all.bundle
  ledger-node audit export --url https://ledger.am.example --movement 25GB000246TK0E6WJ1 \\
      --out one.bundle
  ledger-node audit export --tiles /srv/log --history union.history --from 2026-11-01 \\
      --to 2026-12-01 --with-state --out november.bundle
  ledger-node audit verify --genesis genesis.json all.bundle
  ledger-node audit diff --policy union.policy from-am.bundle from-kz.bundle
  ledger-node audit report --policy union.policy all.bundle --out report.html

The policy or the genesis is the only thing you trust: get it from the union's members, not from
whoever gives you the bundle. docs/audit-bundles.md says what is checked and how.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    steps = parser.add_subparsers(metavar="STEP", required=True)
    _configure_export(steps.add_parser("export", help="make a bundle", allow_abbrev=False))

    verify = steps.add_parser("verify", help="check a bundle", allow_abbrev=False)
    _add_anchor(verify)
    _add_execution(verify)
    verify.add_argument("--json", action="store_true", help="print JSON")
    verify.add_argument("bundle", type=Path, metavar="BUNDLE")
    verify.set_defaults(handler=verify_file)

    diff = steps.add_parser("diff", help="compare two bundles", allow_abbrev=False)
    _add_anchor(diff)
    diff.add_argument("--json", action="store_true", help="print JSON, with the signatures")
    diff.add_argument(
        "--evidence",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="where evidence of a fork is written (default: here)",
    )
    diff.add_argument("first", type=Path, metavar="BUNDLE")
    diff.add_argument("second", type=Path, metavar="BUNDLE")
    diff.set_defaults(handler=compare_files)

    conflict = steps.add_parser(
        "conflict", help="check evidence that two histories were made final", allow_abbrev=False
    )
    conflict.add_argument(
        "--genesis", required=True, type=Path, metavar="FILE", help="the signed genesis file"
    )
    conflict.add_argument("--json", action="store_true", help="print JSON")
    conflict.add_argument("file", type=Path, metavar="FILE")
    conflict.set_defaults(handler=check_conflict)

    report = steps.add_parser("report", help="a bundle as a page to read", allow_abbrev=False)
    _add_anchor(report)
    _add_execution(report)
    about = report.add_mutually_exclusive_group()
    for subject in Subject:
        about.add_argument(f"--{subject}", type=_reference, metavar="REF", help="its history")
    report.add_argument(
        "--out", required=True, type=Path, metavar="FILE", help=".html, .pdf, or a directory"
    )
    report.add_argument("bundle", type=Path, metavar="BUNDLE")
    report.set_defaults(handler=write_report)


def _configure_export(parser: argparse.ArgumentParser) -> None:
    add_connection_options(parser)
    public = parser.add_argument_group("or which published log")
    public.add_argument("--url", metavar="URL", help="of a mirror of its tiles, or a node's API")
    public.add_argument("--tiles", type=Path, metavar="DIR", help="static tiles and checkpoint")
    parser.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help="with --data of a node that is stopped: instead of the one it published last",
    )
    parser.add_argument(
        "--history",
        type=Path,
        metavar="FILE",
        help="with --url or --tiles: how epochs ended, from `ledger-node epoch history`",
    )
    parser.add_argument(
        "--contracts",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="a packed contract set that judged a part of the log (may be given more than once)",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FILE")
    chosen = parser.add_argument_group("what (default: everything)")
    chosen.add_argument("--blocks", metavar="FIRST-LAST", type=_range, help="blocks by height")
    chosen.add_argument("--from", dest="begin", type=_time, metavar="TIME", help="a period, UTC")
    chosen.add_argument("--to", dest="end", type=_time, metavar="TIME", help="its end, excluded")
    for subject in Subject:
        text = f"what concerns a {subject}"
        chosen.add_argument(f"--{subject}", type=_reference, metavar="REF", help=text)
    parser.add_argument(
        "--with-state",
        action="store_true",
        help="with the state before blocks or a period, so that they can be executed; of a "
        "subject, with proofs that its object did not change where blocks are left out. Executes "
        "the log up to there, with --contracts and those of this program or of --data",
    )
    parser.set_defaults(handler=_export)


def _export(options: argparse.Namespace) -> ExitCode:
    # Loaded only here: it reads databases and URLs, which no other step has business with.
    exporting = import_module("ledger_node.cli.audit_export")
    code: ExitCode = exporting.export(options)
    return code


def _add_anchor(parser: argparse.ArgumentParser) -> None:
    trusted = parser.add_mutually_exclusive_group(required=True)
    trusted.add_argument("--policy", type=Path, metavar="FILE", help="the union's trust policy")
    trusted.add_argument(
        "--genesis",
        type=Path,
        metavar="FILE",
        help="instead: the signed genesis file, from which the bundle proves each epoch's policy",
    )


def _add_execution(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--without-execution",
        action="store_true",
        help="do not execute the contracts again; all else is checked",
    )
    parser.add_argument(
        "--contracts",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="a packed contract set that judged a part of the log, if this program has another",
    )
    parser.add_argument(
        "--no-carried-contracts",
        action="store_true",
        help="execute no contracts from the bundle, although the union voted for them",
    )


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
