"""`ledger-node import`: from an NCTS message to a record on the ledger.

The public part is signed and submitted; particulars go to the payload store of the declarant's own
node before it, so that there is never a commitment on the ledger whose content was lost.
"""

import argparse
import secrets
from pathlib import Path
from typing import Final

from ledger_node.cli.connection import ask, connection
from ledger_node.cli.files import read_bounded
from ledger_node.cli.outcome import ExitCode, refused, usage
from ledger_node.cli.screen import say_wrapped
from ledger_node.cli.submitting import add_submitting_options, submit, tell, unlock_author
from ledger_node.client import LedgerClient, SubmissionView
from ledger_node.interop.ncts.document import MAX_BYTES as MAX_MESSAGE
from ledger_node.interop.ncts.importer import ImportedMessage, import_message
from ledger_node.interop.refusal import ImportRefused
from ledger_node.interop.translation import (
    MAX_BYTES,
    NO_TRANSLATION,
    Translation,
    TranslationRefused,
)
from ledger_node.ledger.particulars import SALT_SIZE

_EPILOG: Final = """\
A CC015C is lodged; CC013C, CC014C, CC170C, CC007C and CC044C make the records that follow it; the
messages that customs send are read and checked. --dry-run does that for all, and changes nothing.
docs/import.md says what is accepted, what goes on the ledger and what stays with you.

example:
  ledger-node import declaration.xml --key trader.key --data am-node
  ledger-node import declaration.xml --dry-run
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.add_argument("file", type=Path, metavar="FILE.xml", help="the message")
    parser.add_argument(
        "--translation", type=Path, metavar="FILE", help="other codes for offices and parties"
    )
    parser.add_argument("--carrier", metavar="ID", help="the participant that carries the goods")
    parser.add_argument("--dry-run", action="store_true", help="check and report, lodge nothing")
    add_submitting_options(parser, key_required=False)
    parser.set_defaults(handler=import_file)


def import_file(options: argparse.Namespace) -> ExitCode:
    """Read and report; unless it is a dry run, keep the particulars and lodge."""
    if options.key is None and not options.dry_run:
        raise usage("--key: needed to lodge; --dry-run only checks")
    message = _read_message(options)
    if not options.json:
        for line in message.summary:
            say_wrapped(line)
    if options.dry_run:
        return ExitCode.OK
    record = message.record
    if record is None:
        raise refused(f"{options.file}: {message.kind} is valid, but makes no record")
    node = connection(options)
    author = unlock_author(options)

    async def lodge(client: LedgerClient) -> SubmissionView:
        for particulars in message.particulars:
            await client.put_payload(particulars)
        return await submit(client, options, author, [record])

    return tell(ask(node, lodge), [record], as_json=options.json)


def _read_message(options: argparse.Namespace) -> ImportedMessage:
    translation = NO_TRANSLATION
    try:
        if options.translation is not None:
            translation = Translation.from_json(read_bounded(options.translation, MAX_BYTES))
        return import_message(
            read_bounded(options.file, MAX_MESSAGE),
            translation,
            salts=lambda: secrets.token_bytes(SALT_SIZE),
            carrier=options.carrier,
        )
    except TranslationRefused as error:
        raise usage(f"--translation {options.translation}: {error}") from error
    except ImportRefused as error:
        headline, *lines = str(error).splitlines()
        raise refused(f"{options.file}: {headline}", *(line.strip() for line in lines)) from error
