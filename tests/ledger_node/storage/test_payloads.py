"""The payload store answers with what was committed to, or not at all."""

import os
import stat
from pathlib import Path

import pytest

from ledger_node.codec import encode
from ledger_node.ledger.particulars import (
    MAX_PLAINTEXT,
    ParticularGroup,
    Particulars,
    commit,
)
from ledger_node.storage.errors import StorageFailed
from ledger_node.storage.payloads import (
    PayloadDamaged,
    PayloadMissing,
    PayloadRefused,
    PayloadStore,
)

GOODS = ParticularGroup.GOODS
SALT = bytes(range(32))
TOYS = commit(GOODS, SALT, b"toys")


@pytest.fixture
def store(tmp_path: Path) -> PayloadStore:
    return PayloadStore(tmp_path / "payloads")


def put_toys(store: PayloadStore) -> Path:
    store.put(TOYS, GOODS, SALT, b"toys")
    return file_of(store, TOYS)


def file_of(store: PayloadStore, commitment: bytes) -> Path:
    return store._path(commitment)


def files_in(store: PayloadStore) -> list[Path]:
    return [path for path in store._directory.rglob("*") if path.is_file()]


def test_what_was_put_is_got(store: PayloadStore):
    put_toys(store)
    assert store.get(TOYS) == Particulars(GOODS, SALT, b"toys")
    assert store.exists(TOYS)
    assert list(store.commitments()) == [TOYS]


def test_another_store_on_the_same_directory_sees_it(store: PayloadStore):
    put_toys(store)
    assert PayloadStore(store._directory).get(TOYS).plaintext == b"toys"


def test_only_the_owner_can_read_it(store: PayloadStore):
    old = os.umask(0)
    try:
        path = put_toys(store)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(store._directory.stat().st_mode) == 0o700


def test_putting_twice_changes_nothing(store: PayloadStore):
    before = put_toys(store).stat()
    after = put_toys(store).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert len(files_in(store)) == 1


@pytest.mark.parametrize(
    ("group", "salt", "plaintext"),
    [
        (ParticularGroup.HOLDER, SALT, b"toys"),
        (GOODS, bytes(32), b"toys"),
        (GOODS, SALT, b"guns"),
        (GOODS, b"short", b"toys"),
        (GOODS, SALT, bytes(MAX_PLAINTEXT + 1)),
    ],
)
def test_what_was_not_committed_to_is_not_stored(store, group, salt, plaintext):
    with pytest.raises(PayloadRefused):
        store.put(TOYS, group, salt, plaintext)
    assert files_in(store) == []
    assert not store.exists(TOYS)


def test_the_largest_payload_fits(store: PayloadStore):
    plaintext = bytes(MAX_PLAINTEXT)
    commitment = commit(GOODS, SALT, plaintext)
    store.put(commitment, GOODS, SALT, plaintext)
    assert store.get(commitment).plaintext == plaintext


@pytest.mark.parametrize("commitment", [TOYS, bytes(32), b"", b"x" * 31, b"x" * 33])
def test_what_is_not_there_is_missing(store: PayloadStore, commitment: bytes):
    with pytest.raises(PayloadMissing):
        store.get(commitment)


def test_a_torn_file_is_damage_at_any_length(store: PayloadStore):
    path = put_toys(store)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(PayloadDamaged):
            store.get(TOYS)


def test_one_flipped_bit_anywhere_is_damage(store: PayloadStore):
    path = put_toys(store)
    whole = path.read_bytes()
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 0x10
        path.write_bytes(changed)
        with pytest.raises(PayloadDamaged):
            store.get(TOYS)


@pytest.mark.parametrize(
    "content",
    [
        b"toys",
        encode([GOODS, SALT, b"guns"]),
        encode(["unknown", SALT, b"toys"]),
        encode([GOODS, SALT]),
        encode([GOODS, SALT, b"toys"]) + b"\x00",
        bytes(MAX_PLAINTEXT + 2000),
    ],
)
def test_other_content_under_the_name_is_damage(store: PayloadStore, content: bytes):
    put_toys(store).write_bytes(content)
    with pytest.raises(PayloadDamaged) as caught:
        store.get(TOYS)
    assert caught.value.commitment == TOYS
    assert store.exists(TOYS)


def test_a_payload_moved_to_another_name_is_damage(store: PayloadStore):
    path = put_toys(store)
    other = commit(GOODS, SALT, b"guns")
    file_of(store, other).parent.mkdir(exist_ok=True)
    path.rename(file_of(store, other))
    with pytest.raises(PayloadDamaged):
        store.get(other)


def test_a_symbolic_link_is_not_followed(store: PayloadStore, tmp_path: Path):
    path = put_toys(store)
    elsewhere = path.rename(tmp_path / "elsewhere")
    path.symlink_to(elsewhere)
    with pytest.raises(PayloadDamaged):
        store.get(TOYS)


def test_a_damaged_copy_is_replaced_by_a_good_one(store: PayloadStore):
    put_toys(store).write_bytes(b"torn")
    put_toys(store)
    assert store.get(TOYS).plaintext == b"toys"


def test_a_failed_write_leaves_nothing(store: PayloadStore, monkeypatch: pytest.MonkeyPatch):
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ledger_node.storage.payloads.os.fsync", full)
    file_of(store, TOYS).parent.mkdir()
    with pytest.raises(StorageFailed, match="No space left"):
        put_toys(store)
    assert files_in(store) == []


def test_the_file_is_synced_before_it_gets_its_name(store: PayloadStore, monkeypatch):
    calls: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noting_fsync(descriptor: int) -> None:
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        calls.append("sync directory" if folder else "sync file")
        fsync(descriptor)

    def noting_replace(self: Path, target: Path) -> Path:
        calls.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noting_fsync)
    monkeypatch.setattr(Path, "replace", noting_replace)
    put_toys(store)
    assert calls == ["sync directory", "sync file", "rename", "sync directory"]


def test_what_a_killed_writer_left_is_no_payload_and_can_be_discarded(store: PayloadStore):
    path = put_toys(store)
    path.with_name(path.name + ".0123456789abcdef.unfinished").write_bytes(b"half")
    (store._directory / "README").write_text("not ours")
    (path.parent / "00ff").write_text("not ours")
    (path.parent / ("ff" * 32)).write_text("in the wrong directory")
    assert list(store.commitments()) == [TOYS]
    assert store.discard_unfinished() == 1
    assert store.discard_unfinished() == 0
    assert store.get(TOYS).plaintext == b"toys"
