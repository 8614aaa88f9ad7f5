"""Signing records on this machine, handing them to a node, and telling what became of them."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from contracts import Record
from ledger_node.audit.display import moment
from ledger_node.cli.connection_options import add_connection_options
from ledger_node.cli.keys import add_passphrase_option
from ledger_node.cli.outcome import CommandError, ExitCode, refused, usage
from ledger_node.cli.screen import say, say_json, say_rows
from ledger_node.client import LedgerClient, NotFinal, Participant, RecordView, SubmissionView
from ledger_node.crypto.keyfiles import KeyPurpose, read_key_file
from ledger_node.crypto.passphrase import obtain
from ledger_node.crypto.signatures import Signer
from ledger_node.ledger.refusal import SubmissionRefused

SIGNING_PURPOSES: Final = (KeyPurpose.PARTICIPANT, KeyPurpose.REGISTRAR)
DEFAULT_TIMEOUT_S: Final = 60.0
MAX_TIMEOUT_S: Final = 24 * 60 * 60.0
"""A submission may live no longer (SUB-010)."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who signs: a participant id and an unlocked key."""

    id: str
    signer: Signer


def add_submitting_options(parser: argparse.ArgumentParser, *, key_required: bool = True) -> None:
    """Who signs, which node, how long to wait."""
    signing = parser.add_argument_group("who signs")
    signing.add_argument("--key", required=key_required, type=Path, metavar="FILE", help="key file")
    signing.add_argument(
        "--author", metavar="ID", help="participant id, if it is not the key file's owner"
    )
    add_passphrase_option(parser)
    add_connection_options(parser)
    parser.add_argument(
        "--union", metavar="HEX", help="refuse to sign for another union than this one"
    )
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=DEFAULT_TIMEOUT_S,
        metavar="S",
        help="seconds to wait; what is not final by then expires (default 60)",
    )
    parser.add_argument("--no-wait", action="store_true", help="do not wait until it is final")
    parser.add_argument("--json", action="store_true", help="print JSON")


def unlock_author(options: argparse.Namespace) -> Author:
    """The key that the options name, and the participant it speaks for."""
    key = read_key_file(options.key, obtain(options.passphrase_file))
    if key.purpose not in SIGNING_PURPOSES:
        raise usage(f"--key {options.key}: a {key.purpose} key signs no records")
    return Author(options.author or key.owner, key.signer)


async def submit(
    client: LedgerClient, options: argparse.Namespace, author: Author, records: Sequence[Record]
) -> SubmissionView:
    """Sign the records as one submission, hand it in, and wait as the options say."""
    union = (await client.status()).union
    if options.union is not None and options.union.lower() != union:
        raise refused(f"--union: the node serves {union}; nothing was signed")
    participant = Participant(client, bytes.fromhex(union), author.id, author.signer)
    try:
        submission = participant.sign(*records, lifetime_s=options.timeout)
    except SubmissionRefused as error:
        raise usage(str(error)) from error
    if options.no_wait:
        return await client.submit(submission)
    try:
        return await client.settle(submission, options.timeout)
    except NotFinal as error:
        detail = f"it may still become final until it expires; ask for {error.id}"
        raise CommandError(ExitCode.NO_NODE, str(error), (detail,)) from error


def tell(view: SubmissionView, records: Sequence[Record], *, as_json: bool) -> ExitCode:
    """Print what became of a submission."""
    if as_json:
        say_json(msgspec.to_builtins(view))
    elif not view.final:
        say(f"submission {view.id}: taken, not final yet")
    else:
        assert view.time_ms is not None, "a final submission has its block's time"
        say(f"submission {view.id}")
        say(f"final in block {view.height}, {moment(view.time_ms)}")
        for position, (record, outcome) in enumerate(zip(records, view.records, strict=True)):
            say_rows(_outcome_rows(position, record, outcome))
    return ExitCode.REFUSED if view.rejections else ExitCode.OK


def _outcome_rows(position: int, record: Record, outcome: RecordView) -> list[tuple[str, str]]:
    label, kind, entry = f"record {position}", record.kind(), f"log entry {outcome.log_index}"
    if outcome.accepted:
        return [(label, f"{kind}: accepted, {entry}")]
    rows = [(label, f"{kind}: REFUSED under {outcome.rule}, {entry}")]
    if outcome.text:
        rows.append(("", outcome.text))
    if outcome.source:
        rows.append(("", f"source: {outcome.source}"))
    return rows + [("", f"{name}: {value}") for name, value in outcome.values.items()]


def _seconds(text: str) -> float:
    """An argparse type: a number of seconds within a submission's life."""
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 < value <= MAX_TIMEOUT_S:
        raise argparse.ArgumentTypeError(f"must be more than 0, at most {MAX_TIMEOUT_S:.0f}")
    return value
