"""Tiles against the tree they are made from, at every boundary; their paths; entry bundles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.codec.digests import Digest
from ledger_node.log.merkle import (
    Frontier,
    InMemoryHashes,
    consistency_path,
    inclusion_path,
    leaf_hash,
    root_of,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from ledger_node.log.tiles import (
    TILE_BYTES,
    TILE_WIDTH,
    EntryBundle,
    HashTile,
    TileError,
    TileHashes,
    TileKey,
    TileRule,
    decode_entry_bundle,
    encode_entry_bundle,
    entries_path,
    parse_tile_path,
    tile_path,
    tile_updates,
    tile_width,
    tiles_of,
)
from tests.ledger_node.log.sample_union import StoredTiles

BIG = 65537 + 300
LEAVES = [leaf_hash(index.to_bytes(4)) for index in range(BIG)]


def stored(size: int, step: int) -> StoredTiles:
    """The tiles of the first `size` leaves, appended `step` at a time."""
    tiles = StoredTiles()
    for at in range(0, size, step):
        tiles.content.update(tile_updates(tiles, at, LEAVES[at : min(size, at + step)]))
    return tiles


@pytest.fixture(scope="module")
def big() -> StoredTiles:
    return stored(BIG, 1000)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513])
@pytest.mark.parametrize("step", [1, 7, 256, 1000])
def test_tiles_hold_the_hashes_the_spec_defines(size: int, step: int) -> None:
    tiles = stored(size, step)
    expected = {
        TileKey(0, index): b"".join(LEAVES[index * TILE_WIDTH : min(size, (index + 1) * 256)])
        for index in range(-(-size // TILE_WIDTH))
    }
    full = size // TILE_WIDTH
    if full:
        roots = [root_of(LEAVES[at * 256 : (at + 1) * 256]) for at in range(full)]
        expected[TileKey(1, 0)] = b"".join(roots)
    assert tiles.content == expected


@pytest.mark.parametrize("size", [65535, 65536, 65537])
def test_two_full_levels_make_a_third(size: int) -> None:
    tiles = stored(size, 5000)
    widths = {(t.level, t.index): t.width for t in tiles_of(size)}
    assert {(key.level, key.index): len(value) // 32 for key, value in tiles.content.items()} == (
        widths
    )
    assert (TileKey(2, 0) in tiles.content) == (size >= 65536)
    assert tree_root(size, TileHashes(tiles, size)) == root_of(LEAVES[:size])
    if size >= 65536:
        assert tiles.content[TileKey(2, 0)] == root_of(LEAVES[:65536])


@pytest.mark.parametrize("size", [1, 255, 256, 257, 300, 65535, 65536, 65537, BIG])
def test_old_trees_are_served_from_newer_tiles(big: StoredTiles, size: int) -> None:
    reader = TileHashes(big, BIG)
    root = Frontier.empty().extend(LEAVES[:size]).root()
    assert tree_root(size, reader) == root
    for index in {0, size // 2, size - 1, min(size - 1, 255), min(size - 1, 256)}:
        path = inclusion_path(index, size, reader)
        verify_inclusion(index, size, LEAVES[index], path, root)
    path = consistency_path(size, BIG, reader)
    verify_consistency(size, BIG, path, root, root_of(LEAVES))


@given(st.integers(1, 700), st.data())
def test_paths_from_tiles_are_those_from_memory(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    reader = TileHashes(stored(size, 97), size)
    memory = InMemoryHashes(LEAVES[:size])
    assert inclusion_path(index, size, reader) == inclusion_path(index, size, memory)
    old = index + 1
    assert consistency_path(old, size, reader) == consistency_path(old, size, memory)


def test_an_append_touches_only_the_right_edge() -> None:
    tiles = stored(70_000 - 5000, 5000)
    updates = tile_updates(tiles, 65_000, LEAVES[:1])
    assert set(updates) == {TileKey(0, 65_000 // 256)}
    assert tile_updates(tiles, 65_000, []) == {}


def test_an_append_over_an_uncommitted_one_ignores_it() -> None:
    tiles = stored(300, 300)
    before = dict(tiles.content)
    other = [leaf_hash(b"another future")] * 10
    tiles.content.update(tile_updates(tiles, 300, other))
    tiles.content.update(tile_updates(tiles, 300, LEAVES[300:310]))
    assert tiles.content == stored(310, 310).content
    assert before != tiles.content


def test_an_append_to_missing_or_short_tiles_is_refused() -> None:
    tiles = stored(300, 300)
    tiles.content[TileKey(0, 1)] = tiles.content[TileKey(0, 1)][:-1]
    with pytest.raises(TileError) as refusal:
        tile_updates(tiles, 300, LEAVES[:1])
    assert refusal.value.rule is TileRule.MISSING
    with pytest.raises(TileError):
        tile_updates(StoredTiles(), 1, LEAVES[:1])


def test_reading_beyond_the_tree_or_from_missing_tiles_is_refused() -> None:
    tiles = stored(300, 300)
    with pytest.raises(TileError) as refusal:
        TileHashes(tiles, 300).node(0, 300)
    assert refusal.value.rule is TileRule.BEYOND_TREE
    with pytest.raises(TileError):
        TileHashes(tiles, 300).node(8, 1)
    del tiles.content[TileKey(1, 0)]
    with pytest.raises(TileError) as refusal:
        TileHashes(tiles, 300).node(8, 0)
    assert refusal.value.rule is TileRule.MISSING


def test_the_tiles_of_seventy_thousand_leaves_are_those_of_the_spec() -> None:
    tiles = list(tiles_of(70_000))
    assert [t.level for t in tiles].count(0) == 274
    assert [t for t in tiles if t.width < TILE_WIDTH] == [
        HashTile(0, 273, 112),
        HashTile(1, 1, 17),
        HashTile(2, 0, 1),
    ]
    assert list(tiles_of(256)) == [HashTile(0, 0), HashTile(1, 0, 1)]
    assert list(tiles_of(0)) == []


def test_the_width_of_a_tile_follows_the_tree() -> None:
    assert [tile_width(0, 1, size) for size in (0, 256, 257, 511, 512, 10**6)] == [
        0,
        0,
        1,
        255,
        256,
        256,
    ]
    assert tile_width(1, 0, 255) == 0
    assert tile_width(1, 0, 256) == 1


@pytest.mark.parametrize(
    ("text", "tile"),
    [
        ("tile/0/000", HashTile(0, 0)),
        ("tile/0/x001/x234/067", HashTile(0, 1234067)),
        ("tile/63/999.p/255", HashTile(63, 999, 255)),
        ("tile/1/x001/000.p/1", HashTile(1, 1000, 1)),
        ("tile/entries/x001/x234/067.p/9", EntryBundle(1234067, 9)),
        ("tile/entries/000", EntryBundle(0)),
    ],
)
def test_paths_are_written_and_read_as_the_spec_shows(
    text: str, tile: HashTile | EntryBundle
) -> None:
    assert tile.path == text
    assert parse_tile_path(text) == tile


@given(st.integers(0, 63), st.integers(0, 2**63 - 1), st.integers(1, 256))
def test_every_path_reads_back(level: int, index: int, width: int) -> None:
    assert parse_tile_path(tile_path(level, index, width)) == HashTile(level, index, width)
    assert parse_tile_path(entries_path(index, width)) == EntryBundle(index, width)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tile/",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/X001/000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/data/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/",
        "tile/0/000.p/1/",
        "tile/0/٠٠٠",
        "tile/0/../000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/" + "x999/" * 5000 + "000",
    ],
    ids=lambda text: repr(text[:40]),
)
def test_any_other_spelling_of_a_path_is_refused(text: str) -> None:
    with pytest.raises(TileError):
        parse_tile_path(text)


@pytest.mark.parametrize(
    ("level", "index", "width"), [(64, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 0, 257)]
)
def test_no_path_is_written_outside_the_limits(level: int, index: int, width: int) -> None:
    with pytest.raises(TileError):
        tile_path(level, index, width)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20))
def test_a_bundle_reads_back(entries: list[bytes]) -> None:
    assert decode_entry_bundle(encode_entry_bundle(entries), len(entries)) == tuple(entries)


def test_a_bundle_is_lengths_and_entries() -> None:
    assert encode_entry_bundle([b"ab", b""]) == b"\x00\x02ab\x00\x00"
    largest = b"x" * 0xFFFF
    assert decode_entry_bundle(encode_entry_bundle([largest] * 256), 256) == (largest,) * 256


def rule_of(data: bytes, width: int) -> TileRule:
    with pytest.raises(TileError) as refusal:
        decode_entry_bundle(data, width)
    return refusal.value.rule


def test_a_malformed_bundle_is_refused() -> None:
    good = encode_entry_bundle([b"ab", b"c"])
    for cut in (1, 3, 5, 6):
        assert rule_of(good[:cut], 2) is TileRule.BUNDLE_TRUNCATED
    assert rule_of(good[:4], 2) is TileRule.BUNDLE_COUNT
    assert rule_of(good, 1) is TileRule.BUNDLE_COUNT
    assert rule_of(good, 3) is TileRule.BUNDLE_COUNT
    assert rule_of(good + b"\x00", 2) is TileRule.BUNDLE_COUNT
    assert rule_of(b"", 1) is TileRule.BUNDLE_COUNT


@pytest.mark.parametrize("entries", [[], [b""] * 257, [b"x" * 0x10000]])
def test_what_fits_no_bundle_is_not_encoded(entries: list[bytes]) -> None:
    with pytest.raises(TileError):
        encode_entry_bundle(entries)


def test_a_full_tile_has_256_hashes() -> None:
    hashes: list[Digest] = LEAVES[:256]
    assert len(tile_updates(StoredTiles(), 0, hashes)[TileKey(0, 0)]) == TILE_BYTES == 8192
