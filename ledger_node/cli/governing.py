"""Putting a change to the vote and voting on it: the same for members, keys and contracts."""

import argparse
import time
from typing import Final

from contracts import Record
from contracts.governance.records import CastVote
from ledger_node.cli.connection import ask, connection
from ledger_node.cli.outcome import ExitCode
from ledger_node.cli.screen import say
from ledger_node.cli.submitting import add_submitting_options, submit, tell, unlock_author

HOUR_MS: Final = 60 * 60 * 1000


def add_proposing_options(parser: argparse.ArgumentParser) -> None:
    """Why, until when, and who signs."""
    parser.add_argument("--grounds", required=True, help="why, for everyone to read")
    parser.add_argument(
        "--hours", type=int, default=72, metavar="N", help="how long to vote (default 72)"
    )
    add_submitting_options(parser)


def closing_time(options: argparse.Namespace) -> int:
    """When the vote is to end, by the clock of this machine."""
    return time.time_ns() // 1_000_000 + int(options.hours) * HOUR_MS


def propose(options: argparse.Namespace, record: Record) -> ExitCode:
    """Put a change to the vote, and say under which number."""
    code = submit_alone(options, record)
    if code is ExitCode.OK and not options.json and not options.no_wait:
        charter = ask(connection(options), lambda client: client.object("charter/union")).value
        say(f"it is proposal {charter['proposals']}")
    return code


def configure_vote(parser: argparse.ArgumentParser) -> None:
    """The options of a member's vote."""
    parser.add_argument("proposal", type=int, metavar="NUMBER")
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--yes", action="store_true")
    choice.add_argument("--no", action="store_true")
    add_submitting_options(parser)
    parser.set_defaults(handler=cast_vote)


def cast_vote(options: argparse.Namespace) -> ExitCode:
    """A member's vote."""
    return submit_alone(options, CastVote(options.proposal, bool(options.yes)))


def submit_alone(options: argparse.Namespace, record: Record) -> ExitCode:
    """Sign one record, hand it in, and tell what became of it."""
    author = unlock_author(options)
    view = ask(connection(options), lambda client: submit(client, options, author, [record]))
    return tell(view, [record], as_json=options.json)
