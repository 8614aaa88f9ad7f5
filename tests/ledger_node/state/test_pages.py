"""Pages are refused unless they are, byte for byte, what their parent committed to, and those that
a store makes of its rows are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.codec import Digest
from ledger_node.state import NO_TREE, CorruptPage, NoRows, path_of, prove, stored_page, update
from ledger_node.state.page import page_key, read_page, slot_of
from ledger_node.state.walk import LeafRef, PageRef, walk
from tests.ledger_node.state.naive_tree import CLOSE_KEYS, KEYS, Store

ROOT_KEY = page_key(0, b"")


def grown(*keys: bytes) -> tuple[Store, Digest]:
    store = Store()
    entries = dict.fromkeys(keys, b"v")
    result = update(store, NO_TREE, entries)
    store.apply(entries, result)
    return store, result.root


def pages_of(store: Store, root: bytes) -> dict[bytes, bytes]:
    return {ref.key: stored for ref, stored in walk(store, root) if isinstance(ref, PageRef)}


STORE, ROOT = grown(*KEYS)
PAGES = pages_of(STORE, ROOT)


def touch_everything(pages: dict[bytes, bytes]) -> None:
    """A walk that leads through every page."""
    for _ in walk(pages, ROOT):
        pass


def test_the_pages_of_a_store_lead_to_every_leaf() -> None:
    leaves = [ref.path for ref, _ in walk(STORE, ROOT) if isinstance(ref, LeafRef)]
    assert leaves == sorted(map(path_of, KEYS))
    assert max(key[0] for key in PAGES) >= 6, "close keys part in pages that have no branch"


@given(st.sets(st.sampled_from(KEYS), max_size=30))
def test_a_store_has_the_pages_of_its_tree_and_no_others(keys: set[bytes]) -> None:
    store, root = grown(*keys)
    pages = pages_of(store, root)
    assert all(stored_page(store, key) == pages.get(key) for key in {*PAGES, *pages})


@given(st.binary(max_size=34))
def test_whatever_page_others_ask_for_there_is_an_answer(key: bytes) -> None:
    assert stored_page(STORE, key) == PAGES.get(key)


@pytest.mark.parametrize(
    "key",
    [b"", b"\x00\x00", b"\x01\x0f", b"\x02", b"\x40" + bytes(32), b"\xff" * 33],
    ids=["empty", "too long", "half a byte too many", "too short", "below the last", "all ones"],
)
def test_no_page_has_a_key_that_is_none(key: bytes) -> None:
    assert stored_page(STORE, key) is None


def test_page_keys_are_depth_and_packed_nibbles() -> None:
    path = bytes.fromhex("abcdef") + bytes(29)
    assert page_key(0, path) == b"\x00"
    assert page_key(1, path) == b"\x01\xa0"
    assert page_key(2, path) == b"\x02\xab"
    assert page_key(5, path) == b"\x05\xab\xcd\xe0"


def test_every_flipped_byte_of_every_page_is_noticed() -> None:
    for key, page in PAGES.items():
        for at in range(len(page)):
            flipped = bytearray(page)
            flipped[at] ^= 1 << at % 8
            with pytest.raises(CorruptPage) as refused:
                read_page({key: bytes(flipped)}, key[0], key[1:], parent_hash(key))
            assert refused.value.key == key


def parent_hash(key: bytes) -> bytes:
    """The hash that the parent of the page at `key` holds."""
    path, digest = key[1:].ljust(32, b"\0"), bytes(ROOT)
    for depth in range(key[0]):
        digest = read_page(PAGES, depth, path, digest).hashes[slot_of(depth, path)]
    return digest


@given(st.sampled_from(sorted(PAGES)), st.data())
def test_a_torn_page_is_refused(key: bytes, data: st.DataObject) -> None:
    whole = PAGES[key]
    length = data.draw(st.integers(0, len(whole) - 1))
    tail = data.draw(st.sampled_from([b"", bytes(len(whole) - length), bytes(2000)]))
    torn = whole[:length] + tail
    if torn == whole:
        return
    with pytest.raises(CorruptPage):
        touch_everything({**PAGES, key: torn})


@given(st.binary(max_size=1100))
def test_arbitrary_bytes_are_refused(stored: bytes) -> None:
    with pytest.raises(CorruptPage):
        read_page({ROOT_KEY: stored}, 0, b"", ROOT)


@pytest.mark.parametrize("key", sorted(PAGES))
def test_a_missing_page_is_reported_by_its_key(key: bytes) -> None:
    with pytest.raises(CorruptPage, match="missing") as refused:
        touch_everything({k: v for k, v in PAGES.items() if k != key})
    assert refused.value.key == key


def test_a_page_of_another_version_of_the_tree_is_refused() -> None:
    _, older = grown(*KEYS[1:])
    with pytest.raises(CorruptPage, match="its parent says"):
        read_page(PAGES, 0, bytes(32), older)


def test_a_leaf_moved_to_a_slot_it_does_not_belong_to_is_refused() -> None:
    single = update(NoRows(), NO_TREE, {b"key": b"value"})
    store = Store()
    store.apply({b"key": b"value"}, single)
    page = store.get(ROOT_KEY)
    assert page is not None
    leaf_bits = int.from_bytes(page[2:4], "big")
    moved = page[:2] + (leaf_bits >> 1 or 2).to_bytes(2, "big") + page[4:]
    with pytest.raises(CorruptPage, match="does not lead to its slot"):
        read_page({ROOT_KEY: moved}, 0, b"", single.root)


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        (b"", "bitmaps alone"),
        (b"\x00\x00\x00", "bitmaps alone"),
        (b"\x00\x01\x00\x01" + bytes(96), "both a leaf and a page"),
        (b"\x00\x03\x00\x00" + bytes(32), "its bitmaps say"),
        (b"\x00\x01\x00\x00" + bytes(32), "empty page"),
        (b"\x00\x00\x00\x00", "its parent says"),
    ],
)
def test_malformed_pages_are_refused_with_the_rule(stored: bytes, reason: str) -> None:
    with pytest.raises(CorruptPage, match=reason):
        read_page({ROOT_KEY: stored}, 0, b"", ROOT)


def test_a_page_below_the_last_nibble_is_refused() -> None:
    path = bytes(32)
    stored = b"\x00\x01\x00\x00" + b"\x11" * 32
    with pytest.raises(CorruptPage, match="last nibble"):
        read_page({page_key(63, path): stored}, 63, path, b"\x22" * 32)


def test_a_lower_page_of_one_leaf_is_refused() -> None:
    path = bytes(32)
    stored = b"\x00\x00\x00\x01" + bytes(32) + b"\x11" * 32
    with pytest.raises(CorruptPage, match="single leaf"):
        read_page({page_key(2, path): stored}, 2, path, b"\x22" * 32)


def test_proving_reads_pages_as_carefully_as_walking() -> None:
    deepest = max(PAGES)
    pages = {**PAGES, deepest: PAGES[deepest][:-1] + b"?"}
    behind_it = [key for key in CLOSE_KEYS if page_key(deepest[0], path_of(key)) == deepest]
    assert behind_it
    for key in behind_it:
        with pytest.raises(CorruptPage) as refused:
            prove(pages, ROOT, key, lambda _: (key, b"v"))  # noqa: B023 - called at once
        assert refused.value.key == deepest
