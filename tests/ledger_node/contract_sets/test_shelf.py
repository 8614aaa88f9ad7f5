"""What sets a node has: the installed one and files, each believed for its digest alone."""

from pathlib import Path

import pytest

from ledger_node.codec import Digest
from ledger_node.contract_sets.packing import PackedSetRefused, pack
from ledger_node.contract_sets.shelf import ContractSets, PackedSet
from ledger_node.ledger.contract_set import contract_set_digest, installed_contracts
from ledger_node.ledger.execution import ContractSetMissing
from tests.ledger_node.contract_sets.test_loading import small
from tests.union.changed_rules import changed_rules

NEW = changed_rules()


def path_of(directory: Path, digest: bytes) -> Path:
    return directory / f"{digest.hex()}.zip"


def missing(sets: ContractSets, digest: bytes) -> ContractSetMissing:
    with pytest.raises(ContractSetMissing) as error:
        sets.get(digest, 70)
    return error.value


def test_the_installed_set_is_always_there(tmp_path: Path) -> None:
    installed = installed_contracts()
    assert ContractSets().get(installed.digest, 0) is installed
    assert ContractSets(tmp_path / "nowhere").get(installed.digest, 0) is installed


def test_a_set_that_is_not_here_is_named_with_the_height_and_the_remedy(tmp_path: Path) -> None:
    error = missing(ContractSets(tmp_path), NEW.digest)
    assert (error.digest, error.from_height) == (NEW.digest, 70)
    text = str(error)
    assert NEW.digest.hex() in text
    assert "is not installed here, needed from height 70" in text
    assert "ledger-node contracts install FILE.zip --data DIR" in text


def test_a_set_put_there_later_is_found(tmp_path: Path) -> None:
    sets = ContractSets(tmp_path / "made when needed")
    missing(sets, NEW.digest)
    ContractSets(tmp_path / "made when needed").keep(NEW)
    assert sets.get(NEW.digest, 0).digest == NEW.digest


def test_a_set_that_was_given_needs_no_directory() -> None:
    assert ContractSets(given=[NEW]).get(NEW.digest, 0).digest == NEW.digest


def test_a_file_that_holds_another_set_than_its_name_says_is_not_used(tmp_path: Path) -> None:
    other = Digest(bytes(32))
    path_of(tmp_path, other).write_bytes(pack(NEW.sources))
    assert f"holds the contract set {NEW.digest.hex()}" in str(
        missing(ContractSets(tmp_path), other)
    )


def test_a_damaged_file_is_told_and_mended_by_installing_again(tmp_path: Path) -> None:
    path_of(tmp_path, NEW.digest).write_bytes(b"damage")
    sets = ContractSets(tmp_path)
    assert "cannot be used here (not a sound zip" in str(missing(sets, NEW.digest))
    sets.keep(NEW)
    assert sets.get(NEW.digest, 0).digest == NEW.digest


def test_code_that_this_program_cannot_execute_is_told(tmp_path: Path) -> None:
    sources = small(bad="import os")
    sources["__init__.py"] += b"import contracts.bad\n"
    bad = PackedSet(contract_set_digest(sources), sources)
    sets = ContractSets(tmp_path)
    sets.keep(bad)
    assert "may not import os" in str(missing(sets, bad.digest))


def test_this_programs_set_is_kept_once(tmp_path: Path) -> None:
    sets = ContractSets(tmp_path)
    sets.keep_installed()
    (path,) = tmp_path.iterdir()
    assert path == path_of(tmp_path, installed_contracts().digest)
    written = path.stat().st_mtime_ns
    sets.keep_installed()
    assert path.stat().st_mtime_ns == written


def test_every_file_is_listed_with_what_it_holds(tmp_path: Path) -> None:
    sets = ContractSets(tmp_path)
    assert list(sets.packed()) == []
    sets.keep(NEW)
    (tmp_path / "zz.zip").write_bytes(b"damage")
    (found, damaged) = sets.packed()
    assert found == (path_of(tmp_path, NEW.digest), NEW)
    assert isinstance(damaged[1], PackedSetRefused)
