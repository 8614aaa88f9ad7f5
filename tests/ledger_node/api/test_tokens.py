"""The token file: made once, private, and recognised whole."""

from pathlib import Path

import pytest

from ledger_node.api.tokens import TokenError, is_token, new_token, read_token, write_token


def test_a_written_token_is_read_back_and_private(tmp_path: Path) -> None:
    path = tmp_path / "api-token"
    token = write_token(path)
    assert read_token(path) == token
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_token_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "api-token"
    token = write_token(path)
    with pytest.raises(TokenError, match="exists"):
        write_token(path)
    assert read_token(path) == token


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602])
def test_a_token_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "api-token"
    write_token(path)
    path.chmod(mode)
    with pytest.raises(TokenError, match="chmod 600"):
        read_token(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"short\n", b"a" * 257, b"a" * 40 + b"\nb", b"a b" * 20, b"\xff" * 40, b"\0" * 40],
)
def test_what_is_no_token_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "api-token"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(TokenError, match="not a bearer token"):
        read_token(path)


def test_a_missing_file_or_a_directory_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent", tmp_path):
        with pytest.raises(TokenError):
            read_token(path)


def test_only_the_whole_token_counts() -> None:
    token = new_token()
    assert is_token(f"Bearer {token}", token)
    assert is_token(f"bearer {token}", token)
    for offered in ("", "Bearer", "Bearer ", token, f"Bearer {token[:-1]}", f"Bearer {token}x"):
        assert not is_token(offered, token)


def test_tokens_differ() -> None:
    assert len({new_token() for _ in range(100)}) == 100
