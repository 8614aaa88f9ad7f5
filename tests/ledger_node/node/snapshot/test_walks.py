"""What is taken is right item by item, or refused and asked for again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.block import Block
from ledger_node.codec import decode, encode
from ledger_node.ledger.refusal import MAX_LIFETIME_MS
from ledger_node.node.snapshot.forms import ChunkKind, ObjectItem, SnapshotRefused
from ledger_node.node.snapshot.serving import items_of
from ledger_node.node.snapshot.walks import IdWalk, Taken, TreeWalk
from ledger_node.state.walk import PageRef, walk
from ledger_node.storage import schema
from ledger_node.storage.database import Database
from ledger_node.storage.snapshot import Snapshot
from ledger_node.storage.staging import Staging
from tests.ledger_node.ledger.builders import UNION
from tests.ledger_node.node.snapshot.ledgers import grow, ledger, rows, take_ids, take_state


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with ledger(tmp_path / "ledger") as made:
        yield made


@pytest.fixture
def staging(tmp_path: Path, database: Database) -> Iterator[Staging]:
    opened = Staging.open(tmp_path / "incoming", UNION, database.latest.tip.state_root)
    yield opened
    opened.close()


def staged(staging: Staging, *tables: bytes) -> dict[bytes, bytes]:
    return {key: value for table in tables for key, value in staging.rows(table)}


def pages(view: Snapshot) -> dict[bytes, bytes]:
    """The pages of the state of a ledger, as they are kept while they come in."""
    found = walk(view, view.tip.state_root)
    return {schema.PAGE + ref.key: page for ref, page in found if isinstance(ref, PageRef)}


# ---------------------------------------------------------------- the state


def test_the_whole_state_arrives(database: Database, staging: Staging) -> None:
    view, taken = database.latest, Taken()
    take_state(view, staging, taken)
    state = (schema.OBJECT, schema.LEAF)
    assert staged(staging, *state) == rows(view, *state)
    assert staged(staging, schema.PAGE) == pages(view)
    assert taken.objects == len(rows(view, schema.OBJECT))


def test_a_second_walk_finds_everything_here(database: Database, staging: Staging) -> None:
    take_state(database.latest, staging)
    tree = TreeWalk.of(staging, database.latest.tip.state_root, Taken())
    while tree.pages:
        assert tree.wanted_pages() == []
    assert tree.done


@pytest.mark.parametrize("where", ["first byte", "last byte"])
def test_a_changed_page_is_refused_and_wanted_again(
    database: Database, staging: Staging, where: str
) -> None:
    tree = TreeWalk.of(staging, database.latest.tip.state_root, Taken())
    (root,) = tree.wanted_pages()
    (page,) = items_of(database.latest, ChunkKind.PAGES, [root.key])
    wrong = bytes((page[0] ^ 1, *page[1:])) if where == "first byte" else page[:-1]
    with pytest.raises(SnapshotRefused, match="page"):
        tree.take_pages([root], [wrong])
    assert staged(staging, schema.PAGE) == {}
    tree.give_back([root])
    assert tree.wanted_pages() == [root]


def test_a_page_of_another_place_is_refused(database: Database, staging: Staging) -> None:
    view = database.latest
    tree = TreeWalk.of(staging, view.tip.state_root, Taken())
    (root,) = tree.wanted_pages()
    tree.take_pages([root], items_of(view, ChunkKind.PAGES, [root.key]))
    first, second, *_ = tree.wanted_pages()
    with pytest.raises(SnapshotRefused):
        tree.take_pages([first], items_of(view, ChunkKind.PAGES, [second.key]))


def leaf_and_item(database: Database, staging: Staging) -> tuple[TreeWalk, list[bytes]]:
    view = database.latest
    tree = TreeWalk.of(staging, view.tip.state_root, Taken())
    while pages := tree.wanted_pages():
        tree.take_pages(pages, items_of(view, ChunkKind.PAGES, [page.key for page in pages]))
    return tree, items_of(view, ChunkKind.OBJECTS, [tree.leaves[-1].path])


@pytest.mark.parametrize("change", ["value", "key", "not an object", "empty"])
def test_an_object_that_its_leaf_does_not_name_is_refused(
    database: Database, staging: Staging, change: str
) -> None:
    tree, (item,) = leaf_and_item(database, staging)
    found = decode(ObjectItem, item)
    wrong = {
        "value": encode(ObjectItem(found.key, found.value + b"!")),
        "key": encode(ObjectItem(found.key + b"!", found.value)),
        "not an object": b"\x93",
        "empty": b"",
    }[change]
    with pytest.raises(SnapshotRefused, match="object"):
        tree.take_objects([tree.leaves[-1]], [wrong])
    assert staged(staging, schema.OBJECT) == {}


def test_more_items_than_were_asked_for_are_refused(database: Database, staging: Staging) -> None:
    tree, items = leaf_and_item(database, staging)
    with pytest.raises(SnapshotRefused, match="were asked for"):
        tree.take_objects(tree.leaves[-1:], [*items, *items])


def test_what_an_answer_leaves_out_is_wanted_again(database: Database, staging: Staging) -> None:
    tree, items = leaf_and_item(database, staging)
    count = len(tree.leaves)
    wanted = tree.wanted_leaves(1)
    tree.take_objects([wanted[-1], *wanted[:-1]], items)
    assert len(tree.leaves) == count - 1
    assert not tree.done


@settings(max_examples=25)
@given(st.binary(max_size=200))
def test_noise_is_refused(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    place = tmp_path_factory.mktemp("noise")
    staging = Staging.open(place / "incoming", UNION, b"r" * 32)
    try:
        tree = TreeWalk.of(staging, b"r" * 32, Taken())
        wanted = tree.wanted_pages()
        with pytest.raises(SnapshotRefused):
            tree.take_pages(wanted, [noise])
    finally:
        staging.close()


# ---------------------------------------------------------------- under another root


def test_what_an_earlier_root_left_behind_goes(database: Database, tmp_path: Path) -> None:
    place = tmp_path / "incoming"
    first = Staging.open(place, UNION, database.latest.tip.state_root)
    take_state(database.latest, first)
    first.close()
    grow(database, blocks=2, objects=3)
    view = database.latest
    second = Staging.open(place, UNION, view.tip.state_root)
    taken = Taken()
    take_state(view, second, taken)
    assert 0 < taken.objects < 10, "only what is new was asked for"
    second.prune(view.tip.state_root)
    state = (schema.OBJECT, schema.LEAF)
    assert staged(second, *state) == rows(view, *state)
    assert staged(second, schema.PAGE) == pages(view)
    second.close()


# ---------------------------------------------------------------- ids


def test_every_id_of_the_last_day_arrives(database: Database, staging: Staging) -> None:
    take_ids(database.latest, staging)
    assert (
        staged(staging, schema.SUBMISSION).keys() == rows(database.latest, schema.SUBMISSION).keys()
    )


def test_blocks_before_the_last_day_are_left_out(database: Database, staging: Staging) -> None:
    head = database.latest.block(6)
    assert head is not None
    ids = IdWalk.of(staging, head.block, Taken())
    ids.until_ms = head.block.header.time_ms - 2_000
    assert MAX_LIFETIME_MS > 6_000, "all blocks of this ledger are of one day"
    while not ids.done:
        ids.take(items_of(database.latest, ChunkKind.BLOCKS, [ids.next]))
    ordered = {
        submission
        for height in (4, 5, 6)
        if (block := database.latest.block(height)) is not None
        for submission in block.block.payload
    }
    assert {key[1:] for key in staged(staging, schema.SUBMISSION)} == ordered


def test_a_walk_goes_on_where_it_was(database: Database, staging: Staging) -> None:
    head = database.latest.block(6)
    assert head is not None
    ids = IdWalk.of(staging, head.block, Taken())
    ids.take(items_of(database.latest, ChunkKind.BLOCKS, [ids.next])[:2])
    assert IdWalk.of(staging, head.block, Taken()).next == ids.next


@pytest.mark.parametrize("change", ["payload", "another block", "noise"])
def test_a_block_that_the_one_above_does_not_name_is_refused(
    database: Database, staging: Staging, change: str
) -> None:
    view = database.latest
    head = view.block(6)
    assert head is not None
    ids = IdWalk.of(staging, head.block, Taken())
    blocks = items_of(view, ChunkKind.BLOCKS, [ids.next])
    found = decode(Block, blocks[0])
    wrong = {
        "payload": encode(Block(found.header, found.payload[1:])),
        "another block": blocks[1],
        "noise": b"\xc1",
    }[change]
    before = staged(staging, schema.SUBMISSION)
    with pytest.raises(SnapshotRefused, match="block"):
        ids.take([wrong, *blocks[1:]])
    assert staged(staging, schema.SUBMISSION) == before
