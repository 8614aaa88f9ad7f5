"""`ledger-node contracts`: the union's rules as code, changed by vote.

Whoever writes rules packs them; members check what the pack changes, install it at their nodes and
vote; from the height that was voted on, records are judged by it. docs/rule-authors.md walks
through it.
"""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from contracts import Rule
from contracts.governance.changes import ContractSetChange
from contracts.governance.records import ProposeContractSet
from ledger_node.cli.connection import ask, connection
from ledger_node.cli.files import read_set, write_whole
from ledger_node.cli.governing import (
    add_proposing_options,
    closing_time,
    configure_vote,
    propose,
)
from ledger_node.cli.outcome import ExitCode, refused, usage
from ledger_node.cli.screen import say, say_rows
from ledger_node.contract_sets.determinism import contract_problems
from ledger_node.contract_sets.loading import ContractSetUnusable, load_contract_set
from ledger_node.contract_sets.packing import PackedSetRefused, pack
from ledger_node.contract_sets.shelf import ContractSets, PackedSet
from ledger_node.ledger.contract_set import (
    contract_set_digest,
    installed_contracts,
    installed_sources,
    package_sources,
)
from ledger_node.ledger.execution import ContractSet
from ledger_node.node.config import DataDirectory

_EPILOG: Final = """\
from a changed rule to its activation (docs/rule-authors.md walks through it):
  ledger-node contracts pack --source contracts --out new.zip
  ledger-node contracts check new.zip                         # every member: what it changes
  ledger-node contracts install new.zip --data am-node        # every member, before the height
  ledger-node contracts propose new.zip --height +2000 --grounds "…" --key … --data am-node
  ledger-node contracts vote 1 --yes --key … --data by-node
  ledger-node status --data am-node                           # which set judges, which is to follow
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    steps = parser.add_subparsers(metavar="STEP", required=True)

    packing = steps.add_parser("pack", help="contracts as one file", allow_abbrev=False)
    packing.add_argument(
        "--source", type=Path, metavar="DIR", help="a `contracts` package; default: this program's"
    )
    packing.add_argument("--out", required=True, type=Path, metavar="FILE", help="the zip to write")
    packing.set_defaults(handler=pack_set)

    check = steps.add_parser("check", help="what a packed set changes", allow_abbrev=False)
    check.add_argument("set", type=Path, metavar="FILE")
    check.add_argument(
        "--against", type=Path, metavar="FILE", help="another packed set; default: this program's"
    )
    check.set_defaults(handler=check_set)

    show = steps.add_parser("list", help="the contract sets that are here", allow_abbrev=False)
    show.add_argument("--data", type=Path, metavar="DIR", help="of a node")
    show.set_defaults(handler=list_sets)

    install = steps.add_parser("install", help="keep a packed set at a node", allow_abbrev=False)
    install.add_argument("set", type=Path, metavar="FILE")
    install.add_argument("--data", required=True, type=Path, metavar="DIR", help="of the node")
    install.add_argument(
        "--despite-guard",
        action="store_true",
        help="although the guard finds something in it; for a set that the union voted",
    )
    install.set_defaults(handler=install_set)

    proposing = steps.add_parser("propose", help="put a set to the vote", allow_abbrev=False)
    proposing.add_argument("set", type=Path, metavar="FILE")
    proposing.add_argument(
        "--height",
        required=True,
        type=_height,
        metavar="[+]N",
        help="the first block it is to judge; +N: counted from the present one",
    )
    add_proposing_options(proposing)
    proposing.set_defaults(handler=propose_set)

    configure_vote(steps.add_parser("vote", help="vote on a proposal", allow_abbrev=False))


# ---------------------------------------------------------------- steps


def pack_set(options: argparse.Namespace) -> ExitCode:
    """Write the sources as a zip, unless the guard finds something in them."""
    source: Path | None = options.source
    if source is None:
        sources = installed_sources()
    elif (source / "__init__.py").is_file():
        sources = package_sources(source)
    else:
        raise usage(f"--source {source}: no Python package: it has no __init__.py")
    packed = PackedSet(contract_set_digest(sources), sources)
    _usable(packed)
    try:
        content = pack(sources)
    except PackedSetRefused as error:
        raise refused(f"these sources make no contract set: {error}") from error
    write_whole(options.out, content)
    say(f"wrote {options.out}")
    say_rows([("contract set", packed.digest.hex()), ("files", str(len(sources)))])
    return ExitCode.OK


def check_set(options: argparse.Namespace) -> ExitCode:
    """Say what a set changes; exit code 1 when it cannot or should not be used."""
    packed = read_set("FILE", options.set)
    new = _usable(packed)
    if options.against is None:
        sources, old = installed_sources(), installed_contracts()
    else:
        other = read_set("--against", options.against)
        sources, old = other.sources, _usable(other)
    say_rows([("contract set", packed.digest.hex()), ("compared with", old.digest.hex())])
    rows = [*_rule_rows(old.rules, new.rules), *_file_rows(sources, packed.sources)]
    if packed.digest == old.digest:
        say("the same code")
    say_rows(rows)
    return ExitCode.OK


def list_sets(options: argparse.Namespace) -> ExitCode:
    """This program's set, and those kept at a node."""
    rows = [("this program", installed_contracts().digest.hex())]
    if options.data is not None:
        for path, found in ContractSets(_sets(options.data)).packed():
            if not isinstance(found, PackedSet):
                rows.append(("not used", f"{path.name} is no packed contract set: {found}"))
            elif path.stem != found.digest.hex():
                rows.append(("not used", f"{path.name} holds {found.digest.hex()}"))
            else:
                rows.append(("kept", found.digest.hex()))
    say_rows(rows)
    return ExitCode.OK


