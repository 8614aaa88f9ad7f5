"""`ledger-node contracts`, and a program that comes with other contracts than the union's."""

import os
import shutil
from pathlib import Path

import pytest

import contracts
from ledger_node.contract_sets.packing import pack
from ledger_node.contract_sets.shelf import ContractSets, read_packed
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.node.config import DataDirectory
from tests.ledger_node.cli.node_process import NodeProcess
from tests.ledger_node.cli.terminal import Terminal, process
from tests.ledger_node.cli.test_run_command import init
from tests.union.changed_rules import EDITS, RULE, changed_rules

NEW = changed_rules()
(PACKAGE,) = contracts.__path__
INSTALLED = installed_contracts().digest.hex()


def changed_package(place: Path) -> Path:
    """The package as somebody changed it, in a directory `contracts`."""
    copied = shutil.copytree(PACKAGE, place / "contracts", ignore=shutil.ignore_patterns("__py*"))
    for edit in EDITS:
        source = copied / edit.path
        text = source.read_text(encoding="utf-8")
        source.write_text(text.replace(edit.after, edit.after + edit.text), encoding="utf-8")
    return copied


def test_a_changed_package_is_packed_and_what_changed_is_told(
    terminal: Terminal, tmp_path: Path
) -> None:
    package = changed_package(tmp_path)
    packed = terminal.run("contracts", "pack", "--source", package, "--out", "new.zip")
    assert packed.code == 0
    assert NEW.digest.hex() in packed.out
    assert read_packed(Path("new.zip")).digest == NEW.digest
    check = terminal.run("contracts", "check", "new.zip")
    assert check.code == 0
    assert f"compared with {INSTALLED}" in check.out
    assert f"+ {RULE}" in check.out
    assert "A participant is not a shell company." in check.out
    assert "contracts/registry/participants.py" in check.out
    assert terminal.run("contracts", "pack", "--out", "old.zip").code == 0
    back = terminal.run("contracts", "check", "old.zip", "--against", "new.zip")
    assert f"- {RULE}" in back.out
    same = terminal.run("contracts", "check", "new.zip", "--against", "new.zip")
    assert "the same code" in same.out


def test_what_nodes_might_execute_differently_is_not_packed(
    terminal: Terminal, tmp_path: Path
) -> None:
    package = changed_package(tmp_path)
    (package / "transit" / "rates.py").write_text("import time\n\nRATE = 1.5\n")
    said = terminal.fails(1, "contracts", "pack", "--source", package, "--out", "new.zip")
    assert "contracts/transit/rates.py: imports time" in said
    assert "contracts/transit/rates.py: line 3: a float" in said
    assert not Path("new.zip").exists()


def test_code_that_does_not_work_is_not_packed(terminal: Terminal, tmp_path: Path) -> None:
    package = changed_package(tmp_path)
    (package / "registry" / "rules.py").write_text("from contracts.kernel import nothing\n")
    said = terminal.fails(1, "contracts", "pack", "--source", package, "--out", "new.zip")
    assert "cannot execute it" in said
    said = terminal.fails(2, "contracts", "pack", "--source", tmp_path, "--out", "new.zip")
    assert "no Python package" in said


@pytest.mark.parametrize("step", ["check", "install", "propose"])
def test_a_file_that_is_no_packed_set_is_refused(terminal: Terminal, step: str) -> None:
    Path("bad.zip").write_bytes(b"no zip")
    more = {
        "check": (),
        "install": ("--data", "node"),
        "propose": ("--height", "+9", "--grounds", "x", "--key", "k", "--node", "http://[::1]:1"),
    }[step]
    said = terminal.fails(2, "contracts", step, "bad.zip", *more)
    assert "bad.zip: no packed contract set: not a sound zip" in said
    said = terminal.fails(2, "contracts", step, "nowhere.zip", *more)
    assert "nowhere.zip: No such file" in said


