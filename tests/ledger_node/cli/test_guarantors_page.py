"""Every command of docs/guarantors.md, in the directory of a node; and its examples of records."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts import record_from_json
from ledger_node.crypto.passphrase import ENVIRONMENT
from tests.ledger_node.cli import ceremony
from tests.ledger_node.cli.conftest import PASSPHRASE
from tests.ledger_node.cli.node_process import NodeProcess, free_address
from tests.ledger_node.cli.test_quickstart import BLOCK, Reader

PAGE = (Path(__file__).parents[3] / "docs" / "guarantors.md").read_text(encoding="utf-8")
GRN = "26AM0000010000000"


@pytest.fixture
def reader(
    founding: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Reader, str]]:
    """Someone at a terminal beside a running node, and the address of its API."""
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


def registered(reader: Reader, name: str, role: str, key: str, function: str = "") -> None:
    record = {
        "kind": "registry.register",
        "id": name,
        "member": "AM",
        "name": name,
        "roles": [role],
        "functions": [function] if function else [],
        "keys": [key],
    }
    (reader.place / "r.json").write_text(json.dumps(record))
    reader.types("ledger-node submit r.json --key AM-keys/registrar.key --data am-node")


def test_a_guarantor_undertakes_looks_proves_and_hands_on(reader: tuple[Reader, str]) -> None:
    guarantor, api = reader
    blocks = [block for _, block in BLOCK.findall(PAGE.replace("127.0.0.1:8443", api))]
    keys, undertake, amend, *rest = blocks
    public = guarantor.types(keys).split()[-1]
    # What the registrar and the office of guarantee do meanwhile.
    registered(guarantor, "AM-INSURER", "guarantor", public)
    registered(guarantor, "AM-TRADER", "declarant", public)
    registered(guarantor, "AM000001", "office", public, "guarantee")
    assert "guarantee.undertake: accepted" in guarantor.types(undertake)
    (guarantor.place / "a.json").write_text(json.dumps({"kind": "guarantee.accept", "grn": GRN}))
    accept = "ledger-node submit a.json --key insurer.key --author AM000001 --data am-node"
    assert "guarantee.accept: accepted" in guarantor.types(accept)
    assert "guarantee.amend-amount: accepted" in guarantor.types(amend)

    printed = [guarantor.types(block) for block in rest]
    listed, history, free, evidence, entry, certificate, kit, watched = printed
    assert f"guarantee {GRN}, active" in listed
    assert "free        75000000 AMD" in listed
    assert [word for word in ("undertake", "accept", "amend") if word in history]
    assert "with a free amount of 75000000 AMD of 75000000" in " ".join(free.split())
    assert f"proven: guarantee/{GRN}, after block" in evidence
    assert "undertaking.tlog-proof: PROVEN: guarantee.undertake, accepted" in entry
    assert "guarantee.ctlproof" in certificate
    assert f"guarantee.ctlproof: PROVEN: the state of guarantee/{GRN}" in kit
    assert kit.rstrip().endswith("1 of 1 proven")
    assert watched


def test_the_records_on_the_page_have_the_form_of_records() -> None:
    blocks = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1
    for block in blocks:
        assert record_from_json(json.loads(block)).kind() == "transit.contest-claim"
