"""The root depends on the entries alone, and pages hold exactly what the tree needs."""

from hashlib import sha256
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_node.state import EMPTY_ROOT, EmptyEntry, NodeReader, Overlay, path_of, update
from tests.ledger_node.state.naive_tree import (
    CLOSE_KEYS,
    FAR_KEYS,
    KEYS,
    apply,
    naive_root,
    shared_bits,
)

changes = st.dictionaries(
    st.sampled_from(KEYS), st.none() | st.sampled_from([b"a", b"b", b"c"]), max_size=12
)


@given(st.lists(changes, max_size=8))
@settings(max_examples=150, deadline=None)
def test_any_sequence_of_batches_gives_the_root_of_the_definition(
    batches: list[dict[bytes, bytes | None]],
) -> None:
    pages: dict[bytes, bytes] = {}
    root, entries = EMPTY_ROOT, dict[bytes, bytes]()
    for batch in batches:
        result = update(pages, root, batch)
        apply(pages, result)
        root = result.root
        for key, value in batch.items():
            if value is None:
                entries.pop(key, None)
            else:
                entries[key] = value
        assert root == naive_root(entries)


@given(st.dictionaries(st.sampled_from(KEYS), st.just(b"v"), max_size=30), st.randoms())
@settings(max_examples=60, deadline=None)
def test_pages_depend_on_the_entries_and_not_on_how_they_came(
    entries: dict[bytes, bytes], random: Random
) -> None:
    together: dict[bytes, bytes] = {}
    apply(together, update(together, EMPTY_ROOT, entries))

    apart: dict[bytes, bytes] = {}
    root = EMPTY_ROOT
    detour: dict[bytes, bytes | None] = dict.fromkeys(KEYS, b"soon gone")
    order = list(entries)
    random.shuffle(order)
    steps: list[dict[bytes, bytes | None]] = [
        detour,
        {key: None for key in KEYS if key not in entries},
    ]
    steps.extend({key: entries[key]} for key in order)
    for step in steps:
        result = update(apart, root, step)
        apply(apart, result)
        root = result.root

    assert apart == together


def test_the_sample_keys_do_go_deeper_than_a_page() -> None:
    paths = sorted(map(path_of, CLOSE_KEYS))
    assert max(shared_bits(a, b) for a, b in pairwise(paths)) >= 24


def test_a_tree_of_one_entry_is_its_leaf() -> None:
    path, value_hash = sha256(b"key").digest(), sha256(b"value").digest()
    root = update({}, EMPTY_ROOT, {b"key": b"value"}).root
    assert root == sha256(b"\x00" + path + value_hash).digest()


def test_deleting_everything_leaves_no_page_behind() -> None:
    pages: dict[bytes, bytes] = {}
    full = update(pages, EMPTY_ROOT, dict.fromkeys(KEYS, b"v"))
    apply(pages, full)
    assert len(pages) > 10
    emptied = update(pages, full.root, dict.fromkeys(KEYS))
    apply(pages, emptied)
    assert emptied.root == EMPTY_ROOT
    assert pages == {}


@pytest.mark.parametrize(
    "change",
    [{}, {FAR_KEYS[0]: b"v"}, {b"unknown": None}, {CLOSE_KEYS[0]: b"v", b"unknown": None}],
)
def test_a_change_that_changes_nothing_writes_nothing(change: dict[bytes, bytes | None]) -> None:
    pages: dict[bytes, bytes] = {}
    full = update(pages, EMPTY_ROOT, dict.fromkeys(KEYS, b"v"))
    apply(pages, full)
    assert update(pages, full.root, change) == type(full)(full.root, {})


def test_deleting_from_an_empty_tree_changes_nothing() -> None:
    assert update({}, EMPTY_ROOT, {b"unknown": None}).root == EMPTY_ROOT


def test_a_batch_reads_each_page_once_and_writes_only_what_it_read_or_made() -> None:
    pages: dict[bytes, bytes] = {}
    full = update(pages, EMPTY_ROOT, {b"key/%d" % n: b"v" for n in range(3000)})
    apply(pages, full)

    reads: list[bytes] = []

    class Counting:
        def get(self, key: bytes, /) -> bytes | None:
            reads.append(key)
            return pages.get(key)

    changed = update(Counting(), full.root, {b"key/%d" % n: b"w" for n in range(50)})
    assert len(reads) == len(set(reads))
    assert set(changed.writes) == set(reads)
    assert len(reads) < 50 * 4


@given(st.lists(changes, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_overlays_stack_and_leave_what_is_below_them_untouched(
    batches: list[dict[bytes, bytes | None]],
) -> None:
    database: dict[bytes, bytes] = {}
    start = update(database, EMPTY_ROOT, dict.fromkeys(KEYS[::2], b"v"))
    apply(database, start)
    untouched = dict(database)

    reader: NodeReader = database
    root, in_order = start.root, [start]
    for batch in batches:
        result = update(reader, root, batch)
        reader, root = Overlay(reader, result.writes), result.root
        in_order.append(result)
    assert database == untouched

    for result in in_order[1:]:
        apply(database, result)
        assert update(database, result.root, {}).root == result.root
    assert update(database, root, {b"one more": b"x"}) == update(reader, root, {b"one more": b"x"})


def test_two_branches_over_one_base_do_not_meet() -> None:
    base: dict[bytes, bytes] = {}
    start = update(base, EMPTY_ROOT, dict.fromkeys(KEYS, b"v"))
    apply(base, start)
    left = update(base, start.root, {KEYS[0]: b"left"})
    right = update(base, start.root, {KEYS[0]: None})
    again = update(Overlay(base, left.writes), left.root, {KEYS[0]: b"v"})
    assert again.root == start.root
    assert right.root == naive_root(dict.fromkeys(KEYS[1:], b"v"))


@pytest.mark.parametrize(
    ("change", "field"), [({b"": b"v"}, "key"), ({b"": None}, "key"), ({b"k": b""}, "value")]
)
def test_empty_keys_and_values_are_refused(change: dict[bytes, bytes | None], field: str) -> None:
    with pytest.raises(EmptyEntry) as refused:
        update({}, EMPTY_ROOT, {b"fine": b"v", **change})
    assert refused.value.field == field
