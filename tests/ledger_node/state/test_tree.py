"""The root depends on the entries alone, and so do the rows, whatever is in memory."""

import gc
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_node.state import (
    EMPTY_ROOT,
    NO_TREE,
    CorruptPage,
    EmptyEntry,
    NoRows,
    Tree,
    path_of,
    update,
)
from ledger_node.state.stored import BUCKET
from ledger_node.state.tree import Leaf, planted
from tests.ledger_node.state.naive_tree import (
    CLOSE_KEYS,
    CROWDS,
    FAR_KEYS,
    KEYS,
    Store,
    naive_root,
    shared_bits,
)

Changes = dict[bytes, bytes | None]

values = st.none() | st.sampled_from([b"a", b"b", b"c"])
changes = st.dictionaries(st.sampled_from(KEYS), values, max_size=40)


@dataclass(frozen=True)
class Step:
    """A batch, and what happens after it. keep: branches left in memory, None for all."""

    batch: Changes
    reopened: bool
    keep: int | None


steps = st.builds(Step, changes, st.booleans(), st.sampled_from([None, 0, 1, 5]))


def grown(entries: dict[bytes, bytes]) -> tuple[Store, Tree]:
    store = Store()
    result = update(store, NO_TREE, entries)
    store.apply(entries, result)
    return store, result.tree


def changed(entries: dict[bytes, bytes], batch: Changes) -> dict[bytes, bytes]:
    after = {**entries, **batch}
    return {key: value for key, value in after.items() if value is not None}


@given(st.lists(steps, max_size=8))
@settings(max_examples=150, deadline=None)
def test_any_sequence_of_batches_gives_the_root_of_the_definition(sequence: list[Step]) -> None:
    store, tree, entries = Store(), NO_TREE, dict[bytes, bytes]()
    for step in sequence:
        result = update(store, tree, step.batch)
        store.apply(step.batch, result)
        entries = changed(entries, step.batch)
        assert result.root == naive_root(entries)
        assert store == grown(entries)[0], "rows depend on the entries alone"
        tree = Tree(result.root) if step.reopened else result.tree
        tree = tree if step.keep is None else tree.spared(step.keep)


def test_a_tree_of_thousands_grows_and_shrinks_as_the_definition_says() -> None:
    random = Random(7)
    keys = [b"movement/%d" % n for n in range(3_000)]
    store, tree, entries = Store(), NO_TREE, dict[bytes, bytes]()
    for count, value in ((3_000, b"v"), (700, b"w"), (2_800, None), (500, b"x")):
        batch: Changes = dict.fromkeys(random.sample(keys, count), value)
        result = update(store, tree, batch)
        store.apply(batch, result)
        tree, entries = result.tree, changed(entries, batch)
        assert tree.root == naive_root(entries)
        assert store == grown(entries)[0]
        assert tree.held == 1 + len(store.branch_rows)


@given(st.integers(0, 250), st.sets(st.binary(min_size=2, max_size=2), min_size=2, max_size=30))
@settings(max_examples=60, deadline=None)
def test_paths_that_part_late_are_hashed_as_the_definition_says(
    shared: int, tails: set[bytes]
) -> None:
    places = [int.from_bytes(tail) << 240 >> shared & (1 << 256) - 1 for tail in tails]
    leaves = [Leaf(p.to_bytes(32), sha256(b"v").digest(), b"k") for p in sorted(set(places))]
    result = planted(NoRows(), NO_TREE, leaves)
    assert result.root == _naive_over([leaf.path for leaf in leaves], 0)
    again = NO_TREE
    for leaf in Random(shared).sample(leaves, len(leaves)):
        again = planted(NoRows(), again, [leaf]).tree
    assert again == result.tree


