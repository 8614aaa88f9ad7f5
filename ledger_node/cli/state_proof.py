"""`ledger-node state-proof`: what the state holds under a key, or that it holds nothing."""

import argparse
from pathlib import Path
from typing import Final

from ledger_node.cli import own_policy
from ledger_node.cli.connection import ask, connection
from ledger_node.cli.connection_options import add_connection_options
from ledger_node.cli.files import write_whole
from ledger_node.cli.outcome import ExitCode, usage
from ledger_node.cli.policy_file import add_policy_option, read_policy
from ledger_node.cli.screen import say

_EPILOG: Final = """\
KEY is the key of an object, as `ledger-node show` takes it. The file proves the object as it is
final now, or that there is none; it stays a proof of that moment for ever. Asking again later
proves a later state.

examples:
  ledger-node state-proof guarantee/20GB0000010000GX1 --out free.state-proof --data am-node
  ledger-node state-proof reservation/20GB0000010000GX1/25GB000246TK0E6WJ1 \\
      --out not-open.state-proof --data am-node
  ledger-node verify --policy union.policy free.state-proof not-open.state-proof
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.add_argument("key", metavar="KEY", help="of an object, e.g. guarantee/20GB0000010000GX1")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="file to make")
    add_policy_option(parser)
    add_connection_options(parser)
    parser.set_defaults(handler=state_proof)


def state_proof(options: argparse.Namespace) -> ExitCode:
    """Fetch the proof and write it, whole or not at all."""
    out: Path = options.out
    if out.exists():
        raise usage(f"--out {out}: exists")
    node = connection(options)
    policy = None if options.policy is None else read_policy(options.policy)
    content = ask(node, lambda client: client.state_proof(options.key))
    if policy is not None:
        content = own_policy.state_proof(node.url, content, policy)
    write_whole(out, content)
    say(f"wrote {out}; `ledger-node verify --policy FILE {out}` says what it proves")
    return ExitCode.OK
