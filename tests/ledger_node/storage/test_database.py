"""The database stands at the end of a commit, whatever happens, and says what is wrong with it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from consensus.block import BlockId, SubmissionId
from ledger_node.codec import encode
from ledger_node.ledger.chain import ExecutedBlock, LedgerView
from ledger_node.ledger.outcome import ACCEPTED, RecordRejected
from ledger_node.ledger.submission import VerifiedSubmission
from ledger_node.leveldb import plyvel
from ledger_node.log.merkle import (
    Frontier,
    inclusion_path,
    leaf_hash,
    verify_inclusion,
)
from ledger_node.log.tiles import TileHashes
from ledger_node.state.tree import path_of
from ledger_node.storage import schema
from ledger_node.storage.database import Database
from ledger_node.storage.errors import (
    ForeignUnion,
    OutOfOrder,
    StorageCorrupt,
    StorageError,
    StorageExists,
    StorageFailed,
    StorageInUse,
    StorageMissing,
    UnknownFormat,
)
from ledger_node.storage.snapshot import SubmissionLocation
from tests.ledger_node.ledger.builders import (
    UNION,
    executed_on,
    genesis,
    put,
    record,
    submission,
)

ONE = submission(put("movement/1", "lodged"), record("refuse", "no cover"))
TWO = submission(record("append", "movement/1", ", released"), put("movement/2", "lodged"), nonce=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with Database.create(path, genesis()) as created:
        yield created


def commit_each(database: Database, *bodies: list[VerifiedSubmission]) -> list[ExecutedBlock]:
    """A block for each list of submissions, committed by itself."""
    blocks = []
    for submissions in bodies:
        blocks.append(executed_on(database.latest, *submissions))
        height = blocks[-1].block.header.height
        database.commit([blocks[-1]], b"certificate %d" % height)
    return blocks


def commit_run(database: Database, *bodies: list[VerifiedSubmission]) -> list[ExecutedBlock]:
    """The same blocks, executed one over the other and committed all at once."""
    blocks: list[ExecutedBlock] = []
    for submissions in bodies:
        blocks.append(executed_on(LedgerView(database.latest, blocks), *submissions))
    database.commit(blocks, b"certificate %d" % blocks[-1].block.header.height)
    return blocks


# ---------------------------------------------------------------- what is read back


def test_a_new_database_stands_at_genesis(database: Database) -> None:
    first = genesis()
    assert database.latest.tip == first.tip
    block = database.latest.block(0)
    assert block is not None
    assert block.block == first.block
    assert database.latest.object("member/AM") == b"Armenia"
    assert database.latest.block(1) is None


def test_everything_committed_is_read_back_after_reopening(path: Path) -> None:
    with Database.create(path, genesis()) as database:
        blocks = commit_each(database, [ONE], [TWO], [])
    with Database.open(path, UNION) as database:
        ledger = database.latest
        assert ledger.tip == blocks[-1].tip
        assert ledger.tip.log_root == ledger.stored_log_root
        for height, executed in enumerate(blocks, 1):
            stored = ledger.block(height)
            assert stored is not None
            assert stored.block == executed.block
            assert ledger.height_of(stored.block_id) == height
            entries = ledger.log_entries(stored.first_index, stored.tree_size)
            assert tuple(entries) == executed.entries
        assert ledger.object("movement/1") == b"lodged, released"
        assert ledger.object("movement/9") is None
        assert ledger.height_of(BlockId(bytes(32))) is None


def test_a_submission_is_found_with_its_outcomes_and_body(database: Database) -> None:
    commit_each(database, [ONE], [TWO])
    ledger = database.latest
    location = ledger.location(ONE.id)
    assert location == SubmissionLocation(height=1, log_index=2, record_count=2)
    assert ledger.outcomes(location) == (
        ACCEPTED,
        RecordRejected("T-002", (("reason", "no cover"),)),
    )
    assert ledger.submission(location) == ONE
    assert ledger.location(SubmissionId(bytes(32))) is None
    assert ledger.ordered(TWO.id)
    assert not ledger.ordered(SubmissionId(bytes(32)))


def test_a_member_that_catches_up_is_given_blocks_and_bodies(database: Database) -> None:
    blocks = commit_each(database, [ONE, TWO], [], [submission(put("x", "1"), nonce=5)])
    served = list(database.latest.blocks(after_height=0))
    assert [block.block for block in served] == [executed.block for executed in blocks]
    assert database.latest.bodies(served[0]) == (ONE, TWO)
    assert database.latest.bodies(served[1]) == ()
    assert list(database.latest.blocks(after_height=3)) == []
    assert len(list(database.latest.blocks(after_height=-5))) == 4


def test_a_certificate_covers_the_blocks_below_it(database: Database) -> None:
    commit_run(database, [ONE], [TWO], [])
    commit_each(database, [])
    assert database.latest.certificate_from(0) == (3, b"certificate 3")
    assert database.latest.certificate_from(3) == (3, b"certificate 3")
    assert database.latest.certificate_from(4) == (4, b"certificate 4")
    assert database.latest.certificate_from(5) is None


def test_log_entries_beyond_the_log_are_not_there(database: Database) -> None:
    assert database.latest.log_entry(1) is not None
    for index in (2, -1, 2**64):
        assert database.latest.log_entry(index) is None
    assert len(database.latest.log_entries(0, 100)) == 2
    assert database.latest.log_entries(5, 9) == []


def test_every_entry_is_provable_from_the_tiles(database: Database) -> None:
    many = submission(*[put(f"seal/{i}", "on") for i in range(256)], nonce=7)
    commit_each(database, [ONE], [many], [TWO])
    ledger = database.latest
    size, root = ledger.tip.tree_size, ledger.tip.log_root
    hashes = TileHashes(ledger, size)
    for index in (0, 1, 2, 255, 256, 257, size - 1):
        entry = ledger.log_entry(index)
        assert entry is not None
        verify_inclusion(index, size, leaf_hash(entry), inclusion_path(index, size, hashes), root)


def test_history_lists_the_entries_that_changed_an_object_page_by_page(
    database: Database,
) -> None:
    commit_each(database, [ONE], [TWO], [submission(put("movement/10", "x"), nonce=9)])
    ledger = database.latest
    assert ledger.history("movement/1") == [3, 7]
    assert ledger.history("movement/1", limit=1) == [3]
    assert ledger.history("movement/1", after=3) == [7]
    assert ledger.history("movement/1", after=7) == []
    assert ledger.history("movement/1", limit=0) == []
    assert ledger.history("movement/1", after=2**64) == []
    assert ledger.history("movement") == []
    assert ledger.history("member/AM") == [0]


def test_objects_are_listed_by_prefix_page_by_page(database: Database) -> None:
    commit_each(database, [ONE], [TWO])
    ledger = database.latest
    assert [key for key, _ in ledger.objects("movement/")] == ["movement/1", "movement/2"]
    assert ledger.objects("movement/", after="movement/1") == [("movement/2", b"lodged")]
    assert ledger.objects("movement/", after="movement/2") == []
    assert ledger.objects("movement/", after="a") == ledger.objects("movement/")
    assert [key for key, _ in ledger.objects("", limit=3)] == [
        "member/AM",
        "member/KZ",
        "movement/1",
    ]
    assert ledger.objects("", limit=0) == []


def test_objects_are_found_by_path_until_deleted(database: Database) -> None:
    commit_each(database, [ONE])
    path = path_of(b"movement/1")
    assert database.latest.entry(path) == (b"movement/1", b"lodged")
    commit_each(database, [submission(record("delete", "movement/1"), nonce=3)])
    assert database.latest.entry(path) is None
    assert database.latest.object("movement/1") is None
    assert database.latest.history("movement/1") == [3, 7], "what was done stays known"


def test_a_snapshot_does_not_see_later_commits(database: Database) -> None:
    before = database.latest
    commit_each(database, [ONE])
    assert before.tip.header.height == 0
    assert before.object("movement/1") is None
    assert before.log_entry(2) is None
    assert not before.ordered(ONE.id)
    assert database.latest.object("movement/1") == b"lodged"


# ---------------------------------------------------------------- bodies that wait


def test_staged_bodies_survive_and_go_when_they_become_final(path: Path) -> None:
    with Database.create(path, genesis()) as database:
        database.stage([ONE, TWO])
    with Database.open(path, UNION) as database:
        assert database.staged(ONE.id) == ONE
        assert sorted(s.id for s in database.all_staged()) == sorted([ONE.id, TWO.id])
        commit_each(database, [ONE])
        assert database.staged(ONE.id) is None
        database.drop_staged([TWO.id])
        assert database.all_staged() == []


def test_a_staged_body_under_a_wrong_name_is_damage(path: Path) -> None:
    Database.create(path, genesis()).close()
    spoil(path, {schema.STAGED + TWO.id: ONE.to_bytes(), schema.STAGED + ONE.id: b"\x93"})
    with Database.open(path, UNION) as database:
        for name in (ONE.id, TWO.id):
            with pytest.raises(StorageCorrupt, match="staged"):
                database.staged(name)


# ---------------------------------------------------------------- refusals


def test_a_run_that_does_not_continue_the_chain_is_refused_whole(database: Database) -> None:
    one = executed_on(database.latest, ONE)
    two = executed_on(LedgerView(database.latest, [one]), TWO)
    for run in ([], [two], [two, one], [one, one]):
        with pytest.raises(OutOfOrder):
            database.commit(run, b"certificate")
    assert database.latest.tip == genesis().tip
    database.commit([one, two], b"certificate")
    with pytest.raises(OutOfOrder):
        database.commit([two], b"certificate")


def test_a_directory_in_use_is_refused(path: Path, database: Database) -> None:
    with pytest.raises(StorageInUse, match="another process uses this directory"):
        Database.open(path, UNION)
    with pytest.raises(StorageInUse):
        Database.create(path, genesis())


def test_a_missing_or_empty_directory_is_refused(path: Path) -> None:
    with pytest.raises(StorageMissing):
        Database.open(path, UNION)
    path.mkdir()
    with pytest.raises(StorageMissing):
        Database.open(path, UNION)
    plyvel.DB(str(path), create_if_missing=True).close()
    with pytest.raises(StorageMissing):
        Database.open(path, UNION)


def test_creating_goes_on_where_it_was_interrupted_and_never_overwrites(path: Path) -> None:
    path.mkdir()
    plyvel.DB(str(path), create_if_missing=True).close()
    Database.create(path, genesis()).close()
    with pytest.raises(StorageExists):
        Database.create(path, genesis())
    Database.open(path, UNION).close()


def test_another_union_or_format_is_refused(path: Path) -> None:
    Database.create(path, genesis()).close()
    with pytest.raises(ForeignUnion) as foreign:
        Database.open(path, bytes(32))
    assert foreign.value.found == UNION
    spoil(path, {schema.FORMAT_KEY: encode([schema.FORMAT + 1, UNION])})
    with pytest.raises(UnknownFormat, match="a newer program wrote it"):
        Database.open(path, UNION)
    spoil(path, {schema.FORMAT_KEY: b"\xc1"})
    with pytest.raises(StorageCorrupt, match="format"):
        Database.open(path, UNION)


def test_a_closed_database_commits_nothing(database: Database) -> None:
    executed = executed_on(database.latest, ONE)
    database.close()
    with pytest.raises(StorageFailed, match="closed"):
        database.commit([executed], b"certificate")
    with pytest.raises(StorageFailed, match="closed"):
        database.stage([ONE])


def test_a_commit_that_fails_half_way_writes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise MemoryError

    with Database.create(path, genesis()) as database:
        executed = executed_on(database.latest, ONE)
        monkeypatch.setattr("ledger_node.storage.database._put_tiles", broken)
        with pytest.raises(MemoryError):
            database.commit([executed], b"certificate")
        monkeypatch.undo()
        assert database.latest.tip == genesis().tip
    with Database.open(path, UNION) as database:
        assert database.latest.object("movement/1") is None
        database.commit([executed], b"certificate")


# ---------------------------------------------------------------- crashes and damage


def test_a_copy_taken_between_commits_is_at_a_block_boundary(path: Path, tmp_path: Path) -> None:
    """A copy of the files is what a crash leaves: nothing was closed or flushed."""
    bodies = [[ONE], [TWO], [], [submission(put("x", str(i)), nonce=i + 10) for i in range(9)]]
    with Database.create(path, genesis()) as database:
        for number, submissions in enumerate(bodies):
            (executed,) = commit_each(database, submissions)
            copy = tmp_path / f"crashed-{number}"
            shutil.copytree(path, copy)
            with Database.open(copy, UNION) as reopened:
                assert reopened.latest.tip == executed.tip


def test_a_torn_write_leaves_the_commit_before_it(path: Path, tmp_path: Path) -> None:
    with Database.create(path, genesis()) as database:
        (one,) = commit_each(database, [ONE])
        before = journal(path).stat().st_size
        (two,) = commit_each(database, [TWO])
        whole = journal(path).read_bytes()
        torn = tmp_path / "torn"
        shutil.copytree(path, torn)
    for length in (before, before + 1, (before + len(whole)) // 2, len(whole) - 1, len(whole)):
        copy = tmp_path / f"torn-{length}"
        shutil.copytree(torn, copy)
        journal(copy).write_bytes(whole[:length])
        expected = two if length == len(whole) else one
        with Database.open(copy, UNION) as reopened:
            assert reopened.latest.tip == expected.tip


def journal(path: Path) -> Path:
    """LevelDB's own log of the writes not yet in tables."""
    (found,) = path.glob("*.log")
    return found


