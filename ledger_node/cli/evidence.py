"""`ledger-node evidence`: members that contradicted themselves, and putting it on record.

Each piece is two votes of one view, signed by one member, that no correct member signs both. The
node has checked the signatures; `--report` puts what the ledger does not have yet on it, where it
is grounds for a vote to suspend the member. Should the chain have forked, both certificates are
shown, and the exit code is 5 (docs/operators/fork.md).
"""

import argparse
from typing import Final

import msgspec

from contracts.governance.objects import EQUIVOCATION, equivocation_reference
from contracts.governance.records import ReportEquivocation
from ledger_node.api.forms import EvidencePage, EvidenceView, ForkView
from ledger_node.cli.connection import ask, connection
from ledger_node.cli.outcome import ExitCode, usage
from ledger_node.cli.screen import say, say_json, say_rows
from ledger_node.cli.submitting import add_submitting_options, submit, tell, unlock_author
from ledger_node.client import ApiProblem, LedgerClient

_EPILOG: Final = """\
example:
  ledger-node evidence --data am-node
  ledger-node evidence --report --key am-keys/registrar.key --data am-node
"""

MAX_REPORTED: Final = 64
"""Pieces put on record at a time."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "--report", action="store_true", help="put what is not on the ledger yet on it; needs --key"
    )
    add_submitting_options(parser, key_required=False)
    parser.set_defaults(handler=evidence)


def evidence(options: argparse.Namespace) -> ExitCode:
    """List what the node keeps; with --report, put it on record."""
    node = connection(options)
    page = ask(node, lambda client: client.evidence())
    found = page.evidence
    if options.report:
        if options.key is None:
            raise usage("--report: --key names who signs, a registrar or an auditor")
        return _report(options, found)
    if options.json:
        say_json(msgspec.to_builtins(page))
        return _exit_code(page)
    if page.fork is not None:
        _tell_fork(page.fork)
    if not found:
        say("no member has contradicted itself, as far as this node was shown")
    for each in found:
        say(f"{each.member}, epoch {each.epoch}, view {each.view}: signed both")
        say_rows([("first", each.said[0]), ("second", each.said[1])])
    return _exit_code(page)


def _exit_code(page: EvidencePage) -> ExitCode:
    return ExitCode.OK if page.fork is None else ExitCode.FORK


def _tell_fork(fork: ForkView) -> None:
    say("FORK: two quorums made two histories final, so this node votes no more")
    for whose, certificate in (("ours", fork.ours), ("theirs", fork.theirs)):
        if certificate is None:
            say(f"{whose}: what ended the epoch before")
            continue
        say(f"{whose}: epoch {certificate.epoch}, view {certificate.view}")
        say_rows(
            [
                ("block", certificate.block),
                ("outcome", certificate.outcome),
                ("signed by", " ".join(code or "?" for code in certificate.signers)),
                ("certificate", certificate.certificate),
            ]
        )


def _report(options: argparse.Namespace, found: tuple[EvidenceView, ...]) -> ExitCode:
    node = connection(options)

    async def missing(client: LedgerClient) -> list[EvidenceView]:
        return [each for each in found if not await _on_record(client, each)]

    fresh = ask(node, missing)[:MAX_REPORTED]
    if not fresh:
        say("the ledger has all that this node keeps")
        return ExitCode.OK
    records = [
        ReportEquivocation(
            each.member,
            each.epoch,
            each.view,
            bytes.fromhex(each.first),
            bytes.fromhex(each.second),
        )
        for each in fresh
    ]
    author = unlock_author(options)
    view = ask(node, lambda client: submit(client, options, author, records))
    return tell(view, records, as_json=options.json)


async def _on_record(client: LedgerClient, each: EvidenceView) -> bool:
    key = EQUIVOCATION.key(equivocation_reference(each.member, each.epoch, each.view))
    try:
        await client.object(key)
    except ApiProblem as problem:
        if problem.status != 404:
            raise
        return False
    return True
