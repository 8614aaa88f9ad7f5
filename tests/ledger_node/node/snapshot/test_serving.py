"""Older views of the ledger are held for those who take them, and for nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger_node.codec import decode
from ledger_node.node.snapshot import serving
from ledger_node.node.snapshot.forms import ChunkKind, Manifest
from ledger_node.node.snapshot.serving import RECENT, UNUSED_S, Views, items_of, manifest_of
from ledger_node.storage.database import Database
from ledger_node.storage.schema import number
from tests.ledger_node.ledger.builders import genesis
from tests.ledger_node.node.snapshot.ledgers import grow, ledger


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with ledger(tmp_path / "ledger", blocks=3, objects=5) as made:
        yield made


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_view_is_held_while_the_ledger_goes_on(database: Database) -> None:
    views = Views(lambda: database.latest)
    pinned = views.pin("KZ", 0)
    assert pinned is not None
    root = pinned.tip.state_root
    for _ in range(RECENT + 2):
        grow(database, blocks=1, objects=1)
        views.committed()
    held = views.held("KZ", 3)
    assert held is not None
    assert held.tip.state_root == root
    assert items_of(held, ChunkKind.PAGES, [b"\x00"]) != items_of(
        database.latest, ChunkKind.PAGES, [b"\x00"]
    )
    assert views.held("BY", 3) is None, "it is held for one peer"


def test_a_recent_height_can_be_asked_for_by_all(database: Database) -> None:
    views = Views(lambda: database.latest)
    views.committed()
    grow(database, blocks=2, objects=1)
    for peer in ("BY", "KZ"):
        view = views.pin(peer, 3)
        assert view is not None
        assert view.tip.header.height == 3
    assert views.pin("BY", 2) is None


def test_no_peer_takes_away_what_is_held_for_another(database: Database) -> None:
    views = Views(lambda: database.latest)
    views.pin("KZ", 0)
    for _ in range(10):
        grow(database, blocks=1, objects=1)
        views.pin("BY", 0)
    assert views.held("KZ", 3) is not None
    assert views.held("BY", 4) is None


def test_what_nobody_uses_is_let_go(database: Database) -> None:
    clock = Clock()
    views = Views(lambda: database.latest, clock)
    views.pin("KZ", 0)
    grow(database, blocks=1, objects=1)
    clock.now += UNUSED_S - 1
    assert views.held("KZ", 3) is not None
    clock.now += UNUSED_S + 1
    views.let_go()
    assert views.held("KZ", 3) is None


def test_the_genesis_alone_is_no_snapshot(tmp_path: Path) -> None:
    with Database.create(tmp_path / "new", genesis()) as database:
        assert manifest_of(database.latest) is None


def test_a_manifest_is_of_the_head(database: Database) -> None:
    data = manifest_of(database.latest)
    assert data is not None
    manifest = decode(Manifest, data)
    assert manifest.block.header.height == 3
    assert manifest.state_root == database.latest.tip.state_root


def test_a_chunk_ends_where_it_is_full(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    every = items_of(database.latest, ChunkKind.ENTRIES, [number(2)])
    monkeypatch.setattr(serving, "CHUNK_BYTES", 1_000)
    some = items_of(database.latest, ChunkKind.ENTRIES, [number(2)])
    assert some == every[: len(some)]
    assert sum(map(len, some[:-1])) < 1_000 <= sum(map(len, some))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (ChunkKind.PAGES, b"\x07nothing"),
        (ChunkKind.OBJECTS, bytes(32)),
        (ChunkKind.BLOCKS, bytes(32)),
        (ChunkKind.TILES, b"\x09" + number(5)),
        (ChunkKind.TILES, b""),
        (ChunkKind.ENTRIES, number(10**6)),
        (ChunkKind.ENTRIES, b"short"),
        (ChunkKind.CERTIFICATES, number(7) + number(9)),
        (ChunkKind.CERTIFICATES, b""),
        (ChunkKind.STEPS, number(1)),
        (ChunkKind.STEPS, b"\x01" * 40),
    ],
)
def test_what_is_not_here_gives_nothing(database: Database, kind: ChunkKind, name: bytes) -> None:
    assert items_of(database.latest, kind, [name]) == []
