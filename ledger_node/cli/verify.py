"""`ledger-node verify`: what proof files prove, with nothing but a policy or a genesis at hand.

Reads files and prints; no node, no network, no database. The logic is in `ledger_node.audit`.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ledger_node.audit.explain import as_json, headline, rows, together
from ledger_node.audit.verify import Finding, NotProven, authors_of, examine_under
from ledger_node.cli.files import read_bounded
from ledger_node.cli.outcome import CommandError, ExitCode
from ledger_node.cli.screen import say, say_json, say_rows
from ledger_node.cli.trust import add_trust_options, trusted
from ledger_node.ledger.state_proof import MAX_STATE_PROOF
from ledger_node.log.fork import MAX_EVIDENCE
from ledger_node.log.policy import Policy

STEP_READ: Final = "the file can be read"

_EPILOG: Final = """\
The policy is the only thing you trust: get it from the union's members, not from whoever gives you
the proofs. Exit code 0: every file proves what is printed. 1: at least one proves nothing.
A proof holds under the policy of its epoch. With --genesis and --history, that one is found.

examples:
  ledger-node verify --policy union.policy proofs/*.tlog-proof
  ledger-node verify --genesis genesis.json --history union.history old.tlog-proof
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    add_trust_options(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a proof file")
    parser.set_defaults(handler=verify)


def verify(options: argparse.Namespace) -> ExitCode:
    """Examine every file, say what each proves, and count."""
    policies = trusted(options)
    findings = [(path, *_examine_file(path, policies)) for path in options.files]
    authors = authors_of(finding for _, finding, _ in findings)
    said = together(finding for _, finding, _ in findings)
    proven = sum(not isinstance(finding, NotProven) for _, finding, _ in findings)
    if options.json:
        files = [{"file": str(path), **as_json(finding, authors)} for path, finding, _ in findings]
        counts = {"proven": proven, "not_proven": len(files) - proven}
        say_json({"files": files, "together": said, **counts})
    else:
        for path, finding, policy in findings:
            say(f"{path}: {headline(finding)}")
            say_rows(rows(finding, policy, authors))
            say()
        for text in said:
            say(text)
        say(_count(proven, len(findings)))
    return ExitCode.OK if proven == len(findings) else ExitCode.REFUSED


def _count(proven: int, total: int) -> str:
    if proven == total:
        return f"{total} of {total} proven"
    return f"{proven} of {total} proven, {total - proven} NOT PROVEN"


def _examine_file(path: Path, policies: Sequence[Policy]) -> tuple[Finding, Policy]:
    try:
        data = read_bounded(path, max(MAX_STATE_PROOF, MAX_EVIDENCE))
    except CommandError as error:
        return NotProven(STEP_READ, error.message), policies[0]
    return examine_under(data, policies)
