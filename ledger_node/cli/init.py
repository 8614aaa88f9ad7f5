"""`ledger-node init`: a data directory that a node can run from, or none at all.

Everything that would stop the node later is checked first: the genesis and its signatures, that
the key files are those of the member's card, that the union's contracts are here. The directory
is put together beside its place and renamed into it.
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from typing import Final

from ledger_node.api.tokens import write_token
from ledger_node.cli.files import read_bounded, read_set
from ledger_node.cli.genesis import read_genesis, verified
from ledger_node.cli.keys import ONLINE_PURPOSES, check_member_option, key_path
from ledger_node.cli.outcome import ExitCode, refused, usage
from ledger_node.cli.screen import say, say_rows
from ledger_node.contract_sets.shelf import ContractSets
from ledger_node.crypto.keyfiles import read_key_header
from ledger_node.genesis import (
    Genesis,
    GenesisError,
    MemberCard,
    SignedCard,
    SignedGenesis,
    VerifiedGenesis,
    check_card,
    read_json,
    write_json,
)
from ledger_node.genesis.policy_history import MAX_HISTORY, HistoryRefused, verify_history
from ledger_node.genesis.readable import MAX_JSON
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.node.config import DataDirectory, split_address

_EPILOG: Final = """\
The directory gets node.toml, the genesis, copies of the consensus, cosigner, log and TLS key files
(never the authority's or the registrar's), and api-token, which clients of the node's API need.
An existing directory is never touched.

example:
  ledger-node init --data am-node --member AM --genesis genesis.json --keys am-keys \\
      --api 127.0.0.1:8443

A ledger begins at the genesis, but is taken from nodes as they are now. Where members have replaced
keys since, give the history that any of them makes (`ledger-node epoch history`): it proves whom to
dial and under which certificate. A member that begins anew with new keys gives its new --card too.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="to be made")
    parser.add_argument("--member", required=True, metavar="CODE", help="whose node, e.g. AM")
    parser.add_argument("--genesis", required=True, type=Path, metavar="FILE")
    parser.add_argument(
        "--keys", required=True, type=Path, metavar="DIR", help="made by `keys new-member`"
    )
    parser.add_argument(
        "--api", required=True, metavar="HOST:PORT", help="where to serve clients; 127.0.0.1:PORT"
    )
    parser.add_argument(
        "--peer",
        default="",
        metavar="HOST:PORT",
        help="where to await peers, if not at the member card's address",
    )
    parser.add_argument(
        "--card",
        type=Path,
        metavar="FILE",
        help="your signed card, when you join a union that exists",
    )
    parser.add_argument(
        "--history",
        type=Path,
        metavar="FILE",
        help="made by `epoch history`, when members' keys are no longer those of the genesis",
    )
    parser.add_argument(
        "--contracts",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="a packed contract set of the union, if this program comes with another",
    )
    parser.set_defaults(handler=init)


def init(options: argparse.Namespace) -> ExitCode:
    """Check everything, then make the directory in one step."""
    check_member_option("--member", options.member)
    _check_address("--api", options.api)
    if options.peer:
        _check_address("--peer", options.peer)
    data: Path = options.data
    if data.exists():
        raise usage(f"--data {data}: exists; a node's directory is never overwritten")
    document = read_genesis(options.genesis)
    founding = verified(document)
    handed_in = None if options.card is None else _read_card(options.card)
    if handed_in is None:
        _check_keys(_founder(founding.genesis, options.member), options.keys)
    elif handed_in.card.member != options.member:
        raise usage(f"--card {options.card}: is {handed_in.card.member}'s, not {options.member}'s")
    else:
        _check_keys(handed_in.card, options.keys)
    history = None if options.history is None else _read_history(options.history, founding)
    given = [read_set("--contracts", path) for path in options.contracts]
    agreed = founding.genesis.contract_set
    if agreed not in (installed_contracts().digest, *(each.digest for each in given)):
        raise refused(
            f"this program's contracts are {installed_contracts().digest.hex()}, those of the "
            f"union's genesis are {agreed.hex()}: give them packed as --contracts FILE.zip, or "
            "install the version the union agreed on"
        )
    data.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{data.name}.", dir=data.parent))
    try:
        directory = DataDirectory(unfinished)
        _fill(directory, options, document)
        for each in given:
            ContractSets(directory.contract_sets).keep(each)
        if handed_in is not None:
            directory.card.write_text(write_json(handed_in), encoding="utf-8")
        if history is not None:
            directory.history.write_bytes(history)
        unfinished.rename(data)
    except BaseException:  # also on an interrupt: no half directory is left behind
        shutil.rmtree(unfinished)
        raise
    say(f"made {data}")
    say_rows([("member", options.member), ("union", founding.union.hex()), ("API", options.api)])
    for warning in founding.warnings:
        say(f"warning: {warning}")
    return ExitCode.OK


def _fill(directory: DataDirectory, options: argparse.Namespace, document: SignedGenesis) -> None:
    directory.root.chmod(0o700)
    # JSON's strings are TOML's basic strings, for the ASCII that passed the checks.
    settings = {"member": options.member, "api_listen": options.api, "peer_listen": options.peer}
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items() if value]
    directory.settings.write_text("".join(lines), encoding="utf-8")
    directory.genesis.write_text(write_json(document), encoding="utf-8")
    directory.keys.mkdir(mode=0o700)
    for purpose in ONLINE_PURPOSES:
        copy = key_path(directory.keys, purpose)
        copy.touch(mode=0o600)
        copy.write_bytes(key_path(options.keys, purpose).read_bytes())
    write_token(directory.api_token)


def _founder(genesis: Genesis, member: str) -> MemberCard:
    try:
        return genesis.card(member)
    except GenesisError as error:
        codes = ", ".join(card.member for card in genesis.members)
        detail = "a member that joins later gives its --card"
        raise usage(f"--member {member}: did not found this union ({codes}); {detail}") from error


def _read_card(path: Path) -> SignedCard:
    try:
        signed = read_json(SignedCard, read_bounded(path, MAX_JSON))
        check_card(signed)
    except GenesisError as error:
        raise usage(f"--card {path}: {error}") from error
    return signed


def _read_history(path: Path, founding: VerifiedGenesis) -> bytes:
    data = read_bounded(path, MAX_HISTORY)
    try:
        verify_history(data, founding)
    except HistoryRefused as error:
        raise refused(f"--history {path}: {error}") from error
    return data


def _check_keys(card: MemberCard, keys: Path) -> None:
    public = card.keys()
    for purpose in ONLINE_PURPOSES:
        path = key_path(keys, purpose)
        if bytes.fromhex(read_key_header(path).public) != public[purpose.value]:
            raise usage(f"{path}: not the {purpose} key of {card.member}'s card")


def _check_address(option: str, address: str) -> None:
    try:
        split_address(address)
    except ValueError as error:
        raise usage(f"{option}: {error}") from error
    if not address.isascii() or not address.isprintable():
        raise usage(f"{option}: {address!r} is not printable ASCII")
