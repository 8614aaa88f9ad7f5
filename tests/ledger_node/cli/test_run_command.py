"""`ledger-node run`: starts, stops and starts again; and one line for whatever keeps it from it."""

import json
import logging
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from contracts.execution import apply
from ledger_node.cli.json_logs import JsonFormatter
from ledger_node.codec import Digest
from ledger_node.crypto.passphrase import ENVIRONMENT
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.ledger.execution import ContractSet
from tests.ledger_node.cli import ceremony
from tests.ledger_node.cli.node_process import NodeProcess, free_address
from tests.ledger_node.cli.terminal import Terminal

Refusal: TypeAlias = Callable[[str | Path], str]


@pytest.fixture
def node(founded: Terminal) -> Path:
    """A data directory, ready to run."""
    init("AM")
    return Path("node").resolve()


def init(member: str) -> None:
    given = ("--data", "node", "--member", member, "--genesis", "genesis.json")
    where = ("--keys", f"{member}-keys", "--api", free_address(), "--peer", "127.0.0.1:0")
    ceremony.command("init", *given, *where)


@pytest.fixture
def refusal(terminal: Terminal) -> Iterator[Refusal]:
    """What a node says that must not start: one line, below whatever it logged.

    Inside this process, whose logging and umask are put back afterwards.
    """
    handlers, umask = logging.getLogger().handlers[:], os.umask(0o022)

    def run(data: str | Path) -> str:
        answer = terminal.run("run", "--data", data)
        assert (answer.code, answer.out) == (4, ""), answer
        assert "Traceback" not in answer.err
        lines = [line for line in answer.err.splitlines() if not line.startswith("{")]
        assert [line.startswith("error: ") for line in lines].count(True) == 1, answer.err
        return "\n".join(lines)

    yield run
    logging.getLogger().handlers[:] = handlers
    os.umask(umask)


def test_a_node_stops_cleanly_and_goes_on_where_it_was(terminal: Terminal, node: Path) -> None:
    heights = []
    for how in (signal.SIGINT, signal.SIGTERM):
        with NodeProcess(node) as running:
            assert running.ready_line.startswith("ready: api http://127.0.0.1:")
            status = json.loads(terminal.run("status", "--json", "--data", node).out)
            heights.append((status["height"], status["log_root"]))
            assert running.stop(how) == 0
    assert heights[1] >= heights[0]


def test_every_line_of_the_log_is_one_json_object(node: Path) -> None:
    with NodeProcess(node) as running:
        assert running.stop() == 0
    lines = [json.loads(line) for line in running.log.read_text().splitlines()]
    assert {"running", "serving", "stopping"} <= {line["event"] for line in lines}
    assert any("no fault is tolerated" in line["event"] for line in lines)
    assert all({"ts", "level", "event", "logger"} <= line.keys() for line in lines)


def test_a_directory_in_use_is_said_so(node: Path, refusal: Refusal) -> None:
    with NodeProcess(node):
        assert "another process uses this" in refusal(node)


def test_a_port_in_use_is_said_so(node: Path, refusal: Refusal) -> None:
    host, port = json.loads(settings(node)["api_listen"]).split(":")
    with socket.create_server((host, int(port))):
        assert "address already in use" in refusal(node)


def settings(node: Path) -> dict[str, str]:
    lines = (node / "node.toml").read_text().splitlines()
    return dict(line.split(" = ", 1) for line in lines)


def test_a_wrong_passphrase_is_said_so(
    node: Path, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT, "wrong")
    assert "the passphrase does not open it" in refusal(node)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("rm node.toml", "node.toml: not found"),
        ("echo 'member = 7' > node.toml", "node.toml: member is a whole number, not text"),
        ("echo 'membr = \"AM\"' > node.toml", "node.toml: has membr, which is no field of it"),
        ("rm api-token", "API token"),
        ("chmod 644 api-token", "chmod 600"),
        ("rm keys/log.key", "keys/log.key"),
        ("chmod 644 keys/log.key", "chmod 600"),
        ("cp keys/log.key keys/cosigner.key", "a log key, not a cosigner key"),
        ("rm genesis.json", "genesis.json: No such file or directory"),
        ("echo '{}' > genesis.json", "genesis.json"),
        ("sed -i 's/Trial union/Other union/' genesis.json", "signature does not verify"),
    ],
)
def test_a_directory_that_is_not_whole_is_refused(
    node: Path, damage: str, reason: str, refusal: Refusal
) -> None:
    assert os.system(f"cd {node} && {damage}") == 0
    assert reason in refusal(node)
    assert not (node / "ledger").exists()