def spoil(path: Path, values: dict[bytes, bytes | None]) -> None:
    raw = plyvel.DB(str(path))
    for key, value in values.items():
        if value is None:
            raw.delete(key)
        else:
            raw.put(key, value)
    raw.close()


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes((data[-1] ^ 1,))


@pytest.mark.parametrize(
    ("key", "change", "item"),
    [
        (schema.HEAD_KEY, lambda _: None, "head"),
        (schema.HEAD_KEY, lambda head: head[:-1], "head"),
        (schema.HEAD_KEY, flipped, "state root in the last block entry"),
        (schema.block_key(2), lambda _: None, "block 2"),
        (schema.block_key(2), flipped, "tree size"),
        (schema.certificate_key(2), lambda _: None, "certificate of block 2"),
        (schema.entry_key(9), lambda _: b"a later entry", "entry 10"),
        (schema.entry_key(9), lambda _: None, "entry 9"),
        (schema.entry_key(9), flipped, "entry 9"),
        (schema.tile_key(0, 0), lambda _: None, "tiles"),
        (schema.tile_key(0, 0), lambda tile: tile[:-32], "tiles"),
        (schema.tile_key(0, 0), flipped, "root over the tiles"),
        (schema.LEAF + path_of(b"member/AM"), lambda _: None, "state tree"),
        (schema.LEAF + path_of(b"member/AM"), lambda _: b"member/KZ", "state tree"),
        (schema.object_key("member/AM"), lambda _: None, "object"),
        (schema.object_key("member/AM"), flipped, "state tree"),
    ],
    ids=[
        "no head",
        "half a head",
        "another state root",
        "no block",
        "another block",
        "no certificate",
        "an entry beyond the log",
        "no last entry",
        "another last entry",
        "no tile",
        "half a tile",
        "another tile",
        "no leaf of the state",
        "another leaf of the state",
        "no object",
        "another object",
    ],
)
def test_damage_at_the_head_is_found_on_opening_and_named(
    path: Path, key: bytes, change: Callable[[bytes], bytes | None], item: str
) -> None:
    with Database.create(path, genesis()) as database:
        commit_each(database, [ONE], [TWO])
        assert database.latest.tip.tree_size == 10
    raw = plyvel.DB(str(path))
    old = raw.get(key)
    raw.close()
    assert old is not None
    target = schema.entry_key(10) if item == "entry 10" else key
    spoil(path, {target: change(old)})
    with pytest.raises(StorageCorrupt) as caught:
        Database.open(path, UNION)
    assert item in caught.value.item
    with pytest.raises(StorageError):
        Database.open(path, UNION), "the lock was released"


