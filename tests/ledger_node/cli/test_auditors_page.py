"""The walk of docs/auditors.md: a refusal that came by mail becomes a statement to sign."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger_node.crypto.passphrase import ENVIRONMENT
from tests.ledger_node.cli import ceremony
from tests.ledger_node.cli.conftest import PASSPHRASE
from tests.ledger_node.cli.node_process import NodeProcess, free_address
from tests.ledger_node.cli.test_quickstart import Reader

PAGE = (Path(__file__).parents[3] / "docs" / "auditors.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def auditor(
    founding: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Reader, str]]:
    """Someone at a terminal, with a node within reach, and the address of its API."""
    shutil.copytree(founding, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(ENVIRONMENT, PASSPHRASE)
    api = free_address()
    ceremony.command("genesis", "policy", "genesis.json", "--out", "union.policy")
    given = ("--data", "am-node", "--member", "AM", "--genesis", "genesis.json")
    where = ("--keys", "AM-keys", "--api", api, "--peer", "127.0.0.1:0")
    ceremony.command("init", *given, *where)
    with NodeProcess(tmp_path / "am-node"):
        yield Reader(tmp_path), api


def refuse_a_record(reader: Reader) -> int:
    """A record of the registrar is refused, and its proof goes out; the index of the entry."""
    record = {"kind": "transit.discharge", "mrn": "26AM051001000001J6"}
    (reader.place / "r.json").write_text(json.dumps(record))
    submit = "ledger-node submit r.json --key AM-keys/registrar.key --data am-node || test $? = 1"
    index = int(re.findall(r"log entry ([0-9]+)", reader.types(submit))[0])
    reader.types(f"ledger-node proof {index} --out refusal.tlog-proof --data am-node")
    return index


def test_the_walk_ends_in_a_statement(auditor: tuple[Reader, str]) -> None:
    reader, api = auditor
    index = refuse_a_record(reader)
    text = PAGE.replace("127.0.0.1:8443", api).replace("proof 42 ", f"proof {index - 1} ")
    kit, check, author, statement, history, policies, states, watch = BLOCK.findall(text)
    assert "ctl-verify.pyz" in reader.types(kit)
    alone, _, installed = reader.types(check).partition("1 of 1 proven\n")
    assert alone + "1 of 1 proven\n" == installed
    assert "refused under" in alone
    assert f"the proof of entry {index - 1} says whom" in alone
    assert reader.types(author).count("signed by   AM, with the key") == 2
    assert "2 of 2 proven" in reader.types(statement)
    page = (reader.place / "statement.html").read_text()
    assert "refused under" in page
    assert "quorum union" in page
    assert "1 of 1 proven" in reader.types(history)
    assert "epoch-1.policy" in reader.types(policies)
    told = reader.types(states)
    assert "PROVEN: the state of participant/AM" in told
    assert "was not open on guarantee 26AM0000010000000" in " ".join(told.split())
    assert reader.types(watch)
