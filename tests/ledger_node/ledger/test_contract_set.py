"""The digest of the contract set names the exact code, on every system alike."""

from pathlib import Path

from ledger_node.ledger.contract_set import (
    contract_set_digest,
    installed_contracts,
    package_sources,
)

SOURCES = {"a.py": b"x = 1\n", "b/c.py": b"y = 2\n"}


def test_any_change_of_code_path_or_set_changes_the_digest() -> None:
    digests = {
        contract_set_digest(sources)
        for sources in (
            SOURCES,
            SOURCES | {"a.py": b"x = 2\n"},
            SOURCES | {"d.py": b""},
            {"a.py": b"x = 1\n"},
            {"b.py": b"x = 1\n", "b/c.py": b"y = 2\n"},
            {"a.py": b"x = 1\nb/c.py", "b/c.py": b"y = 2\n"},
        )
    }
    assert len(digests) == 6


def test_order_and_line_ends_do_not_matter() -> None:
    windows = {path: text.replace(b"\n", b"\r\n") for path, text in reversed(SOURCES.items())}
    assert contract_set_digest(windows) == contract_set_digest(SOURCES)


def test_only_python_sources_count(tmp_path: Path) -> None:
    (tmp_path / "b" / "__pycache__").mkdir(parents=True)
    for path, text in SOURCES.items():
        (tmp_path / path).write_bytes(text)
    (tmp_path / "b" / "__pycache__" / "c.cpython-311.pyc").write_bytes(b"compiled")
    (tmp_path / "py.typed").touch()
    assert package_sources(tmp_path) == SOURCES


def test_the_installed_contracts_have_a_digest_of_their_own() -> None:
    installed = installed_contracts()
    assert len(installed.digest) == 32
    assert installed is installed_contracts()
