"""Exporting: from memory, static files and a node's database, of logs small and large."""

import io
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from ledger_node.audit.bundle.concern import Concern, Subject
from ledger_node.audit.bundle.export import NothingSelected, export_bundle
from ledger_node.audit.bundle.reader import BundleReader, LoggedEntries
from ledger_node.audit.bundle.selection import Blocks, Concerning, Everything, Period, Selection
from ledger_node.audit.bundle.source import (
    SourceFailed,
    StaticLog,
    from_directory,
    from_url,
)
from ledger_node.audit.bundle.verify import verify_bundle
from ledger_node.cli.log_sources import DatabaseLog
from ledger_node.codec import encode
from ledger_node.contract_sets.shelf import ContractSets
from ledger_node.ledger.entries import BlockEntry, RecordEntry, decode_entry
from ledger_node.log.checkpoint import Checkpoint
from ledger_node.log.merkle import leaf_hash, root_of
from ledger_node.log.tiles import (
    EntryBundle,
    encode_entry_bundle,
    tile_width,
    tiles_of,
)
from ledger_node.storage.database import Database
from tests.contracts.sample_union import LRN, MRN
from tests.ledger_node.audit.bundle.audited_union import CREATED_MS, ORIGIN, MemoryLog, journey

UNION = journey()