def test_a_head_with_another_frontier_is_damage(path: Path) -> None:
    with Database.create(path, genesis()) as database:
        commit_each(database, [ONE])
        tip = database.latest.tip
    leaf = leaf_hash(b"something else")
    shorter = Frontier.empty().extend([leaf] * tip.tree_size)
    head = schema.StoredHead(tip.header, shorter.encode(), tip.log_root, tip.state_root)
    spoil(path, {schema.HEAD_KEY: encode(head)})
    with pytest.raises(StorageCorrupt, match="root of the log frontier"):
        Database.open(path, UNION)


def test_damage_in_the_past_shows_when_it_is_read(path: Path) -> None:
    with Database.create(path, genesis()) as database:
        commit_each(database, [ONE], [TWO])
    spoil(path, {schema.entry_key(3): None, schema.SUBMISSION + TWO.id: encode([2, 3])})
    with Database.open(path, UNION) as database:
        ledger = database.latest
        with pytest.raises(StorageCorrupt, match="entry 3"):
            ledger.log_entry(3)
        with pytest.raises(StorageCorrupt, match="some are missing"):
            ledger.log_entries(2, 5)
        with pytest.raises(StorageCorrupt, match="entry 3"):
            ledger.location(TWO.id)
        block = ledger.block(1)
        assert block is not None
        with pytest.raises(StorageCorrupt):
            ledger.bodies(block)
