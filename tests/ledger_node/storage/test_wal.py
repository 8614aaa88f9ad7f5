"""The write-ahead log keeps what was synced, cuts off a torn tail, and refuses damage."""

import os
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger_node.storage import wal
from ledger_node.storage.errors import LogFull, StorageCorrupt, StorageFailed, StorageInUse
from ledger_node.storage.wal import Replay, WriteAheadLog

GROUPS = [[b"vote 1"], [b"vote 2", b"certificate " * 4], [b""], [b"vote 3"]]


def flat(groups: list[list[bytes]]) -> tuple[bytes, ...]:
    return tuple(chain.from_iterable(groups))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def written(path: Path, groups: list[list[bytes]] = GROUPS) -> list[int]:
    """A log with these groups, each synced. Returns the file size after each sync."""
    sizes = []
    with WriteAheadLog(path) as log:
        sizes.append(log.size)
        for group in groups:
            for payload in group:
                log.append(payload)
            log.sync()
            sizes.append(log.size)
    return sizes


def replayed(path: Path) -> Replay:
    with WriteAheadLog(path) as log:
        return log.replay


def test_what_was_synced_is_replayed_in_order(path: Path) -> None:
    written(path)
    assert replayed(path) == Replay(flat(GROUPS), torn_bytes=0)


def test_a_new_log_is_empty(path: Path) -> None:
    assert replayed(path) == Replay((), 0)


def test_what_was_not_synced_is_gone(path: Path) -> None:
    with WriteAheadLog(path) as log:
        log.append(b"kept")
        log.sync()
        log.append(b"lost")
    assert replayed(path).payloads == (b"kept",)


def test_a_log_goes_on_after_it_was_reopened(path: Path) -> None:
    written(path)
    with WriteAheadLog(path) as log:
        log.append(b"more")
        log.sync()
    assert replayed(path).payloads == (*flat(GROUPS), b"more")


def test_truncation_at_every_byte_keeps_exactly_the_whole_groups(path: Path) -> None:
    sizes = written(path)
    data = path.read_bytes()
    for cut in range(sizes[0], len(data) + 1):
        path.write_bytes(data[:cut])
        whole = sum(size <= cut for size in sizes[1:])
        expected = Replay(flat(GROUPS[:whole]), cut - sizes[whole])
        assert replayed(path) == expected
        assert path.stat().st_size == sizes[whole], "the torn tail is cut off"
        assert replayed(path).torn_bytes == 0


def test_truncation_inside_the_file_header_is_damage(path: Path) -> None:
    sizes = written(path)
    data = path.read_bytes()
    for cut in range(sizes[0]):
        path.write_bytes(data[:cut])
        with pytest.raises(StorageCorrupt):
            WriteAheadLog(path)


def test_a_flipped_bit_in_the_file_header_is_an_error_and_changes_nothing(path: Path) -> None:
    sizes = written(path)
    data = path.read_bytes()
    for position in range(sizes[0]):
        damaged = bytearray(data)
        damaged[position] ^= 1 << position % 8
        path.write_bytes(damaged)
        with pytest.raises(StorageCorrupt, match="file header"):
            WriteAheadLog(path)
        assert path.read_bytes() == damaged


def test_a_flipped_bit_before_valid_data_is_an_error_and_changes_nothing(path: Path) -> None:
    sizes = written(path)
    data = path.read_bytes()
    for position in range(sizes[0], sizes[-2]):
        damaged = bytearray(data)
        damaged[position] ^= 1 << position % 8
        path.write_bytes(damaged)
        with pytest.raises(StorageCorrupt, match="frame at byte"):
            WriteAheadLog(path)
        assert path.read_bytes() == damaged


def test_a_flipped_bit_in_the_last_group_loses_that_group_and_says_so(path: Path) -> None:
    sizes = written(path)
    data = path.read_bytes()
    for position in range(sizes[-2], sizes[-1]):
        damaged = bytearray(data)
        damaged[position] ^= 1 << position % 8
        path.write_bytes(damaged)
        assert replayed(path) == Replay(flat(GROUPS[:-1]), sizes[-1] - sizes[-2])


