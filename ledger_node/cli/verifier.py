"""`ledger-node verifier`: what strangers need to check proofs, in one directory to hand on.

A program that needs nothing but Python, a page that needs nothing but a browser, and, if given, the
trust policy. Neither says anything about the union by itself: the same files serve every union, and
whoever makes them of the same version gets the same bytes.
"""

import argparse
from hashlib import sha256
from pathlib import Path
from typing import Final

from ctl_verify.pack import packed
from ledger_node.audit.verify_page import verification_page
from ledger_node.cli.files import read_bounded, write_whole
from ledger_node.cli.outcome import ExitCode, usage
from ledger_node.cli.screen import say, say_rows
from ledger_node.log.policy import MAX_POLICY, PolicyError, parse_policy

_EPILOG: Final = """\
DIR gets ctl-verify.pyz (checks every kind of proof; needs Python 3.11 or later, no network, nothing
installed), verify.html (checks certificates; needs a browser) and README.txt. With --policy also
that file, and the page opens with it: publish it so where people know it comes from the members.

examples:
  ledger-node verifier kit --policy union.policy
  python3 -I -S kit/ctl-verify.pyz --policy kit/union.policy release.tlog-proof
"""

_README: Final = """\
Checking what a Customs Trust Ledger says
=========================================

Both need the union's trust policy, a small text file that its members publish. It is the only
thing you trust: get it from them, not from whoever gave you the proof.

Proof files, checkpoints, evidence (Python 3.11 or later, nothing to install, no network):

    python3 -I -S ctl-verify.pyz --policy union.policy FILE...

Certificates on paper: open verify.html in a browser. It loads nothing and sends nothing.

What the answer means: docs/auditors.md of the ledger's documentation. What these files must be,
to write a verifier of your own: docs/formats.md.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.add_argument("directory", type=Path, metavar="DIR", help="directory to make or renew")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="a trust policy to go with it")
    parser.set_defaults(handler=verifier)


def verifier(options: argparse.Namespace) -> ExitCode:
    """Write the files, and print what others can compare them by."""
    directory: Path = options.directory
    policy = None if options.policy is None else _policy(options.policy)
    files = {
        "ctl-verify.pyz": packed(),
        "verify.html": verification_page(policy).encode(),
        "README.txt": _README.encode(),
    }
    if policy is not None:
        files["union.policy"] = policy
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_whole(directory / name, content)
    say(f"wrote {len(files)} files to {directory}; SHA-256:")
    say_rows([(name, sha256(content).hexdigest()) for name, content in files.items()])
    return ExitCode.OK


def _policy(path: Path) -> bytes:
    data = read_bounded(path, MAX_POLICY)
    try:
        parse_policy(data)
    except PolicyError as error:
        raise usage(f"--policy {path}: {error}") from error
    return data