def install_set(options: argparse.Namespace) -> ExitCode:
    """Keep a set at a node; a running one finds it by itself."""
    packed = read_set("FILE", options.set)
    directory = _sets(options.data)
    _usable(packed, despite_guard=options.despite_guard)
    path = ContractSets(directory).keep(packed)
    say(f"installed {path}")
    say_rows([("contract set", packed.digest.hex())])
    return ExitCode.OK


def propose_set(options: argparse.Namespace) -> ExitCode:
    """Put it to the vote that a set judges from a height on."""
    packed = read_set("FILE", options.set)
    _usable(packed)
    relative, height = options.height
    if relative:
        height += ask(connection(options), lambda client: client.status()).height
    change = ContractSetChange(packed.digest, height)
    if not options.json:
        say_rows([("contract set", packed.digest.hex()), ("from block", str(height))])
    return propose(options, ProposeContractSet(change, options.grounds, closing_time(options)))


# ---------------------------------------------------------------- pieces


def _usable(packed: PackedSet, *, despite_guard: bool = False) -> ContractSet:
    """The set, loaded, if the guard finds nothing in it; else the command ends."""
    problems = tuple(
        f"contracts/{path}: {problem}"
        for path, source in sorted(packed.sources.items())
        for problem in contract_problems(path, source)
    )
    if problems and not despite_guard:
        raise refused("nodes might execute this differently", *problems)
    try:
        return load_contract_set(packed.sources)
    except ContractSetUnusable as error:
        raise refused(f"this program cannot execute it: {error.reason}") from error


def _rule_rows(old: Mapping[str, Rule], new: Mapping[str, Rule]) -> Iterator[tuple[str, str]]:
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if after is None:
            assert before is not None, "it is in one of them"
            yield f"- {name}", before.text
        elif before is None:
            yield f"+ {name}", after.text
            yield "", f"source: {after.source}"
        elif before != after:
            yield f"~ {name}", f"now: {after.text}"
            yield "", f"source: {after.source}"
            yield "", f"before: {before.text}"


def _file_rows(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    for path in sorted({*old, *new}):
        if path not in new:
            yield "file gone", f"contracts/{path}"
        elif path not in old:
            yield "new file", f"contracts/{path}"
        elif old[path].replace(b"\r\n", b"\n") != new[path].replace(b"\r\n", b"\n"):
            yield "changed", f"contracts/{path}"


def _sets(data: Path) -> Path:
    directory = DataDirectory(data)
    if not directory.settings.is_file():
        raise usage(f"--data {data}: no node's directory; `ledger-node init` makes one")
    return directory.contract_sets


def _height(text: str) -> tuple[bool, int]:
    """An argparse type: whether it is counted from the present height, and the number."""
    number = text.removeprefix("+")
    if not number.isdecimal() or len(number) > 15:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a height nor +N")
    return text.startswith("+"), int(number)
