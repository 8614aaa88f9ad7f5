"""Copies of a published log: the same files, grown step by step, and nothing that does not fit."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_node.audit.mirror import Mirrored, mirror
from ledger_node.audit.tile_directory import MirrorRefused, TileDirectory
from ledger_node.log.checkpoint import parse_signed_checkpoint
from ledger_node.log.published import FileAbsent, FileUnfit, LogUnreachable
from ledger_node.log.tiles import EntryBundle, tile_width, tiles_of
from ledger_node.log.verified import CheckpointRefused
from tests.ledger_node.audit.published_logs import MemoryLog, memory_log
from tests.ledger_node.log.sample_union import policy

SIZES = (1, 255, 256, 257, 511, 512, 700)


async def assert_same(target: TileDirectory, log: MemoryLog) -> None:
    """The directory answers for every file of the log at its size as the log itself."""
    bundles = -(-log.size // 256)
    paths = [tile.path for tile in tiles_of(log.size)]
    paths += [EntryBundle(at, tile_width(0, at, log.size)).path for at in range(bundles)]
    for path in (*paths, "checkpoint"):
        assert await target.file(path) == await log.file(path), path


async def test_a_copy_has_every_file_of_the_log(tmp_path: Path) -> None:
    for size in SIZES:
        target = TileDirectory(tmp_path / str(size))
        log = memory_log(size)
        done = await mirror(log, target, policy())
        assert (done.before, done.after) == (0, size)
        assert not any("tile/0" in path for path in log.asked)
        await assert_same(target, log)


async def test_a_copy_grows_through_any_sizes(tmp_path: Path) -> None:
    log = memory_log(0, 700)
    target = TileDirectory(tmp_path)
    for size in (3, 3, 255, 256, 300, 512, 513, 700):
        log.size = size
        await mirror(log, target)
        await assert_same(target, log)


@given(sizes=st.lists(st.integers(1, 900), min_size=1, max_size=5).map(sorted))
@settings(max_examples=15, deadline=None)
def test_however_it_grows_the_files_are_the_same(
    sizes: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    async def grown() -> None:
        log = memory_log(0, 900)
        target = TileDirectory(tmp_path_factory.mktemp("mirror"))
        for size in sizes:
            log.size = size
            await mirror(log, target)
        await assert_same(target, log)

    asyncio.run(grown())


async def test_only_what_is_new_is_asked_for_and_written(tmp_path: Path) -> None:
    log = memory_log(520, 530)
    target = TileDirectory(tmp_path)
    assert (await mirror(log, target)).files == 3 + 2 + 1 + 1
    log.asked.clear()
    assert await mirror(log, target) == Mirrored(520, 520, 0)
    assert log.asked == ["checkpoint"]
    full = tmp_path / "tile" / "0" / "000"
    written = full.stat().st_mtime_ns
    log.size = 530
    log.asked.clear()
    assert await mirror(log, target) == Mirrored(520, 530, 2)
    assert log.asked == ["checkpoint", "tile/entries/002.p/18"]
    assert full.stat().st_mtime_ns == written


async def test_the_largest_levels_are_made_as_well(tmp_path: Path) -> None:
    log = memory_log(65_536 + 300)
    target = TileDirectory(tmp_path)
    await mirror(log, target, policy())
    assert (tmp_path / "tile" / "2" / "000.p" / "1").read_bytes() == log.hashes.node(16, 0)
    await assert_same(target, log)


async def test_partial_forms_stay_until_they_are_pruned(tmp_path: Path) -> None:
    log = memory_log(200, 600)
    target = TileDirectory(tmp_path)
    await mirror(log, target)
    log.size = 300
    await mirror(log, target)
    assert (tmp_path / "tile" / "0" / "000.p" / "200").exists()
    assert target.prune() == 2
    assert not (tmp_path / "tile" / "0" / "000.p").exists()
    assert (tmp_path / "tile" / "0" / "001.p" / "44").exists()
    await assert_same(target, log)
    assert target.prune() == 0
    log.size = 600
    await mirror(log, target)
    await assert_same(target, log)


async def test_a_partial_bundle_that_is_gone_is_taken_from_the_full_one(tmp_path: Path) -> None:
    log = memory_log(300, 600)
    stale = log.checkpoint().format()
    log.size, log.full_only = 600, True
    log.replaced["checkpoint"] = stale
    target = TileDirectory(tmp_path)
    await mirror(log, target, policy())
    log.size, log.full_only = 300, False
    await assert_same(target, log)


async def test_a_copy_that_was_cut_short_is_taken_up_again(tmp_path: Path) -> None:
    log = memory_log(200, 600)
    target = TileDirectory(tmp_path)
    await mirror(log, target)
    log.size = 600
    log.replaced["tile/entries/002.p/88"] = b"\x00"
    with pytest.raises(FileUnfit):
        await mirror(log, target)
    held = parse_signed_checkpoint(target.read("checkpoint"))
    assert held.checkpoint.size == 200
    (tmp_path / "tile" / "0" / "001").write_bytes(b"left by something else")
    log.replaced.clear()
    await mirror(log, target)
    await assert_same(target, log)


@pytest.mark.parametrize("fork_at", [0, 100, 255, 299])
async def test_another_history_is_refused_and_changes_nothing(tmp_path: Path, fork_at: int) -> None:
    target = TileDirectory(tmp_path)
    log = memory_log(300, 600)
    await mirror(log, target)
    for size in (300, 301, 600):
        fork = memory_log(size, 600, fork_at=fork_at)
        with pytest.raises(MirrorRefused):
            await mirror(fork, target, policy())
        await assert_same(target, log)


async def test_entries_that_do_not_make_the_root_are_never_published(tmp_path: Path) -> None:
    log = memory_log(300)
    false = memory_log(300, fork_at=280)
    log.replaced["tile/entries/001.p/44"] = await false.file("tile/entries/001.p/44")
    target = TileDirectory(tmp_path)
    with pytest.raises(MirrorRefused, match="do not make the root"):
        await mirror(log, target, policy())
    with pytest.raises(FileAbsent):
        target.read("checkpoint")


async def test_a_smaller_or_foreign_log_is_refused(tmp_path: Path) -> None:
    target = TileDirectory(tmp_path)
    await mirror(memory_log(10), target)
    with pytest.raises(MirrorRefused, match="holds 10 entries already, the source offers 9"):
        await mirror(memory_log(9), target)
    text = target.read("checkpoint").replace(b"ledger.example", b"ledger.exemple")
    (tmp_path / "checkpoint").write_bytes(text)
    with pytest.raises(MirrorRefused, match=r"holds the log ledger\.exemple"):
        await mirror(memory_log(11), target)
    (tmp_path / "checkpoint").write_bytes(b"no note")
    with pytest.raises(MirrorRefused, match="no blank line"):
        await mirror(memory_log(11), target)


async def test_a_checkpoint_below_the_quorum_is_refused_under_a_policy(tmp_path: Path) -> None:
    log = memory_log(10)
    log.witnesses = ("AM", "BY", "KZ")
    with pytest.raises(CheckpointRefused):
        await mirror(log, TileDirectory(tmp_path), policy())
    await mirror(log, TileDirectory(tmp_path))


def test_only_files_of_a_log_are_read_and_only_as_long_as_they_may_be(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    (tmp_path / "checkpoint").write_bytes(bytes(256 * 1024 + 1))
    target = TileDirectory(tmp_path / "log")
    (tmp_path / "log").mkdir()
    for path in ("../secret", "tile/0/../../secret", "/etc/passwd", "", "secret"):
        with pytest.raises(FileAbsent):
            target.read(path)
    with pytest.raises(LogUnreachable, match="more than"):
        TileDirectory(tmp_path).read("checkpoint")