def static_files(root: Path, log: MemoryLog, size: int, *, drop_partial: bool = False) -> Path:
    """The log as files below a directory."""
    (root / "checkpoint").write_bytes(log.checkpoint())
    for tile in tiles_of(size):
        write(root / tile.path, log.hashes(tile))
    for index in range(-(-size // 256)):
        bundle = EntryBundle(index, tile_width(0, index, size))
        write(root / bundle.path, encode_entry_bundle(log.entries(bundle)))
    return root


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_static_files_give_the_same_bundle_as_the_log_itself(tmp_path: Path) -> None:
    root = static_files(tmp_path, UNION.source(), UNION.size)
    out = io.BytesIO()
    export_bundle(StaticLog(from_directory(root)), Everything(), out)
    assert out.getvalue() == UNION.bundle(Everything(), certified=False)


def test_a_partial_tile_that_a_full_one_replaced_is_cut_from_it(tmp_path: Path) -> None:
    union, size = journey(), UNION.size
    longer = [*union.entries, *(b"later %d" % at for at in range(256 - size))]
    write(tmp_path / "checkpoint", union.checkpoint())
    tile = MemoryLog(b"", longer, {})
    for each in tiles_of(256):
        write(tmp_path / each.path, tile.hashes(each))
    write(tmp_path / EntryBundle(0).path, encode_entry_bundle(longer))
    out = io.BytesIO()
    export_bundle(StaticLog(from_directory(tmp_path)), Everything(), out)
    assert out.getvalue() == union.bundle(Everything(), certified=False)


def test_what_is_missing_or_cut_short_is_named(tmp_path: Path) -> None:
    root = static_files(tmp_path, UNION.source(), UNION.size)
    entries = root / EntryBundle(0, UNION.size).path
    whole = entries.read_bytes()
    entries.write_bytes(whole[:-3])
    with pytest.raises(SourceFailed, match="tile/entries/000"):
        export_bundle(StaticLog(from_directory(root)), Everything(), io.BytesIO())
    entries.unlink()
    with pytest.raises(SourceFailed, match="missing"):
        export_bundle(StaticLog(from_directory(root)), Everything(), io.BytesIO())
    (root / "checkpoint").write_bytes(b"no checkpoint")
    with pytest.raises(SourceFailed, match="checkpoint"):
        export_bundle(StaticLog(from_directory(root)), Everything(), io.BytesIO())


def test_only_http_is_fetched() -> None:
    with pytest.raises(SourceFailed, match="neither http"):
        from_url("file:///etc")


def test_a_nodes_database_gives_entries_tiles_and_its_certificates(tmp_path: Path) -> None:
    with Database.create(tmp_path / "ledger", UNION.blocks[0]) as database:
        for height, block in enumerate(UNION.blocks[1:], start=1):
            database.commit([block], UNION.finalization(height))
        out = io.BytesIO()
        source = DatabaseLog(database.latest, UNION.checkpoint(), ContractSets())
        written = export_bundle(source, Everything(), out)
    assert (written.certificates, written.sets) == (len(UNION.blocks) - 1, 1)
    assert out.getvalue() == UNION.bundle(Everything(), carried=True)


def test_a_checkpoint_beyond_the_database_is_refused(tmp_path: Path) -> None:
    with Database.create(tmp_path / "ledger", UNION.blocks[0]) as database:
        source = DatabaseLog(database.latest, UNION.checkpoint(), ContractSets())
        with pytest.raises(SourceFailed, match="checkpoint"):
            export_bundle(source, Everything(), io.BytesIO())


@pytest.mark.parametrize(
    "selection",
    [
        Blocks(3, 99),
        Period(CREATED_MS + 10**9, CREATED_MS + 10**10),
        Concerning("movement", "25GB000246TK0E6WJ1"),
    ],
)
def test_a_selection_of_nothing_is_no_bundle(selection: Selection) -> None:
    with pytest.raises(NothingSelected):
        UNION.bundle(selection)


def test_a_movement_is_followed_to_the_declaration_it_came_from() -> None:
    concern = Concern(Subject.MOVEMENT, MRN)
    records = [
        entry for entry in map(decode_entry, UNION.entries) if isinstance(entry, RecordEntry)
    ]
    lodging = next(each for each in records if f"declaration/TRADER/{LRN}" in each.keys)
    assert not concern.touched_by(lodging, "TRADER"), "nothing says so yet"
    for each in records:
        concern.learn(each)
    assert concern.touched_by(lodging, "TRADER")


# ------------------------------------------------------------ a log of three tile levels


@cache
def large() -> MemoryLog:
    """66,000 blocks of nothing: what matters here is the tree above them."""
    entries = [UNION.entries[0]]
    entries += [
        encode(BlockEntry(1, height, height, bytes(32), bytes(32), height, 0, bytes(32), bytes(32)))
        for height in range(66_000)
    ]
    head = Checkpoint(ORIGIN, len(entries), root_of(leaf_hash(entry) for entry in entries))
    return MemoryLog(UNION.sign(head), entries, {})


@pytest.mark.parametrize(("first", "last"), [(300, 310), (255, 256), (65_530, 65_999), (2, 2)])
def test_a_few_blocks_of_a_large_log_are_a_small_bundle_that_leads_to_its_root(
    first: int, last: int
) -> None:
    out = io.BytesIO()
    written = export_bundle(large(), Blocks(first, last), out)
    assert written.entries <= last - first + 4
    assert len(out.getvalue()) < 60_000 + 200 * written.entries
    out.seek(0)
    reader = BundleReader(out, UNION.policy)
    found: list[bytes] = []
    for logged in reader:
        assert isinstance(logged, LoggedEntries)
        if logged.resumes is not None:
            below = large().all[: logged.first]
            assert logged.resumes.root() == root_of(leaf_hash(entry) for entry in below)
        found += logged.entries
    assert sha256(b"".join(found[-(last - first + 1) :])).digest() == (
        sha256(b"".join(large().all[first + 1 : last + 2])).digest()
    )


def test_a_period_is_found_by_bisection_over_a_large_log() -> None:
    out = io.BytesIO()
    assert export_bundle(large(), Period(40_000, 40_100), out).entries == 2 + 1 + 101


def test_an_exported_bundle_verifies() -> None:
    out = io.BytesIO(UNION.bundle(Blocks(1, 3)))
    assert verify_bundle(out, UNION.policy, UNION.contracts).executed