def test_a_missing_directory_is_named(tmp_path: Path, refusal: Refusal) -> None:
    assert "nowhere" in refusal(tmp_path / "nowhere")


def test_keys_of_another_member_are_refused(
    founded: Terminal, node: Path, refusal: Refusal
) -> None:
    other = ("--purpose", "consensus", "--owner", "AM", "--out", "other.key")
    assert founded.run("keys", "new", *other).code == 0
    shutil.copy("other.key", node / "keys" / "consensus.key")
    assert "the consensus key in AM's card is not among this node's key files" in refusal(node)


def test_contracts_that_the_union_did_not_agree_on_are_refused(
    founded: Terminal, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = ContractSet(Digest(bytes(32)), apply)
    monkeypatch.setattr("ledger_node.cli.genesis.installed_contracts", lambda: others)
    Path("genesis.json").unlink()
    ceremony.draft("AM.card")
    ceremony.sign("AM")
    given = ("--data", "node", "--member", "AM", "--genesis", "genesis.json", "--keys", "AM-keys")
    asked = ("init", *given, "--api", free_address())
    assert "install the version the union agreed on" in founded.fails(1, *asked)
    monkeypatch.setattr("ledger_node.cli.init.installed_contracts", lambda: others)
    assert founded.run(*asked).code == 0
    reason = refusal("node")
    assert f"contract set {others.digest.hex()} is not installed here" in reason
    assert "ledger-node contracts install FILE.zip" in reason
    assert installed_contracts().digest.hex() in reason


def test_without_a_quorum_nothing_becomes_final_and_the_exit_codes_say_so(
    terminal: Terminal, tmp_path: Path
) -> None:
    ceremony.found("AM", "KG")
    init("AM")
    record = tmp_path / "r.json"
    record.write_text('{"kind": "transit.discharge", "mrn": "25GB000246TK0E6WJ1"}')
    with NodeProcess(tmp_path / "node"):
        status = terminal.run("status", "--data", "node")
        assert status.code == 1
        assert "NOT READY" in status.out
        assert "down: KG" in status.out
        given = ("--key", "AM-keys/registrar.key", "--data", "node")
        waited = terminal.fails(3, "submit", record, *given, "--timeout", "1")
        assert "is not final after" in waited
        pending = terminal.run("submit", record, *given, "--no-wait")
        assert (pending.code, "not final yet" in pending.out) == (0, True)
        name = pending.out.split()[1].removesuffix(":")
        asked = ("proof", name, "--out", "p", "--data", "node")
        assert "not final yet" in terminal.fails(3, *asked)


def test_a_log_line_has_its_fields_and_nothing_that_acts_on_a_terminal() -> None:
    record = logging.makeLogRecord(
        {"name": "n", "levelname": "WARNING", "msg": "refused\x1b[2J", "peer": "K\u202eG", "n": 7}
    )
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert line.isprintable()
    value = json.loads(line)
    assert (value["level"], value["peer"], value["n"]) == ("warning", "K\u202eG", 7)
    assert value["ts"].endswith("Z")


def test_a_log_line_of_an_error_has_its_traceback() -> None:
    try:
        raise ZeroDivisionError("why")
    except ZeroDivisionError:
        record = logging.makeLogRecord({"msg": "failed", "exc_info": sys.exc_info()})
    assert "ZeroDivisionError: why" in json.loads(JsonFormatter().format(record))["traceback"]


def test_a_ledger_whose_journal_of_votes_is_gone_is_refused(
    founded: Terminal, node: Path, refusal: Refusal
) -> None:
    record = Path("r.json")
    record.write_text('{"kind": "transit.discharge", "mrn": "25GB000246TK0E6WJ1"}')
    given = ("--key", "AM-keys/registrar.key", "--data", node)
    with NodeProcess(node):
        assert "final in block 1" in founded.run("submit", record, *given).out
    (node / "journal.wal").unlink()
    said = refusal(node)
    assert "journal.wal: missing" in said
    assert "might contradict itself" in said
    assert not (node / "journal.wal").exists()
