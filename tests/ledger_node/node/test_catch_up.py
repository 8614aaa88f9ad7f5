"""How many final blocks a member that is behind is sent at a time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consensus.messages import Finalization
from ledger_node.codec import encode
from ledger_node.ledger.chain import ExecutedBlock, LedgerView
from ledger_node.ledger.finality import certificate_bytes
from ledger_node.node import catch_up
from ledger_node.node.catch_up import RunTooLong, finalised_run
from ledger_node.storage.database import Database
from tests.ledger_node.ledger.builders import executed_on, genesis, put, submission


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.create(tmp_path / "ledger", genesis()) as database:
        yield database


def commit(database: Database, *sizes: int) -> None:
    """One commit of so many blocks, with as many submissions as `sizes` say, one certificate."""
    blocks: list[ExecutedBlock] = []
    for size in sizes:
        view = LedgerView(database.latest, blocks)
        height = view.tip.header.height + 1
        bodies = [
            submission(put(f"o/{height}/{i}", "x"), nonce=1000 * height + i) for i in range(size)
        ]
        blocks.append(executed_on(view, *bodies))
    last = blocks[-1]
    header = last.block.header
    certificate = Finalization(
        header.epoch, header.view, last.tip.block_id, last.outcome_digest, ()
    )
    database.commit(blocks, certificate_bytes(certificate, ()))


def heights(database: Database, after: int) -> list[int]:
    run = finalised_run(database.latest, after)
    return [] if run is None else [block.header.height for block in run.blocks]


def test_a_run_ends_at_a_certificate(database: Database) -> None:
    commit(database, 1, 1)
    commit(database, 1)
    assert heights(database, 0) == [1, 2, 3]
    assert heights(database, 1) == [2, 3]
    assert heights(database, 2) == [3]
    assert heights(database, 3) == []


def test_a_run_is_cut_to_what_travels_well(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        commit(database, 20)
    block = database.latest.block(1)
    assert block is not None
    monkeypatch.setattr(catch_up, "RUN_BYTES", 2 * len(encode(block.block)) + 50)
    assert heights(database, 0) == [1, 2]
    monkeypatch.setattr(catch_up, "RUN_BLOCKS", 1)
    assert heights(database, 1) == [2]


def test_more_than_a_frame_holds_under_one_certificate_is_said_to_be_so(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(database, 20, 20)
    commit(database, 1)
    block = database.latest.block(1)
    assert block is not None
    monkeypatch.setattr(catch_up, "MAX_RUN_BYTES", len(encode(block.block)) + 50)
    with pytest.raises(RunTooLong) as error:
        finalised_run(database.latest, 0)
    assert (error.value.first, error.value.last) == (1, 2)
    assert heights(database, 1) == [2, 3]
