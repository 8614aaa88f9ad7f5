"""What `ledger-node verify` does with a file that is more than one proof: check it as it is read,
and take its digest on the way, for a statement.

Loaded only when there is such a file: it brings databases, contracts and X.509 with it, which
proofs do not need.
"""

import argparse
from hashlib import sha256
from pathlib import Path
from typing import Final

from ledger_node.audit.bundle.form import MAGIC, Reads
from ledger_node.audit.conflict import MAX_CONFLICT
from ledger_node.audit.report.statement import Content, ExaminedFile
from ledger_node.audit.whole_files import examine_bundle, examine_conflict
from ledger_node.cli.audit_files import opened
from ledger_node.cli.files import read_bounded
from ledger_node.cli.trusted_genesis import founding
from ledger_node.contract_sets.shelf import ContractSets
from ledger_node.log.policy import Policy

_CHUNK: Final = 1024 * 1024


def examine_whole(
    path: Path, opening: bytes, options: argparse.Namespace, policy: Policy
) -> ExaminedFile:
    """The finding. opening: of the file, which is one of `audit.whole_files`; policy: the one to
    name where none was satisfied. Raises CommandError: the file cannot be read."""
    trusted = None if options.genesis is None else founding(options.genesis)
    if not opening.startswith(MAGIC):
        data = read_bounded(path, MAX_CONFLICT)
        union = None if trusted is None else trusted.union
        return ExaminedFile(str(path), Content.of(data), examine_conflict(data, union), policy)
    with opened(path, "verifying") as file:
        read = _Digested(file, path.stat().st_size)
        finding, accepted = examine_bundle(read, trusted or policy, ContractSets())
        # A bundle may be large, and one that is refused was not read to its end.
        content = None if options.statement is None else read.content()
        return ExaminedFile(str(path), content, finding, accepted or policy)


class _Digested:
    """A file of `size` bytes, and the digest of what was read of it."""

    def __init__(self, file: Reads, size: int) -> None:
        self._file = file
        self._size = size
        self._seen = 0
        self._digest = sha256()

    def read(self, size: int, /) -> bytes:
        """See form.Reads."""
        data = self._file.read(size)
        self._seen += len(data)
        self._digest.update(data)
        return data

    def content(self) -> Content:
        """Of the whole file, of which what is left is read now."""
        while self._seen < self._size and self.read(min(_CHUNK, self._size - self._seen)):
            pass
        return Content(self._seen, self._digest.digest())
