"""The past comes back from the log, row by row as it was, or not at all."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger_node.log.tiles import TileKey
from ledger_node.node.snapshot.forms import ChunkKind, SnapshotRefused
from ledger_node.node.snapshot.past import Past
from ledger_node.node.snapshot.serving import items_of
from ledger_node.storage import schema
from ledger_node.storage.database import Database
from ledger_node.storage.errors import NotYetHere
from tests.ledger_node.ledger.builders import UNION, executed_on, put, submission
from tests.ledger_node.node.snapshot.ledgers import ledger, rows, transferred

TABLES = (
    schema.BLOCK,
    schema.BLOCK_HEIGHT,
    schema.SUBMISSION,
    schema.ENTRY,
    schema.TILE,
    schema.HISTORY,
)


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Database]:
    """A ledger of 780 entries: three full tiles and some."""
    with ledger(tmp_path / "whole", blocks=5, objects=150) as made:
        yield made


@pytest.fixture
def part(tmp_path: Path, whole: Database) -> Iterator[Database]:
    """Its snapshot, taken by another node."""
    with transferred(whole.latest, tmp_path / "part") as made:
        yield made


def past_of(database: Database) -> Past:
    # The committee of these blocks is unknown: their certificates are left out.
    return Past(database, UNION, lambda _: None, lambda _: lambda _: True)


def step(past: Past, whole: Database) -> None:
    """One question to a node that has it all, and its answer."""
    if keys := past.missing_tiles():
        names = [bytes((key.level,)) + schema.number(key.index) for key in keys]
        past.take_tiles(keys, items_of(whole.latest, ChunkKind.TILES, names))
        return
    first = past.next
    items = items_of(whole.latest, ChunkKind.ENTRIES, [schema.number(first)])[:100]
    closed = past.take_entries(items)
    past.keep(first, items[: past.next - first], closed, {})


def fill(part: Database, whole: Database) -> None:
    past = past_of(part)
    while not past.done:
        step(past, whole)


def test_the_past_comes_back_row_by_row(part: Database, whole: Database) -> None:
    fill(part, whole)
    assert part.latest.gap is None
    assert rows(part.latest, *TABLES) == rows(whole.latest, *TABLES)


def test_it_does_so_while_the_ledger_grows(part: Database, whole: Database) -> None:
    past = past_of(part)
    number = 0
    while not past.done:
        step(past, whole)
        number += 1
        body = submission(put(f"later/{number}", "x"), nonce=10_000 + number)
        for database in (whole, part):
            database.commit([executed_on(database.latest, body)], b"certificate")
    assert number > 3
    assert rows(part.latest, *TABLES) == rows(whole.latest, *TABLES)


def test_it_goes_on_after_a_restart(tmp_path: Path, part: Database, whole: Database) -> None:
    past = past_of(part)
    while past.next < 400:
        step(past, whole)
    part.close()
    with Database.open(tmp_path / "part", UNION) as reopened:
        again = past_of(reopened)
        assert 2 < again.next <= past.next
        fill(reopened, whole)
        assert rows(reopened.latest, *TABLES) == rows(whole.latest, *TABLES)


@pytest.mark.parametrize(
    "ask",
    [
        lambda ledger: ledger.block(1),
        lambda ledger: ledger.log_entry(2),
        lambda ledger: ledger.log_entries(0, 10),
        lambda ledger: ledger.history("member/AM"),
        lambda ledger: ledger.block_of(100),
        lambda ledger: ledger.tile(0, 0),
    ],
)
def test_until_then_the_past_is_not_yet_here(
    part: Database, ask: Callable[[object], object]
) -> None:
    with pytest.raises(NotYetHere):
        ask(part.latest)


def test_what_is_on_either_side_of_the_gap_is_here(part: Database, whole: Database) -> None:
    view, tip = part.latest, part.latest.tip
    assert view.block(0) == whole.latest.block(0)
    assert view.log_entry(0) == whole.latest.log_entry(0)
    assert view.log_entry(tip.tree_size - 1) == whole.latest.log_entry(tip.tree_size - 1)
    assert view.block_of(1).block.header.height == 0
    assert view.block_of(tip.tree_size - 1).block.header.height == tip.header.height
    assert view.objects("member/") == whole.latest.objects("member/")


# ---------------------------------------------------------------- lies


def test_a_tile_that_the_one_above_does_not_name_is_refused(
    part: Database, whole: Database
) -> None:
    past = past_of(part)
    keys = past.missing_tiles()
    names = [bytes((key.level,)) + schema.number(key.index) for key in keys]
    items = items_of(whole.latest, ChunkKind.TILES, names)
    before = rows(part.latest, schema.TILE)
    for wrong in (
        [bytes(32) + items[0][32:], *items[1:]],
        [items[1], *items[1:]],
        [items[0][:-32], *items[1:]],
        [*items, items[0]],
    ):
        with pytest.raises(SnapshotRefused, match="tile"):
            past.take_tiles(keys, wrong)
    assert rows(part.latest, schema.TILE) == before


def test_an_entry_that_is_not_in_the_log_is_refused(part: Database, whole: Database) -> None:
    past = past_of(part)
    while past.missing_tiles():
        step(past, whole)
    items = items_of(whole.latest, ChunkKind.ENTRIES, [schema.number(past.next)])
    for wrong in ([items[1]], [items[0][:-1], *items[1:]], [*items[:50], b"", *items[51:]]):
        with pytest.raises(SnapshotRefused, match="entry"):
            past.take_entries(wrong)
    assert past.next == 2, "nothing of it was taken"
    fill(part, whole)
    assert rows(part.latest, *TABLES) == rows(whole.latest, *TABLES)


def test_a_certificate_nobody_asked_for_is_refused(part: Database, whole: Database) -> None:
    past = past_of(part)
    while past.missing_tiles():
        step(past, whole)
    closed = past.take_entries(
        items_of(whole.latest, ChunkKind.ENTRIES, [schema.number(past.next)])
    )
    names = [schema.number(1) + schema.number(5)]
    items = items_of(whole.latest, ChunkKind.CERTIFICATES, names)
    assert len(items) == 5
    with pytest.raises(SnapshotRefused, match="not asked for"):
        past.check_certificates(closed[:1], items)


def test_the_first_tile_is_that_of_the_first_entries(part: Database) -> None:
    assert past_of(part).missing_tiles()[0] == TileKey(0, 0)