def _naive_over(paths: list[bytes], depth: int) -> bytes:
    if len(paths) < 2:
        value_hash = sha256(b"v").digest()
        return sha256(b"\0" + paths[0] + value_hash).digest() if paths else bytes(32)
    right = [path for path in paths if path[depth // 8] >> (7 - depth % 8) & 1]
    left = paths[: len(paths) - len(right)]
    halves = _naive_over(left, depth + 1) + _naive_over(right, depth + 1)
    return sha256(b"\1" + halves).digest()


def test_the_sample_keys_go_deeper_than_a_page_and_crowd_a_branch() -> None:
    paths = sorted(map(path_of, CLOSE_KEYS))
    assert max(shared_bits(a, b) for a, b in pairwise(paths)) >= 24
    assert all(len(crowd) > BUCKET for crowd in CROWDS)
    assert max(place[0] for place in grown(dict.fromkeys(KEYS, b"v"))[0].branch_rows) >= 3


def test_a_tree_of_one_entry_is_its_leaf() -> None:
    path, value_hash = sha256(b"key").digest(), sha256(b"value").digest()
    root = update(NoRows(), NO_TREE, {b"key": b"value"}).root
    assert root == sha256(b"\x00" + path + value_hash).digest()


def test_deleting_everything_leaves_no_row_behind() -> None:
    store, tree = grown(dict.fromkeys(KEYS, b"v"))
    assert len(store.leaf_rows) == len(KEYS)
    emptied = update(store, tree, dict.fromkeys(KEYS))
    store.apply(dict.fromkeys(KEYS), emptied)
    assert emptied.root == EMPTY_ROOT
    assert store == Store()


@pytest.mark.parametrize("reopened", [False, True])
@pytest.mark.parametrize(
    "change",
    [{}, {FAR_KEYS[0]: b"v"}, {b"unknown": None}, {CLOSE_KEYS[0]: b"v", b"unknown": None}],
)
def test_a_change_that_changes_nothing_writes_nothing(change: Changes, reopened: bool) -> None:
    store, tree = grown(dict.fromkeys(KEYS, b"v"))
    result = update(store, Tree(tree.root) if reopened else tree, change)
    assert (result.root, result.leaves, result.branches) == (tree.root, {}, {})


def test_deleting_from_an_empty_tree_changes_nothing() -> None:
    assert update(NoRows(), NO_TREE, {b"unknown": None}).root == EMPTY_ROOT


def test_a_change_writes_the_branches_on_its_way_and_its_leaf_if_it_comes_or_goes() -> None:
    store, tree = grown(dict.fromkeys(KEYS, b"v"))
    key = CROWDS[0][0]
    for value, leaves in ((b"w", {}), (None, {path_of(key): None})):
        result = update(store, tree, {key: value})
        assert result.leaves == leaves
        assert [place[0] for place in sorted(result.branches)] == [1, 2, 3]
    again = update(store, result.tree, {key: b"w"})
    assert again.leaves == {path_of(key): key}


def test_what_is_in_memory_is_not_read_again() -> None:
    entries = {b"key/%d" % n: b"v" for n in range(3_000)}
    store, tree = grown(entries)
    cold = Tree(tree.root)
    some: Changes = {b"key/%d" % n: b"w" for n in range(50)}
    store.reads = 0
    warm = update(store, cold, some)
    assert 0 < store.reads <= 3 * warm.tree.held
    store.reads = 0
    others: Changes = {b"key/%d" % n: b"x" for n in range(50)}
    assert update(store, warm.tree, others).root == naive_root(changed(entries, others))
    assert store.reads == 0
    assert update(store, tree, some).root == warm.root


def test_memory_is_bounded_and_what_changed_last_stays() -> None:
    store, tree = grown({b"key/%d" % n: b"v" for n in range(3_000)})
    held = tree.held
    assert tree.spared(held) is tree
    spared = tree.spared(held - 1)
    assert spared.held == held, "all of it is new"
    key = b"key/7"
    result = update(store, spared, {key: b"w"})
    store.apply({key: b"w"}, result)
    small = result.tree.spared(held - 1)
    assert small == result.tree
    assert 1 < small.held < 5
    store.reads = 0
    update(store, small, {key: b"x"})
    assert store.reads == 0
    update(store, small, {b"key/%d" % n: b"x" for n in range(100)})
    assert store.reads > 0


def test_trees_on_one_tree_do_not_meet() -> None:
    entries = dict.fromkeys(KEYS, b"v")
    store, tree = grown(entries)
    left = update(store, tree, {KEYS[0]: b"left", KEYS[30]: None})
    right = update(store, tree, dict.fromkeys(KEYS[:60]))
    assert left.root == naive_root(changed(entries, {KEYS[0]: b"left", KEYS[30]: None}))
    assert right.root == naive_root(dict.fromkeys(KEYS[60:], b"v"))
    again = update(store, left.tree, {KEYS[0]: b"v", KEYS[30]: b"v"})
    assert again.root == tree.root == naive_root(entries)


@given(changes, changes, st.data())
@settings(max_examples=100, deadline=None)
def test_a_torn_write_leads_to_no_other_root(
    batch: Changes, after: Changes, data: st.DataObject
) -> None:
    """Rows are written together or not at all; were they not, the next change would find out."""
    entries = dict.fromkeys(KEYS[::2], b"v")
    store, tree = grown(entries)
    result = update(store, tree, batch)
    written = dict(batch)
    for writes in (written, result.leaves, result.branches):
        lost = data.draw(st.sets(st.sampled_from(sorted(writes)))) if writes else ()
        for key in lost:
            del writes[key]
    store.apply(written, result)
    for root, then in ((tree.root, entries), (result.root, changed(entries, batch))):
        try:
            found = update(store, Tree(root), after).root
        except CorruptPage:
            continue
        assert found == naive_root(changed(then, after))


def test_every_row_that_was_altered_is_noticed() -> None:
    store, tree = grown({key: b"value of " + key for key in KEYS})
    for rows in (store.entries, store.leaf_rows, store.branch_rows):
        for key, row in list(rows.items()):
            at = len(key) % len(row)
            rows[key] = row[:at] + bytes((row[at] ^ 4,)) + row[at + 1 :]
            with pytest.raises(CorruptPage):
                update(store, Tree(tree.root), dict.fromkeys(KEYS, b"w"))
            rows[key] = row


def test_a_row_that_is_missing_is_noticed() -> None:
    store, tree = grown(dict.fromkeys(KEYS, b"v"))
    for rows in (store.entries, store.leaf_rows, store.branch_rows):
        for key, row in list(rows.items()):
            del rows[key]
            with pytest.raises(CorruptPage):
                update(store, Tree(tree.root), dict.fromkeys(KEYS, b"w"))
            rows[key] = row


def test_a_row_too_many_is_noticed() -> None:
    store, tree = grown(dict.fromkeys(KEYS, b"v"))
    store.leaf_rows[path_of(b"another")] = KEYS[0]
    with pytest.raises(CorruptPage):
        update(store, Tree(tree.root), dict.fromkeys(KEYS, b"w"))


@pytest.mark.parametrize("row", [b"", bytes(31), bytes(33)])
def test_a_hash_of_another_length_is_refused(row: bytes) -> None:
    store, tree = grown(dict.fromkeys(KEYS, b"v"))
    store.branch_rows[min(store.branch_rows)] = row
    with pytest.raises(CorruptPage, match="bytes"):
        update(store, Tree(tree.root), dict.fromkeys(KEYS, b"w"))


def test_more_leaves_than_a_bucket_holds_are_refused() -> None:
    store, tree = grown(dict.fromkeys(KEYS, b"v"))
    for place in [place for place in store.branch_rows if place[0] == 3]:
        del store.branch_rows[place]
    with pytest.raises(CorruptPage, match="does not belong"):
        update(store, Tree(tree.root), dict.fromkeys(KEYS, b"w"))


@pytest.mark.parametrize(
    ("change", "field"), [({b"": b"v"}, "key"), ({b"": None}, "key"), ({b"k": b""}, "value")]
)
def test_empty_keys_and_values_are_refused(change: Changes, field: str) -> None:
    with pytest.raises(EmptyEntry) as refused:
        update(NoRows(), NO_TREE, {b"fine": b"v", **change})
    assert refused.value.field == field


def test_a_tree_in_memory_is_kept_out_of_the_garbage_collector() -> None:
    _, tree = grown({f"key/{number}".encode(): b"a" for number in range(2_000)})
    assert tree.top is not None
    gc.collect()
    branches = [tree.top]
    for branch in branches:
        branches += [below for _, below in branch.branches()]
    assert len(branches) == tree.held > 100
    assert not any(gc.is_tracked(each) or gc.is_tracked(each.slots) for each in branches)
