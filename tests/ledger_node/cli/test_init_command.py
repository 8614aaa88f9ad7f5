"""`ledger-node init`: a complete data directory, or none."""

import stat
from pathlib import Path

import pytest

from ledger_node.node.config import DataDirectory, Settings, read_settings
from tests.ledger_node.cli.terminal import Terminal
from tests.ledger_node.cli.test_genesis_command import altered

GOLDEN = Path(__file__).parents[2] / "golden/epochs"
"""Of a union of four, which replaced keys twice."""


def asked(**changed: str) -> list[str]:
    options = {
        "data": "node",
        "member": "AM",
        "genesis": "genesis.json",
        "keys": "AM-keys",
        "api": "127.0.0.1:8443",
    } | changed
    return ["init", *(part for name, value in options.items() for part in (f"--{name}", value))]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_directory_has_what_a_node_needs_and_nothing_that_belongs_offline(
    founded: Terminal,
) -> None:
    answer = founded.run(*asked(peer="[::1]:7000"))
    assert answer.code == 0
    assert "no fault is tolerated" in answer.out
    directory = DataDirectory(Path("node"))
    assert read_settings(directory) == Settings("AM", "127.0.0.1:8443", "[::1]:7000")
    assert sorted(key.stem for key in directory.keys.iterdir()) == [
        "consensus",
        "cosigner",
        "log",
        "tls",
    ]
    assert mode(directory.root) == 0o700
    assert {mode(key) for key in directory.keys.iterdir()} == {0o600}
    assert mode(directory.api_token) == 0o600
    assert [path.name for path in Path().glob(".node*")] == []


def test_an_existing_directory_is_left_alone(founded: Terminal) -> None:
    Path("node").mkdir()
    assert "never overwritten" in founded.fails(2, *asked())
    assert list(Path("node").iterdir()) == []


@pytest.mark.parametrize(
    ("changed", "code", "reason"),
    [
        ({"member": "KG"}, 2, "did not found this union (AM)"),
        ({"member": "am"}, 2, "two capital letters"),
        ({"api": "8443"}, 2, "--api"),
        ({"api": "host:99999"}, 2, "--api"),
        ({"peer": "nowhere"}, 2, "--peer"),
        ({"genesis": "missing.json"}, 2, "missing.json"),
        ({"keys": "missing"}, 4, "missing/consensus.key"),
    ],
)
def test_a_wrong_option_is_named_and_nothing_is_made(
    founded: Terminal, changed: dict[str, str], code: int, reason: str
) -> None:
    assert reason in founded.fails(code, *asked(**changed))
    assert not Path("node").exists()


def test_keys_that_are_not_the_cards_are_refused(founded: Terminal) -> None:
    made = founded.run("keys", "new-member", "--member", "AM", "--out", "others")
    assert made.code == 0
    assert "not the consensus key of AM's card" in founded.fails(2, *asked(keys="others"))
    assert not Path("node").exists()


def test_an_unsigned_genesis_is_refused(founded: Terminal) -> None:
    altered("genesis.json", "unsigned.json", ["signatures"], [])
    assert "AM: has not signed" in founded.fails(1, *asked(genesis="unsigned.json"))
    assert not Path("node").exists()


def test_a_history_goes_into_the_directory_once_it_is_proven(founded: Terminal) -> None:
    Path("union.history").write_text("customs-trust-ledger/policy-history@v1\n")
    assert founded.run(*asked(history="union.history")).code == 0
    kept = DataDirectory(Path("node")).history
    assert kept.read_bytes() == Path("union.history").read_bytes()


def test_a_history_of_another_union_is_refused(founded: Terminal) -> None:
    said = founded.fails(1, *asked(history=str(GOLDEN / "union.history")))
    assert "union.history: line 2: certificate" in said
    assert not Path("node").exists()
