"""A full disk stops a node with a reason that names the place."""

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from ledger_node.cli.run import _failure
from ledger_node.log.verified import VerifiedCheckpoint
from ledger_node.node.kept_checkpoint import KeptCheckpoint
from ledger_node.storage.database import Database
from ledger_node.storage.errors import StorageFailed
from tests.ledger_node.ledger.builders import genesis

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def refuse(*_: object) -> int:
    raise FULL


def test_a_checkpoint_that_cannot_be_kept_names_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = SimpleNamespace(format=lambda: b"a note")
    checkpoint = cast("VerifiedCheckpoint", SimpleNamespace(signed=lambda: signed))
    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(StorageFailed, match=r"checkpoint.*No space left on device"):
        KeptCheckpoint(tmp_path / "checkpoint").keep(checkpoint)


def test_the_last_line_of_a_node_names_the_file_that_failed() -> None:
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/am/api-token")
    told = _failure(BaseExceptionGroup("node", [error]))
    assert told.message == "/data/am/api-token: No space left on device"


def test_what_leveldb_says_is_told_as_text(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    Database.create(path, genesis()).close()
    (path / "CURRENT").write_bytes(b"MANIFEST-999999\n")
    with pytest.raises(Exception, match="MANIFEST-999999") as error:
        Database.open(path, genesis().block.header.union)
    assert "b'" not in str(error.value)
