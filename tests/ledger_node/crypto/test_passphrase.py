"""The sources of a passphrase, in their order."""

from pathlib import Path

import pytest

from ledger_node.crypto.passphrase import ENVIRONMENT, PassphraseError, obtain


def passphrase_file(directory: Path, content: bytes, mode: int = 0o600) -> Path:
    path = directory / "passphrase"
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("content", [b"secret", b"secret\n", b"secret\r\n"])
def test_a_file_comes_first_and_loses_its_line_end(tmp_path: Path, content: bytes) -> None:
    path = passphrase_file(tmp_path, content)
    assert obtain(path, environment={ENVIRONMENT: "other"}) == b"secret"


def test_the_environment_comes_before_a_person() -> None:
    def never(_: str) -> str:
        raise AssertionError

    assert obtain(environment={ENVIRONMENT: "пароль"}, prompt=never) == "пароль".encode()


def test_a_person_is_asked_last() -> None:
    assert obtain(environment={}, prompt=lambda _: "secret") == b"secret"


def test_a_new_passphrase_is_asked_twice() -> None:
    answers = iter(["secret", "secrte"])
    with pytest.raises(PassphraseError, match="differ"):
        obtain(environment={}, prompt=lambda _: next(answers), confirm=True)


def test_with_nobody_to_ask_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    with pytest.raises(PassphraseError, match=ENVIRONMENT):
        obtain(environment={})


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        (b"secret", 0o644, "chmod 600"),
        (b"", 0o600, "empty"),
        (b"\n", 0o600, "empty"),
        (b"a" * 2000, 0o600, "longer"),
        (b"two\nlines", 0o600, "line break"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, content: bytes, mode: int, reason: str) -> None:
    with pytest.raises(PassphraseError, match=reason):
        obtain(passphrase_file(tmp_path, content, mode))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PassphraseError, match="No such file"):
        obtain(tmp_path / "absent")
