"""Key files: what opens them, what does not, and what each refusal says."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from ledger_node.crypto import keyfiles
from ledger_node.crypto.keyfiles import (
    KeyFileAccessError,
    KeyFileFormatError,
    KeyFileLockedError,
    KeyFilePurposeError,
    KeyPurpose,
    UnlockedKey,
    read_key_file,
    read_key_header,
    write_key_file,
)
from ledger_node.crypto.signatures import SoftwareSigner, Suite, verify

PASSPHRASE = b"correct horse"


def written(directory: Path, suite: Suite = Suite.ED25519) -> tuple[Path, UnlockedKey]:
    path = directory / "consensus.key"
    key = UnlockedKey(KeyPurpose.CONSENSUS, "AM", SoftwareSigner.generate(suite))
    write_key_file(path, key, PASSPHRASE, n=2**14)
    return path, key


def altered(path: Path, **changes: Any) -> None:
    fields = json.loads(path.read_text())
    for name, value in changes.items():
        if name.startswith("kdf_"):
            fields["kdf"][name.removeprefix("kdf_")] = value
        else:
            fields[name] = value
    path.write_text(json.dumps(fields))


@pytest.mark.parametrize("suite", [Suite.ED25519, Suite.ECDSA_P256])
def test_a_written_key_signs_again_after_reading(tmp_path: Path, suite: Suite) -> None:
    path, key = written(tmp_path, suite)
    read = read_key_file(path, PASSPHRASE, purpose=KeyPurpose.CONSENSUS, owner="AM")
    assert (read.purpose, read.owner) == (KeyPurpose.CONSENSUS, "AM")
    assert verify(key.signer.public, b"vote", read.signer.sign(b"vote"))


def test_the_default_cost_is_the_documented_one(tmp_path: Path) -> None:
    path = tmp_path / "k"
    write_key_file(path, UnlockedKey(KeyPurpose.LOG, "AM", SoftwareSigner.generate()), PASSPHRASE)
    kdf = read_key_header(path).kdf
    assert (kdf.n, kdf.r, kdf.p) == (32768, 8, 1)
    assert read_key_file(path, PASSPHRASE).owner == "AM"


def test_a_key_file_is_private_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path, key = written(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    assert key.signer.private_bytes().hex() not in path.read_text()


def test_the_header_is_readable_without_a_passphrase(tmp_path: Path) -> None:
    path, key = written(tmp_path)
    header = read_key_header(path)
    assert header.public == key.signer.public.hex()
    assert header.purpose is KeyPurpose.CONSENSUS


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path, key = written(tmp_path)
    before = path.read_bytes()
    with pytest.raises(KeyFileAccessError, match="never overwritten"):
        write_key_file(path, key, PASSPHRASE, n=2**14)
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_key_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path, _ = written(tmp_path)
    path.chmod(mode)
    with pytest.raises(KeyFileAccessError, match="chmod 600"):
        read_key_file(path, PASSPHRASE)


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileAccessError, match="No such file"):
        read_key_file(tmp_path / "absent.key", PASSPHRASE)
    with pytest.raises(KeyFileAccessError):
        read_key_file(tmp_path, PASSPHRASE)


def test_a_wrong_passphrase_is_refused(tmp_path: Path) -> None:
    path, _ = written(tmp_path)
    with pytest.raises(KeyFileLockedError, match="passphrase"):
        read_key_file(path, b"wrong horse")


def test_a_key_for_another_purpose_or_owner_is_refused(tmp_path: Path) -> None:
    path, _ = written(tmp_path)
    with pytest.raises(KeyFilePurposeError, match="a consensus key, not a log key"):
        read_key_file(path, PASSPHRASE, purpose=KeyPurpose.LOG)
    with pytest.raises(KeyFilePurposeError, match="belongs to AM, not to BY"):
        read_key_file(path, PASSPHRASE, owner="BY")


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": "authority"},
        {"owner": "BY"},
        {"nonce": "00" * 12},
        {"ciphertext": "00" * 48},
        {"kdf_salt": "00" * 16},
        {"public": "01" + "11" * 32},
        {"kdf_n": 2**15},
    ],
)
def test_an_altered_field_is_noticed(tmp_path: Path, change: dict[str, Any]) -> None:
    path, _ = written(tmp_path)
    altered(path, **change)
    with pytest.raises(KeyFileLockedError):
        read_key_file(path, PASSPHRASE)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format": "ctl-key/v2"}, "format"),
        ({"purpose": "anything"}, "purpose"),
        ({"owner": ""}, "owner"),
        ({"owner": "A" * 129}, "owner"),
        ({"owner": "A\nM"}, "owner"),
        ({"suite": 3}, "public"),
        ({"suite": "1"}, "suite"),
        ({"public": "03" + "00" * 32}, "ML-DSA-44"),
        ({"public": "01"}, "public"),
        ({"nonce": "00" * 11}, "nonce"),
        ({"nonce": "AA" * 12}, "nonce"),
        ({"ciphertext": "00" * 47}, "ciphertext"),
        ({"ciphertext": "zz" * 48}, "ciphertext"),
        ({"extra": 1}, "extra"),
        ({"kdf_n": 2**14 + 1}, r"kdf\.n"),
        ({"kdf_n": 2}, r"kdf\.n"),
        ({"kdf_n": 2**40}, r"kdf\.n"),
        ({"kdf_r": 2**20}, r"kdf\.r"),
        ({"kdf_p": 2**20}, r"kdf\.p"),
        ({"kdf_salt": ""}, r"kdf\.salt"),
    ],
)
def test_a_field_out_of_bounds_is_refused_by_name_before_any_work(
    tmp_path: Path, change: dict[str, Any], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = written(tmp_path)
    altered(path, **change)
    monkeypatch.setattr(keyfiles.hashlib, "scrypt", lambda *_, **__: pytest.fail("scrypt ran"))
    with pytest.raises(KeyFileFormatError, match=reason):
        read_key_file(path, PASSPHRASE)


@pytest.mark.parametrize("keep", [0, 1, 100, -3])
def test_a_truncated_file_is_refused(tmp_path: Path, keep: int) -> None:
    path, _ = written(tmp_path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(KeyFileFormatError):
        read_key_file(path, PASSPHRASE)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[" * 10_000, b"[]", b"null", b" " * 20_000])
def test_what_is_not_a_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path, _ = written(tmp_path)
    path.write_bytes(content)
    with pytest.raises(KeyFileFormatError):
        read_key_file(path, PASSPHRASE)


def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    key = UnlockedKey(KeyPurpose.LOG, "AM", SoftwareSigner.generate())
    with pytest.raises(KeyFileAccessError, match="absent"):
        write_key_file(tmp_path / "absent" / "log.key", key, PASSPHRASE, n=2**14)
