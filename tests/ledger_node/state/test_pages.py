"""Pages from disk are refused unless they are, byte for byte, what their parent committed to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.codec import Digest
from ledger_node.state import EMPTY_ROOT, CorruptPage, path_of, prove, update
from ledger_node.state.page import page_key, read_page, slot_of
from tests.ledger_node.state.naive_tree import CLOSE_KEYS, KEYS, apply

ROOT_KEY = page_key(0, b"")


def grown() -> tuple[dict[bytes, bytes], Digest]:
    pages: dict[bytes, bytes] = {}
    result = update(pages, EMPTY_ROOT, dict.fromkeys(KEYS, b"v"))
    apply(pages, result)
    return pages, result.root


PAGES, ROOT = grown()


def touch_everything(pages: dict[bytes, bytes]) -> None:
    """An update and proofs whose way leads through every page."""
    update(pages, ROOT, dict.fromkeys(KEYS, b"w"))


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
    older = update(PAGES, ROOT, {KEYS[0]: b"w"})
    with pytest.raises(CorruptPage, match="its parent says"):
        update(PAGES, older.root, {KEYS[1]: b"w"})


def test_a_leaf_moved_to_a_slot_it_does_not_belong_to_is_refused() -> None:
    single = update({}, EMPTY_ROOT, {b"key": b"value"})
    page = single.writes[ROOT_KEY]
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


def test_proving_reads_pages_as_carefully_as_updating() -> None:
    deepest = max(PAGES)
    pages = {**PAGES, deepest: PAGES[deepest][:-1] + b"?"}
    behind_it = [key for key in CLOSE_KEYS if page_key(deepest[0], path_of(key)) == deepest]
    assert behind_it
    for key in behind_it:
        with pytest.raises(CorruptPage) as refused:
            prove(pages, ROOT, key, lambda _: (key, b"v"))  # noqa: B023 - called at once
        assert refused.value.key == deepest
