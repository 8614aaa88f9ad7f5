"""`ledger-node keys`: make key files, and show what may be known of them.

A key file is made once and never written over. Its passphrase comes from a file, the environment
or the terminal; `show` needs none, for the public half lies in clear.
"""

import argparse
from pathlib import Path
from typing import Final

from ledger_node.cli.outcome import ExitCode, usage
from ledger_node.cli.screen import say, say_json, say_rows, say_table
from ledger_node.crypto.keyfiles import KeyPurpose, UnlockedKey, read_key_header, write_key_file
from ledger_node.crypto.passphrase import ENVIRONMENT, obtain
from ledger_node.crypto.signatures import SoftwareSigner, Suite
from ledger_node.genesis.rules import GenesisError, check_member

SUITES: Final = {"ed25519": Suite.ED25519, "p256": Suite.ECDSA_P256}
ONLY_SUITE: Final = {
    KeyPurpose.TLS: "p256",
    KeyPurpose.LOG: "ed25519",
    KeyPurpose.COSIGNER: "ed25519",
}
"""TLS keys are P-256 (RFC 8446 §9.1); checkpoints take Ed25519 only (c2sp.org/signed-note)."""

MEMBER_PURPOSES: Final = tuple(p for p in KeyPurpose if p is not KeyPurpose.PARTICIPANT)
ONLINE_PURPOSES: Final = (
    KeyPurpose.CONSENSUS,
    KeyPurpose.COSIGNER,
    KeyPurpose.LOG,
    KeyPurpose.TLS,
)
"""What a running node holds. Authority and registrar keys belong on no server."""

_EPILOG: Final = """\
purposes:
  authority    certifies a member's other keys, signs the genesis; kept offline
  registrar    registers the member's offices and participants
  consensus    votes                         cosigner  cosigns the log
  log          signs the node's checkpoints  tls       links between nodes
  participant  signs records of an office, declarant, carrier, guarantor, …

examples:
  ledger-node keys new-member --member AM --out am-keys
  ledger-node keys new --purpose participant --owner AM051001 --out am051001.key
  ledger-node keys show am051001.key
"""


def key_path(directory: Path, purpose: KeyPurpose) -> Path:
    """Where a member's key of a purpose lies, e.g. am-keys/authority.key."""
    return directory / f"{purpose.value}.key"


def add_passphrase_option(parser: argparse.ArgumentParser) -> None:
    """--passphrase-file, for every command that unlocks or makes a key."""
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help=f"file with the passphrase, mode 0600; else ${ENVIRONMENT}, else you are asked",
    )


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    commands = parser.add_subparsers(metavar="ACTION", required=True)

    new = commands.add_parser("new", help="make one key", allow_abbrev=False)
    new.add_argument("--purpose", required=True, choices=[p.value for p in KeyPurpose])
    new.add_argument(
        "--owner", required=True, metavar="ID", help="member code, or id of a participant"
    )
    new.add_argument("--out", required=True, type=Path, metavar="FILE", help="file to make")
    new.add_argument(
        "--suite", choices=SUITES, help="default: p256 for tls, ed25519 for all others"
    )
    add_passphrase_option(new)
    new.set_defaults(handler=new_key)

    member = commands.add_parser(
        "new-member", help="make all keys of a member at once", allow_abbrev=False
    )
    member.add_argument("--member", required=True, metavar="CODE", help="e.g. AM")
    member.add_argument(
        "--out", required=True, type=Path, metavar="DIR", help="directory to make the files in"
    )
    add_passphrase_option(member)
    member.set_defaults(handler=new_member)

    show = commands.add_parser("show", help="show public halves", allow_abbrev=False)
    show.add_argument("files", nargs="+", type=Path, metavar="FILE")
    how = show.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print JSON")
    how.add_argument("--public", action="store_true", help="print only the public key, in hex")
    show.set_defaults(handler=show_keys)


def new_key(options: argparse.Namespace) -> ExitCode:
    """One key into one new file."""
    purpose = KeyPurpose(options.purpose)
    only = ONLY_SUITE.get(purpose)
    suite = options.suite or only or "ed25519"
    if only is not None and suite != only:
        raise usage(f"--suite: a {purpose} key must be {only}, not {suite}")
    if purpose is not KeyPurpose.PARTICIPANT:
        check_member_option("--owner", options.owner)
    passphrase = obtain(options.passphrase_file, confirm=True)
    signer = _make(options.out, purpose, options.owner, suite, passphrase)
    say_rows([("made", str(options.out)), ("public key", signer.public.hex())], indent=0)
    return ExitCode.OK


def new_member(options: argparse.Namespace) -> ExitCode:
    """Every key of a member, under one passphrase."""
    check_member_option("--member", options.member)
    directory: Path = options.out
    taken = [p for p in MEMBER_PURPOSES if key_path(directory, p).exists()]
    if taken:
        raise usage(f"--out {key_path(directory, taken[0])}: exists; keys are never overwritten")
    passphrase = obtain(options.passphrase_file, confirm=True)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = []
    for purpose in MEMBER_PURPOSES:
        path = key_path(directory, purpose)
        suite = ONLY_SUITE.get(purpose, "ed25519")
        signer = _make(path, purpose, options.member, suite, passphrase)
        lines.append((str(path), signer.public.hex()))
    say_table(("key file", "public key"), lines)
    say("Keep authority.key and registrar.key off any server: a node runs without them.")
    return ExitCode.OK


def show_keys(options: argparse.Namespace) -> ExitCode:
    """What key files tell without their passphrase."""
    headers = [(path, read_key_header(path)) for path in options.files]
    if options.json:
        say_json(
            [
                {
                    "file": str(path),
                    "purpose": header.purpose.value,
                    "owner": header.owner,
                    "suite": Suite(header.suite).name,
                    "public_key": header.public,
                }
                for path, header in headers
            ]
        )
        return ExitCode.OK
    if options.public:
        for _, header in headers:
            say(header.public)
        return ExitCode.OK
    for path, header in headers:
        say(str(path))
        say_rows(
            [
                ("purpose", header.purpose.value),
                ("owner", header.owner),
                ("suite", Suite(header.suite).name),
                ("public key", header.public),
            ]
        )
    return ExitCode.OK


def check_member_option(option: str, code: str) -> None:
    """Refuse what is no member code."""
    try:
        check_member(f"{option} {code}", code)
    except GenesisError as error:
        raise usage(str(error)) from error


def _make(
    path: Path, purpose: KeyPurpose, owner: str, suite: str, passphrase: bytes
) -> SoftwareSigner:
    signer = SoftwareSigner.generate(SUITES[suite])
    write_key_file(path, UnlockedKey(purpose, owner, signer), passphrase)
    return signer
