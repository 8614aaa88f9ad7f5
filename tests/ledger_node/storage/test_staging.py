"""An incoming ledger takes the old one's place at once, or after a restart, or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger_node.ledger.submission import VerifiedSubmission
from ledger_node.storage.database import Database
from ledger_node.storage.errors import StorageMissing
from ledger_node.storage.staging import STAGING_KEY, Staging, finish_interrupted, take_place
from tests.ledger_node.ledger.builders import UNION, executed_on, genesis, put, submission
from tests.ledger_node.node.snapshot.ledgers import head_of, ledger, take_ids, take_state

WAITING = submission(put("waiting/1", "x"), nonce=77_777)


@pytest.fixture
def newer(tmp_path: Path) -> Iterator[Database]:
    """What another node holds."""
    with ledger(tmp_path / "another node") as made:
        yield made


def own(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


def incoming(tmp_path: Path) -> Path:
    return tmp_path / "ledger.incoming"


def complete(newer: Database, path: Path) -> None:
    view = newer.latest
    staging = Staging.open(path, UNION, view.tip.state_root)
    take_ids(view, staging)
    take_state(view, staging)
    staging.complete(head_of(view), genesis())


def height(path: Path) -> int:
    with Database.open(path, UNION) as database:
        return database.latest.tip.header.height


def test_a_database_goes_on_as_the_ledger_it_adopts(tmp_path: Path, newer: Database) -> None:
    complete(newer, incoming(tmp_path))
    with Database.create(own(tmp_path), genesis()) as database:
        database.stage([WAITING])
        database.adopt(incoming(tmp_path))
        assert database.latest.tip == newer.latest.tip
        assert database.staged(WAITING.id) == WAITING, "a vote may rely on it"
        assert database.latest.raw(STAGING_KEY) is None
        database.commit([executed_on(database.latest, WAITING)], b"certificate")
    assert height(own(tmp_path)) == newer.latest.tip.header.height + 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["another node", "ledger"]


def test_what_has_become_final_waits_no_longer(tmp_path: Path, newer: Database) -> None:
    block = newer.latest.block(1)
    assert block is not None
    final: VerifiedSubmission = newer.latest.bodies(block)[0]
    complete(newer, incoming(tmp_path))
    with Database.create(own(tmp_path), genesis()) as database:
        database.stage([final])
        database.adopt(incoming(tmp_path))
        assert database.all_staged() == []


def test_an_incomplete_ledger_is_no_ledger(tmp_path: Path, newer: Database) -> None:
    staging = Staging.open(incoming(tmp_path), UNION, newer.latest.tip.state_root)
    take_state(newer.latest, staging)
    staging.close()
    with pytest.raises(StorageMissing):
        Database.open(incoming(tmp_path), UNION)


def test_a_crash_before_the_old_ledger_steps_aside_changes_nothing(
    tmp_path: Path, newer: Database
) -> None:
    Database.create(own(tmp_path), genesis()).close()
    complete(newer, incoming(tmp_path))
    finish_interrupted(own(tmp_path), incoming(tmp_path))
    assert height(own(tmp_path)) == 0
    # The next attempt finds all of it here, and ends in the same way.
    view = newer.latest
    staging = Staging.open(incoming(tmp_path), UNION, view.tip.state_root)
    take_state(view, staging)
    staging.complete(head_of(view), genesis())
    take_place(own(tmp_path), incoming(tmp_path))
    assert height(own(tmp_path)) == 6


def test_a_crash_between_the_renames_is_ended_by_the_next_start(
    tmp_path: Path, newer: Database
) -> None:
    Database.create(own(tmp_path), genesis()).close()
    complete(newer, incoming(tmp_path))
    own(tmp_path).rename(tmp_path / "ledger.old")
    finish_interrupted(own(tmp_path), incoming(tmp_path))
    assert height(own(tmp_path)) == 6
    assert not (tmp_path / "ledger.old").exists()


def test_a_crash_before_the_old_ledger_was_deleted_is_ended_too(
    tmp_path: Path, newer: Database
) -> None:
    Database.create(tmp_path / "ledger.old", genesis()).close()
    complete(newer, own(tmp_path))
    finish_interrupted(own(tmp_path), incoming(tmp_path))
    assert height(own(tmp_path)) == 6
    assert not (tmp_path / "ledger.old").exists()


def test_without_an_incoming_ledger_the_old_one_comes_back(tmp_path: Path) -> None:
    Database.create(tmp_path / "ledger.old", genesis()).close()
    finish_interrupted(own(tmp_path), incoming(tmp_path))
    assert height(own(tmp_path)) == 0


def test_an_incoming_ledger_of_another_union_is_thrown_away(
    tmp_path: Path, newer: Database
) -> None:
    foreign = Staging.open(incoming(tmp_path), b"u" * 32, newer.latest.tip.state_root)
    take_state(newer.latest, foreign)
    foreign.close()
    staging = Staging.open(incoming(tmp_path), UNION, newer.latest.tip.state_root)
    assert list(staging.rows(b"O")) == []
    staging.close()
