"""The command line: files in, words out. Reads nothing but the files it is given."""

import argparse
import json
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ctl_verify.bundle import verify_bundle
from ctl_verify.bundle_file import MAGIC
from ctl_verify.conflict import MAX_CONFLICT, is_conflict, verify_conflict
from ctl_verify.epochs import MAX_HISTORY, read_history
from ctl_verify.examine import MAX_FILE, authors_of, examine_under
from ctl_verify.policy import MAX_POLICY, Policy, parse_policy
from ctl_verify.refusal import Malformed, Refused
from ctl_verify.union import MAX_GENESIS, Union, read_genesis
from ctl_verify.words import Finding, Row, headline, printable, rows, together

PROVEN, NOT_PROVEN, USAGE = 0, 1, 2

READ: Final = "the file can be read"

_EPILOG: Final = """\
The policy, or the genesis, is the only thing you trust: get it from the union's members, not from
whoever gives you the proofs. A proof holds under the policy of its epoch; with --genesis and
--history, that one is found.

FILE is a proof of an entry (.tlog-proof), a state proof (.state-proof), its short form (.ctlproof)
or the text of QR codes, a checkpoint, evidence of a fork or, with --genesis, of conflicting
finality, or an audit bundle. Of a bundle it checks inclusion, completeness, order, signatures and
certificates; executing the rules again takes `ledger-node audit verify`, and the answer says so.

Exit code 0: every file proves what is printed. 1: at least one proves nothing. 2: the policy, the
genesis or the command line cannot be used.

examples:
  python3 ctl-verify.pyz --policy union.policy release.tlog-proof free.state-proof
  python3 ctl-verify.pyz --genesis genesis.json --history union.history old.tlog-proof
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Examine the files; the exit code."""
    options = _parser().parse_args(arguments)
    try:
        trusted = _trusted(options)
    except (Malformed, Refused) as error:
        sys.stderr.write(f"error: {printable(str(error))}\n")
        return USAGE
    read = [(path, *_examine(path, trusted)) for path in options.files]
    findings = [finding for _, finding, _ in read]
    authors = authors_of(findings)
    told = [(path, each, rows(each, policy, authors)) for path, each, policy in read]
    proven = sum(not isinstance(each, Refused) for each in findings)
    if options.json:
        _say_json(told, together(findings), proven)
    else:
        _say(told, together(findings), proven)
    return PROVEN if proven == len(findings) else NOT_PROVEN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ctl-verify",
        description="What proof files of a Customs Trust Ledger prove, checked on this machine "
        "alone: no network, no node, nothing but Python's standard library.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--policy", type=Path, metavar="FILE", help="the union's trust policy")
    given.add_argument(
        "--genesis",
        type=Path,
        metavar="FILE",
        help="instead of a policy: the genesis that every founder signed",
    )
    parser.add_argument(
        "--history",
        type=Path,
        metavar="FILE",
        help="with --genesis: the union's policy history, for proofs of later epochs",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a file to check")
    return parser


@dataclass(frozen=True)
class _Trusted:
    """policies: that a file may satisfy, the newest first; union: of the genesis, if given."""

    policies: list[Policy]
    union: Union | None


def _trusted(options: argparse.Namespace) -> _Trusted:
    if options.policy is not None:
        if options.history is not None:
            raise Malformed("--history goes with --genesis, not with --policy")
        return _Trusted([parse_policy(_read(options.policy, MAX_POLICY))], None)
    union = read_genesis(_read(options.genesis, MAX_GENESIS))
    rosters = [union.founding]
    if options.history is not None:
        rosters = read_history(_read(options.history, MAX_HISTORY), union)
    return _Trusted([union.policy(roster) for roster in reversed(rosters)], union)


def _read(path: Path, limit: int) -> bytes:
    """The file, or a byte more than `limit` of it: enough to be refused for its length."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise Malformed(f"{path}: {error.strerror}") from error


def _examine(path: Path, trusted: _Trusted) -> tuple[Finding, Policy]:
    policies = trusted.policies
    try:
        data = _read(path, MAX_FILE)
        if is_conflict(data):
            evidence = _read(path, MAX_CONFLICT)
            return verify_conflict(evidence, trusted.union), policies[0]
        if not data.startswith(MAGIC):
            return examine_under(data, policies)
        with path.open("rb") as file:
            return verify_bundle(file, policies, trusted.union, _tell), policies[0]
    except Malformed as error:
        return Refused(READ, str(error)), policies[0]
    except Refused as refused:
        return refused, policies[0]


def _tell(done: int, of: int) -> None:
    """How far a bundle has been read, to people who watch."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done:,} of {of:,} entries" + ("\n" if done == of else ""))


def _say(told: list[tuple[Path, Finding, list[Row]]], said: list[str], proven: int) -> None:
    for path, finding, lines in told:
        sys.stdout.write(printable(f"{path}: {headline(finding)}") + "\n")
        for line in _laid_out(lines):
            sys.stdout.write(f"{line}\n")
        sys.stdout.write("\n")
    for text in said:
        sys.stdout.write(printable(text) + "\n")
    missing = len(told) - proven
    also = f", {missing} NOT PROVEN" if missing else ""
    sys.stdout.write(f"{proven} of {len(told)} proven{also}\n")


def _laid_out(lines: list[Row]) -> list[str]:
    """Labels in a column, texts wrapped beside them; long hashes are never broken."""
    width = max(50, min(100, shutil.get_terminal_size((100, 24)).columns))
    found: list[str] = []
    for label, text in lines:
        found += textwrap.wrap(
            printable(text),
            width=width,
            initial_indent=f"  {label} ".ljust(14),
            subsequent_indent=" " * (14 if label else 16),
            break_long_words=False,
            break_on_hyphens=False,
        )
    return found


def _say_json(told: list[tuple[Path, Finding, list[Row]]], said: list[str], proven: int) -> None:
    files = [
        {
            "file": str(path),
            "proven": not isinstance(finding, Refused),
            "headline": headline(finding),
            "rows": [list(row) for row in lines],
            **(
                {"step": finding.step, "reason": finding.reason}
                if isinstance(finding, Refused)
                else {}
            ),
        }
        for path, finding, lines in told
    ]
    counts = {"proven": proven, "not_proven": len(told) - proven}
    sys.stdout.write(json.dumps({"files": files, "together": said, **counts}, indent=2) + "\n")