def test_zeros_after_the_last_group_are_a_torn_tail(path: Path) -> None:
    written(path)
    with path.open("ab") as file:
        file.write(bytes(4096))
    assert replayed(path) == Replay(flat(GROUPS), 4096)


def test_a_frame_copied_to_another_place_is_not_valid(path: Path) -> None:
    sizes = written(path)
    data = path.read_bytes()
    path.write_bytes(data + data[sizes[0] : sizes[1]])
    assert replayed(path).payloads == flat(GROUPS)


def test_a_file_that_is_no_log_is_refused(path: Path) -> None:
    path.write_bytes(b"notes\n" * 20)
    with pytest.raises(StorageCorrupt, match="not a write-ahead log"):
        WriteAheadLog(path)


def test_a_second_owner_is_refused_until_the_first_is_gone(path: Path) -> None:
    with WriteAheadLog(path), pytest.raises(StorageInUse, match="another process uses"):
        WriteAheadLog(path)
    WriteAheadLog(path).close()


def test_rewrite_replaces_everything_and_the_log_goes_on(path: Path) -> None:
    written(path)
    with WriteAheadLog(path) as log:
        log.append(b"never synced")
        log.rewrite([b"kept 1", b"kept 2"])
        log.append(b"new")
        log.sync()
        with pytest.raises(StorageInUse):
            WriteAheadLog(path)
    assert replayed(path) == Replay((b"kept 1", b"kept 2", b"new"), 0)


def test_a_crash_before_the_rename_leaves_the_old_log(path: Path) -> None:
    written(path)
    path.with_name(path.name + ".new").write_bytes(b"half a rewr")
    assert replayed(path).payloads == flat(GROUPS)


def test_after_a_failed_sync_nothing_more_is_accepted(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    with WriteAheadLog(path) as log:
        log.append(b"lost")
        monkeypatch.setattr(os, "fdatasync", broken)
        with pytest.raises(StorageFailed, match="Input/output error"):
            log.sync()
        monkeypatch.undo()
        for act in (log.sync, lambda: log.append(b"x"), lambda: log.rewrite([])):
            with pytest.raises(StorageFailed, match="unusable"):
                act()


def test_a_closed_log_takes_nothing(path: Path) -> None:
    log = WriteAheadLog(path)
    log.close()
    with pytest.raises(StorageFailed, match="closed"):
        log.append(b"x")


def test_payload_group_and_file_are_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wal, "MAX_PAYLOAD_BYTES", 100)
    monkeypatch.setattr(wal, "MAX_GROUP_BYTES", 250)
    monkeypatch.setattr(wal, "MAX_FILE_BYTES", 400)
    with WriteAheadLog(path) as log:
        with pytest.raises(LogFull, match="a payload would pass 100 bytes"):
            log.append(bytes(101))
        log.append(bytes(100))
        log.append(bytes(100))
        with pytest.raises(LogFull, match="synced at once"):
            log.append(bytes(100))
        log.sync()
        log.append(bytes(50))
        with pytest.raises(LogFull, match="the file"):
            log.append(bytes(100))
        log.sync()
        with pytest.raises(LogFull, match="the file"):
            log.rewrite([bytes(100)] * 4)
    assert replayed(path).payloads == (bytes(100), bytes(100), bytes(50))
    with path.open("ab") as file:
        file.write(bytes(400))
    with pytest.raises(LogFull, match="the file"):
        WriteAheadLog(path)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=st.lists(st.lists(st.binary(max_size=300), min_size=1, max_size=4), max_size=6))
def test_any_groups_come_back(tmp_path_factory: pytest.TempPathFactory, groups: list) -> None:
    path = tmp_path_factory.mktemp("wal") / "journal"
    written(path, groups)
    assert replayed(path) == Replay(flat(groups), 0)
