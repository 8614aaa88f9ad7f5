"""`ledger-node policy`: a stricter trust policy, made from the union's."""

import argparse
from pathlib import Path
from typing import Final

from ledger_node.cli.files import write_whole
from ledger_node.cli.outcome import ExitCode, usage
from ledger_node.cli.policy_file import read_policy
from ledger_node.cli.screen import say
from ledger_node.log.note import NoteError, VerifierKey, parse_vkey
from ledger_node.log.policy import PolicyError
from ledger_node.log.witness import requiring_witnesses

_EPILOG: Final = """\
The new policy asks for all that the old one does, and for the cosignature of each witness named.
NAME is yours to choose, without spaces; VKEY is the witness's key as it publishes it (it begins
with the witness's own name). `ledger-node proof --policy` makes proofs that satisfy it.

example:
  ledger-node policy union.policy --out strict.policy \\
      --require association 'witness.example/w1+0123abcd+BAbc…'
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.add_argument("policy", type=Path, metavar="FILE", help="the policy to start from")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="file to make")
    parser.add_argument(
        "--require",
        action="append",
        required=True,
        nargs=2,
        metavar=("NAME", "VKEY"),
        help="a witness that must have cosigned (may be given more than once)",
    )
    parser.set_defaults(handler=policy)


def policy(options: argparse.Namespace) -> ExitCode:
    """Write the stricter policy."""
    out: Path = options.out
    if out.exists():
        raise usage(f"--out {out}: exists")
    given = read_policy(options.policy)
    witnesses = [(name, _key(text)) for name, text in options.require]
    if any(len(name.split()) != 1 for name, _ in witnesses):
        raise usage("--require: NAME is one word")
    try:
        stricter = requiring_witnesses(given, witnesses)
    except PolicyError as error:
        raise usage(f"--require: {error}") from error
    write_whole(out, stricter.format())
    say(f"wrote {out}")
    return ExitCode.OK


def _key(text: str) -> VerifierKey:
    try:
        return parse_vkey(text)
    except NoteError as error:
        raise usage(f"--require: {error}") from error
