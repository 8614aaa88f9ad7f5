"""Every command of docs/operators/watching.md, run as it stands there; every metric is on it."""

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ledger_node.crypto.passphrase import ENVIRONMENT
from ledger_node.node.metrics import Metrics
from tests.ledger_node.cli import ceremony
from tests.ledger_node.cli.conftest import PASSPHRASE
from tests.ledger_node.cli.node_process import NodeProcess, free_address
from tests.ledger_node.cli.test_quickstart import BLOCK, Reader

PAGE = Path(__file__).parents[3] / "docs" / "operators" / "watching.md"
NAMED = re.compile(r"\bledger_[a-z_]+")
SUFFIXES = ("_total", "_bucket")


def family(name: str) -> str:
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def exposed() -> set[str]:
    return {metric.name for metric in Metrics().registry.collect()}


def test_the_page_explains_every_metric_and_no_other() -> None:
    text = PAGE.read_text(encoding="utf-8")
    table = {family(name) for name in NAMED.findall(text[: text.index("## Be woken")])}
    alerts = {family(name) for name in NAMED.findall(text[text.index("## Be woken") :])}
    assert table == exposed()
    assert alerts <= exposed()


def test_the_commands_of_the_page_tell_how_a_running_node_does(
    founding: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT, PASSPHRASE)
    address = free_address()
    text = PAGE.read_text(encoding="utf-8").replace("127.0.0.1:8443", address)
    given = ("--data", str(tmp_path / "am-node"), "--member", "AM")
    where = ("--genesis", str(founding / "genesis.json"), "--keys", str(founding / "AM-keys"))
    at = ("--api", address, "--peer", "127.0.0.1:0")
    ceremony.command("init", *given, *where, *at)
    reader = Reader(tmp_path)
    with NodeProcess(tmp_path / "am-node"):
        printed = "".join(reader.types(block) for _, block in BLOCK.findall(text))
    assert "AM's node of" in printed
    assert "no member has contradicted itself" in printed
    assert printed.endswith("alive\nready\n")
    families = text_string_to_metric_families((tmp_path / "metrics.txt").read_text())
    values = {sample.name: sample.value for found in families for sample in found.samples}
    assert values["ledger_ready"] == 1
    assert values["ledger_log_entries"] > 0