def test_a_set_is_installed_at_a_node_and_listed(founded: Terminal) -> None:
    Path("new.zip").write_bytes(pack(NEW.sources))
    asked = ("contracts", "install", "new.zip", "--data", "node")
    assert "no node's directory" in founded.fails(2, *asked)
    init("AM")
    assert founded.run(*asked).code == 0
    directory = DataDirectory(Path("node")).contract_sets
    assert ContractSets(directory).get(NEW.digest, 0).digest == NEW.digest
    (directory / "bad.zip").write_bytes(b"no zip")
    (directory / "misnamed.zip").write_bytes(pack(NEW.sources))
    listed = " ".join(founded.run("contracts", "list", "--data", "node").out.split())
    assert f"this program {INSTALLED}" in listed
    assert f"kept {NEW.digest.hex()}" in listed
    assert "not used bad.zip is no packed contract set" in listed
    assert f"not used misnamed.zip holds {NEW.digest.hex()}" in listed


def test_a_set_is_voted_on_with_the_command_line_and_judges_from_its_height(
    founded: Terminal, tmp_path: Path
) -> None:
    init("AM")
    Path("new.zip").write_bytes(pack(NEW.sources))
    signed = ("--key", "AM-keys/registrar.key", "--data", "node")
    grounds = ("--grounds", "No shell companies")
    with NodeProcess(tmp_path / "node"):
        early = founded.run("contracts", "propose", "new.zip", "--height", "+5", *grounds, *signed)
        assert early.code == 1
        assert "REFUSED" in early.out
        bad = founded.fails(
            2, "contracts", "propose", "new.zip", "--height", "soon", *grounds, *signed
        )
        assert "neither a height nor +N" in bad
        # A union of one decides by proposing.
        asked = ("contracts", "propose", "new.zip", "--height", "+12", *grounds, *signed)
        proposed = founded.run(*asked)
        assert proposed.code == 0, proposed
        assert "it is proposal 1" in proposed.out
        status = " ".join(founded.run("status", "--data", "node").out.split())
        assert f"upgrade {NEW.digest.hex()}, from block" in status
        assert "is not installed here" in status
        check = founded.run("epoch", "check", "1", "--data", "node")
        assert NEW.digest.hex() in check.out
        assert founded.run("contracts", "install", "new.zip", "--data", "node").code == 0
        # A running node finds it by itself.
        assert founded.run("contracts", "vote", "1", "--no", *signed).code == 1
        assert "its code is here" in founded.run("status", "--data", "node").out


def test_a_newer_program_goes_on_under_the_unions_rules_with_the_code_it_kept(
    founded: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program is upgraded: it comes with other contracts, the union has not voted for them."""
    init("AM")
    node = tmp_path / "node"
    with NodeProcess(node):
        pass
    kept = node / "contract-sets" / f"{INSTALLED}.zip"
    assert kept.exists(), "a node keeps the contracts that its program comes with"

    newer = tmp_path / "newer"
    changed_package(newer)
    # Python looks in the directory it is started in first.
    monkeypatch.chdir(newer)
    monkeypatch.setenv("PYTHONPATH", str(Path(PACKAGE).parent), prepend=os.pathsep)
    assert NEW.digest.hex() in process("contracts", "list").out
    with NodeProcess(node):
        status = process("status", "--data", node)
        assert status.code == 0, status
        assert f"contracts {INSTALLED}" in " ".join(status.out.split())

    away = kept.rename(tmp_path / "old.zip")
    refused = process("run", "--data", node)
    assert refused.code == 4
    assert f"contract set {INSTALLED} is not installed here" in refused.err
    assert f"this program comes with contract set {NEW.digest.hex()}" in refused.err
    assert process("contracts", "install", away, "--data", node).code == 0
    with NodeProcess(node):
        pass


def test_a_directory_is_made_with_the_genesis_contracts_that_are_given(
    founded: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = tmp_path / "newer"
    changed_package(newer)
    assert founded.run("contracts", "pack", "--out", "old.zip").code == 0
    monkeypatch.setenv("PYTHONPATH", str(Path(PACKAGE).parent), prepend=os.pathsep)
    given = ("--member", "AM", "--genesis", tmp_path / "genesis.json")
    where = ("--keys", tmp_path / "AM-keys", "--api", "127.0.0.1:1", "--data", tmp_path / "node")
    monkeypatch.chdir(newer)
    refused = process("init", *given, *where)
    assert refused.code == 1
    assert "give them packed as --contracts FILE.zip" in refused.err
    made = process("init", *given, *where, "--contracts", tmp_path / "old.zip")
    assert made.code == 0, made
    assert (tmp_path / "node" / "contract-sets" / f"{INSTALLED}.zip").exists()
