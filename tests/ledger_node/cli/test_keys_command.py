"""`ledger-node keys`: files that are made once, encrypted, and shown without their secret."""

import json
import os
import stat
from pathlib import Path

import pytest

from ledger_node.crypto.keyfiles import KeyPurpose, read_key_file
from ledger_node.crypto.passphrase import ENVIRONMENT
from ledger_node.crypto.signatures import Suite
from tests.ledger_node.cli.terminal import Terminal


def new_key(terminal: Terminal, *more: str, out: str = "a.key") -> tuple[str | Path, ...]:
    return ("keys", "new", "--purpose", "participant", "--owner", "AM051001", "--out", out, *more)


def test_a_key_is_made_and_opens_with_the_passphrase(terminal: Terminal) -> None:
    answer = terminal.run(*new_key(terminal))
    assert answer.code == 0
    key = read_key_file(Path("a.key"), b"correct horse", purpose=KeyPurpose.PARTICIPANT)
    assert key.owner == "AM051001"
    assert key.signer.public.hex() in answer.out
    assert stat.S_IMODE(Path("a.key").stat().st_mode) == 0o600


def test_a_p256_key_is_made_when_asked_for(terminal: Terminal) -> None:
    assert terminal.run(*new_key(terminal, "--suite", "p256")).code == 0
    assert read_key_file(Path("a.key"), b"correct horse").signer.suite is Suite.ECDSA_P256


def test_the_passphrase_may_come_from_a_file(terminal: Terminal) -> None:
    Path("pass").write_text("from a file\n")
    Path("pass").chmod(0o600)
    assert terminal.run(*new_key(terminal, "--passphrase-file", "pass")).code == 0
    assert read_key_file(Path("a.key"), b"from a file").owner == "AM051001"


def test_a_passphrase_file_that_others_may_read_is_refused(terminal: Terminal) -> None:
    Path("pass").write_text("for all to see\n")
    Path("pass").chmod(0o644)
    assert "chmod 600" in terminal.fails(4, *new_key(terminal, "--passphrase-file", "pass"))
    assert not Path("a.key").exists()


def test_without_a_passphrase_and_a_person_nothing_is_made(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ENVIRONMENT)
    assert "give a passphrase file" in terminal.fails(4, *new_key(terminal))
    assert not Path("a.key").exists()


def test_a_key_file_is_never_overwritten(terminal: Terminal) -> None:
    Path("a.key").write_text("precious")
    assert "never overwritten" in terminal.fails(4, *new_key(terminal))
    assert Path("a.key").read_text() == "precious"


def test_a_directory_that_is_not_there_is_named(terminal: Terminal) -> None:
    assert "no/where/a.key" in terminal.fails(4, *new_key(terminal, out="no/where/a.key"))


@pytest.mark.parametrize(
    ("purpose", "suite"), [("tls", "ed25519"), ("log", "p256"), ("cosigner", "p256")]
)
def test_a_suite_that_a_purpose_cannot_use_is_refused(
    terminal: Terminal, purpose: str, suite: str
) -> None:
    asked = ("--purpose", purpose, "--owner", "AM", "--out", "a.key", "--suite", suite)
    assert f"a {purpose} key must be" in terminal.fails(2, "keys", "new", *asked)


def test_a_members_key_needs_a_member_code(terminal: Terminal) -> None:
    asked = ("--purpose", "log", "--owner", "Armenia", "--out", "a.key")
    assert "two capital letters" in terminal.fails(2, "keys", "new", *asked)


def test_an_owner_that_is_not_printable_is_refused(terminal: Terminal) -> None:
    asked = ("--purpose", "participant", "--owner", "A\x1b", "--out", "a.key")
    assert "owner" in terminal.fails(4, "keys", "new", *asked)


def test_all_keys_of_a_member_are_made_at_once_and_shown(terminal: Terminal) -> None:
    assert terminal.run("keys", "new-member", "--member", "AM", "--out", "am").code == 0
    files = sorted(Path("am").glob("*.key"))
    assert [file.stem for file in files] == [
        "authority",
        "consensus",
        "cosigner",
        "log",
        "registrar",
        "tls",
    ]
    assert stat.S_IMODE(Path("am").stat().st_mode) == 0o700
    os.environ.pop(ENVIRONMENT)
    shown = json.loads(terminal.run("keys", "show", "--json", *files).out)
    assert [(key["purpose"], key["suite"]) for key in shown] == [
        (file.stem, "ECDSA_P256" if file.stem == "tls" else "ED25519") for file in files
    ]
    assert len({key["public_key"] for key in shown}) == 6
    assert terminal.run("keys", "show", "--public", files[0]).out.strip() == shown[0]["public_key"]
    assert "owner       AM" in terminal.run("keys", "show", files[0]).out
    again = ("keys", "new-member", "--member", "AM", "--out", "am")
    assert "exists" in terminal.fails(2, *again)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\xff" * 64, b"{" * 20_000, b'{"format": "ctl-key/v1"}']
)
def test_what_is_no_key_file_is_refused(terminal: Terminal, content: bytes) -> None:
    Path("bad.key").write_bytes(content)
    Path("bad.key").chmod(0o600)
    assert "key file bad.key" in terminal.fails(4, "keys", "show", "bad.key")


def test_a_key_file_that_others_may_read_is_refused(terminal: Terminal) -> None:
    terminal.run(*new_key(terminal))
    Path("a.key").chmod(0o640)
    assert "mode 0640" in terminal.fails(4, "keys", "show", "a.key")
