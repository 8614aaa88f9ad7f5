"""The contract sets that a node or an auditor has: the installed one, and packed ones in files.

A directory holds each set as `<digest>.zip`. A file is believed for its digest alone, which is
computed over what it holds, so where it came from does not matter.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger_node.codec import Digest
from ledger_node.contract_sets.loading import ContractSetUnusable, load_contract_set
from ledger_node.contract_sets.packing import MAX_PACKED, PackedSetRefused, pack, unpack
from ledger_node.ledger.contract_set import (
    contract_set_digest,
    installed_contracts,
    installed_sources,
)
from ledger_node.ledger.execution import ContractSet, ContractSetMissing

SUFFIX: Final = ".zip"


@dataclass(frozen=True, slots=True)
class PackedSet:
    """What a file holds. sources: by path in the package."""

    digest: Digest
    sources: Mapping[str, bytes]


def read_packed(path: Path) -> PackedSet:
    """The set in a file. Raises OSError, PackedSetRefused."""
    with path.open("rb") as file:
        packed = file.read(MAX_PACKED + 1)
    sources = unpack(packed)
    return PackedSet(contract_set_digest(sources), sources)


class ContractSets:
    """Sets at hand: the installed one, those given, those in a directory. A ContractShelf.

    The directory is looked at each time, so what is installed while a node runs is found.
    """

    def __init__(self, directory: Path | None = None, given: Sequence[PackedSet] = ()) -> None:
        self._directory = directory
        self._given = {each.digest: each for each in given}
        self._loaded: dict[bytes, ContractSet] = {}

    def get(self, digest: bytes, from_height: int) -> ContractSet:
        """See ContractShelf. Loads the set when it is first asked for."""
        if digest == installed_contracts().digest:
            return installed_contracts()
        if digest in self._loaded:
            return self._loaded[digest]
        try:
            found = self._given.get(Digest(digest)) or self._kept(digest)
            if found is None:
                raise ContractSetMissing(digest, from_height)
            loaded = self._loaded[digest] = load_contract_set(found.sources)
            return loaded
        except OSError as error:
            raise ContractSetMissing(digest, from_height, str(error)) from error
        except (PackedSetRefused, ContractSetUnusable) as error:
            raise ContractSetMissing(digest, from_height, str(error)) from error

    def sources(self, digest: bytes) -> Mapping[str, bytes] | None:
        """The sources of a set, by path, if it is here. Raises OSError, PackedSetRefused."""
        if digest == installed_contracts().digest:
            return installed_sources()
        found = self._given.get(Digest(digest)) or self._kept(digest)
        return None if found is None else found.sources

    def packed(self) -> Iterator[tuple[Path, PackedSet | PackedSetRefused]]:
        """Every file in the directory, by name, and what it holds."""
        if self._directory is None or not self._directory.is_dir():
            return
        for path in sorted(self._directory.glob(f"*{SUFFIX}")):
            try:
                yield path, read_packed(path)
            except PackedSetRefused as error:
                yield path, error

    def keep(self, found: PackedSet) -> Path:
        """Write a set into the directory, whole or not at all. Raises OSError."""
        assert self._directory is not None, "there is a place to keep it"
        path = self._path(self._directory, found.digest)
        self._directory.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        try:
            with partial.open("wb") as file:
                file.write(pack(found.sources))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return path

    def keep_installed(self) -> None:
        """Keep this program's contracts, so that they outlive an upgrade of the program."""
        sources = installed_sources()
        installed = PackedSet(contract_set_digest(sources), sources)
        if (
            self._directory is not None
            and not self._path(self._directory, installed.digest).exists()
        ):
            self.keep(installed)

    def _kept(self, digest: bytes) -> PackedSet | None:
        if self._directory is None:
            return None
        path = self._path(self._directory, digest)
        if not path.exists():
            return None
        found = read_packed(path)
        if found.digest != digest:
            raise PackedSetRefused(str(path), f"holds the contract set {found.digest.hex()}")
        return found

    @staticmethod
    def _path(directory: Path, digest: bytes) -> Path:
        return directory / f"{digest.hex()}{SUFFIX}"
